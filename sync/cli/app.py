"""`entrepot`: the whole program, and `main`, which `python daemon.py` and the console script both call."""

import sys
from typing import Annotated

import typer

from sync.cli.front import Front

app = typer.Typer(
    name="entrepot",
    cls=Front,
    help="Keep shops, couriers and the warehouse in step. Start with `entrepot demo` or `entrepot init`.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        from sync.engine.version import program_version

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
