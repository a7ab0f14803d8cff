"""Make a shop sell what it should: absolute quantities, against what it was just seen to sell.

    read the shop's figures ─► settled: acknowledge        (no write)
                            ├► lower:   write at once      (never wrong)
                            └► higher:  wait for an order intake begun after that reading, plan again,
                                        and write only what the other channels leave room for

An order that reaches the shop between the reading and the write still comes off: the connector writes on
the base of what was seen. So the channels together never show more than the promise, at any moment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from connectors.contract import Capability, Deadline, Done, Kind, Outcome, Rejected, Retry, SetQuantity
from connectors.contract.lanes import Lane, in_lane
from sync.domain.clock import to_micros
from sync.domain.listing import StockSeen
from sync.domain.pushing import PushPlan, Wanted, plan_push
from sync.domain.stock import Exposure, raise_allowed
from sync.flows.flow import FlowContext, FlowName, PassResult
from sync.flows.selling import guarding, trusting
from sync.flows.selling.allotting import Shelf, kept_of
from sync.flows.selling.guarding import Admitted
from sync.flows.selling.promises import promises_of, settle, turn
from sync.flows.side_by_side import side_by_side
from sync.store import exposure, issues, offers, stock
from sync.store.database import Tx
from sync.store.locking import lock_offers
from sync.store.offers import Selling, UnsentOffer

_BATCHES = 10
"""So many batches make a pass: one commit before them, and their calls follow one another without a pause."""
_SOON = timedelta(seconds=2)
_LATER = timedelta(seconds=15)


@dataclass(slots=True)
class _Tally:
    """What a pass may do, and what it did."""

    admitted: Admitted[UnsentOffer]
    sent: int = 0
    waiting: int = 0
    refused: int = 0
    lowered: bool = False


class PushStockFlow:
    """One shop's unsent quantities."""

    name = FlowName.PUSH_STOCK
    kinds = frozenset({Kind.STOREFRONT})
    lane = Lane.ORDERS
    observes = False

    async def run(self, ctx: FlowContext) -> PassResult:
        """Some batches of what is unsent, order-caused decreases first."""
        if not ctx.manifest.can(Capability.SET_QUANTITIES):
            return PassResult()
        await turn(ctx, self.name)
        limit = _BATCHES * ctx.manifest.limits.batch_items
        await settle(ctx)
        async with ctx.store.read() as tx:
            gate = await guarding.quantities(tx, ctx)
            found = await offers.unsent(tx, ctx.account.id, limit, gate.without)
            admitted = await gate.admit(tx, found)
        await guarding.tell(ctx, gate)
        unsent = admitted.rows
        if not unsent:
            return PassResult()
        read_at = ctx.clock.now()
        tally = _Tally(admitted)
        plan = plan_push(await _see(ctx, unsent, tally))
        await _settle(ctx, plan)
        await _write(ctx, plan.lower, tally)
        if plan.higher:
            with in_lane(Lane.STOCK_UP):
                await _raise(ctx, unsent, plan, read_at, tally)
        if tally.lowered:
            _wake_other_shops(ctx)
        return PassResult(
            more=len(found) == limit, handled=tally.sent, troubled=tally.refused + tally.waiting
        )


async def _see(ctx: FlowContext, unsent: Sequence[UnsentOffer], tally: _Tally) -> list[Wanted]:
    """What the shop sells now of each; those that it cannot tell of are put off, or refused."""
    if not ctx.manifest.can(Capability.READ_QUANTITIES):
        return [_wanted(offer, None) for offer in unsent]
    asked = [offer.external_id for offer in unsent]
    answers: dict[str, Outcome[StockSeen]] = {}
    for part in await side_by_side(ctx.manifest.limits, asked, partial(_ask, ctx)):
        answers |= part
    wanted, seen, later = [], {}, []
    async with ctx.store.write(ctx.fence) as tx:
        await lock_offers(tx, [offer.id for offer in unsent])
        for offer in unsent:
            answer = answers.get(offer.external_id)
            if isinstance(answer, Done) and answer.echo is not None:
                wanted.append(_wanted(offer, answer.echo))
                seen[offer.id] = answer.echo.available
            elif isinstance(answer, Rejected):
                await _refuse(tx, ctx, offer.id, offer.external_id, offer.desired, answer.reason)
                tally.refused += 1
            else:
                later.append(offer.id)
                tally.waiting += 1
        await exposure.seen(tx, seen)
        await offers.postpone(tx, later, to_micros(ctx.clock.now() + _LATER))
    return wanted


async def _ask(ctx: FlowContext, names: Sequence[str]) -> Mapping[str, Outcome[StockSeen]]:
    return await ctx.storefront.quantities(list(names), Deadline.after(ctx.timing.call_seconds))


def _wanted(offer: UnsentOffer, seen: StockSeen | None) -> Wanted:
    return Wanted(offer.id, offer.external_id, offer.location, offer.desired, seen)


async def _settle(ctx: FlowContext, plan: PushPlan) -> None:
    if plan.settled:
        async with ctx.store.write(ctx.fence) as tx:
            await lock_offers(tx, [item.offer for item in plan.settled])
            await offers.acknowledge(tx, {item.offer: item.desired for item in plan.settled})


async def _write(ctx: FlowContext, items: Sequence[Wanted], tally: _Tally) -> None:
    """Send quantities and store, item by item, what the shop says to each."""
    if not items:
        return
    mine = [item.offer for item in items]
    async with ctx.store.write(ctx.fence) as tx:
        await lock_offers(tx, mine)
        await exposure.about_to_send(tx, {item.offer: item.desired for item in items})
    await side_by_side(ctx.manifest.limits, items, partial(_send, ctx, tally))


async def _send(ctx: FlowContext, tally: _Tally, items: Sequence[Wanted]) -> None:
    """One batch."""
    batch = [SetQuantity(item.external_id, item.desired, item.location, item.seen) for item in items]
    answers = await ctx.storefront.set_quantities(batch, Deadline.after(ctx.timing.call_seconds))
    async with ctx.store.write(ctx.fence) as tx:
        await lock_offers(tx, [item.offer for item in items])
        echoed: dict[str, int] = {}
        for item in items:
            await _book(tx, ctx, item, answers.get(item.external_id), echoed, tally)
        await issues.clear_all(tx, [_key(offer) for offer in echoed])
        await offers.acknowledge(tx, echoed)
        await guarding.sent(tx, ctx, tally.admitted, echoed)
        odd = [item.offer for item in items if echoed.get(item.offer, item.desired) != item.desired]
        await offers.postpone(tx, odd, to_micros(ctx.clock.now() + _SOON))
    if odd:
        ctx.hint(ctx.account.id, FlowName.ORDERS)


async def _book(
    tx: Tx,
    ctx: FlowContext,
    item: Wanted,
    answer: Outcome[int] | None,
    echoed: dict[str, int],
    tally: _Tally,
) -> None:
    if isinstance(answer, Done):
        echoed[item.offer] = item.desired if answer.echo is None else answer.echo
        tally.sent += 1
        tally.lowered = True
    elif isinstance(answer, Rejected):
        await _refuse(tx, ctx, item.offer, item.external_id, item.desired, answer.reason)
        tally.refused += 1
    else:
        after = answer.after if isinstance(answer, Retry) and answer.after else _SOON
        await offers.postpone(tx, [item.offer], to_micros(ctx.clock.now() + after))
        tally.waiting += 1


async def _raise(
    ctx: FlowContext, unsent: Sequence[UnsentOffer], plan: PushPlan, read_at: datetime, tally: _Tally
) -> None:
    """Raise what still may be raised once the orders placed before the reading are all known."""
    if not await ctx.fresh(FlowName.ORDERS, read_at):
        await _put_off(ctx, plan.higher, tally)
        return
    by_offer = {offer.id: offer for offer in unsent}
    async with ctx.store.write(ctx.fence) as tx:  # two shops that raise at once must see one another
        still = await offers.still(tx, [item.offer for item in plan.higher])
        now = {offer.id: offer for offer in still if _as_admitted(offer, by_offer[offer.id])}
        again = plan_push([_wanted(now[item.offer], item.seen) for item in plan.higher if item.offer in now])
        allowed = await _allowed(tx, ctx, again.higher, by_offer)
        await lock_offers(tx, [item.offer for item in allowed])
        await exposure.about_to_send(tx, {item.offer: item.desired for item in allowed})
    await _settle(ctx, again)
    await _write(ctx, [*again.lower, *allowed], tally)
    waiting = [item for item in again.higher if item not in allowed]
    await _put_off(ctx, waiting, tally)


def _as_admitted(offer: UnsentOffer, before: UnsentOffer) -> bool:
    """Whether the guards have seen what it shall be now; what an order has caused needs none."""
    return offer.desired == before.desired or offer.cause == "order"


async def _put_off(ctx: FlowContext, items: Sequence[Wanted], tally: _Tally) -> None:
    if not items:
        return
    tally.waiting += len(items)
    mine = [item.offer for item in items]
    async with ctx.store.write(ctx.fence) as tx:
        await lock_offers(tx, mine)
        await offers.postpone(tx, mine, to_micros(ctx.clock.now() + _SOON))


async def _allowed(
    tx: Tx, ctx: FlowContext, items: Sequence[Wanted], offers_by_id: Mapping[str, UnsentOffer]
) -> list[Wanted]:
    """Those that fit into what their channel may sell, with all that other listings may be selling of it."""
    listing_of = {item.offer: offers_by_id[item.offer].listing_id for item in items}
    sellers = {one.listing_id: one for one in await offers.selling_of(tx, list(listing_of.values()))}
    skus = sorted({sku for one in sellers.values() for sku in one.components})
    everyone = await offers.selling(tx, skus)
    shelf = Shelf(ctx.rulebook, await promises_of(tx, ctx, skus), await kept_of(tx, ctx, skus))
    limits = {sku: shelf.limits(sku) for sku in skus}
    ceilings = await exposure.exposures(tx, [one.listing_id for one in everyone])
    confirmed = await _confirmed(tx, ctx, skus)
    result = []
    for item in items:
        mine = sellers.get(listing_of[item.offer])
        if mine is None or not confirmed.issuperset(mine.components):
            continue
        others = [one for one in everyone if one.listing_id != mine.listing_id]
        if all(
            raise_allowed(
                item.desired,
                units,
                limits[sku].against(mine.account, _exposed(others, sku, ceilings)),
                limits[sku].room(mine.account),
            )
            for sku, units in mine.components.items()
        ):
            result.append(item)
            ceilings[mine.listing_id] = item.desired
    return result


def _exposed(others: Sequence[Selling], sku: str, ceilings: Mapping[str, int | None]) -> list[Exposure]:
    """What other live listings may be selling of one SKU."""
    return [
        Exposure(other.listing_id, other.components[sku], ceilings.get(other.listing_id), other.account)
        for other in others
        if other.live and sku in other.components
    ]


async def _confirmed(tx: Tx, ctx: FlowContext, skus: list[str]) -> frozenset[str]:
    """The SKUs whose figure was confirmed lately: by a warehouse's full snapshot, or changes read since.

    One that no warehouse has confirmed needs a supplier whose list counts: its age is judged by its own rule.
    """
    stale = to_micros(ctx.clock.now() - timedelta(seconds=2 * ctx.timing.full_stock_seconds))
    found: set[str] = set()
    for warehouse in ctx.of_kind(Kind.WAREHOUSE):
        found |= await stock.confirmed_since(tx, warehouse.id, skus, stale)
    left = [sku for sku in skus if sku not in found]
    return frozenset(found) | await trusting.counted(tx, ctx, left, await stock.figures(tx, left))


async def _refuse(tx: Tx, ctx: FlowContext, offer: str, external_id: str, quantity: int, why: str) -> None:
    await offers.refuse(tx, offer, quantity, why)
    await issues.raise_issue(
        tx,
        key=_key(offer),
        kind="offer.refused",
        account_id=ctx.account.id,
        subject=f"{ctx.account.name}:{external_id}",
        what=f"{ctx.account.name} refuses the quantity {quantity} of {external_id}",
        why=why,
        todo="Look at the listing in the shop; the quantity is sent again when it changes.",
    )


def _key(offer: str) -> str:
    return f"offer.refused:{offer}"


def _wake_other_shops(ctx: FlowContext) -> None:
    """This shop may have made room for another's raise."""
    for shop in ctx.of_kind(Kind.STOREFRONT):
        if shop.id != ctx.account.id and shop.live:
            ctx.hint(shop.id, FlowName.PUSH_STOCK)
