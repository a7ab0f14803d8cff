"""What of the suppliers' stock is believed now: their figures, the age of their lists, and what they refused."""

from collections.abc import Mapping, Sequence

from sync.domain.stock import Figure
from sync.domain.supply import Standing, SupplierFigure, judge
from sync.flows.flow import FlowContext
from sync.store import offered
from sync.store.database import Tx


async def figures(
    tx: Tx, ctx: FlowContext, skus: Sequence[str], stored: Mapping[str, Sequence[Figure]]
) -> dict[str, tuple[SupplierFigure, ...]]:
    """By SKU, each drop-ship supplier's figure as far as it counts. `stored` are the figures of all accounts."""
    names: dict[str, str] = {account.id: account.name for account in ctx.senders}
    if not names:
        return {}
    begun = await offered.begun(tx)
    refused = await offered.doubted(tx, skus)
    found = {}
    for sku in skus:
        judged = tuple(
            judge(
                figure.warehouse,
                figure.on_hand,
                figure.reserved,
                trust=ctx.rulebook.trust(names[figure.warehouse]),
                list_begun=begun.get(figure.warehouse),
                refused=(figure.warehouse, sku) in refused,
                now=ctx.clock.now(),
            )
            for figure in stored.get(sku, ())
            if figure.warehouse in names
        )
        if judged:
            found[sku] = judged
    return found


async def counted(
    tx: Tx, ctx: FlowContext, skus: Sequence[str], stored: Mapping[str, Sequence[Figure]]
) -> frozenset[str]:
    """Those SKUs of which a supplier's figure counts now."""
    found = await figures(tx, ctx, skus, stored)
    return frozenset(
        sku for sku, rows in found.items() if any(row.standing is Standing.COUNTED for row in rows)
    )
