"""approve: what guards keep back, and a person's word that so much of it may pass."""

from typing import Annotated, Any

import typer

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
from sync.engine.approving import Waits, listed
from sync.engine.control import command
from sync.engine.refusals import CommandRefused
from sync.store import accounts


def add_to(app: typer.Typer) -> None:
    """Put the command on the program."""
    app.command(name="approve")(approve)


@answered
def approve(
    guard: Annotated[
        str | None, typer.Argument(help="Such as going_to_zero; none: list what waits.", show_default=False)
    ] = None,
    account: Annotated[str | None, typer.Option(help="Only at this account.")] = None,
    lasts: Annotated[
        str | None, typer.Option("--for", help="How long, such as 30 minutes. Default: by the guards' rules.")
    ] = None,
    most: Annotated[
        int | None, typer.Option(min=1, help="At most so many. Default: what is there now.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that waits, or all of this guard.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """What waits for your word, and let so much of it pass.

    Without a guard's name it lists what waits. What is approved are bounds with an end: it is planned again at that
    moment, and what goes beyond the bounds waits on.

    Example: entrepot approve going_to_zero --account shop --for "1 hour"
    """
    if guard is None and not everything:
        if lasts is not None or most is not None:
            raise CommandRefused("say what to approve: a guard's name, or --all; see: entrepot approve")
        _list(run(_waiting(config, account)), as_json)
        return
    told = run(
        command(
            folder_of(config), "approve", guard=guard, account=account, lasts=lasts, most=most, all=everything
        )
    )
    if as_json:
        print_json(told)
    else:
        _tell(told)


async def _waiting(config: ConfigOption, account: str | None) -> list[Waits]:
    async with reading(config) as store:
        async with store.read() as tx:
            if account and await accounts.by_name(tx, account) is None:
                raise CommandRefused(f"there is no account {account!r}; see: entrepot accounts list")
        return await listed(store, account)


def _list(waits: list[Waits], as_json: bool) -> None:
    if as_json:
        print_json(waits)
        return
    if not waits:
        out.print("nothing waits for a person")
        return
    columns = ("guard", "account", "waiting", "allowed", "sent within the hour", "since (UTC)")
    rows = ((one.guard, one.account, one.waiting, _allowed(one), one.sent, one.since) for one in waits)
    print_table("what waits", columns, rows)
    for one in waits:
        moves = ((move.external_id, move.title, move.before, move.after) for move in one.largest)
        out.print()
        print_table(
            f"{one.guard} at {one.account}: the largest", ("listing or SKU", "title", "from", "to"), moves
        )
    out.print("\nlet it pass: entrepot approve GUARD --account NAME", style="dim")


def _allowed(one: Waits) -> str:
    return f"{one.limit} of {one.of}" if one.guard != "price_move" else "by its rule"


def _tell(told: dict[str, Any]) -> None:
    for one in told["approved"]:
        until = f"{one['until']:.16}".replace("T", " ")
        out.print(
            f"{one['guard']} at {one['account']}: {one['most']} may pass until {until} UTC; "
            f"{one['there']} wait now. They are planned again now; what goes beyond that waits on.",
            markup=False,
        )
