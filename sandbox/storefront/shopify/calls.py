"""One request to the Admin API: whose books, which keys it carries, and what is to be said beside the data."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.storefront.shopify.books import ShopifyShop
from sandbox.storefront.shopify.doors import Door
from sandbox.storefront.shopify.once import Memory


@dataclass(slots=True)
class Call:
    """One request; `whole` in a bulk operation, whose connections come uncut."""

    shop: ShopifyShop
    door: Door
    base: str
    memory: Memory
    desk: Any = None
    """The shop's bulk operations and subscriptions."""
    whole: bool = False
    window: tuple[int, int] | None = None
    """Which records of the outermost connection are wanted, in a bulk operation that is worked on by pieces."""
    keys: dict[str, list[str]] = field(default_factory=dict)
    """The idempotency keys of the mutations, by their names, in the order of the text."""
    notes: list[dict[str, Any]] = field(default_factory=list)
    """Warnings about search queries, for `extensions.search`."""

    def take_key(self, mutation: str) -> str | None:
        """The key of the next mutation of this name."""
        waiting = self.keys.get(mutation)
        return waiting.pop(0) if waiting else None
