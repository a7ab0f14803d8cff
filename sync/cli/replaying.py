"""replay: what a changed mapping folder would have done, before it is switched on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from mappings import Rulebook
from sync.cli.advancing import bar
from sync.cli.office import (
    ConfigOption,
    JsonOption,
    answered,
    configured,
    out,
    print_json,
    print_table,
    reading,
    run,
)
from sync.cli.planning import AccountsOption, change_of, counts_of, part_of, title_of
from sync.domain.clock import to_micros
from sync.domain.plan import Field, PlanPart
from sync.engine.clock import clock
from sync.engine.looking import looker, other_rules, shops_of
from sync.engine.wiring import Configuration
from sync.flows.trying.imagining import Rebound
from sync.flows.trying.replaying import OrderChange, OrdersReplayed, Otherwise, replay_orders
from sync.flows.trying.replaying_offers import replay_offers
from sync.store import plans, replaying
from sync.store.database import Tx

_TITLES = {
    Otherwise.SOLD: "order(s) whose lines would stand for other goods",
    Otherwise.HELD: "order(s) that would have been held otherwise",
    Otherwise.ROUTED: "order(s) that would have been routed otherwise",
    Otherwise.COURIER: "parcel(s) that another courier would have carried",
}


def add_to(app: typer.Typer) -> None:
    """Put the command on the program."""
    app.command()(replay)


@answered
def replay(
    folder: Annotated[Path, typer.Argument(help="The folder with the changed mapping files.")],
    days: Annotated[float, typer.Option(min=0.01, help="Orders placed within so many days.")] = 7.0,
    account: AccountsOption = None,
    rows: Annotated[int, typer.Option(min=0, help="So many rows of each list.")] = 10,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """What a changed mapping folder would have done with the orders and offers of the last days.

    Both sets of rules look at the same stored orders and listings: what is shown differs by the rules alone. Nothing
    is sent and nothing is stored.

    Example: entrepot replay ./mappings-new --days 14
    """
    configuration = configured(config)
    rulebook = other_rules(configuration, folder)
    found = run(_replayed(config, configuration, rulebook, account, days, rows, as_json))
    if as_json:
        print_json(_document(found, days))
    else:
        _show(found, rulebook, days)


@dataclass(frozen=True, slots=True)
class _Found:
    """All that came out."""

    orders: OrdersReplayed
    parts: list[PlanPart]
    rebound: int
    bindings: list[tuple[str, str, str]]
    """(listing, what it sells, what it would sell) of the first ones."""
    same: bool
    """The folder says what is in force already."""


async def _replayed(
    config: ConfigOption,
    configuration: Configuration,
    rulebook: Rulebook,
    names: Sequence[str] | None,
    days: float,
    rows: int,
    quiet: bool,
) -> _Found:
    async with reading(config) as store:
        before = await looker(configuration, store, clock())
        ctx = before.by(rulebook)
        shops = shops_of(before, names)
        within = timedelta(days=days)
        async with store.read() as tx:
            ids = [shop.id for shop in shops]
            count = await replaying.count_orders(tx, ids, to_micros(ctx.clock.now() - within))
        with bar("orders", count, quiet=quiet) as step:
            orders = await replay_orders(ctx, before, shops, within=within, rows=rows, step=step)
        with bar("offers", None, quiet=quiet) as step:
            parts, rebound = await replay_offers(ctx, before, shops, rows=rows, step=step)
        async with store.read() as tx:
            bindings = await _bindings(tx, rebound, rows)
    same = rulebook.version == configuration.rulebook.version
    return _Found(orders, parts, len(rebound.components), bindings, same)


async def _bindings(tx: Tx, rebound: Rebound, rows: int) -> list[tuple[str, str, str]]:
    listings = await plans.blank(tx, Field.QUANTITY, sorted(rebound.components)[:rows])
    before = await plans.sold_as(tx, list(listings))
    return [
        (one.external_id, before.get(id, "nothing"), plans.written(rebound.components[id]) or "nothing")
        for id, one in listings.items()
    ]


def _document(found: _Found, days: float) -> dict[str, Any]:
    orders = found.orders
    return {
        "days": days,
        "same_rules": found.same,
        "orders": {
            "looked_at": orders.orders,
            "troubled": orders.troubled,
            "newly_held": orders.newly_held,
            "no_longer_held": orders.freed,
            **{one.value: {"count": orders.counts[one], "first": orders.first[one]} for one in Otherwise},
        },
        "bound_otherwise": {"count": found.rebound, "first": found.bindings},
        "offers": [part_of(part) for part in found.parts if part.changes],
    }


def _show(found: _Found, rulebook: Rulebook, days: float) -> None:
    orders = found.orders
    if found.same:
        out.print("this folder says what is in force already", markup=False)
    out.print(f"{orders.orders} order(s) of the last {days:g} days were looked at", markup=False)
    for what in Otherwise:
        if orders.counts[what]:
            _show_orders(orders, what, rulebook)
    if found.rebound:
        print_table(
            f"\n{found.rebound} listing(s) would be bound otherwise",
            ("listing", "sells", "would sell"),
            found.bindings,
        )
    for part in found.parts:
        if part.changes:
            _show_part(part)
    if orders.troubled:
        out.print(f"{orders.troubled} order(s) could not be looked at")
    if not (any(orders.counts.values()) or found.rebound or any(part.changes for part in found.parts)):
        out.print("nothing would have been otherwise")


def _show_orders(orders: OrdersReplayed, what: Otherwise, rulebook: Rulebook) -> None:
    more = ""
    if what is Otherwise.HELD:
        more = f" ({orders.newly_held} newly held, {orders.freed} no longer held)"
    title = f"\n{orders.counts[what]} {_TITLES[what]}{more}"
    columns = ("order", "before", "with these rules", "where")
    rows = ((one.order, one.before, one.after, _places(one, rulebook)) for one in orders.first[what])
    print_table(title, columns, rows)


def _places(change: OrderChange, rulebook: Rulebook) -> str:
    """File and line of the new rules that decide."""
    found = [rulebook.place(section, name) for section, name in change.rules]
    return ", ".join(f"{one.file}:{one.line}" for one in found if one is not None)


def _show_part(part: PlanPart) -> None:
    out.print(f"\n{title_of(part)}: {counts_of(part)}", style="bold", markup=False)
    rows = part.largest or part.first
    columns = ("listing", "SKU", "title", "before → with these rules", "why")
    print_table(
        "  the largest" if part.largest else "  the first",
        columns,
        ((row.listing, row.sku, row.title, change_of(row), row.why) for row in rows),
    )
