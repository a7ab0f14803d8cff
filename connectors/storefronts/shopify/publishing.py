"""The switch: a product's status, and where the options name publications, whether it is on them.

A product that shall be up is made ACTIVE (an unlisted one stays so) and put on the publications; one that shall
be down is taken off them, or made a DRAFT where none are named. A variant's id stands for its product where it
is the only one.
"""

from collections.abc import Mapping, Sequence

from connectors.contract import (
    AuthRejected,
    BadAnswer,
    Deadline,
    Done,
    Outcome,
    Refused,
    Rejected,
    Retry,
    SetPublished,
    Throttled,
    Unavailable,
    Unknown,
)
from connectors.storefronts.shopify import documents, payloads
from connectors.storefronts.shopify.owners import Owned, Owners
from connectors.storefronts.shopify.refusals import refusal, refused_by
from connectors.storefronts.shopify.shop import Shop
from connectors.storefronts.shopify.translate import UP

WHAT = "switching the listing"
SEVERAL = Rejected(
    "Shopify puts up and takes down whole products, and this one has other variants: name the product",
    code="SEVERAL_VARIANTS",
)


class Publishing:
    """Switches one shop's products."""

    def __init__(self, shop: Shop, owners: Owners) -> None:
        self._shop = shop
        self._owners = owners

    async def set_published(
        self, batch: Sequence[SetPublished], deadline: Deadline
    ) -> Mapping[str, Outcome[bool]]:
        """Each product is written once, by the last request that names it or its only variant."""
        wanted = {request.external_id: request.published for request in batch}
        owners = await self._owners.of(list(wanted), deadline)
        outcomes: dict[str, Outcome[bool]] = {}
        named: dict[str, list[str]] = {}
        products: dict[str, tuple[payloads.Owner, bool]] = {}
        for id, published in wanted.items():
            owner = owners[id]
            if not isinstance(owner, Owned):
                outcomes[id] = owner
            elif owner.by_variant and not owner.is_only:
                outcomes[id] = SEVERAL
            else:
                named.setdefault(owner.product.id, []).append(id)
                products[owner.product.id] = (owner.product, published)
        done = await self._write_all(products, deadline)
        return outcomes | {
            id: Done(id, outcome.echo) if isinstance(outcome, Done) else outcome
            for product, outcome in done.items()
            for id in named[product]
        }

    async def _write_all(
        self, products: Mapping[str, tuple[payloads.Owner, bool]], deadline: Deadline
    ) -> dict[str, Outcome[bool]]:
        """Raises only where nothing was sent."""
        done: dict[str, Outcome[bool]] = {}
        for id, (product, published) in products.items():
            try:
                refused = await self._write(product, published, deadline)
                done[id] = refused or Done(id, published)
            except (AuthRejected, Throttled) as error:
                if not done:
                    raise
                retry = Retry(str(error), getattr(error, "retry_after", None))
                return {each: done.get(each, retry) for each in products}
            except (Unavailable, BadAnswer) as error:
                done[id] = Unknown(str(error))
            except Refused as error:
                done[id] = refusal(error.code, WHAT)
        return done

    async def _write(self, product: payloads.Owner, published: bool, deadline: Deadline) -> Rejected | None:
        publications = (await self._shop.places(deadline)).publications
        if published and product.status not in UP:
            refused = await self._status(product.id, "ACTIVE", deadline)
            if refused is not None:
                return refused
        if not publications:
            if published or product.status not in UP:
                return None
            return await self._status(product.id, "DRAFT", deadline)
        document = documents.PUBLISH if published else documents.UNPUBLISH
        variables = {"id": product.id, "input": [{"publicationId": each} for each in publications]}
        reply = await self._shop.client.send(document, variables, deadline)
        result = next(iter(reply.read(dict[str, payloads.PlainResult | None]).values()), None)
        return refused_by(result.user_errors if result else [], WHAT)

    async def _status(self, product: str, status: str, deadline: Deadline) -> Rejected | None:
        variables = {"product": {"id": product, "status": status}}
        reply = await self._shop.client.send(documents.SET_STATUS, variables, deadline)
        result = reply.read(payloads.StatusWritten).product_update
        if result is None or (result.product is None and not result.user_errors):
            raise reply.unlike("productUpdate is null")
        return refused_by(result.user_errors, WHAT)
