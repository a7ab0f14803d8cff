"""From what is stored of a case and its order to the values that its plan is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from mappings.facts import RequestFacts, RequestLineFacts
from sync.domain.aftersales import Instead, Outbound, Request, RequestKind, Situation, Verdict
from sync.domain.cancelled_pieces import Claim, Way, outbound
from sync.domain.clock import from_micros
from sync.domain.custody import Case, figures
from sync.domain.ids import Sku
from sync.domain.ledger import Ledger
from sync.domain.lifecycle import OrderState
from sync.domain.money import Money
from sync.domain.orders import OrderStatus
from sync.domain.prorating import Wanted
from sync.domain.requests import RequestLine
from sync.domain.routing import LineKey
from sync.domain.tracking import TrackingStatus
from sync.flows.flow import FlowContext
from sync.flows.orders.facts import wanted_of
from sync.store import cases as order_cases
from sync.store.back import cases, goods, money, parcels, requests
from sync.store.back.cases import BackCase
from sync.store.back.parcels import BackParcel
from sync.store.back.requests import StoredRequest
from sync.store.cases import StoredCase, StoredLine
from sync.store.database import Tx
from sync.store.orders import GONE
from sync.store.parcels import Parcel

_ROUND = frozenset({TrackingStatus.REFUSED, TrackingStatus.RETURNING, TrackingStatus.RETURNED})
"""A parcel on the way out that surely comes back."""
HISTORY = timedelta(days=365)
"""How far back a buyer's requests are counted."""


@dataclass(frozen=True, slots=True)
class Matter:
    """One case with all that belongs to it, read in one transaction that holds its order."""

    case: BackCase
    request: StoredRequest
    order: StoredCase
    siblings: tuple[BackCase, ...]
    """Every case of the order, this one too."""
    custody: Case
    custodies: Mapping[str, Case]
    """Of every case of the order, by case."""
    cancelled: Mapping[str, Mapping[str, int]]
    """By cancellation that is granted: pieces of each line (the shop's id) that it asks for."""
    parcels: tuple[BackParcel, ...]
    """The numbers that the case's goods come back under."""
    ledger: Ledger | None
    """None: the order's money was not read from the shop yet."""
    before: frozenset[str]
    """The shop's refunds that were there when the request came up."""

    @property
    def name(self) -> str:
        """The case's name in the ledger and in keys: what the shop calls the request."""
        return self.request.remote.external_id

    @property
    def lines(self) -> dict[str, StoredLine]:
        """The order's lines by the shop's id."""
        return {line.external_id: line for line in self.order.lines}


async def read(tx: Tx, ctx: FlowContext, case: BackCase) -> Matter | None:
    """Everything about a case that has a request and a known order; None for others."""
    if case.request_id is None or case.order_id is None:
        return None
    order = await order_cases.load(tx, case.order_id)
    request = await requests.get(tx, case.request_id)
    present = await cases.get(tx, case.id)
    if order is None or request is None or present is None:
        return None
    siblings = tuple(await cases.of_order(tx, case.order_id))
    custodies = {one.id: await goods.custody(tx, one) for one in siblings}
    ledger = await money.ledger(tx, order_name(ctx, order), order, siblings)
    cancelled = {one.id: await _asked(tx, one) for one in siblings if _is_cancelling(one)}
    coming = await parcels.of_case(tx, case.id)
    before = await money.came_before(tx, case.order_id, request.remote.asked_at, present.opened_at)
    return Matter(
        present, request, order, siblings, custodies[case.id], custodies, cancelled, coming, ledger, before
    )


def _is_cancelling(case: BackCase) -> bool:
    """Whether pieces stop or turn round because of it."""
    standing = case.standing
    return case.kind == RequestKind.CANCELLATION and (standing.stop_asked or standing.answered_as > 0)


async def _asked(tx: Tx, case: BackCase) -> dict[str, int]:
    request = await requests.get(tx, case.request_id or "")
    pieces: dict[str, int] = {}
    for line in request.remote.lines if request is not None else ():
        pieces[line.line] = pieces.get(line.line, 0) + line.units
    return pieces


def order_name(ctx: FlowContext, order: StoredCase) -> str:
    """`shop/10042`, as people and keys name it."""
    return f"{ctx.accounts[order.row.account_id].name}/{order.row.number}"


def situation(matter: Matter, verdict: Verdict, kind: RequestKind) -> Situation:
    """What the plan of the case is made of."""
    empty = Ledger(matter.name, matter.order.row.currency, 0, money.lines_of(matter.order))
    brings = kind.brings_back and bool(matter.custody.lines or matter.custody.receipts)
    return Situation(
        request=Request(matter.name, kind, wanted(matter, verdict), _instead(matter)),
        verdict=verdict,
        outbound={line.id: _outbound(matter, line) for line in matter.order.lines},
        ledger=matter.ledger or empty,
        custody=matter.custody if brings else None,
        standing=matter.case.standing,
        sends=_sends(matter),
        before=matter.before,
    )


def _sends(matter: Matter) -> bool:
    """Whether the order's review still sends goods of it."""
    return matter.order.state != OrderState.HISTORY and not _cancelled(matter)


def _cancelled(matter: Matter) -> bool:
    return matter.order.row.status in (OrderStatus.CANCELLED, GONE)


def wanted(matter: Matter, verdict: Verdict) -> dict[str, Wanted]:
    """Pieces and money that are asked for, by our order line; lines that the order has not are left out."""
    found: dict[str, Wanted] = {}
    known = matter.lines
    for one in matter.request.remote.lines:
        line = known.get(one.line)
        if line is None:
            continue
        old = found.get(line.id, Wanted())
        found[line.id] = Wanted(old.units + one.units, verdict.shipping, old.allowance + one.allowance)
    return found


def _instead(matter: Matter) -> Instead | None:
    """What is wanted instead, by SKU: of the order's own lines, or as a person named it."""
    remote = matter.request.remote
    units: dict[str, int] = {}
    unknown = 0
    known = matter.lines
    for one in remote.instead:
        line = known.get(one.line or "")
        parts = (line.components or {}) if line is not None else ({one.sku: 1} if one.sku else {})
        unknown += 0 if parts else one.units
        for sku, per in parts.items():
            units[sku] = units.get(sku, 0) + one.units * per
    if not remote.instead:
        return None
    return Instead(units, remote.price.minor if remote.price is not None else None, unknown)


def _outbound(matter: Matter, line: StoredLine) -> Outbound:
    """Where the pieces of one line are, as the case sees it."""
    claims = [_claim(matter, case, line) for case in matter.siblings if case.id in matter.cancelled]
    return outbound(_way(matter, line), claims, matter.case.id)


def _way(matter: Matter, line: StoredLine) -> Way:
    """Where the pieces are, whoever asks. Of an order from before the cut-over, all are with the buyer."""
    per = line.components or {}
    ordered = _at_first(matter, line)
    turned, returned = _turned(matter, line, per), _returned(matter, line)
    if matter.order.state == OrderState.HISTORY or not per:
        return Way(ordered, 0, ordered, turned, returned, per)
    still: dict[str, int] = dict.fromkeys(per, 0)
    gone: dict[str, int] = dict.fromkeys(per, 0)
    for work in matter.order.work:
        for (id, sku), (asked, _, shipped) in work.lines.items():
            if id == line.id and sku in per:
                gone[sku] += shipped
                still[sku] += max(0, asked - shipped) if work.state.open else 0
    shipped = _pieces(gone, per)
    under_way = _pieces({sku: gone[sku] + still[sku] for sku in per}, per)
    wanted_now = 0 if _cancelled(matter) else wanted_of(line)
    # what was not sent yet may still leave: the review creates it as soon as nothing holds it
    may_leave = max(under_way, wanted_now) - shipped
    shipped += line.shipped_elsewhere
    return Way(ordered, max(0, may_leave), shipped, turned, returned, per)


def _at_first(matter: Matter, line: StoredLine) -> int:
    """The pieces that were wanted before the order's cases stopped any of them."""
    if line.at_most is None:
        return line.quantity
    return line.at_most + sum(case.standing.stops.get(line.id, 0) for case in matter.siblings)


def _claim(matter: Matter, case: BackCase, line: StoredLine) -> Claim:
    pieces = matter.cancelled[case.id].get(line.external_id, 0)
    received = _received(matter.custodies[case.id], line)
    return Claim(case.id, pieces, case.standing.answered_as, case.n, received)


def _pieces(units: Mapping[str, int], per: Mapping[str, int]) -> int:
    """Pieces of which any part is so."""
    return max((-(-units[sku] // count) for sku, count in per.items() if count), default=0)


def _turned(matter: Matter, line: StoredLine, per: Mapping[str, int]) -> int:
    """Shipped pieces whose parcel turns round."""
    turned: dict[LineKey, int] = {}
    for parcel in matter.order.parcels:
        if turns_round(parcel):
            for key, units in parcel.lines.items():
                turned[key] = turned.get(key, 0) + units
    return min((turned.get((line.id, sku), 0) // count for sku, count in per.items() if count), default=0)


def _returned(matter: Matter, line: StoredLine) -> int:
    """Shipped pieces that came back by other cases that are no cancellations."""
    return sum(
        _received(custody, line)
        for id, custody in matter.custodies.items()
        if id != matter.case.id and id not in matter.cancelled
    )


def _received(custody: Case, line: StoredLine) -> int:
    """Whole pieces of a line that came back by one case."""
    here = {one.key[1]: one.received for one in figures(custody).lines if one.key[0] == line.id}
    return min(
        (here.get(sku, 0) // count for sku, count in (line.components or {}).items() if count), default=0
    )


def turns_round(parcel: Parcel) -> bool:
    """Whether a parcel on the way out surely comes back."""
    return parcel.voided_at is None and TrackingStatus(parcel.status) in _ROUND


async def facts(tx: Tx, ctx: FlowContext, matter: Matter) -> RequestFacts:
    """What the rules may know of the request: no name, no street, nothing that the buyer wrote."""
    remote, order = matter.request.remote, matter.order
    since = from_micros(tx.now()) - HISTORY
    asked, bought = await requests.count_of_buyer(tx, matter.order.row.id, int(since.timestamp() * 1_000_000))
    lines = _asked_lines(matter)
    outs = [_outbound(matter, line) for line, _ in lines]
    return RequestFacts(
        account=ctx.accounts[order.row.account_id].name,
        kind=remote.kind,
        value=asked_value(matter),
        lines=tuple(
            fact
            for line, one in lines
            for fact in (
                [RequestLineFacts(Sku(sku), one.units * per) for sku, per in line.components.items()]
                if line.components is not None
                else [RequestLineFacts(None, one.units)]
            )
        ),
        country=order.row.country,
        shipped=any(out.shipped for out in outs),
        since_delivery=_since_delivery(order.parcels, matter),
        reasons=remote.reasons,
        customer_requests=asked,
        customer_orders=bought,
    )


def _asked_lines(matter: Matter) -> list[tuple[StoredLine, RequestLine]]:
    """The request's lines that the order has."""
    return [(matter.lines[one.line], one) for one in matter.request.remote.lines if one.line in matter.lines]


def asked_value(matter: Matter) -> Money:
    """What the pieces that are asked about were charged with, and the money asked for without goods."""
    paid = money.lines_of(matter.order)
    total = 0
    for line, one in _asked_lines(matter):
        if line.id in paid:
            charged = paid[line.id]
            total += charged.whole.own * min(one.units, charged.units) // charged.units
        total += one.allowance
    return Money(total, matter.order.row.currency)


def _since_delivery(sent: Sequence[Parcel], matter: Matter) -> timedelta | None:
    """From the last delivery to the request; None while a parcel is not delivered, as far as is known."""
    left = [parcel for parcel in sent if parcel.left_at is not None and parcel.voided_at is None]
    if not left or any(parcel.delivered_at is None for parcel in left):
        return None
    last = max(parcel.delivered_at or 0 for parcel in left)
    return max(timedelta(0), matter.request.remote.asked_at - from_micros(last))


__all__ = ["Matter", "asked_value", "facts", "order_name", "read", "situation", "turns_round", "wanted"]
