"""What stored data know, for lint: which names were seen, and how much each rule would decide of what is there.

The rules are tried on the newest orders and parcels and on the present offers, for so many seconds at most. Notes
and postal codes are opened for the rules alone, and are in nothing that is told.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta

from connectors.contract import Kind
from mappings.known import Facts, Rule, matches_of_offer, matches_of_order, matches_of_parcel
from sync.domain.clock import to_micros
from sync.domain.ids import AccountId, OrderId
from sync.flows.flow import FlowContext, FlowName
from sync.flows.orders.facts import order_facts, parcel_facts
from sync.flows.selling.offer_facts import facts_of
from sync.store import cases, knowledge, offer_facts, offered, orders
from sync.store.cases import StoredCase
from sync.store.database import Tx
from sync.store.sealing import Unsealable

_SLICE = 200
_TROUBLES = (ValueError, LookupError, TypeError, ArithmeticError, Unsealable)
Step = Callable[[int], None]
"""So many more records were looked at."""


async def learn(ctx: FlowContext, *, days: int, seconds: float, step: Step = lambda more: None) -> Facts:
    """Try the rules of `ctx` on what is stored: at most so many seconds on orders, and as many on offers."""
    since = to_micros(ctx.clock.now() - timedelta(days=days))
    shops = [shop.id for shop in ctx.of_kind(Kind.STOREFRONT)]
    tally = _Tally(ctx, step)
    await tally.orders(shops, since, time.monotonic() + seconds)
    await tally.offers(shops, time.monotonic() + seconds)
    async with ctx.store.read() as tx:
        tags, services = await knowledge.words(tx, since)
        skus, shops_read = await _skus(tx, ctx), await _shops_read(tx, ctx)
        return Facts(
            days=days,
            skus=skus,
            unseen=await _unseen(tx, ctx, skus) if len(shops_read) == len(shops) else frozenset(),
            shops_read=shops_read,
            listings=await knowledge.listings_named(tx, ctx.rulebook.skus.overrides),
            carriers=await knowledge.carriers(tx, since),
            tags=tags,
            services=services,
            looked_at=dict(tally.looked_at),
            newest_only=frozenset(tally.cut_short),
            matched=dict(tally.matched),
        )


async def _skus(tx: Tx, ctx: FlowContext) -> frozenset[str]:
    """None where a warehouse or supplier has not been read to the end yet: it may have what is missing."""
    for kind, flow in ((Kind.WAREHOUSE, FlowName.STOCK), (Kind.SUPPLIER, FlowName.OFFERS)):
        accounts = {view.id for view in ctx.of_kind(kind)}
        if await knowledge.read_whole(tx, accounts, flow.value) != accounts:
            return frozenset()
    return await knowledge.skus(tx)


async def _unseen(tx: Tx, ctx: FlowContext, known: frozenset[str]) -> frozenset[str]:
    """None where there is nothing to compare with. `known` are all SKUs of warehouses and suppliers."""
    if not known:
        return frozenset()
    named = {sku for table in ctx.rulebook.tables for sku in table.skus() if sku not in known}
    return await knowledge.never_listed(tx, named)


async def _shops_read(tx: Tx, ctx: FlowContext) -> frozenset[str]:
    names = {shop.id: shop.name for shop in ctx.of_kind(Kind.STOREFRONT)}
    return frozenset(names[id] for id in await knowledge.read_whole(tx, names, FlowName.CATALOGUE.value))


class _Tally:
    """Counts what each rule matches."""

    def __init__(self, ctx: FlowContext, step: Step) -> None:
        self._ctx = ctx
        self._step = step
        self.matched: Counter[Rule] = Counter()
        self.looked_at: Counter[str] = Counter()
        self.cut_short: set[str] = set()

    async def orders(self, shops: Sequence[AccountId], since: int, until: float) -> None:
        before: str | None = None
        while True:
            async with self._ctx.store.read() as tx:
                ids = await knowledge.newest_orders(tx, shops, since, before, _SLICE)
                for order_id in ids:
                    if time.monotonic() > until:
                        self.cut_short |= {"orders", "parcels"}
                        return
                    await self._order(tx, order_id)
            self._step(len(ids))
            if len(ids) < _SLICE:
                return
            before = ids[-1]

    async def _order(self, tx: Tx, order_id: str) -> None:
        """One that cannot be looked at is passed over: it says nothing about the rules."""
        try:
            case = await cases.load(tx, order_id)
            if case is not None:
                await self._case(tx, case)
        except _TROUBLES:
            return

    async def _case(self, tx: Tx, case: StoredCase) -> None:
        ctx, rules = self._ctx, self._ctx.rulebook
        names = {account.id: account.name for account in ctx.senders}
        skus = sorted({sku for line in case.lines for sku in line.components or {}})
        having = await offered.carriers_of(tx, skus) if names else {}
        suppliers = {
            sku: frozenset(names[AccountId(one)] for one in ids if one in names)
            for sku, ids in having.items()
        }
        buyer = await orders.buyer(tx, OrderId(case.row.id))
        facts = order_facts(ctx, case, case.lines, buyer, suppliers)
        self._count("orders", set(matches_of_order(rules, facts)))
        works = {work.id: work for work in case.work}
        for parcel in case.parcels:
            work = works.get(parcel.fulfilment_id)
            if work is not None:
                about = parcel_facts(ctx, facts, work, parcel)
                self._count("parcels", set(matches_of_parcel(rules, about)))

    async def offers(self, shops: Sequence[AccountId], until: float) -> None:
        """The present offers; of a catalogue too large for the time, the first of them."""
        after = ""
        while time.monotonic() < until:
            async with self._ctx.store.read() as tx:
                ids = await knowledge.bound_listings(tx, shops, after, _SLICE)
                rows = await offer_facts.listed(tx, ids)
                for facts in (await facts_of(tx, self._ctx, rows)).values():
                    self._count("offers", set(matches_of_offer(self._ctx.rulebook, facts)))
            self._step(len(ids))
            if len(ids) < _SLICE:
                return
            after = ids[-1]
        self.cut_short.add("offers")

    def _count(self, what: str, rules: set[Rule]) -> None:
        self.looked_at[what] += 1
        self.matched.update(rules)
