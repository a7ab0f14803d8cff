"""Which SKUs a listing sells and an order line wants: the rulebook decides, over SKUs that exist."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from mappings import Bound as RuleBound
from mappings import Unbound, UnboundReason
from sync.domain.ids import AccountId
from sync.domain.listing import RemoteVariant
from sync.flows.flow import FlowContext
from sync.store import cases, issues, listings, replaying, stock
from sync.store.cases import StoredCase, StoredLine
from sync.store.database import Tx
from sync.store.listings import Bound, ListingRow

IGNORED = Unbound(UnboundReason.IGNORED).text


async def bind_listings(tx: Tx, ctx: FlowContext, rows: Sequence[ListingRow]) -> frozenset[str]:
    """Bind listings (again). What cannot be bound becomes an issue; returns SKUs whose shares this moves.

    One that was bound to nothing for the same reason before was told then, and stays settled if a person settled it.
    """
    ctx = ctx.ruled_now()
    bounds = await bindings(tx, ctx, rows)
    moved = await listings.bind(tx, bounds, ctx.rulebook.version)
    fine = {row.id for row in rows if _is_fine(row, bounds[row.id])}
    await issues.clear_all(tx, [_key(row.id) for row in rows if row.id in fine])
    for row in rows:
        if row.id not in fine and bounds[row.id].reason != row.reason:
            await _tell(tx, ctx, row, bounds[row.id])
    return moved


def _is_fine(row: ListingRow, bound: Bound) -> bool:
    """Whether nobody need hear of it: it is bound, or nobody sees it, or an admin wants nothing to do with it."""
    return bound.components is not None or not row.remote.published or bound.reason == IGNORED


async def bindings(tx: Tx, ctx: FlowContext, rows: Sequence[ListingRow]) -> dict[str, Bound]:
    """What the rules bind these listings to, by our ids; nothing is written."""
    decided = await _decide(tx, ctx, [(ctx.accounts[row.account_id].name, row.remote) for row in rows])
    return {row.id: bound for row, bound in zip(rows, decided, strict=True)}


async def _decide(tx: Tx, ctx: FlowContext, variants: Sequence[tuple[str, RemoteVariant]]) -> list[Bound]:
    """By the rulebook; the SKUs that it could lead to are looked up once for all of them."""
    first = [ctx.rulebook.bind(shop, variant) for shop, variant in variants]
    named: set[str] = {
        sku for verdict in first if isinstance(verdict, RuleBound) for sku, _ in verdict.components
    }
    named |= {text for _, variant in variants for text in (variant.sku, variant.gtin) if text}
    known = await stock.known_skus(tx, sorted(named))
    return [_verdict(ctx, shop, variant, known) for shop, variant in variants]


def _verdict(ctx: FlowContext, shop: str, variant: RemoteVariant, known: frozenset[str]) -> Bound:
    verdict = ctx.rulebook.bind(shop, variant, known=known)
    if not isinstance(verdict, RuleBound):
        return Bound(None, verdict.text)
    missing = [sku for sku, _ in verdict.components if sku not in known]
    if missing:
        return Bound(None, f"no warehouse carries SKU {', '.join(missing)}")
    components: dict[str, int] = {}
    for sku, units in verdict.components:
        components[sku] = components.get(sku, 0) + units
    return Bound(components)


async def _tell(tx: Tx, ctx: FlowContext, row: ListingRow, bound: Bound) -> None:
    shop = ctx.accounts[row.account_id].name
    await issues.raise_issue(
        tx,
        key=_key(row.id),
        kind="listing.unbound",
        account_id=row.account_id,
        subject=f"{shop}:{row.remote.external_id}",
        what=f"listing {row.remote.title!r} on {shop} is not matched to a SKU",
        why=bound.reason or "",
        todo="Give it a SKU that a warehouse carries, or add to mappings/skus.yaml, under overrides: "
        f'- {{listing: "{shop}:{row.remote.external_id}", sku: "…"}}',
    )


def _key(listing: str) -> str:
    return f"listing.unbound:{listing}"


async def bind_order(tx: Tx, ctx: FlowContext, case: StoredCase) -> tuple[StoredLine, ...]:
    """Bind the lines of an order that are not bound yet, by their listing or by the SKU that they carry."""
    open_lines = [line for line in case.lines if line.components is None]
    if not open_lines:
        return case.lines
    account = AccountId(case.row.account_id)
    shop = ctx.accounts[account].name
    variants = [line.variant_external_id for line in open_lines if line.variant_external_id]
    by_listing = await listings.components(tx, account, variants)
    decided = await _decide(tx, ctx, [(shop, _as_variant(line)) for line in open_lines])
    found = {
        line.id: _for_line(by_listing.get(line.variant_external_id or ""), bound)
        for line, bound in zip(open_lines, decided, strict=True)
    }
    changed = {
        line.id: found[line.id] for line in open_lines if found[line.id] != (line.components, line.reason)
    }
    await cases.bind_lines(tx, changed)
    return tuple(_with(line, found) for line in case.lines)


async def lines_by_rules(tx: Tx, ctx: FlowContext, case: StoredCase) -> tuple[StoredLine, ...]:
    """The lines of an order as the rules of `ctx` would bind them, whatever they are bound to; nothing is written."""
    account = AccountId(case.row.account_id)
    shop = ctx.accounts[account].name
    named = [line.variant_external_id for line in case.lines if line.variant_external_id]
    listed = await replaying.as_listed(tx, account, named)
    variants = [(shop, listed.get(line.variant_external_id or "", _as_variant(line))) for line in case.lines]
    decided = await _decide(tx, ctx, variants)
    return tuple(
        replace(line, components=bound.components, reason=bound.reason)
        for line, bound in zip(case.lines, decided, strict=True)
    )


def _for_line(listed: dict[str, int] | None, bound: Bound) -> tuple[dict[str, int] | None, str | None]:
    if listed:
        return listed, None
    return (dict(bound.components), None) if bound.components is not None else (None, bound.reason)


def _with(line: StoredLine, found: dict[str, tuple[dict[str, int] | None, str | None]]) -> StoredLine:
    if line.id not in found:
        return line
    components, reason = found[line.id]
    return replace(line, components=components, reason=reason)


def _as_variant(line: StoredLine) -> RemoteVariant:
    """A line may outlive its listing: what it carries itself is enough to bind it."""
    return RemoteVariant(
        external_id=line.variant_external_id or "",
        product_external_id="",
        sku=line.remote_sku,
        title=line.title,
        price=Decimal(line.unit_price) if line.unit_price else None,
    )


def unbound_titles(lines: Iterable[StoredLine]) -> tuple[tuple[str, str], ...]:
    """(title or SKU, reason) of lines that are still wanted and not bound."""
    return tuple(
        (line.remote_sku or line.title or line.external_id, line.reason or "no SKU")
        for line in lines
        if line.components is None and line.quantity > line.shipped_elsewhere
    )
