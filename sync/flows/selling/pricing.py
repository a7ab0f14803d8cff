"""From rules and facts to what every listing shall cost: gather, the rulebook, store.

Called in the transaction that moved what a price rests on (a binding, a supplier's cost, the rules), for the
listings alone that rest on it, so that stored prices never lag behind what is known. What moves by time alone is
looked for by the price push (sync.flows.selling.push_prices).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from connectors.contract import Capability
from mappings.facts import OfferFacts
from sync.domain.clock import from_micros
from sync.domain.ids import AccountId
from sync.domain.listing import RemoteVariant
from sync.domain.money import price_text
from sync.domain.price_push import BASE_LASTS, NONE, base_of, promotions_of, step
from sync.domain.pricing import BeyondLimit, PriceWanted
from sync.domain.promotions import CappedPromotion
from sync.flows.flow import FlowContext, FlowName
from sync.flows.selling.offer_facts import facts_of
from sync.store import issues, offer_facts, offer_prices, price_answers, unsent_prices
from sync.store.database import Tx
from sync.store.locking import lock_skus
from sync.store.offer_facts import BETWEEN, Listed
from sync.store.offer_prices import DesiredPrice
from sync.store.unsent_prices import Kept

SLICE = 500
COMPARE_AT = "compare_at"
"""What a price lacks whose shop cannot show the struck-out price: it is there without."""
_AGAIN = timedelta(minutes=1)
_AMOUNT = re.compile(r"comes to -?[0-9][0-9.E+-]*( [A-Z]{3})?")


@dataclass(slots=True)
class Sales:
    """Pieces sold in promotions with a limit, each counted once for all listings that ask."""

    tx: Tx
    ctx: FlowContext
    _counted: dict[CappedPromotion, int] = field(default_factory=dict)

    async def of(self, promotion: CappedPromotion) -> int:
        """Pieces that were ordered since it began, on all shops that it is for."""
        if promotion not in self._counted:
            shops = [view.id for view in self.ctx.accounts.values() if view.name in promotion.accounts]
            sold = await offer_facts.sold(self.tx, promotion.name, shops, promotion.since)
            self._counted[promotion] = sold
        return self._counted[promotion]


@dataclass(frozen=True, slots=True)
class WorkedOut:
    """What listings shall cost, and those whose price no rule makes."""

    desired: tuple[DesiredPrice, ...]
    left: tuple[str, ...]


async def reprice(tx: Tx, ctx: FlowContext, listing_ids: Iterable[str], cause: str) -> frozenset[AccountId]:
    """Work out again what these listings shall cost. Returns accounts whose push has something to do."""
    woken: set[AccountId] = set()
    ordered = sorted(set(listing_ids))
    for start in range(0, len(ordered), SLICE):
        mine = ordered[start : start + SLICE]
        if tx.beside_others:
            await lock_skus(tx, await offer_facts.skus_of(tx, mine))
        ctx = ctx.ruled_now()
        worked = await work_out(tx, ctx, mine)
        stored = await offer_prices.want(tx, worked.desired, cause=cause, config_version=ctx.rulebook.version)
        freed = stored.freed + await offer_prices.release(tx, worked.left)
        await issues.clear_all(tx, [refused_key(listing) for listing in freed])
        woken |= stored.accounts
    return frozenset(woken)


async def reprice_page(
    tx: Tx,
    ctx: FlowContext,
    variants: Sequence[RemoteVariant],
    changed: Sequence[str],
    begun_at: datetime,
) -> frozenset[AccountId]:
    """What a page of listings, read from `begun_at` on, moves: what the shop shows, and what it was refused for.

    `changed` are the listings (our ids) that are new, or not what they were. Returns as `reprice` does, and the
    shop where it shows another price than the one that it said last.
    """
    tried = await price_answers.forget_refusals(tx, changed)
    shown = await price_answers.note_shown(tx, ctx.account.id, variants, begun_at)
    await issues.clear_all(tx, [refused_key(listing) for listing in sorted({*tried, *shown.settled})])
    woken = await reprice(tx, ctx, changed, "catalogue")
    return woken | ({ctx.account.id} if shown.moved else set())


async def reprice_skus(tx: Tx, ctx: FlowContext, skus: Iterable[str], cause: str) -> frozenset[AccountId]:
    """The same for every listing that sells one of these SKUs."""
    wanted = sorted(set(skus))
    await lock_skus(tx, wanted)
    return await reprice(tx, ctx, await offer_facts.listings_of(tx, wanted), cause)


async def work_out(
    tx: Tx, ctx: FlowContext, listing_ids: Sequence[str], sales: Sales | None = None
) -> WorkedOut:
    """What these listings shall cost by the rules in `ctx` now; nothing is written."""
    sales = sales or Sales(tx, ctx)
    now = ctx.clock.now()
    rows = await offer_facts.listed(tx, listing_ids)
    facts = await facts_of(tx, ctx, rows)
    desired: list[DesiredPrice] = []
    by_steps: dict[str, PriceWanted] = {}
    for row in rows:
        known = facts[row.listing_id]
        capped = ctx.rulebook.capped(known, now)
        if capped:
            known = replace(known, sold={one.name: await sales.of(one) for one in capped})
        wanted = ctx.rulebook.price(known, now)
        if wanted is not None:
            desired.append(_desired(ctx, row, known, wanted, [one.name for one in capped], now))
            if wanted.beyond_limit is BeyondLimit.LIMIT and wanted.largest_move is not None:
                by_steps[row.listing_id] = wanted
    if by_steps:
        kept = await unsent_prices.kept(tx, sorted(by_steps))
        desired = [_stepwise(one, by_steps.get(one.listing_id), kept, now) for one in desired]
    managed = {one.listing_id for one in desired}
    return WorkedOut(tuple(desired), tuple(one for one in listing_ids if one not in managed))


def _desired(
    ctx: FlowContext,
    row: Listed,
    facts: OfferFacts,
    wanted: PriceWanted,
    capped: Sequence[str],
    now: datetime,
) -> DesiredPrice:
    missing = _missing(facts, wanted)
    soon = wanted.next_at is not None and wanted.next_at <= now
    return DesiredPrice(
        listing_id=row.listing_id,
        account_id=row.account_id,
        external_id=row.external_id,
        currency=facts.currency,
        price=None if missing or wanted.price is None else price_text(wanted.price, facts.currency),
        compare_at=None if missing else _compare_at(ctx, row, wanted),
        shown=None if row.price is None else price_text(row.price, facts.currency),
        terms={**wanted.terms, "missing": missing} if missing else _terms(wanted),
        missing=_alike(missing, facts) or _lacking(ctx, row, wanted),
        next_at=now + _AGAIN if soon else wanted.next_at,
        capped=BETWEEN.join(sorted(capped)) or None,
    )


def _stepwise(
    item: DesiredPrice, wanted: PriceWanted | None, kept: Mapping[str, Kept], now: datetime
) -> DesiredPrice:
    """As far as the price may move today, where its rule has it move by steps; promotions go all the way."""
    before = kept.get(item.listing_id, Kept(None, None, item.shown, "{}"))
    if wanted is None or item.price is None or promotions_of(item.terms) or before.promoted:
        return item
    base, base_at = base_of(before.base, before.base_at, before.acked, now)
    if base is None or base_at is None or wanted.largest_move is None:
        return item
    price = step(Decimal(item.price), Decimal(base), wanted.largest_move, _least(wanted), item.currency)
    if price is None:
        return item
    again = from_micros(base_at) + BASE_LASTS
    struck = item.compare_at
    return replace(
        item,
        price=price_text(price, item.currency),
        compare_at=NONE if struck and Decimal(struck) <= price else struck,
        terms={**item.terms, "step": {"from": base, "towards": item.price}},
        next_at=again if item.next_at is None else min(again, item.next_at),
    )


def _missing(facts: OfferFacts, wanted: PriceWanted) -> str:
    """Why there is no price, "" where there is one."""
    if not facts.currency:
        return "the shop's currency"
    if wanted.price is None:
        return wanted.missing or "something that its rule wants"
    if wanted.currency != facts.currency:
        return f"a price in {facts.currency}"
    return "" if wanted.price > 0 else "a price above 0"


def strikes_out(ctx: FlowContext, account: AccountId) -> bool:
    """Whether that shop can show a struck-out price beside the price."""
    manifest = ctx.manifests.get(account)
    return manifest is not None and manifest.can(Capability.COMPARE_AT)


def _compare_at(ctx: FlowContext, row: Listed, wanted: PriceWanted) -> str | None:
    """One that is not above the price is none: it would be no reduction."""
    if not wanted.sets_compare_at or not strikes_out(ctx, row.account_id):
        return None
    price = wanted.price or Decimal(0)
    if wanted.compare_at is None or wanted.compare_at <= price:
        return NONE
    return price_text(wanted.compare_at, wanted.currency)


def _alike(missing: str, facts: OfferFacts) -> str:
    """The same words for all listings that lack the same: without their SKUs and amounts."""
    for sku, _ in facts.components:
        missing = missing.replace(f" of {sku} ", " ")
    return _AMOUNT.sub("comes to an amount", missing)


def _lacking(ctx: FlowContext, row: Listed, wanted: PriceWanted) -> str:
    """What the shop cannot show of it; "" where it can show all."""
    lost = wanted.sets_compare_at and wanted.compare_at is not None
    return COMPARE_AT if lost and not strikes_out(ctx, row.account_id) else ""


def _terms(wanted: PriceWanted) -> Mapping[str, object]:
    """The rule's terms, and its limits for the guards as numbers in text."""
    limits = {"least": _least(wanted), "largest_move": wanted.largest_move}
    return {
        **wanted.terms,
        **{name: format(value, "f") for name, value in limits.items() if value is not None},
    }


def _least(wanted: PriceWanted) -> Decimal | None:
    """The floor, or the lowest advertised price where that is higher."""
    return max((value for value in (wanted.floor, wanted.least) if value is not None), default=None)


def refused_key(listing: str) -> str:
    """The issue of a price that the shop refused."""
    return f"price.refused:{listing}"


def hint_prices(ctx: FlowContext, accounts: Iterable[AccountId]) -> None:
    """Wake the price pushes of these shops; call it after the commit."""
    for account in accounts:
        if account in ctx.accounts:
            ctx.hint(account, FlowName.PUSH_PRICES)
