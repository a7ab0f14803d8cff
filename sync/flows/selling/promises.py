"""From figures and reservations to what every listing shall show: gather, the one formula, store.

Called in the transaction that moved a figure, a reservation or a binding, so that stored offers never lag
behind what is known.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
from time import monotonic
from typing import Any

from connectors.contract import Kind
from sync.domain.clock import to_micros
from sync.domain.ids import AccountId, Sku
from sync.domain.stock import Promise, pieces, velocity_guard
from sync.flows.flow import FlowContext, FlowName
from sync.flows.selling import states, trusting
from sync.flows.selling.allotting import Shelf, kept_of, turned
from sync.flows.selling.explained import quantity_terms, sku_terms
from sync.store import moved, offers, sales, stock
from sync.store.database import Tx
from sync.store.guarded import SHARING
from sync.store.offers import Desired, Selling

_SLICE = 1000
_OF_ONE_SHOP = frozenset({"catalogue", "live"})
"""Causes that lie in one shop: its listings are others, or it went live."""


async def recompute(
    tx: Tx, ctx: FlowContext, skus: Iterable[str], cause: str, *, of: AccountId | None = None
) -> frozenset[AccountId]:
    """Work out again what the listings of these SKUs shall show. Returns accounts with unsent quantities.

    With `of`, what that shop's listings shall show: for what moves nothing but its own view, as rules laid on it.
    """
    unsent: set[AccountId] = set()
    ordered = sorted(set(skus))
    for start in range(0, len(ordered), _SLICE):
        mine = ordered[start : start + _SLICE]
        everyone = await offers.selling(tx, mine)
        sellers = [one for one in everyone if of is None or one.account_id == of]
        involved = {sku for seller in sellers for sku in seller.components}
        others = sorted(involved - set(mine))
        theirs = await offers.selling(tx, others, mates=False) if others else []
        claimants = claimants_by_sku(everyone + theirs)
        ctx, every = ctx.ruled_now(), sorted(involved)
        promises, kept = await promises_of(tx, ctx, every), await kept_of(tx, ctx, every)
        shelf = Shelf(ctx.rulebook, promises, kept, claimants)
        desired = [desire(ctx, seller, shelf) for seller in sellers]
        unsent |= await offers.want(
            tx, desired, cause=_cause_at(ctx, cause), config_version=ctx.rulebook.version
        )
        await states.look_again(tx, ctx, desired)
    return frozenset(unsent)


def _cause_at(ctx: FlowContext, cause: str) -> Callable[[Desired], str]:
    """What lies in one shop takes from the others, where they divide the goods evenly, what goes to that shop."""
    if cause not in _OF_ONE_SHOP:
        return lambda _: cause
    return lambda one: SHARING if one.account_id != ctx.account.id and _is_left_out(one) else cause


def _is_left_out(one: Desired) -> bool:
    """Whether a listing shows nothing because the few units there are went to others: no other rule made it so."""
    skus: Any = one.terms.get("skus", ())
    return one.quantity == 0 and any(
        term["promise"] > 0 and term["share"] == 0 and term["sharing"] > 1 and "from" not in term
        for term in skus
    )


async def settle(ctx: FlowContext) -> float:
    """Work out what a large intake has put off, and wake the pushes of what moved. Returns the seconds it took."""
    async with ctx.store.read() as tx:
        if not (await moved.waiting(tx)).notes:
            return 0.0
    begun = monotonic()
    async with ctx.store.write(ctx.fence) as tx:
        due = await moved.waiting(tx)
        unsent = await recompute(tx, ctx, due.skus, "order")
        await moved.done(tx, due)
    hint_pushes(ctx, unsent)
    return monotonic() - begun


async def turn(ctx: FlowContext, flow: FlowName) -> None:
    """Work out again the SKUs of reserves and pre-sales that have begun or ended since the last good pass."""
    async with ctx.store.read() as tx:
        skus = await turned(tx, ctx, flow)
    if not skus:
        return
    async with ctx.store.write(ctx.fence) as tx:
        unsent = await recompute(tx, ctx, skus, "reserve")
    hint_pushes(ctx, unsent)


def claimants_by_sku(sellers: Iterable[Selling]) -> dict[str, list[Selling]]:
    """Each SKU's sellers once, in the one order that decides who gets its odd units, whatever was asked for."""
    found: dict[str, list[Selling]] = {}
    once = {seller.listing_id: seller for seller in sellers}
    for seller in sorted(once.values(), key=lambda one: (one.account, one.external_id)):
        for sku in seller.components:
            found.setdefault(sku, []).append(seller)
    return found


def hint_pushes(ctx: FlowContext, accounts: Iterable[AccountId]) -> None:
    """Wake the pushes of these shops; call it after the commit."""
    for account in accounts:
        if account in ctx.accounts:
            ctx.hint(account, FlowName.PUSH_STOCK)


async def promises_of(tx: Tx, ctx: FlowContext, skus: list[str]) -> dict[str, Promise]:
    """The promise of each SKU, with its terms."""
    figures = await stock.figures(tx, skus)
    supplied = await trusting.figures(tx, ctx, skus, figures)
    since = ctx.clock.now() - timedelta(seconds=ctx.timing.velocity_window_seconds)
    sold = await sales.sold_since(tx, skus, to_micros(since))
    delay = ctx.timing.intervals.get(FlowName.ORDERS, 0) + ctx.timing.intervals.get(FlowName.PUSH_STOCK, 0)
    warehouses = {account.id for account in ctx.of_kind(Kind.WAREHOUSE)}
    return {
        sku: Promise(
            Sku(sku),
            tuple(figure for figure in figures.get(sku, []) if figure.warehouse in warehouses),
            safety=ctx.rulebook.safety(sku),
            velocity=velocity_guard(sold.get(sku, 0), ctx.timing.velocity_window_seconds, delay),
            suppliers=supplied.get(sku, ()),
        )
        for sku in skus
    }


def desire(ctx: FlowContext, seller: Selling, shelf: Shelf) -> Desired:
    """What one listing shall show, and every term of it. The shelf has all its SKUs."""
    mine = {sku: shelf.promises[sku] for sku in seller.components}
    if not all(promise.known for promise in mine.values()):
        return Desired(seller.listing_id, seller.account_id, seller.external_id, None, {"unknown": True})
    shares, buffers, terms = {}, {}, []
    for sku, promise in mine.items():
        allotment = shelf.allotment(sku, seller)
        share = allotment.units(seller.listing_id)
        buffer = ctx.rulebook.buffer(seller.account, sku, share)
        shares[Sku(sku)], buffers[Sku(sku)] = share, buffer
        terms.append(sku_terms(ctx, promise, allotment, seller, buffer))
    units = {Sku(sku): count for sku, count in seller.components.items()}
    whole = pieces(units, shares, buffers)
    potential = ctx.rulebook.stock.policy.shown(seller.account, whole)
    quantity = potential if seller.published else 0
    explained: dict[str, object] = {
        "quantity": quantity,
        "potential": potential,
        "published": seller.published,
        "skus": terms,
    }
    if potential != whole:
        explained |= quantity_terms(ctx.rulebook.stock.policy, seller.account, whole)
    return Desired(seller.listing_id, seller.account_id, seller.external_id, quantity, explained)
