"""Prices: written for all variants of a product at once, product by product, as Shopify takes them.

No struck-out price is null, never 0: a 0 would show as a price that was taken off. One that is not ours is left out
of what is written.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from connectors.contract import (
    AuthRejected,
    BadAnswer,
    Deadline,
    Done,
    Outcome,
    Refused,
    Rejected,
    Retry,
    SetPrice,
    Throttled,
    Unavailable,
    Unknown,
)
from connectors.storefronts.shopify import documents, payloads
from connectors.storefronts.shopify.batches import in_portions
from connectors.storefronts.shopify.owners import Owned, Owners
from connectors.storefronts.shopify.refusals import code_of, refusal
from connectors.storefronts.shopify.shop import Shop
from sync.domain.money import exponent

WHAT = "setting the price"
Portion = tuple[str, list[str]]
"""(product, its variants)"""


class Prices:
    """Writes one shop's prices."""

    def __init__(self, shop: Shop, owners: Owners, batch_items: int) -> None:
        self._shop = shop
        self._owners = owners
        self._batch_items = batch_items

    async def set_prices(
        self, batch: Sequence[SetPrice], deadline: Deadline
    ) -> Mapping[str, Outcome[Decimal]]:
        """In the shop's currency, with or without tax as the shop enters them; the last request for one counts."""
        requests = {request.variant: request for request in batch}
        currency = (await self._shop.facts(deadline)).currency_code
        owners = await self._owners.of(list(requests), deadline)
        outcomes: dict[str, Outcome[Decimal]] = {}
        groups: dict[str, list[str]] = {}
        for variant, request in requests.items():
            owner, wrong = owners[variant], objection(request, currency)
            if wrong is not None:
                outcomes[variant] = wrong
            elif isinstance(owner, Owned):
                groups.setdefault(owner.product.id, []).append(variant)
            else:
                outcomes[variant] = owner
        queue = [(p, some) for p, all in groups.items() for some in in_portions(all, self._batch_items)]
        return outcomes | await self._write_all(queue, requests, deadline)

    async def _write_all(
        self, queue: list[Portion], requests: Mapping[str, SetPrice], deadline: Deadline
    ) -> dict[str, Outcome[Decimal]]:
        """Raises only where nothing was sent."""
        done: dict[str, Outcome[Decimal]] = {}
        while queue:
            product, variants = queue.pop(0)
            try:
                told = await self._write(product, variants, requests, deadline)
            except (AuthRejected, Throttled) as error:
                if not done:
                    raise
                retry = Retry(str(error), getattr(error, "retry_after", None))
                return done | _all([(product, variants), *queue], retry)
            except Unavailable as error:
                done |= _all([(product, variants)], Unknown(str(error)))
                return done | _all(queue, Retry(str(error)))
            except (BadAnswer, Refused) as error:
                outcome = refusal(error.code, WHAT) if isinstance(error, Refused) else Unknown(str(error))
                done |= _all([(product, variants)], outcome)
                continue
            done |= told
            left = [variant for variant in variants if variant not in told]
            queue[:0] = [(product, left)] if left else []
        return done

    async def _write(
        self, product: str, variants: Sequence[str], requests: Mapping[str, SetPrice], deadline: Deadline
    ) -> dict[str, Outcome[Decimal]]:
        """The outcomes of one product; variants that are left out beside a bad one are to be sent again."""
        inputs = [_input(requests[variant]) for variant in variants]
        variables = {"product": product, "variants": inputs}
        reply = await self._shop.client.send(documents.SET_PRICES, variables, deadline, size=len(inputs))
        result = reply.read(payloads.PricesWritten).product_variants_bulk_update
        if result is None:
            raise reply.unlike("productVariantsBulkUpdate is null")
        told: dict[str, Outcome[Decimal]] = {}
        for error in result.user_errors:
            index = error.index("variants")
            named = [variants[index]] if index is not None and index < len(variants) else list(variants)
            for variant in named:
                told.setdefault(variant, refusal(code_of([error]), WHAT))
        for written in result.product_variants or ():
            if written.id in variants and written.id not in told:
                told[written.id] = Done(written.id, written.price)
        if not result.user_errors:
            missing = Unknown(f"{WHAT}: the shop's answer leaves it out")
            told = {variant: told.get(variant, missing) for variant in variants}
        return told


def objection(request: SetPrice, currency: str) -> Rejected | None:
    """Why the price cannot be written, if it cannot."""
    if request.currency != currency:
        return Rejected(f"the shop sells in {currency}, not in {request.currency}", code="CURRENCY")
    if request.sale_from is not None or request.sale_until is not None:
        return Rejected("Shopify has no prices with a period", code="UNSUPPORTED")
    for amount in (request.price, request.compare_at):
        if amount is None:
            continue
        if amount < 0:
            return Rejected(f"a price of {amount} is below 0", code="NEGATIVE")
        if amount != amount.quantize(Decimal(1).scaleb(-exponent(currency))):
            return Rejected(f"{amount} has more digits than {currency} has", code="PRECISION")
    if request.compare_at == 0:
        return Rejected("a struck-out price of 0 is none: leave it out", code="COMPARE_AT_ZERO")
    return None


def _input(request: SetPrice) -> dict[str, object]:
    written: dict[str, object] = {"id": request.variant, "price": f"{request.price:f}"}
    if request.keeps_compare_at:
        return written
    return written | {"compareAtPrice": None if request.compare_at is None else f"{request.compare_at:f}"}


def _all(portions: Sequence[Portion], outcome: Retry | Unknown | Rejected) -> dict[str, Outcome[Decimal]]:
    return {variant: outcome for _, variants in portions for variant in variants}
