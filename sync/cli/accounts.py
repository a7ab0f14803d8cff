"""accounts: list them, set them live, pause, resume, accept another shop, remove."""

from typing import TYPE_CHECKING, Annotated

import typer

from sync.cli.hooks import NameArgument, webhooks
from sync.cli.office import (
    ConfigOption,
    JsonOption,
    answered,
    folder_of,
    out,
    print_json,
    print_table,
    reading,
    run,
)
from sync.engine.control import command
from sync.engine.settings_file import read_settings

if TYPE_CHECKING:
    from sync.store.accounts import AccountRow

group = typer.Typer(
    help="Accounts: what they are doing, and whether they may.", no_args_is_help=True, rich_markup_mode=None
)


def add_to(app: typer.Typer) -> None:
    """Put the group on the program."""
    group.command()(webhooks)
    app.add_typer(group, name="accounts")


@group.command("list")
@answered
def list_(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Every account with its mode and condition.

    Example: entrepot accounts list
    """
    from sync.store import accounts as rows_of

    kinds = read_settings(folder_of(config)).accounts

    async def rows() -> list[rows_of.AccountRow]:
        async with reading(config) as store, store.read() as tx:
            return await rows_of.list_all(tx)

    found = run(rows())
    if as_json:
        print_json(found)
        return
    print_table(
        "accounts",
        ("name", "kind", "connector", "mode", "condition", "why"),
        (
            (row.name, row.kind, row.connector, mode_of(row), row.condition.value, row.condition_reason)
            for row in found
        ),
    )
    missing = sorted(set(kinds) - {row.name for row in found})
    if missing:
        out.print(f"not started yet: {', '.join(missing)}")


def mode_of(row: "AccountRow") -> str:
    """`live` or `observe`."""
    return "live" if row.live_from else "observe"


def _command(name: str, account: str, config: ConfigOption, as_json: bool, said: str, **more: object) -> None:
    result = run(command(folder_of(config), name, account=account, **more))
    if as_json:
        print_json(result)
    else:
        out.print(said, markup=False)


@group.command()
@answered
def live(
    account: NameArgument,
    cutover: Annotated[
        str | None, typer.Option(help="An ISO time with zone: orders placed from then on are worked on.")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let Entrepot write to this account. Orders from before this moment (or --cutover) are history.

    Example: entrepot accounts live shop
    """
    _command("live", account, config, as_json, f"{account} is live", cutover=cutover)


@group.command()
@answered
def pause(account: NameArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Stop working on an account.

    Example: entrepot accounts pause shop
    """
    _command(
        "pause",
        account,
        config,
        as_json,
        f"{account} is paused; go on with: entrepot accounts resume {account}",
    )


@group.command()
@answered
def resume(account: NameArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Work on an account again, after a pause or with new credentials.

    Example: entrepot accounts resume shop
    """
    _command("resume", account, config, as_json, f"{account} is worked on again")


@group.command("accept-shop")
@answered
def accept_shop(account: NameArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Say that the shop which answers under this name now is the same business (it moved, or was rebuilt).

    Example: entrepot accounts accept-shop shop
    """
    _command(
        "accept-shop", account, config, as_json, f"{account}: the shop that answers now is taken as its own"
    )


@group.command()
@answered
def remove(account: NameArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Stop for good and keep the history. Refused while there is open work, which is listed.

    Example: entrepot accounts remove oldshop
    """
    _command("remove", account, config, as_json, f"{account} is removed; take it out of entrepot.yaml too")
