"""What people must hear of a shop's prices: what is missing or never sent, what the shop cannot do or refused."""

from connectors.contract import Capability
from sync.domain.price_push import PriceOut
from sync.flows.flow import FlowContext
from sync.flows.selling import inability
from sync.flows.selling.inability import Inability
from sync.flows.selling.pricing import COMPARE_AT, refused_key
from sync.store import issues, unsent_prices
from sync.store.database import Tx
from sync.store.issues import Issue
from sync.store.unsent_prices import Missing, UnderFloor

_NAMED = 5
"""So many listings are named."""
_UNDER_FLOOR = "price.under_floor:"
"""Begins the keys of these issues; our id of the listing follows."""
_FIRST = 50
"""So many listings of a shop have an issue of their own at once; the others when these are settled."""
_CANNOT = Inability(
    Capability.SET_PRICES,
    kind="price.cannot",
    unsent=unsent_prices.count_unsent,
    what="the connector {connector} cannot set prices: {shop} keeps its own",
    why="{unsent} price(s) by the rules are not what the shop shows",
    todo="Set them in the shop by hand, or leave {shop} out of the rules under `prices:`.",
)


async def tell(ctx: FlowContext) -> None:
    """Open, renew and close the issues of the shop's prices; written only where something changed."""
    await inability.tell(ctx, _CANNOT)
    await _tell_under_floor(ctx)
    async with ctx.store.read() as tx:
        missing = await unsent_prices.missing(tx, ctx.account.id, _NAMED)
        told = await issues.list_open(tx, account_id=ctx.account.id, kind="price.missing")
        told += await issues.list_open(tx, account_id=ctx.account.id, kind="price.compare_at")
    wanted = {_missing_key(ctx, one): one for one in missing}
    news = [one for key, one in wanted.items() if not _is_told(told, key, _why(one))]
    gone = [issue.key for issue in told if issue.key not in wanted]
    if not news and not gone:
        return
    async with ctx.store.write(ctx.fence) as tx:
        await issues.clear_all(tx, gone)
        for one in news:
            await _tell_missing(tx, ctx, one)


def _is_told(told: list[Issue], key: str, why: str) -> bool:
    return any(issue.key == key and issue.why == why for issue in told)


def _why(one: Missing) -> str:
    others = one.count - len(one.first)
    named = ", ".join(one.first)
    return f"{one.count} listing(s): {named}" + (f" and {others} more" if others > 0 else "")


async def _tell_missing(tx: Tx, ctx: FlowContext, one: Missing) -> None:
    shop, lacks = ctx.account.name, one.what == COMPARE_AT
    await issues.raise_issue(
        tx,
        key=_missing_key(ctx, one),
        kind="price.compare_at" if lacks else "price.missing",
        account_id=ctx.account.id,
        subject=shop,
        what=f"{shop} cannot show struck-out prices: it has the prices alone"
        if lacks
        else f"prices on {shop} cannot be worked out: {one.what}",
        why=_why(one),
        todo=f"Leave `compare_at` out of the rules for {shop}, or settle this if the price alone will do."
        if lacks
        else "The shop keeps the prices that it has. Add what is missing to the table that `goods:` or `rates:` "
        "names, or change the rule.",
    )


async def _tell_under_floor(ctx: FlowContext) -> None:
    """Pricing makes no such price; where there is one all the same, a person hears why the shop is not told it."""
    async with ctx.store.read() as tx:
        open_now = await issues.list_open(tx, account_id=ctx.account.id, kind="price.under_floor")
        told = {issue.key: issue for issue in open_now}
        listings = [key.removeprefix(_UNDER_FLOOR) for key in told]
        found = await unsent_prices.under_floor(tx, ctx.account.id, _FIRST, listings)
    wanted = {f"{_UNDER_FLOOR}{one.listing}": one for one in found}
    gone = [key for key in told if key not in wanted]
    fresh = [key for key in wanted if key not in told][: max(0, _FIRST - len(told) + len(gone))]
    moved = [key for key in told if key in wanted and told[key].what != _under_floor(ctx, wanted[key])]
    if not fresh and not gone and not moved:
        return
    async with ctx.store.write(ctx.fence) as tx:
        await issues.clear_all(tx, gone)
        for key in (*moved, *fresh):
            await _raise_under_floor(tx, ctx, key, wanted[key])


def _under_floor(ctx: FlowContext, one: UnderFloor) -> str:
    return (
        f"the price {one.price} {one.currency} of {one.variant} on {ctx.account.name} is below {one.least}, its "
        "floor or the least that may be advertised"
    )


async def _raise_under_floor(tx: Tx, ctx: FlowContext, key: str, one: UnderFloor) -> None:
    shop = ctx.account.name
    keeps = f"keeps {one.acked}" if one.acked else "keeps the price that it has"
    await issues.raise_issue(
        tx,
        key=key,
        kind="price.under_floor",
        account_id=ctx.account.id,
        subject=f"{shop}:{one.variant}",
        what=_under_floor(ctx, one),
        why=f"no price rule makes such a price, so something is wrong; it is never sent, and {shop} {keeps}",
        todo=f"See how it was made: entrepot explain SKU --account {shop}. It is worked out anew when its rule, its "
        "row in the goods table or its supplier's cost changes. If those are right, report it: it is an error of the "
        "program.",
    )


async def tell_refused(tx: Tx, ctx: FlowContext, item: PriceOut, why: str) -> None:
    """The shop refused one price."""
    shop = ctx.account.name
    await issues.raise_issue(
        tx,
        key=refused_key(item.listing),
        kind="price.refused",
        account_id=ctx.account.id,
        subject=f"{shop}:{item.variant}",
        what=f"{shop} refuses the price {item.price} {item.currency} of {item.variant}",
        why=why,
        todo="Look at the listing in the shop; the price is sent again when it or the listing changes.",
    )


def _missing_key(ctx: FlowContext, one: Missing) -> str:
    kind = "price.compare_at" if one.what == COMPARE_AT else "price.missing"
    return f"{kind}:{ctx.account.id}:{one.what}"
