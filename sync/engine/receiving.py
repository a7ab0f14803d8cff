"""What a person counts of a return that no warehouse tells of: kept like a warehouse's document.

Each word is all that came so far, so that saying it again changes nothing, and a later word takes an earlier one's
place: a SKU that it names no more did not come.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.contract import Operation
from sync.domain.aftersales import RequestKind
from sync.domain.custody import Case
from sync.domain.outbox import OutboxState
from sync.domain.receipts import Condition, Disposal, Receipt, Tally
from sync.engine.refusals import CommandRefused
from sync.flows.flow import FlowName
from sync.store import audit, orders, outbox
from sync.store import cases as order_cases
from sync.store.back import cases, goods
from sync.store.back.cases import BackCase
from sync.store.database import Tx
from sync.store.events import add_event

Args = Mapping[str, Any]
_MOST = 1_000_000
_GONE = (OutboxState.REJECTED, OutboxState.WITHDRAWN)
CONDITIONS = {"damaged": Condition.DAMAGED, "wrong": Condition.WRONG}
DISPOSALS = {one.value: one for one in Disposal}
"""By the argument's name; what is neither damaged nor wrong is good."""


async def received(office: Any, args: Args) -> dict[str, Any]:
    """Units of each SKU that came back in all, by condition and by where they went; `complete`: no more will come."""
    async with office.store.write() as tx:
        case = await _case(tx, args["case"])
        order = None if case.order_id is None else await order_cases.load(tx, case.order_id)
        if order is None:
            raise CommandRefused(f"the order of {case.reference} is not known here")
        custody = await goods.custody(tx, case)
        id = goods.receipt_id(case.account_id, f"{goods.BY_HAND}{case.reference}")
        await _only_by_hand(tx, case, custody, id, anyway=bool(args.get("anyway")))
        said = _said(args, custody, id, tx.now(), complete=bool(args.get("complete")))
        changed = await goods.book(tx, case, said)
        units = {sku: tally.received for sku, tally in sorted(said.tallies.items()) if tally.received}
        if changed:
            await cases.reopen(tx, case.id)
            what = ", ".join(f"{count} × {sku}" for sku, count in units.items()) or "nothing"
            more = "; no more will come" if said.complete else ""
            await audit.record(
                tx, who=args["who"], what="return received", subject=case.reference, said=what + more
            )
            text = f"{case.reference}: {what} came back, says {args['who']}{more}"
            await add_event(tx, order.row.id, "received", text, by=args["who"])
    if changed:
        office.hint(case.account_id, FlowName.WAY_BACK)
    return {"case": case.reference, "received": units, "complete": said.complete, "changed": changed}


async def _case(tx: Tx, reference: str) -> BackCase:
    case = await cases.named(tx, reference)
    if case is None or case.state == cases.JOINED:
        raise CommandRefused(f"there is no case {reference}; see: entrepot returns list")
    if case.request_id is None:
        raise CommandRefused(f"nobody asked for {reference}: its warehouse counts it")
    kind = case.kind or RequestKind.RETURN
    if not kind.brings_back:
        raise CommandRefused(f"nothing comes back by {reference}: it is a {kind.value.replace('_', ' ')}")
    return case


async def _only_by_hand(tx: Tx, case: BackCase, custody: Case, id: str, *, anyway: bool) -> None:
    """Goods are counted in one place: what a warehouse counts, too, would count twice."""
    others = sorted(
        one.partition("/")[0] for one, receipt in custody.receipts.items() if one != id and receipt.arrived
    )
    if others:
        name = await orders.shop_name(tx, others[0])
        raise CommandRefused(f"{name} counts {case.reference}: have it corrected there")
    if anyway or case.order_id is None:
        return
    for row in await outbox.of_order(tx, case.order_id):
        announced = row.operation == Operation.ANNOUNCE_RETURN.value and row.state not in _GONE
        if announced and row.payload["case"] == case.id:
            name = await orders.shop_name(tx, row.account_id)
            raise CommandRefused(
                f"{name} expects {case.reference} and will count it; if the goods did not go there: --anyway"
            )


def _said(args: Args, custody: Case, id: str, now: int, *, complete: bool) -> Receipt:
    """The word as a receipt: what an earlier one named, and this does not, is zero."""
    known = {line.key[1] for line in custody.lines}
    total = _units(args.get("units") or {}, known)
    conditions = {one: _units(args.get(name) or {}, total) for name, one in CONDITIONS.items()}
    disposed = {one: _units(args.get(name) or {}, total) for name, one in DISPOSALS.items()}
    before = custody.receipts.get(id)
    as_of = now if before is None else max(now, before.as_of + 1)
    tallies = dict.fromkeys(before.tallies if before is not None else (), Tally(as_of, 0))
    for sku, count in total.items():
        found = {one: units[sku] for one, units in conditions.items() if units.get(sku)}
        went = {one: units[sku] for one, units in disposed.items() if units.get(sku)}
        for word, sum_ in (
            ("damaged or wrong", sum(found.values())),
            ("said to have gone", sum(went.values())),
        ):
            if sum_ > count:
                raise CommandRefused(f"{sum_} of {sku} are {word}, but {count} came back")
        good = count - sum(found.values())
        tallies[sku] = Tally(as_of, count, {Condition.GOOD: good, **found} if good else found, went)
    return Receipt(id, as_of, tallies, complete, by_hand=True)


def _units(given: Mapping[str, str], known: Iterable[str]) -> dict[str, int]:
    """Whole units by SKU, of SKUs that are known here."""
    found = {}
    for sku, text in given.items():
        if sku not in known:
            raise CommandRefused(
                f"{sku!r} is not among what comes back: {', '.join(sorted(known)) or 'nothing'}"
            )
        if not text.isascii() or not text.isdigit() or int(text) > _MOST:
            raise CommandRefused(f"{text!r} is no number of units of {sku}")
        found[sku] = int(text)
    return found
