"""`entrepot`: every command, and `main`, which `python daemon.py` and the console script both call."""

import sys
from typing import Annotated

import typer

from sync.cli import (
    accounts,
    connecting,
    explaining,
    issuing,
    keys,
    ordering,
    playing,
    running,
    setting_up,
    watching,
)

app = typer.Typer(
    name="entrepot",
    help="Keep shops, couriers and the warehouse in step. Start with `entrepot demo` or `entrepot init`.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)
for module in (setting_up, running, watching, issuing, ordering, explaining, connecting, playing):
    module.add_to(app)
app.add_typer(accounts.group, name="accounts")
app.add_typer(keys.group, name="keys")


def _version(wanted: bool) -> None:
    if wanted:
        from sync.engine.service import program_version

        sys.stdout.write(f"entrepot {program_version()}\n")
        raise typer.Exit


@app.callback()
def entrance(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show tracebacks instead of one clear line.")
    ] = False,
) -> None:
    """Keep shops, couriers and the warehouse in step. Start with `entrepot demo` or `entrepot init`."""
    from sync.cli import office

    del version
    office.debugging = debug


def main() -> None:
    """Run the command that the process was started with."""
    app(prog_name="entrepot")
