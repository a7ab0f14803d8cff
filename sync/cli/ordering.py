"""orders: list, show with the whole timeline, release."""

from datetime import datetime
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
from sync.domain.clock import from_micros
from sync.domain.ids import OrderId
from sync.domain.lifecycle import OrderState
from sync.domain.money import Money
from sync.engine.control import command
from sync.engine.refusals import CommandRefused
from sync.store import accounts, events, issues, merging, orders, reports
from sync.store.cases import StoredCase
from sync.store.database import Tx
from sync.store.parcels import Parcel

group = typer.Typer(
    help="Orders: their state, their story, their holds.", no_args_is_help=True, rich_markup_mode=None
)
NumberArgument = Annotated[str, typer.Argument(help="The order's number, or shop/number.")]


def add_to(app: typer.Typer) -> None:
    """Put the group on the program."""
    app.add_typer(group, name="orders")


@group.command("list")
@answered
def list_(
    account: Annotated[str | None, typer.Option(help="Only of this shop.")] = None,
    state: Annotated[OrderState | None, typer.Option(help="Only in this state.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many.")] = 50,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """The newest orders.

    Example: entrepot orders list --state held
    """

    async def rows() -> list[reports.OrderLineInList]:
        async with reading(config) as store, store.read() as tx:
            if account and await accounts.by_name(tx, account) is None:
                raise CommandRefused(f"there is no account {account!r}; see: entrepot accounts list")
            return await reports.list_orders(
                tx, account_name=account, state=state.value if state else None, limit=limit
            )

    found = run(rows())
    if as_json:
        print_json(found)
        return
    print_table(
        "orders",
        ("shop", "number", "state", "shop says", "payment", "total", "placed", "cancel"),
        ((o.account, o.number, o.state, o.status, o.payment, o.total, o.placed_at, o.cancel) for o in found),
    )


@group.command()
@answered
def show(
    number: NumberArgument,
    personal: Annotated[bool, typer.Option("--personal", help="Show the buyer and the address too.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """One order: lines, holds, fulfilments, parcels, issues, and its timeline.

    Example: entrepot orders show shop/10042
    """
    told = run(_tell(config, number, personal=personal))
    if as_json:
        print_json(told)
    else:
        _show(told)


async def _tell(config: ConfigOption, number: str, *, personal: bool) -> dict[str, Any]:
    async with reading(config) as store, store.read() as tx:
        found = await reports.find_orders(tx, number)
        if not found:
            raise CommandRefused(f"there is no order {number}; see: entrepot orders list")
        if len(found) > 1:
            shops = ", ".join(f"{shop}/{number}" for shop, _ in found)
            raise CommandRefused(f"several shops have an order {number}: say which, as in {shops}")
        shop, case = found[0]
        return await _document(tx, shop, case, personal=personal)


async def _document(tx: Tx, shop: str, case: StoredCase, *, personal: bool) -> dict[str, Any]:
    row = case.row
    order_id = OrderId(row.id)
    scans = await reports.scans(tx, [parcel.id for parcel in case.parcels])
    sharers = await merging.sharers(tx, row.id)
    told = {
        "shop": shop,
        "number": row.number,
        "state": row.state,
        "shop_says": row.status,
        "payment": row.payment,
        "cancel": row.cancel,
        "total": str(Money(row.total_minor, row.currency)),
        "placed_at": case.placed_at,
        "closed_at": None if row.closed_at is None else from_micros(row.closed_at),
        "lines": [
            {
                "title": line.title,
                "sku": line.remote_sku,
                "ordered": line.ordered,
                "wanted": line.quantity,
                "components": line.components,
                "not_bound": line.reason,
            }
            for line in case.lines
        ],
        "holds": [
            {"rule": hold.rule, "reason": hold.reason, "release": hold.release}
            for hold in case.open_holds.values()
        ],
        "fulfilments": [
            {
                "reference": work.reference,
                "state": work.state,
                "cancel": work.cancel,
                "units": sum(asked for asked, _, _ in work.lines.values()),
                "shipped": sum(shipped for _, _, shipped in work.lines.values()),
            }
            for work in case.work
        ],
        "parcels": [
            _parcel(parcel, scans.get(parcel.id, []), sharers.get(parcel.id, [])) for parcel in case.parcels
        ],
        "issues": [
            {"kind": one.kind, "what": one.what, "why": one.why, "todo": one.todo}
            for one in await issues.list_open(tx, order_id=order_id)
        ],
        "timeline": [
            {"at": event.at, "kind": event.kind, "what": event.what}
            for event in await events.timeline(tx, order_id)
        ],
    }
    if personal:
        buyer = await orders.buyer(tx, row.id)
        told["buyer"] = {
            "person": _fields(buyer.person),
            "ship_to": _fields(buyer.ship_to),
            "note": buyer.note,
        }
    return told


def _fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def _parcel(parcel: Parcel, scans: list[tuple[Any, str, str]], sharers: list[str]) -> dict[str, Any]:
    return {
        "number": parcel.number,
        "tracking": parcel.tracking,
        "carrier": parcel.carrier,
        "status": parcel.status,
        "told": parcel.told_at is not None,
        "voided": parcel.voided_at is not None,
        "shares_number_with": sharers,
        "waits_until": None if parcel.waits_until is None else from_micros(parcel.waits_until),
        "scans": [{"at": at, "status": status, "what": what} for at, status, what in scans],
    }


def _show(told: dict[str, Any]) -> None:
    out.print(
        f"{told['shop']}/{told['number']}: {told['state']}, the shop says {told['shop_says']}, "
        f"{told['payment']}, {told['total']}",
        markup=False,
    )
    print_table(
        "lines",
        ("title", "SKU", "ordered", "wanted", "is"),
        (
            (x["title"], x["sku"], x["ordered"], x["wanted"], x["components"] or x["not_bound"])
            for x in told["lines"]
        ),
    )
    for name in ("holds", "fulfilments", "issues"):
        rows = told[name]
        if rows:
            print_table(name, rows[0], (x.values() for x in rows))
    print_table(
        "parcels",
        ("tracking", "carrier", "status", "told", "shares its number with", "last scan"),
        (
            (
                p["tracking"],
                p["carrier"],
                p["status"].value,
                "yes" if p["told"] else "no",
                ", ".join(p["shares_number_with"]) or _waits(p["waits_until"]),
                p["scans"][-1]["what"] if p["scans"] else "",
            )
            for p in told["parcels"]
        ),
    )
    print_table(
        "timeline", ("at", "kind", "what"), ((e["at"], e["kind"], e["what"]) for e in told["timeline"])
    )
    if "buyer" in told:
        for part in ("person", "ship_to"):
            out.print(
                f"{part}: " + ", ".join(f"{k}={v}" for k, v in told["buyer"][part].items() if v), markup=False
            )


def _waits(until: datetime | None) -> str:
    return "" if until is None else f"waits for others until {until:%Y-%m-%d %H:%M} UTC"


@group.command()
@answered
def release(
    number: NumberArgument,
    rule: Annotated[str | None, typer.Option(help="Only this hold; default: all open ones.")] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """End an order's holds by your word. They do not come back for the same reason.

    Example: entrepot orders release shop/10042 --rule "totals differ"
    """
    result = run(command(folder_of(config), "release", order=number, rule=rule))
    if as_json:
        print_json(result)
    else:
        out.print(f"{number} released: {', '.join(result['released'])}", markup=False)
