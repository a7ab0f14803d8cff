"""Prices: absolute writes by the batch routes, as JSON strings with a point.

What a buyer pays is the sale price where there is one. A sale price that is not below the regular one is
dropped by the shop without a word, and `"10,50"` is read as 1050; so both are checked here, regular price, sale
price and its period are always written together, and what the shop answers is compared with what was sent. The
period is written in GMT: the fields without `_gmt` are in the shop's own zone. Where there is none it is cleared by
"", for null is to WordPress as if the field were not there: the period of an earlier sale would stay.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

import msgspec

from connectors.contract import Deadline, Outcome, Rejected, SetPrice
from connectors.storefronts.woocommerce import payloads
from connectors.storefronts.woocommerce.batches import Item, done, write_all
from connectors.storefronts.woocommerce.naming import parse
from connectors.storefronts.woocommerce.reading import decode
from connectors.storefronts.woocommerce.refusals import no_variant
from connectors.storefronts.woocommerce.shelf import amount
from connectors.storefronts.woocommerce.shop import Shop


class Prices:
    """Writes the prices of one shop's products and variations."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def set_prices(
        self, batch: Sequence[SetPrice], deadline: Deadline
    ) -> Mapping[str, Outcome[Decimal]]:
        """Prices as the shop enters them, with or without tax (`price_includes_tax` of the feed)."""
        requests = {request.variant: request for request in batch}
        currency = (await self._shop.facts(deadline)).currency
        outcomes: dict[str, Outcome[Decimal]] = {}
        items: list[Item] = []
        for variant, request in requests.items():
            name = parse(variant)
            refused = objection(request, currency) if name else no_variant(variant)
            if refused is not None:
                outcomes[variant] = refused
            elif name is not None:
                items.append(Item(variant, name.id, {"id": name.id, **body_of(request)}, name.group))

        async def send(group: tuple[str, ...], some: Sequence[Item]) -> Sequence[msgspec.Raw]:
            return await self._shop.update("set_prices", group, some, deadline)

        def judge(item: Item, answer: msgspec.Raw) -> Outcome[Decimal]:
            return _written(item, requests[item.key], decode(answer, type=payloads.Priced))

        what = "setting the price"
        return outcomes | await write_all(items, send, judge, bounds=self._shop.bounds, what=what)


def objection(request: SetPrice, currency: str | None) -> Rejected | None:
    """Why the price cannot be set, where it cannot."""
    if not request.price.is_finite() or request.price < 0:
        return Rejected(f"a price of {request.price} is below 0 or no number", code="NEGATIVE")
    if currency is None:
        return Rejected(
            "the shop does not tell its currency: give the key's user the role of a shop manager, or say it in "
            "the currency option",
            code="CURRENCY",
        )
    if request.currency.upper() != currency:
        return Rejected(f"the shop sells in {currency}, not in {request.currency}", code="CURRENCY")
    return _sale_objection(request)


def _sale_objection(request: SetPrice) -> Rejected | None:
    begins, ends = request.sale_from, request.sale_until
    if request.compare_at is None:
        if begins is None and ends is None:
            return None
        return Rejected(
            "a price with a period is a sale price in WooCommerce, and wants the regular price that it is "
            "struck out against",
            code="NO_REGULAR_PRICE",
        )
    if not request.compare_at.is_finite() or request.compare_at <= request.price:
        return Rejected(
            f"the struck-out price {request.compare_at} is not above {request.price}: the shop would drop the "
            "sale price",
            code="NOT_ABOVE",
        )
    if begins is not None and ends is not None and ends <= begins:
        return Rejected("the sale ends before it begins", code="PERIOD")
    return None


def body_of(request: SetPrice) -> dict[str, object]:
    """The fields of one price; what it has not is cleared."""
    on_sale = request.compare_at is not None
    regular = request.compare_at if request.compare_at is not None else request.price
    return {
        "regular_price": plain(regular),
        "sale_price": plain(request.price) if on_sale else "",
        "date_on_sale_from_gmt": gmt(request.sale_from),
        "date_on_sale_to_gmt": gmt(request.sale_until),
    }


def plain(amount: Decimal) -> str:
    """Digits and a point: no exponent, no comma."""
    return f"{amount:f}"


def gmt(at: datetime | None) -> str:
    """A moment as the `_gmt` fields take it; "" clears the field."""
    return "" if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _written(item: Item, request: SetPrice, shown: payloads.Priced) -> Outcome[Decimal]:
    price = amount(shown.sale_price if request.compare_at is not None else shown.regular_price)
    if price is None:
        return Rejected("the shop dropped the price that was written", code="DROPPED")
    regular = amount(shown.regular_price)
    if request.compare_at is not None and regular is not None and regular != request.compare_at:
        return Rejected(f"the shop made {regular} of the struck-out price", code="DROPPED")
    if shown.date_on_sale_to_gmt is not None and request.sale_until is None:
        return Rejected("the shop kept the period of an earlier sale", code="PERIOD_KEPT")
    return done(item, price)
