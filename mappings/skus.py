"""Binding: which physical goods one unit of a shop's listing is. One listing unit = Σ components.

Overrides come first, then the ways of `match` in their order. Where the caller knows which SKUs exist, the
first way that leads to existing ones wins; where none does, the first way that gave anything is returned,
so that the order is held under a SKU that a person can recognise.
"""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sync.domain.ids import Sku
from sync.domain.listing import RemoteVariant
from sync.domain.sku import normal_sku

Components = tuple[tuple[Sku, int], ...]
ListingKey = tuple[str, str]
"""(account, or `*` for every shop; external id, product/variant, or `sku=` and the shop's own SKU)"""


@dataclass(frozen=True, slots=True)
class Bound:
    """One unit of the listing is these units of these SKUs; `by` said so: override, table, sku or gtin."""

    components: Components
    by: str


class UnboundReason(StrEnum):
    """Why a listing is bound to nothing."""

    IGNORED = "ignored"
    NO_SKU = "no_sku"


_TEXT = {
    UnboundReason.IGNORED: "an override says that this listing is not ours",
    UnboundReason.NO_SKU: "nothing in `skus: match` gives it a SKU: add an override or a row of the table",
}


@dataclass(frozen=True, slots=True)
class Unbound:
    """The listing is bound to nothing."""

    reason: UnboundReason

    @property
    def text(self) -> str:
        """The reason as a person reads it."""
        return _TEXT[self.reason]


@dataclass(frozen=True, slots=True)
class SkuRules:
    """`skus:` compiled. `steps` are `sku`, `gtin` or a table's name; an empty target means `ignore`."""

    steps: tuple[str, ...] = ("sku",)
    overrides: Mapping[ListingKey, Components] = field(default_factory=dict)
    tables: Mapping[str, Mapping[ListingKey, Components]] = field(default_factory=dict)

    def bind(
        self,
        account: str,
        variant: RemoteVariant,
        *,
        known: Container[str] | None = None,
        gtins: Mapping[str, str] | None = None,
    ) -> Bound | Unbound:
        """What one unit of it is. `known` are the SKUs that exist; `gtins` leads from GTIN to SKU."""
        by_hand = next(_found(self.overrides, account, variant), None)
        if by_hand is not None:
            return Bound(by_hand, "override") if by_hand else Unbound(UnboundReason.IGNORED)
        first: Bound | None = None
        for bound in self._ways(account, variant, gtins or {}):
            if known is None or all(sku in known for sku, _ in bound.components):
                return bound
            first = first or bound
        return first or Unbound(UnboundReason.NO_SKU)

    def _ways(self, account: str, variant: RemoteVariant, gtins: Mapping[str, str]) -> Iterator[Bound]:
        for step in self.steps:
            if step == "sku":
                sku = normal_sku(variant.sku)
            elif step == "gtin":
                sku = normal_sku(gtins.get(variant.gtin or "") or variant.gtin)
            else:
                yield from (Bound(row, "table") for row in _found(self.tables[step], account, variant))
                continue
            if sku is not None:
                yield Bound(((sku, 1),), step)


def _found(
    targets: Mapping[ListingKey, Components], account: str, variant: RemoteVariant
) -> Iterator[Components]:
    for shop in (account, "*"):
        for listing in listing_keys(variant):
            target = targets.get((shop, listing))
            if target is not None:
                yield target


def listing_keys(variant: RemoteVariant) -> Iterator[str]:
    """The names under which an override or a table may mean this listing, the most exact first."""
    yield variant.external_id
    yield f"{variant.product_external_id}/{variant.external_id}"
    sku = normal_sku(variant.sku)
    if sku is not None:
        yield f"sku={sku}"


def listing_key(account: str, listing: str) -> ListingKey:
    """The key of a listing as it was written: the SKU behind `sku=` in its normal form."""
    text = listing.strip()
    if text.startswith("sku="):
        return account, f"sku={normal_sku(text.removeprefix('sku=')) or ''}"
    return account, text
