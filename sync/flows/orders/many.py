"""A page of many new orders, as at a first load or after an outage: stored, bound and reserved together.

What is plain about an order is done here for all of them in a few statements; its decision is left to the review,
which finds the units reserved. Everything else is decided on at once and one by one, behind the plain ones: what
would be held, what is not listed, what is short, and whatever wants a SKU that such an order of the same page
wants, so that nobody is served before his turn.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import msgspec

from connectors.contract import Kind
from mappings.routing import Route
from sync.domain.confirm import checks
from sync.domain.ids import OrderId
from sync.domain.orders import OrderStatus, RemoteOrder
from sync.domain.review import demand
from sync.domain.routing import LineKey, Otherwise, Source, route
from sync.flows.flow import AccountView, FlowContext
from sync.flows.orders import holding, placing
from sync.flows.orders.deciding import DOUBLED_WITHIN_MICROS
from sync.flows.orders.facts import case_lines, order_check, order_facts
from sync.store import forgetting, intake, listings, moved, offered, order_rows, orders, stock
from sync.store.cases import StoredCase, StoredLine
from sync.store.database import Tx
from sync.store.intake import NewRows

MANY = 20
"""A page with at least so many new orders is taken in here."""
_INDEXES = ("email_index", "phone_index", "to_email_index", "to_phone_index")


@dataclass(frozen=True, slots=True)
class Fresh:
    """An order that is not known yet, its digest, and whether it was placed before the account went live."""

    remote: RemoteOrder
    digest: str
    history: bool


async def take_many(tx: Tx, ctx: FlowContext, page: Sequence[Fresh]) -> list[OrderId]:
    """Store them all. Returns those that have yet to be decided on, in their order."""
    ctx, rows = ctx.ruled_now(), NewRows(tx.ids(), tx.now())
    taken = [_rows(tx, ctx, one) for one in page]
    await _leave_out_the_forgotten(tx, taken)
    desk = await _desk(tx, ctx, [(one, row) for one, row in zip(page, taken, strict=True) if not one.history])
    for one, row in zip(page, taken, strict=True):
        lines = [order_rows.line(rows.new_id(), row["id"], line) for line in one.remote.lines]
        rows.orders.append(row)
        rows.lines += lines
        rows.events.append(_pulled(rows, row["id"], one.remote))
        if not one.history:
            desk.take(rows, one.remote, row, lines)
    await rows.store(tx)
    variants = {line.variant_external_id: 0 for one in page for line in one.remote.lines}
    await orders.shop_moved(tx, ctx.account.id, variants)
    await moved.note(tx, (sku for _, sku in rows.taken))
    return desk.to_decide()


def _rows(tx: Tx, ctx: FlowContext, one: Fresh) -> dict[str, Any]:
    row = order_rows.fresh(
        tx, ctx.account.id, one.remote, one.digest, history=one.history, masked=ctx.account.masked
    )
    return {**row, "erased_at": None}


def _pulled(rows: NewRows, order_id: str, remote: RemoteOrder) -> dict[str, Any]:
    data = msgspec.json.encode({"status": remote.status.value}).decode()
    what = f"order {remote.number} pulled"
    return {
        "id": rows.new_id(),
        "order_id": order_id,
        "at": rows.now,
        "kind": "pulled",
        "what": what,
        "data": data,
    }


async def _leave_out_the_forgotten(tx: Tx, rows: Iterable[dict[str, Any]]) -> None:
    """The people of ended orders who were erased since stay out (see sync.store.orders.save)."""
    ended = [row for row in rows if orders.ended(row["status"], history=row["state"] == "history")]
    erased = await forgetting.erased_at(tx, {row[name] for row in ended for name in _INDEXES if row[name]})
    for row in ended:
        if any(erased.get(row[name], -1) >= row["placed_at"] for name in _INDEXES if row[name]):
            row |= {"erased_at": tx.now(), **order_rows.NOBODY}


async def _desk(tx: Tx, ctx: FlowContext, page: Sequence[tuple[Fresh, Mapping[str, Any]]]) -> "_Desk":
    """Everything that the page's orders are looked at with, read in a few statements."""
    variants = {line.variant_external_id for one, _ in page for line in one.remote.lines}
    listed = await listings.components(tx, ctx.account.id, sorted(one for one in variants if one))
    skus = sorted({sku for parts in listed.values() for sku in parts})
    carried = await offered.carriers_of(tx, skus) if ctx.senders else {}
    figures = await stock.figures(tx, skus)
    free: dict[str, dict[str, int]] = {}
    for sku, found in figures.items():
        for figure in found:
            free.setdefault(figure.warehouse, {})[sku] = (figure.on_hand or 0) - figure.reserved
    since = min((row["placed_at"] for _, row in page), default=0) - DOUBLED_WITHIN_MICROS
    buyers = [row["email_index"] for _, row in page if row["email_index"] is not None]
    seen = await intake.buyers_since(tx, ctx.account.id, buyers, since)
    twice = {buyer for buyer, times in Counter(buyers).items() if times > 1}
    return _Desk(ctx, listed, frozenset(carried), free, seen | twice)


@dataclass(slots=True)
class _Desk:
    """What a page's orders are looked at with; `free` goes down with each that is taken."""

    ctx: FlowContext
    listed: Mapping[str, Mapping[str, int]]
    """SKU → units of one piece, by the shop's variant."""
    carried: frozenset[str]
    """SKUs that a drop-ship supplier has, too: they are routed one by one."""
    free: dict[str, dict[str, int]]
    """By warehouse and SKU."""
    suspects: frozenset[bytes]
    """Buyers who have placed another order just before."""
    contested: set[str] = field(default_factory=set)
    """SKUs that an order of this page wants that is not plain."""
    _taken: list[tuple[str, bool, frozenset[str]]] = field(default_factory=list)
    """Each order, whether it was plain, and its SKUs."""
    _sources: dict[Route, list[Source]] = field(default_factory=dict)
    """The warehouses that each verdict of the routing rules leads to."""

    def take(
        self, rows: NewRows, remote: RemoteOrder, row: Mapping[str, Any], lines: list[dict[str, Any]]
    ) -> None:
        """Bind and reserve an order if it is plain."""
        parts = [self.listed.get(line.variant_external_id or "") for line in remote.lines]
        skus = frozenset(sku for each in parts if each for sku in each)
        placed = self._placed(remote, row, lines, parts, skus)
        self._taken.append((row["id"], placed is not None, skus))
        if placed is None:
            if remote.status != OrderStatus.CANCELLED:
                self.contested |= skus
            return
        for line, each in zip(lines, parts, strict=True):
            line["bound"] = 1
            rows.components += [
                {"order_line_id": line["id"], "sku": sku, "units": units}
                for sku, units in (each or {}).items()
            ]
        for (line_id, sku), (account, units) in placed.items():
            self.free[account][sku] -= units
            rows.reserve(row["id"], line_id, account, sku, units)

    def to_decide(self) -> list[OrderId]:
        """What is not plain, and the plain ones that want the same SKUs: the warehouse hears of them in turn."""
        return [
            OrderId(order_id)
            for order_id, plain, skus in self._taken
            if not plain or not skus.isdisjoint(self.contested)
        ]

    def _placed(
        self,
        remote: RemoteOrder,
        row: Mapping[str, Any],
        lines: Sequence[Mapping[str, Any]],
        parts: Sequence[Mapping[str, int] | None],
        skus: frozenset[str],
    ) -> dict[LineKey, tuple[str, int]] | None:
        """The warehouse and the units of each line and SKU; None where something is not plain."""
        if not all(parts) or remote.shipments or row["email_index"] in self.suspects:
            return None
        if not skus.isdisjoint(self.contested) or not skus.isdisjoint(self.carried):
            return None
        case = _case(row, lines, parts)
        buyer = order_rows.buyer(remote, masked=self.ctx.account.masked)
        facts = self.ctx.rulebook.weighed(order_facts(self.ctx, case, case.lines, buyer, {}))
        if checks(order_check(self.ctx, case, case.lines, buyer, None)) or holding.by_rules(self.ctx, facts):
            return None
        wanted = demand(case_lines(case, case.lines))
        verdict = self.ctx.rulebook.route(facts)
        if verdict is None or not all(wanted.values()):
            return None
        by = self._routed(case, wanted, verdict, facts.country)
        return self._there(wanted, by) if by else None

    def _routed(
        self, case: StoredCase, wanted: Mapping[LineKey, int], verdict: Route, country: str | None
    ) -> Mapping[LineKey, str] | None:
        if verdict not in self._sources:
            candidates = placing.candidates(self.ctx, case, verdict)
            self._sources[verdict] = [self._source(one) for one in candidates if one.kind is Kind.WAREHOUSE]
        sources = self._sources[verdict]
        if not sources:
            return None
        routed = route(wanted, sources, country=country, otherwise=Otherwise(verdict.otherwise.value))
        return None if routed is None or routed.unrouted else routed.by

    def _source(self, account: AccountView) -> Source:
        """A view of what is free there, also after the next order was taken."""
        free = self.free.setdefault(account.id, {})
        country = account.sender.country if account.sender else None
        return Source(account.id, country, free, frozenset(free))

    def _there(
        self, wanted: Mapping[LineKey, int], by: Mapping[LineKey, str]
    ) -> dict[LineKey, tuple[str, int]] | None:
        """None where a unit is not there: what is short is told, and that is not plain."""
        units_at: dict[tuple[str, str], int] = {}
        for key, units in wanted.items():
            at = by[key], key[1]
            units_at[at] = units_at.get(at, 0) + units
        if any(self.free[account].get(sku, 0) < units for (account, sku), units in units_at.items()):
            return None
        return {key: (by[key], units) for key, units in wanted.items()}


def _case(
    row: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], parts: Sequence[Mapping[str, int] | None]
) -> StoredCase:
    """The order as it would be read back."""
    return StoredCase(
        row=SimpleNamespace(**row),
        lines=tuple(
            StoredLine(
                line["id"],
                line["external_id"],
                line["variant_external_id"],
                line["remote_sku"],
                line["title"],
                line["ordered"],
                line["quantity"],
                line["unit_price"],
                line["total_minor"],
                each,
                None,
                0,
            )
            for line, each in zip(lines, parts, strict=True)
        ),
        work=(),
        parcels=(),
        reservations=(),
        open_holds={},
        decided=frozenset(),
        refusals={},
    )
