"""export and forget: what is known of a person, and its erasure."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from sync.cli.office import (
    FINDINGS,
    ConfigOption,
    JsonOption,
    answered,
    err,
    folder_of,
    out,
    plain,
    print_json,
    reading,
    run,
)
from sync.engine import persons
from sync.engine.control import command
from sync.engine.persons import RequestRefused
from sync.engine.refusals import CommandRefused
from sync.store import disclosing, people
from sync.store.people import Ambiguous, Known, Sought

NOTHING = "nothing is stored of this person"
_FILE = "person.json"
PersonArgument = Annotated[
    str,
    typer.Argument(help="A mail address, a telephone number, or an order as shop/number; - reads it."),
]


def add_to(app: typer.Typer) -> None:
    """Put the commands on the program."""
    app.command()(export)
    app.command()(forget)


@answered
def export(
    person: PersonArgument,
    to: Annotated[
        Path | None, typer.Option("--to", help=f"Write {_FILE} into this folder (mode 0700) instead.")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Everything that is stored of a person, as JSON: the answer to a request for access.

    Example: entrepot export ada@example.com --to ./ada
    """
    del as_json  # it is JSON in any case
    document = run(_document(config, _asked(person)))
    if not document["orders"] and not document["records"]:
        err.print(NOTHING)
    else:
        counts = {"orders": len(document["orders"]), "records": len(document["records"])}
        run(command(folder_of(config), "person-exported", **counts))
    if to is None:
        print_json(document)
    else:
        out.print(f"written to {_write(to, document)}", markup=False)


async def _document(config: Path | None, asked: str) -> dict[str, Any]:
    async with reading(config) as store, store.read() as tx:
        who = people.sought(store.sealer, asked)
        try:
            return await disclosing.document(tx, await people.find(tx, who))
        except Ambiguous as error:
            raise CommandRefused(str(error)) from None


def _asked(person: str) -> str:
    """The person, from standard input for `-`: then no shell's history has it."""
    text = sys.stdin.readline().strip() if person == "-" else person.strip()
    if not text:
        raise CommandRefused("say who: a mail address, a telephone number, or an order as shop/number")
    return text


def _write(folder: Path, document: dict[str, Any]) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / _FILE
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise CommandRefused(f"{path} is there already; name another folder") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(plain(document), file, ensure_ascii=False, indent=2)
    return path


@answered
def forget(
    person: PersonArgument,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List what would go, and erase nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Erase a person's data for good; orders keep their numbers, quantities and money. Open orders refuse it.

    Example: entrepot forget ada@example.com --dry-run
    """
    folder, asked = folder_of(config), _asked(person)
    known, unfinished, who = run(_known(config, asked))
    told = persons.told(known, unfinished)
    if dry_run or not known.left:
        _show(told, as_json)
        if unfinished:
            raise typer.Exit(FINDINGS)
        return
    try:
        persons.refuse_unfinished(unfinished)
    except RequestRefused as error:
        raise CommandRefused(str(error)) from None
    if not yes:
        _show(told, as_json=False)
        typer.confirm("Erase this for good?", abort=True)
    done = run(command(folder, "forget", person=persons.packed(who)))
    if as_json:
        print_json(done)
        return
    out.print(f"erased: {done['orders']} order(s), {done['records']} raw record(s)", markup=False)
    if not done["log_cut"]:
        out.print("a reader still holds the database's log; the next write overwrites it", markup=False)


async def _known(config: Path | None, asked: str) -> tuple[Known, list[str], Sought]:
    async with reading(config) as store, store.read() as tx:
        who = people.sought(store.sealer, asked)
        try:
            known = await people.find(tx, who)
        except Ambiguous as error:
            raise CommandRefused(str(error)) from None
        return known, await people.unfinished(tx, known), who


def _show(told: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(told)
        return
    if not told["orders"] and not told["records"]:
        before = told["erased_before"]
        out.print(NOTHING + (f"; erased before, at {before}" if before else ""), markup=False)
        return
    for order in told["orders"]:
        out.print(f"order {order}: buyer, address, note, raw record, label and tracking links", markup=False)
    for record in told["records"]:
        out.print(f"{record}: the raw record", markup=False)
    for open_part in told["unfinished"]:
        out.print(f"must be finished first: {open_part}", markup=False)
