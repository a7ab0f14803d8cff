"""From a stored order to the plain values that rules and decisions look at."""

from collections.abc import Mapping
from decimal import Decimal

from connectors.contract import Kind
from mappings.facts import LineFacts, OrderFacts, ParcelFacts
from sync.domain.confirm import HoldWanted, OrderCheck
from sync.domain.ids import AccountId, Sku
from sync.domain.lifecycle import WorkState
from sync.domain.money import Money
from sync.domain.orders import OrderStatus, PaymentStatus
from sync.domain.review import Case, CaseLine, CaseWork
from sync.domain.routing import LineKey
from sync.flows.flow import FlowContext
from sync.flows.selling.binding import unbound_titles
from sync.store import offered
from sync.store.cases import StoredCase, StoredLine
from sync.store.database import Tx
from sync.store.fulfilments import Work
from sync.store.order_rows import Buyer
from sync.store.orders import GONE
from sync.store.parcels import Parcel


def order_facts(
    ctx: FlowContext,
    case: StoredCase,
    lines: tuple[StoredLine, ...],
    buyer: Buyer,
    suppliers: Mapping[str, frozenset[str]],
) -> OrderFacts:
    """What rules may know of the order: no name, no street, no mail. `suppliers` list each SKU."""
    row = case.row
    return OrderFacts(
        account=ctx.accounts[AccountId(row.account_id)].name,
        total=Money(row.total_minor, row.currency),
        payment=PaymentStatus(row.payment),
        lines=tuple(fact for line in lines for fact in _line_facts(line, suppliers)),
        country=row.country,
        postal_code=buyer.ship_to.postal_code,
        service=row.service,
        note=buyer.note,
        tags=tuple(case.tags),
        shipped=any(work.state == WorkState.SHIPPED for work in case.work),
    )


async def suppliers_of(
    tx: Tx, ctx: FlowContext, lines: tuple[StoredLine, ...]
) -> Mapping[str, frozenset[str]]:
    """The names of the drop-ship suppliers that list each SKU of the order."""
    names = {account.id: account.name for account in ctx.senders}
    if not names:
        return {}
    listed = await offered.carriers_of(tx, sorted({sku for one in lines for sku in one.components or {}}))
    return {
        sku: frozenset(names[AccountId(one)] for one in ids if one in names) for sku, ids in listed.items()
    }


def _line_facts(line: StoredLine, suppliers: Mapping[str, frozenset[str]]) -> list[LineFacts]:
    if line.components is None:
        return [LineFacts(None, line.quantity)]
    return [
        LineFacts(Sku(sku), units * line.quantity, suppliers.get(sku, frozenset()))
        for sku, units in line.components.items()
    ]


def parcel_facts(ctx: FlowContext, order: OrderFacts, work: Work, parcel: Parcel) -> ParcelFacts:
    """What courier rules may know of a parcel."""
    return ParcelFacts(
        order=order,
        warehouse=ctx.accounts[AccountId(work.account_id)].name,
        lines=tuple(LineFacts(Sku(sku), units) for (_, sku), units in parcel.lines.items()),
        weight_kg=None if parcel.weight_kg is None else Decimal(parcel.weight_kg),
    )


def order_check(
    ctx: FlowContext, case: StoredCase, lines: tuple[StoredLine, ...], buyer: Buyer, doubled: str | None
) -> OrderCheck:
    """The facts that the built-in checks look at."""
    row = case.row
    account = ctx.accounts[AccountId(row.account_id)]
    return OrderCheck(
        status=OrderStatus.CANCELLED if row.status == GONE else OrderStatus(row.status),
        payment=PaymentStatus(row.payment),
        currency=row.currency,
        account_currency=account.currency,
        total=Money(row.total_minor, row.currency),
        line_totals=tuple(Money(line.total_minor, row.currency) for line in lines),
        shipping=Money(row.shipping_minor, row.currency),
        adjustments=Money(row.adjustments_minor, row.currency),
        deliverable=buyer.ship_to.deliverable or _needs_no_address(case, lines),
        masked=account.masked,
        unbound=unbound_titles(lines),
        duplicate_of=doubled,
        cancel_asked=bool(row.cancel_asked),
        wanted_units=sum(max(0, line.quantity - line.shipped_elsewhere) for line in lines),
    )


def _needs_no_address(case: StoredCase, lines: tuple[StoredLine, ...]) -> bool:
    """Whether the person was erased and everything that is wanted has been shipped already."""
    if case.row.erased_at is None:
        return False
    shipped: dict[LineKey, int] = {}
    for work in case.work:
        for key, (_, _, units) in work.lines.items():
            shipped[key] = shipped.get(key, 0) + units
    return all(
        (line.quantity - line.shipped_elsewhere) * units <= shipped.get((line.id, sku), 0)
        for line in lines
        for sku, units in (line.components or {}).items()
    )


def case_of(
    ctx: FlowContext,
    case: StoredCase,
    lines: tuple[StoredLine, ...],
    checks: tuple[HoldWanted, ...],
    reserved_at: Mapping[LineKey, str],
) -> Case:
    """The decision's input."""
    return Case(
        history=case.state == "history",
        lines=case_lines(case, lines),
        work=tuple(
            CaseWork(
                work.id,
                work.account_id,
                work.n,
                work.state,
                work.cancel,
                {key: (asked, shipped) for key, (asked, _, shipped) in work.lines.items()},
                case.refusals.get(work.id, ""),
                ctx.kind_of(work.account_id) is Kind.SUPPLIER,
            )
            for work in case.work
        ),
        checks=checks,
        decided=case.decided,
        reserved_at=reserved_at,
        parcels_open=any(parcel_open(parcel) for parcel in case.parcels),
        gone=case.row.status == GONE,
    )


def case_lines(case: StoredCase, lines: tuple[StoredLine, ...]) -> tuple[CaseLine, ...]:
    """What the shop wants of each line now."""
    cancelled = case.row.status == OrderStatus.CANCELLED
    return tuple(
        CaseLine(line.id, 0 if cancelled else wanted_of(line), line.components, line.waits) for line in lines
    )


def wanted_of(line: StoredLine) -> int:
    """Pieces that the shop wants of us and that may leave: what is being stopped is off them."""
    most = line.quantity if line.at_most is None else min(line.quantity, line.at_most)
    return max(0, most - line.shipped_elsewhere)


def parcel_open(parcel: Parcel) -> bool:
    """Whether something is still to happen to a parcel."""
    if parcel.voided_at is not None:
        return False
    if parcel.told_at is None:
        return True
    if parcel.courier_id is None:
        return False  # nobody of ours can track it
    if parcel.ended_at is None:
        return True
    return bool(parcel.delivered_at and parcel.told_external_id and parcel.delivery_told_at is None)
