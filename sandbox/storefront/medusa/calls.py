"""One call of the API: who calls, and what was sent."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.storefront.medusa.bodies import Body
from sandbox.storefront.medusa.books import MedusaShop
from sandbox.storefront.medusa.doors import Door
from sandbox.storefront.medusa.fields import Thing, render, wish
from sandbox.storefront.medusa.lists import Listing, Query


@dataclass(slots=True)
class Call:
    """A call that was let in; `by_token` is False for the secret key, which is nobody's own."""

    shop: MedusaShop
    door: Door
    query: Query
    body: Body
    path: dict[str, str] = field(default_factory=dict)
    by_token: bool = False

    def one(self, name: str, thing: Thing, defaults: Sequence[str]) -> dict[str, Any]:
        """An answer of one record."""
        return {name: render(thing, wish(self.query.get("fields"), defaults))}

    def many(
        self, name: str, records: Any, listing: Listing, show: Callable[[Any], Thing], defaults: Sequence[str]
    ) -> dict[str, Any]:
        """An answer of a page of records."""
        listing.check(self.query)
        page, facts = listing.page(records, self.query)
        wanted = wish(self.query.get("fields"), defaults)
        return {name: [render(show(record), wanted) for record in page], **facts}


Act = Callable[[Call], dict[str, Any]]
