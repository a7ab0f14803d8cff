"""What every listing would show by the rules of a context, worked out from what is stored and never written.

The same functions that decide for the store decide here, so that what is imagined is what would come. Listings that
the rules bind otherwise than they are bound now are told by `rebindings`; their quantities are worked out with it.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from sync.domain.ids import AccountId
from sync.domain.plan import DOWN, UP, Field
from sync.flows.flow import AccountView, FlowContext
from sync.flows.selling import contents, pricing, promises, states
from sync.flows.selling.allotting import Shelf, kept_of
from sync.flows.selling.binding import bindings
from sync.store import listings, offers, plans
from sync.store.database import Tx
from sync.store.offers import Selling
from sync.store.plans import StoredOffer

SLICE = 500


@dataclass(frozen=True, slots=True)
class Value:
    """What one listing would show; see `sync.domain.plan.PlanRow` for the texts. None: nothing would be ours."""

    desired: str | None
    terms: Mapping[str, object] = field(default_factory=dict)
    compare_at: str | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Rebound:
    """Listings (our ids) that other rules bind otherwise, with their components; none: bound to nothing."""

    components: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def skus(self) -> frozenset[str]:
        """Everything that they would sell."""
        return frozenset(sku for parts in self.components.values() for sku in parts)

    def selling(self, skus: Sequence[str]) -> list[str]:
        """Those that would sell one of these."""
        wanted = frozenset(skus)
        return [one for one, parts in self.components.items() if not wanted.isdisjoint(parts)]


NOTHING_REBOUND = Rebound()


async def rebindings(ctx: FlowContext, before: FlowContext, shops: Sequence[AccountView]) -> Rebound:
    """What the rules of `ctx` bind otherwise than it is stored. Nothing is looked at where `skus:` is the same."""
    if ctx.rulebook.skus == before.rulebook.skus:
        return NOTHING_REBOUND
    found: dict[str, Mapping[str, int]] = {}
    for shop in shops:
        after = ""
        while True:
            async with ctx.store.read() as tx:
                rows = await listings.present(tx, shop.id, after, SLICE)
                ids = [row.id for row in rows]
                stored = await plans.parts_of(tx, ids)
                wanted = await bindings(tx, ctx, rows)
            for one in ids:
                parts = dict(wanted[one].components or {})
                if parts != stored.get(one, {}):
                    found[one] = parts
            if len(rows) < SLICE:
                break
            after = ids[-1]
    return Rebound(found)


async def skus_in_slices(ctx: FlowContext, rebound: Rebound) -> AsyncIterator[list[str]]:
    """Every SKU that a listing sells, or would sell, in slices."""
    after, more = "", set(rebound.skus)
    while True:
        async with ctx.store.read() as tx:
            found = await offers.all_bound_skus(tx, after, SLICE)
        more.difference_update(found)
        if found:
            yield found
        if len(found) < SLICE:
            break
        after = found[-1]
    rest = sorted(more)
    for start in range(0, len(rest), SLICE):
        yield rest[start : start + SLICE]


async def listings_in_slices(ctx: FlowContext, shop: AccountId) -> AsyncIterator[list[str]]:
    """The ids of a shop's listings that are bound and present, in slices."""
    after = ""
    while True:
        async with ctx.store.read() as tx:
            found = await plans.bound_listings(tx, shop, after, SLICE)
        if found:
            yield found
        if len(found) < SLICE:
            return
        after = found[-1]


async def quantities(
    tx: Tx, ctx: FlowContext, skus: Sequence[str], rebound: Rebound = NOTHING_REBOUND
) -> dict[str, Value]:
    """By listing, what it would show: every listing of whose SKUs the first is one of these."""
    mine = frozenset(skus)
    sellers = await _sellers(tx, skus, rebound)
    involved = {sku for seller in sellers for sku in seller.components}
    others = sorted(involved - mine)
    claimants = promises.claimants_by_sku(sellers + (await _sellers(tx, others, rebound) if others else []))
    every = sorted(involved)
    promised, kept = await promises.promises_of(tx, ctx, every), await kept_of(tx, ctx, every)
    shelf = Shelf(ctx.rulebook, promised, kept, claimants)
    found = {}
    for seller in sellers:
        if min(seller.components) in mine:
            desired = promises.desire(ctx, seller, shelf)
            text = None if desired.quantity is None else str(desired.quantity)
            found[seller.listing_id] = Value(text, desired.terms)
    return found


async def _sellers(tx: Tx, skus: Sequence[str], rebound: Rebound) -> list[Selling]:
    stored = [one for one in await offers.selling(tx, skus) if one.listing_id not in rebound.components]
    changed = await plans.sellers(tx, rebound.selling(skus)) if rebound.components else []
    return stored + [replace(one, components=rebound.components[one.listing_id]) for one in changed]


async def prices(tx: Tx, ctx: FlowContext, listing_ids: Sequence[str]) -> dict[str, Value]:
    """By listing, what it would cost; one that no rule prices is not among them."""
    if not ctx.rulebook.prices.rules:
        return {}
    worked = await pricing.work_out(tx, ctx, listing_ids)
    return {
        one.listing_id: Value(one.price, one.terms, one.compare_at, one.currency) for one in worked.desired
    }


async def values_of(
    tx: Tx, ctx: FlowContext, shop: AccountView, field: Field, listing_ids: Sequence[str]
) -> dict[str, Value]:
    """By listing of one shop, what it would show in one field that is worked out listing by listing."""
    mine = replace(ctx, account=shop)
    if field is Field.PRICE:
        return await prices(tx, mine, listing_ids)
    if field is Field.STATE:
        return await _states(tx, mine, listing_ids)
    return await _contents(tx, mine, listing_ids)


async def _states(tx: Tx, ctx: FlowContext, listing_ids: Sequence[str]) -> dict[str, Value]:
    """Whether they would be up, by the quantities that are stored."""
    wanted = frozenset(listing_ids)
    if not ctx.rulebook.listing_rules.rules:
        return {}
    return {
        one.row.listing_id: Value(UP if one.desired else DOWN, one.terms)
        for one in await states.work_out(tx, ctx, listing_ids)
        if one.desired is not None and one.row.listing_id in wanted
    }


async def _contents(tx: Tx, ctx: FlowContext, listing_ids: Sequence[str]) -> dict[str, Value]:
    worked = await contents.work_out(tx, ctx, listing_ids)
    return {
        one.listing_id: Value(one.digest, msgspec.to_builtins(one.content), None) for one in worked.desired
    }


def laid_on(offer: StoredOffer, value: Value | None) -> StoredOffer:
    """A stored offer as it would be with another desired value."""
    if value is None:
        return replace(offer, desired=None)
    terms = msgspec.json.encode(value.terms).decode()
    same = (offer.desired, offer.desired_compare_at) == (value.desired, value.compare_at)
    return replace(
        offer,
        desired=value.desired,
        desired_compare_at=value.compare_at,
        currency=value.currency or offer.currency,
        terms=terms,
        retry_at=offer.retry_at if same else None,
    )
