"""Every command with its arguments and options."""

from collections.abc import Iterator
from enum import Enum
from typing import Any, get_args

import typer

from pages import NOTE
from pages.markdown import code, table
from sync.cli.app import app


def commands() -> str:
    """Every command with its arguments and options."""
    sections = [
        f"# Commands\n{NOTE}\nEvery command takes `--help`. The configuration folder is `--config`, else "
        "`$ENTREPOT_CONFIG`, else this folder, else `~/.config/entrepot`. Exit codes: 0 fine, 1 findings or a "
        "broken promise, 2 bad input, 3 something cannot be reached, 130 interrupted. `entrepot --debug COMMAND` "
        "shows a traceback in place of one clear line.\n"
    ]
    root = typer.main.get_command(app)
    sections += _commands_below(root, "entrepot")
    return "\n".join(sections)


def _commands_below(command: Any, path: str) -> Iterator[str]:
    for name, child in command.commands.items():
        below = f"{path} {name}"
        if not hasattr(child, "commands"):
            yield _command_section(below, child)
            continue
        if child.invoke_without_command:
            yield _command_section(below, child)
        yield from _commands_below(child, below)


def _command_section(path: str, command: Any) -> str:
    text, _, example = (command.help or "").partition("Example: ")
    rows = [_parameter(one) for one in command.params if one.name not in ("help", "config")]
    parts = [f"## {path}", text.strip(), ""]
    if rows:
        parts.append(table(("argument or option", "default", "meaning"), rows))
    if example:
        parts.append(f"    {example.strip()}\n")
    return "\n".join(parts)


def _parameter(one: Any) -> tuple[str, str, str]:
    named = ", ".join(one.opts) if one.param_type_name == "option" else one.name.upper()
    told = one.help or ""
    allowed = _allowed(one.type_descriptor.annotation)
    if allowed:
        told += f" One of: {', '.join(map(code, allowed))}."
    default = "" if one.default in (None, False, ()) else code(str(one.default))
    return code(named), "must be given" if one.required else default, told


def _allowed(annotation: Any) -> list[str]:
    """The values of an enum, or of a list of one."""
    for kind in (annotation, *get_args(annotation)):
        if isinstance(kind, type) and issubclass(kind, Enum):
            return [str(member.value) for member in kind]
    return []
