"""init, schema, paths: a folder to start from, and where things lie."""

import json
import os
import re
from pathlib import Path
from typing import Annotated, Any

import typer

from config import KeyMissing, master_key, settings_schema
from config.templates import AccountAnswer, OptionValue, render
from connectors.names import names
from sync.cli.office import (
    ConfigOption,
    JsonOption,
    answered,
    folder_of,
    out,
    print_json,
    print_table,
)
from sync.engine.control import socket_path
from sync.engine.lock import lock_path
from sync.engine.refusals import StartRefused
from sync.engine.settings_file import FILE, read_settings

_ASSIGNED = re.compile(
    r"^(?P<name>[a-z][a-z0-9_-]*):(?P<connector>[a-z0-9_-]+)(?::(?P<options>.*))?$", re.DOTALL
)


def add_to(app: typer.Typer) -> None:
    """Put the commands on the program."""
    app.command()(init)
    app.command()(schema)
    app.command()(paths)


@answered
def init(
    account: Annotated[
        list[str] | None,
        typer.Option(
            help="name:connector:key=value,… such as shop:vendure:url=https://shop.example.com,username=sync"
        ),
    ] = None,
    timezone: Annotated[
        str | None, typer.Option(help="The zone of times that name none, such as Europe/Berlin.")
    ] = None,
    key: Annotated[bool, typer.Option("--key", help="Make the key that seals buyers' data, too.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a commented folder to start from: entrepot.yaml and mappings/. Nothing that is there is overwritten.

    Example: entrepot init --config ./shop
    """
    folder = folder_of(config)
    if (folder / FILE).exists():
        raise StartRefused(
            f"{folder / FILE} is there already; edit it, or choose another folder with --config"
        )
    answers = [_parsed(text) for text in account or []]
    zone = timezone or os.environ.get("TZ") or "UTC"
    if not (yes or account or as_json):
        zone = typer.prompt("Time zone", default=zone)
        answers = _ask_accounts()
        key = typer.confirm("Make the key that seals buyers' data now?", default=True)
    written = _write(folder, zone, answers)
    made = _made_key(folder) if key else None
    steps = _next_steps(answers, keyed=made is not None)
    if as_json:
        print_json({"written": written, "key": made, "next": steps})
        return
    out.print(f"wrote {folder / FILE} and {folder / 'mappings'}", markup=False)
    if made is not None:
        out.print(f"made {made}; copy it to a safe place that is not this machine", markup=False)
    out.print("next:")
    for step in steps:
        out.print(f"  {step}", markup=False)
    if answers and _has_key(folder) and all(_has_secret(one) for one in answers):
        from sync.cli.checking import check

        check(online=True, config=folder)


def _write(folder: Path, zone: str, answers: list[AccountAnswer]) -> list[Path]:
    written = []
    for path, text in render(zone, answers).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            target.write_text(text, encoding="utf-8")
            written.append(target)
    return written


def _made_key(folder: Path) -> Path:
    from sync.cli.keys import make_key

    return make_key(read_settings(folder))


def _has_key(folder: Path) -> bool:
    try:
        return bool(master_key(read_settings(folder).data).source)
    except KeyMissing:
        return False


def _has_secret(answer: AccountAnswer) -> bool:
    return answer.secret is None or answer.secret.removeprefix("env:") in os.environ


def _parsed(text: str) -> AccountAnswer:
    match = _ASSIGNED.match(text)
    if match is None:
        raise StartRefused(f"--account {text!r} is not name:connector:key=value,…")
    options = tuple(_pair(part) for part in (match["options"] or "").split(",") if part)
    return _answer(match["name"], match["connector"], options)


def _pair(text: str) -> tuple[str, OptionValue]:
    key, equals, value = text.partition("=")
    if not equals:
        raise StartRefused(f"{text!r} is not key=value")
    return key.strip(), value.strip()


def _answer(name: str, connector: str, options: tuple[tuple[str, OptionValue], ...]) -> AccountAnswer:
    if connector not in names():
        raise StartRefused(f"there is no connector {connector!r}; there are: {', '.join(names())}")
    from connectors import registry

    manifest = registry.find(connector).manifest
    secret = f"env:{name.upper().replace('-', '_')}_SECRET" if manifest.secrets else None
    return AccountAnswer(name, connector, manifest.kind.value, secret, options)


def _ask_accounts() -> list[AccountAnswer]:
    answers: list[AccountAnswer] = []
    named = ", ".join(names())
    while True:
        connector = typer.prompt(
            f"Connect to ({named}; empty: no more)", default="", show_default=False
        ).strip()
        if not connector:
            return answers
        if connector not in names():
            out.print(f"there is no connector {connector!r}", markup=False)
            continue
        name = typer.prompt("A short name for this account", default=connector)
        from connectors import registry

        entry = registry.find(connector)
        options: list[tuple[str, OptionValue]] = []
        for key, field in entry.options.model_fields.items():
            if field.is_required() or key == "username":
                told = typer.prompt(
                    f"{key}: {field.description}", default="" if not field.is_required() else None
                )
                if told:
                    options.append((key, told))
        answers.append(_answer(name, connector, tuple(options)))


def _next_steps(answers: list[AccountAnswer], *, keyed: bool) -> list[str]:
    steps = [] if keyed else ["entrepot keys new"]
    steps += [f"export {one.secret.removeprefix('env:')}=…" for one in answers if one.secret]
    return [*steps, "entrepot check --online", "entrepot run", "entrepot accounts live NAME"]


@answered
def schema(
    write: Annotated[Path | None, typer.Option(help="Write the two files into this folder.")] = None,
    as_json: JsonOption = False,
) -> None:
    """The JSON Schema of entrepot.yaml and of the mapping files, for your editor.

    Example: entrepot schema --write .schemas
    """
    from connectors import registry
    from mappings import mappings_schema

    options = {name: registry.find(name).options for name in names()}
    documents = {"entrepot.schema.json": settings_schema(options), "mappings.schema.json": mappings_schema()}
    if write is None or as_json:
        print_json(documents)
        return
    write.mkdir(parents=True, exist_ok=True)
    for name, document in documents.items():
        (write / name).write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    out.print(f"wrote {', '.join(str(write / name) for name in documents)}", markup=False)


@answered
def paths(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Where everything lies: files, database, key, lock and socket.

    Example: entrepot paths
    """
    settings = read_settings(folder_of(config))
    found: dict[str, Any] = {
        "configuration": settings.file,
        "mappings": settings.mappings,
        "secrets": settings.secrets,
        "data": settings.data,
        "database": str(settings.database),
        "key": settings.data / "keys",
        "lock": lock_path(settings),
        "socket": socket_path(settings),
    }
    if as_json:
        print_json(found)
    else:
        print_table("paths", ("what", "where"), found.items())
