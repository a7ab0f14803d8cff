"""What staff say of goods that came back: restocked, not restocked, to be looked at, or missing.

It does not move the order's `updatedAt` here: nobody saw whether it does at the real one.
"""

from sandbox.storefront.shopify.acts import Act, Args
from sandbox.storefront.shopify.answers import Made, Refusal, payload
from sandbox.storefront.shopify.books import ShopifyShop
from sandbox.storefront.shopify.calls import Call
from sandbox.storefront.shopify.names import inside
from sandbox.storefront.shopify.paying_back import back_on_shelf
from sandbox.storefront.shopify.records import Disposition, Return, ReturnState, SentBack

_FIELD = "dispositionInputs"
_SEVERAL = "Cannot dispose items from more than one reverse fulfillment order."


def dispose(arguments: Args, call: Call) -> Made:
    """`reverseFulfillmentOrderDispose`: all of it, or nothing."""
    shop, rows = call.shop, arguments[_FIELD]
    if not rows:
        raise Refusal("The array cannot be empty.", _FIELD, code="BLANK")
    named = [_named(shop, row["reverseFulfillmentOrderLineItemId"]) for row in rows]
    owners = {None if each is None else each[0].id for each in named}
    if None in owners or len(owners) > 1:
        raise Refusal(_SEVERAL, _FIELD, code="INVALID")
    found = [each for each in named if each is not None]
    places = [
        _checked(shop, owner, row, str(n))
        for n, ((owner, _), row) in enumerate(zip(found, rows, strict=True))
    ]
    _enough(found, rows)
    for (_, back), row, place in zip(found, rows, places, strict=True):
        kind, units = str(row["dispositionType"]), int(row["quantity"])
        back.dispositions.append(
            Disposition(shop.numbers.next("disposition"), kind, units, place, shop.second())
        )
        if kind == "RESTOCKED":
            back_on_shelf(shop, back.line, units, place)
        shop.record("returned_goods", code=back.line.order.code, units=units, way=kind.lower())
    lines = {back.id: back for _, back in found}
    return payload(reverse_fulfillment_order_line_items=list(lines.values()))


def _named(shop: ShopifyShop, given: str) -> tuple[Return, SentBack] | None:
    number = inside("ReverseFulfillmentOrderLineItem", given)
    for each in shop.returns.values():
        for back in each.lines:
            if back.id == number and each.state not in (ReturnState.REQUESTED, ReturnState.DECLINED):
                return each, back
    return None


def _enough(found: list[tuple[Return, SentBack]], rows: list[Args]) -> None:
    """Raises Refusal where more is disposed of than shall come back, over all rows of a line."""
    left = {back.id: back.waiting for _, back in found}
    for number, ((_, back), row) in enumerate(zip(found, rows, strict=True)):
        left[back.id] -= row["quantity"]
        if row["quantity"] <= 0 or left[back.id] < 0:
            text = "Quantity cannot be more than what is left to dispose."
            raise Refusal(text, _FIELD, str(number), "quantity", code="INVALID")


def _checked(shop: ShopifyShop, owner: Return, row: Args, number: str) -> str | None:
    """The place; raises Refusal."""
    if owner.state is not ReturnState.OPEN:
        raise Refusal("Reverse fulfillment order is not open.", _FIELD, code="INVALID_STATE")
    if row.get("locationId") is None:
        if row["dispositionType"] == "RESTOCKED":
            raise Refusal("Location can't be blank.", _FIELD, number, "locationId", code="BLANK")
        return None
    place = inside("Location", row["locationId"])
    if place not in shop.places:
        raise Refusal("Location not found.", _FIELD, number, "locationId", code="NOT_FOUND")
    return place


ACTS: dict[str, Act] = {"reverseFulfillmentOrderDispose": dispose}
