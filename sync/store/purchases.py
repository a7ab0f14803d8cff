"""Purchase orders, drop-shipped ones first: written with the outbox row that sends them, settled by reports."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from sync.domain.clock import to_micros
from sync.domain.money import Money
from sync.domain.supply import CodeStanding, Report
from sync.store.database import Tx
from sync.store.dialect import upsert
from sync.store.locking import lock_orders
from sync.store.tables import (
    customer_order,
    fulfilment,
    fulfilment_line,
    po_line,
    purchase_order,
    supplier_offer,
    supplier_report,
)

_BATCH = 500
ACKNOWLEDGEMENTS, DESPATCHES = "acknowledgements", "despatches"


@dataclass(frozen=True, slots=True)
class Line:
    """Pieces of one of the supplier's codes, which is one of our SKUs."""

    code: str
    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Purchase:
    """A stored order to a supplier."""

    id: str
    account_id: str
    reference: str
    order_id: str | None
    fulfilment_id: str | None
    state: str
    lines: tuple[Line, ...]


async def create(
    tx: Tx,
    *,
    account: str,
    reference: str,
    order_id: str,
    fulfilment_id: str,
    units: Mapping[str, int],
    config_version: str,
) -> str:
    """Write down a drop-ship order of these units by SKU, at the codes that the supplier has most of."""
    chosen = await best_offers(tx, account, list(units))
    po_id = tx.new_id()
    await tx.run(
        sa.insert(purchase_order).values(
            id=po_id,
            account_id=account,
            reference=reference,
            order_id=order_id,
            fulfilment_id=fulfilment_id,
            drop_ship=1,
            created_at=tx.now(),
            config_version=config_version,
        )
    )
    rows = []
    for sku, count in units.items():
        offer = chosen.get(sku)
        rows.append(
            {
                "purchase_order_id": po_id,
                "code": offer.code if offer else sku,
                "sku": sku,
                "quantity": count,
                "unit_cost": offer.cost if offer else None,
                "currency": offer.currency if offer else None,
            }
        )
    await tx.run(sa.insert(po_line), rows)
    return po_id


@dataclass(frozen=True, slots=True)
class Best:
    """The code at which a SKU is ordered: of several, the one with most stock, then the cheaper one."""

    code: str
    stock: int | None
    cost: str | None
    currency: str | None
    lead_days: int | None


async def best_offers(tx: Tx, account: str, skus: Sequence[str]) -> dict[str, Best]:
    """By SKU; SKUs that the supplier never listed are left out."""
    found: dict[str, Best] = {}
    for start in range(0, len(skus), _BATCH):
        rows = await tx.all(
            sa.select(supplier_offer)
            .where(
                supplier_offer.c.account_id == account,
                supplier_offer.c.sku.in_(skus[start : start + _BATCH]),
            )
            .order_by(supplier_offer.c.code)
        )
        for row in rows:
            before = found.get(row.sku)
            more = -1 if row.stock is None else row.stock
            if before is None or more > (-1 if before.stock is None else before.stock):
                found[row.sku] = Best(row.code, row.stock, row.cost, row.currency, row.lead_days)
    return found


async def of_fulfilment(tx: Tx, fulfilment_id: str) -> Purchase | None:
    """The order behind a drop-shipped fulfilment; a writer holds it until its transaction ends."""
    return await _load(tx, purchase_order.c.fulfilment_id == fulfilment_id)


async def cost(tx: Tx, fulfilment_id: str) -> Money | None:
    """What the order behind a drop-shipped fulfilment costs; None where a cost is not known, or in two currencies."""
    rows = await tx.all(
        sa.select(po_line.c.quantity, po_line.c.unit_cost, po_line.c.currency)
        .join(purchase_order, po_line.c.purchase_order_id == purchase_order.c.id)
        .where(purchase_order.c.fulfilment_id == fulfilment_id)
    )
    currencies = {row.currency for row in rows}
    if len(currencies) != 1 or None in currencies or any(row.unit_cost is None for row in rows):
        return None
    whole = sum((row.quantity * Decimal(row.unit_cost) for row in rows), Decimal(0))
    return Money.of(whole, currencies.pop())


async def by_reference(tx: Tx, account: str, reference: str) -> Purchase | None:
    """An order by our reference, at the supplier that it went to; a writer holds it as above."""
    here = (purchase_order.c.account_id == account) & (purchase_order.c.reference == reference)
    return await _load(tx, here)


async def hold(tx: Tx, account: str, references: Sequence[str]) -> None:
    """A writer that works on several holds all their orders first, before any figure."""
    theirs = sa.select(purchase_order.c.order_id).where(
        purchase_order.c.account_id == account, purchase_order.c.reference.in_(references)
    )
    await lock_orders(tx, customer_order.c.id.in_(theirs))


async def _load(tx: Tx, where: sa.ColumnElement[bool]) -> Purchase | None:
    await lock_orders(tx, customer_order.c.id.in_(sa.select(purchase_order.c.order_id).where(where)))
    rows = await tx.all(
        sa.select(purchase_order, po_line.c.code, po_line.c.sku, po_line.c.quantity)
        .join(po_line, po_line.c.purchase_order_id == purchase_order.c.id)
        .where(where)
        .order_by(po_line.c.code)
    )
    if not rows:
        return None
    one = rows[0]
    lines = tuple(Line(row.code, row.sku, row.quantity) for row in rows)
    return Purchase(one.id, one.account_id, one.reference, one.order_id, one.fulfilment_id, one.state, lines)


async def mark_placed(tx: Tx, purchase: Purchase, external_id: str | None) -> None:
    """The supplier has it; its fulfilment waits there, unless a report has moved it on already."""
    await tx.run(
        sa.update(purchase_order)
        .where(purchase_order.c.id == purchase.id)
        .values(
            external_id=external_id,
            placed_at=sa.func.coalesce(purchase_order.c.placed_at, tx.now()),
            state=sa.case((purchase_order.c.state == "planned", "placed"), else_=purchase_order.c.state),
        )
    )
    await tx.run(
        sa.update(fulfilment)
        .where(fulfilment.c.id == purchase.fulfilment_id)
        .values(
            external_id=external_id or purchase.reference,
            accepted_at=sa.func.coalesce(fulfilment.c.accepted_at, tx.now()),
            observed_at=tx.now(),
            state=sa.case((fulfilment.c.state == "planned", "waiting"), else_=fulfilment.c.state),
        )
    )


async def set_standing(
    tx: Tx, purchase: Purchase, codes: Mapping[str, CodeStanding], state: str, *, closed: bool
) -> None:
    """Store what the reports make of an order."""
    await tx.run(
        sa.update(purchase_order)
        .where(purchase_order.c.id == purchase.id)
        .values(state=state, closed_at=tx.now() if closed else None)
    )
    for code, one in codes.items():
        await tx.run(
            sa.update(po_line)
            .where(po_line.c.purchase_order_id == purchase.id, po_line.c.code == code)
            .values(accepted=one.accepted, refused=one.refused, despatched=one.despatched)
        )


async def close(tx: Tx, fulfilment_id: str, state: str) -> None:
    """Nothing more comes of the order behind a fulfilment: it is refused, cancelled, or was never placed."""
    here = purchase_order.c.fulfilment_id == fulfilment_id
    await tx.run(sa.update(purchase_order).where(here).values(state=state, closed_at=tx.now()))


async def set_units(
    tx: Tx, fulfilment_id: str, lines: Mapping[tuple[str, str], tuple[int, int, int, int]]
) -> None:
    """Units per line of a drop-shipped fulfilment: still expected, accepted, gone, refused."""
    for (line, sku), (quantity, assigned, shipped, refused) in lines.items():
        await tx.run(
            sa.update(fulfilment_line)
            .where(
                fulfilment_line.c.fulfilment_id == fulfilment_id,
                fulfilment_line.c.order_line_id == line,
                fulfilment_line.c.sku == sku,
            )
            .values(quantity=quantity, assigned=assigned, shipped=shipped, refused=refused)
        )


async def save_report(tx: Tx, account: str, reference: str, kind: str, report: Report, at: datetime) -> bool:
    """Keep a report. False where it was read before: it counts once."""
    content = {
        "lines": report.lines,
        "refused": report.refused,
        "reason": report.reason,
        "tracking": report.tracking,
        "carrier": report.carrier,
    }
    row = upsert(supplier_report).values(
        account_id=account,
        external_id=f"{kind}:{report.id}",
        kind=kind,
        reference=reference,
        content=json.dumps(content, ensure_ascii=False, separators=(",", ":")),
        at=to_micros(at),
        seen_at=tx.now(),
    )
    return await tx.run(row.on_conflict_do_nothing()) == 1


async def reports(tx: Tx, account: str, reference: str) -> list[Report]:
    """Everything that a supplier ever said of one order, the oldest first."""
    rows = await tx.all(
        sa.select(supplier_report)
        .where(supplier_report.c.account_id == account, supplier_report.c.reference == reference)
        .order_by(supplier_report.c.at, supplier_report.c.external_id)
    )
    return [_report(row.kind, row.external_id, row.content) for row in rows]


def _report(kind: str, external_id: str, content: str) -> Report:
    said = json.loads(content)
    return Report(
        external_id.partition(":")[2],
        tuple((code, int(pieces)) for code, pieces in said["lines"]),
        kind == DESPATCHES,
        bool(said["refused"]),
        said["reason"],
        said["tracking"],
        said["carrier"],
    )
