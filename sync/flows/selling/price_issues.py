"""What people must hear of a shop's prices: what is missing for them, what the shop cannot do, what it refused."""

from connectors.contract import Capability
from sync.domain.price_push import PriceOut
from sync.flows.flow import FlowContext
from sync.flows.selling import inability
from sync.flows.selling.inability import Inability
from sync.flows.selling.pricing import COMPARE_AT, refused_key
from sync.store import issues, unsent_prices
from sync.store.database import Tx
from sync.store.issues import Issue
from sync.store.unsent_prices import Missing

_NAMED = 5
"""So many listings are named."""
_CANNOT = Inability(
    Capability.SET_PRICES,
    kind="price.cannot",
    unsent=unsent_prices.count_unsent,
    what="the connector {connector} cannot set prices: {shop} keeps its own",
    why="{unsent} price(s) by the rules are not what the shop shows",
    todo="Set them in the shop by hand, or leave {shop} out of the rules under `prices:`.",
)


async def tell(ctx: FlowContext) -> None:
    """Open, renew and close the issues of the shop's prices as a whole; written only where something changed."""
    await inability.tell(ctx, _CANNOT)
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
