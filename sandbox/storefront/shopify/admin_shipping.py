"""Saying what left: fulfilments with their parcels' numbers and events, cancelled or moved to another location."""

from datetime import datetime
from typing import Any

from sandbox.storefront import fulfilling
from sandbox.storefront.movements import move, units_of
from sandbox.storefront.orders import Fulfilment, FulfilmentLine, Line
from sandbox.storefront.shopify.acts import Act, Args
from sandbox.storefront.shopify.answers import Made, Refusal, payload
from sandbox.storefront.shopify.books import ShopifyShop
from sandbox.storefront.shopify.calls import Call
from sandbox.storefront.shopify.names import inside
from sandbox.storefront.shopify.records import Departure, Errand, Portion, Scan, Tracking
from sandbox.storefront.shopify.shipping_view import errands_of, find_errand, find_fulfilment, status_of
from sandbox.storefront.shopify.stock_view import find_place
from sandbox.storefront.states import FulfilmentState
from sandbox.storefront.vendure.graphql.execution import FieldFault

Taken = list[tuple[Portion, int]]


def create(arguments: Args, call: Call) -> Made:
    """`fulfillmentCreate`: units of one order leave one location."""
    shop, given = call.shop, arguments["fulfillment"]
    groups = given["lineItemsByFulfillmentOrder"]
    if not groups:
        raise Refusal("Line items by fulfillment order can't be blank", "fulfillment")
    errands = [_known(shop, group["fulfillmentOrderId"]) for group in groups]
    _together(errands)
    taken: Taken = []
    for number, (errand, group) in enumerate(zip(errands, groups, strict=True)):
        path = ("fulfillment", "lineItemsByFulfillmentOrder", str(number), "fulfillmentOrderLineItems")
        taken += _wanted(errand, group.get("fulfillmentOrderLineItems"), path)
    return payload(fulfillment=_leave(shop, taken, tracking_of(given.get("trackingInfo"))))


def _known(shop: ShopifyShop, given: str) -> Errand:
    errand = find_errand(shop, given)
    if errand is None:
        raise Refusal("Fulfillment order does not exist.", "fulfillment")
    return errand


def _together(errands: list[Errand]) -> None:
    orders = sorted({int(errand.order.id) for errand in errands})
    if len(orders) > 1:
        text = f"All fulfillment orders must belong to the same order. Multiple orders with ids {orders} were found."
        raise Refusal(text, "fulfillment")
    places = sorted({int(errand.place) for errand in errands})
    if len(places) > 1:
        text = (
            "All fulfillment orders must be assigned to a single location. Multiple locations with ids "
            f"{places} were found."
        )
        raise Refusal(text, "fulfillment")
    for errand in errands:
        if (status := status_of(errand)) in ("CLOSED", "ON_HOLD"):
            text = f"Fulfillment order {errand.id} has an unfulfillable status= {status.lower()}."
            raise Refusal(text, "fulfillment")


def _wanted(errand: Errand, rows: list[dict[str, Any]] | None, path: tuple[str, ...]) -> Taken:
    if not rows:
        return [(portion, portion.remaining) for portion in errand.portions if portion.remaining]
    found: Taken = []
    for number, row in enumerate(rows):
        if row["quantity"] <= 0:
            raise Refusal("Quantity must be greater than 0", *path, str(number), "quantity")
        wanted = inside("FulfillmentOrderLineItem", row["id"])
        portion = next((p for p in errand.portions if p.id == wanted), None)
        if portion is None:
            raise Refusal("Fulfillment order line item does not exist.", "fulfillment")
        if row["quantity"] + sum(n for p, n in found if p is portion) > portion.remaining:
            raise Refusal("Invalid fulfillment order line item quantity requested.", "fulfillment")
        found.append((portion, row["quantity"]))
    return found


def tracking_of(given: dict[str, Any] | None) -> list[Tracking]:
    """The parcels' numbers and addresses, one or several, all of one carrier."""
    given = given or {}
    numbers = given.get("numbers") or ([given["number"]] if given.get("number") else [])
    urls = given.get("urls") or ([given["url"]] if given.get("url") else [])
    company = given.get("company")
    most = max(len(numbers), len(urls), 1 if company else 0)
    return [
        Tracking(numbers[n] if n < len(numbers) else None, company, urls[n] if n < len(urls) else None)
        for n in range(most)
    ]


def _leave(shop: ShopifyShop, taken: Taken, tracking: list[Tracking]) -> Fulfilment:
    now, first = shop.second(), taken[0][0].errand
    number = ",".join(each.number for each in tracking if each.number)
    made = Fulfilment(shop.numbers.next("fulfilment"), first.order, "manual", number, now, now)
    lines: dict[str, tuple[Line, int]] = {}
    for portion, units in taken:
        portion.remaining -= units
        portion.errand.updated_at = now
        before = lines.get(portion.line.id, (portion.line, 0))[1]
        lines[portion.line.id] = (portion.line, before + units)
    for line, units in lines.values():
        made.lines.append(FulfilmentLine(line, units, made))
        line.sales += units
        _stock(shop, line, first.place, -units)
    first.order.fulfillments.append(made)
    shop.fulfilments[made.id] = made
    shop.departures[made.id] = Departure(first.place, tracking, taken)
    shop.touch(first.order)
    facts = {"code": first.order.code, "fulfilment": made.id, "tracking": number}
    shop.record("fulfilment_created", **facts, lines=units_of(list(lines.values())))
    fulfilling.move_fulfilment(shop, made.id, FulfilmentState.SHIPPED)
    whole = not any(errand.open for errand in errands_of(shop, first.order))
    shop.announce("FULFILLMENTS_CREATE", made)
    shop.announce("ORDERS_FULFILLED" if whole else "ORDERS_PARTIALLY_FULFILLED", first.order)
    return made


def _stock(shop: ShopifyShop, line: Line, place: str, units: int) -> None:
    """Units left a location, or are back there, and are committed no more, or again."""
    variant = line.product_variant
    move(shop, line, on_hand=units, allocated=units)
    level = shop.levels.get((variant.id, place))
    if variant.tracked:
        shop.put(variant.id, place, (level.on_hand if level else 0) + units)


def cancel(arguments: Args, call: Call) -> Made:
    """`fulfillmentCancel`: the units are back, and must leave by a new fulfilment order or by the open one."""
    shop = call.shop
    fulfilment = find_fulfilment(shop, arguments["id"])
    if fulfilment is None:
        raise FieldFault(f"Invalid id: {arguments['id']}", "RESOURCE_NOT_FOUND")
    if fulfilment.state is FulfilmentState.CANCELLED:
        raise Refusal("Fulfillment is already cancelled.", "id")
    departure = shop.departures[fulfilment.id]
    departure.cancelled_at = shop.second()
    fulfilling.move_fulfilment(shop, fulfilment.id, FulfilmentState.CANCELLED)
    again: list[tuple[Line, int]] = []
    for part in fulfilment.lines:
        level = shop.levels.get((part.order_line.product_variant.id, departure.place))
        if level is not None and part.order_line.product_variant.tracked:
            shop.put(level.item, level.place, level.on_hand + part.quantity)
    for portion, units in departure.taken:
        if portion.errand.open:
            portion.remaining += units
            if portion not in shop.waiting.setdefault(portion.line.product_variant.id, []):
                shop.waiting[portion.line.product_variant.id].append(portion)
        else:
            again.append((portion.line, units))
    if again:
        shop.send_from(fulfilment.order, departure.place, again)
    shop.touch(fulfilment.order)
    shop.announce("FULFILLMENTS_UPDATE", fulfilment)
    return payload(fulfillment=fulfilment)


def add_event(arguments: Args, call: Call) -> Made:
    """`fulfillmentEventCreate`: where the parcel is; an arrival is told to the shared books as well."""
    shop, given = call.shop, arguments["fulfillmentEvent"]
    fulfilment = find_fulfilment(shop, given["fulfillmentId"])
    if fulfilment is None:
        raise Refusal("Fulfillment does not exist.", "fulfillmentEvent", "fulfillmentId")
    now = shop.second()
    happened: datetime = given.get("happenedAt") or now
    scan = Scan(shop.numbers.next("event"), given["status"], happened, now, dict(given))
    shop.departures[fulfilment.id].scans.append(scan)
    fulfilment.updated_at = now
    if given["status"] == "DELIVERED" and fulfilment.state is FulfilmentState.SHIPPED:
        fulfilling.move_fulfilment(shop, fulfilment.id, FulfilmentState.DELIVERED)
    shop.touch(fulfilment.order)
    shop.announce("FULFILLMENT_EVENTS_CREATE", fulfilment)
    return payload(fulfillment_event=scan)


def track(arguments: Args, call: Call) -> Made:
    """`fulfillmentTrackingInfoUpdate`: other numbers."""
    shop = call.shop
    fulfilment = find_fulfilment(shop, arguments["fulfillmentId"])
    if fulfilment is None:
        raise Refusal("Fulfillment does not exist.", "fulfillmentId")
    tracking = tracking_of(arguments["trackingInfoInput"])
    shop.departures[fulfilment.id].tracking = tracking
    fulfilment.tracking_code = ",".join(each.number for each in tracking if each.number)
    fulfilment.updated_at = shop.second()
    shop.touch(fulfilment.order)
    shop.announce("FULFILLMENTS_UPDATE", fulfilment)
    return payload(fulfillment=fulfilment)


def relocate(arguments: Args, call: Call) -> Made:
    """`fulfillmentOrderMove`: another location sends all of it that is left, or some."""
    shop = call.shop
    errand = find_errand(shop, arguments["id"])
    if errand is None:
        raise FieldFault(f"Invalid id: {arguments['id']}", "RESOURCE_NOT_FOUND")
    place = find_place(shop, arguments["newLocationId"])
    if place is None:
        raise Refusal("Location not found.", "id")
    wanted = _wanted(errand, arguments.get("fulfillmentOrderLineItems"), ("fulfillmentOrderLineItems",))
    stocked = all((p.line.product_variant.id, place.id) in shop.levels for p, _ in wanted)
    if place.id == errand.place or not wanted or not stocked or errand.hold:
        raise Refusal("Cannot change location.")
    whole = all(p.remaining == p.total for p in errand.portions) and all(
        (portion, portion.remaining) in wanted for portion in errand.portions
    )
    errand.updated_at = shop.second()
    if whole:
        errand.place = place.id
        return payload(moved_fulfillment_order=errand, original_fulfillment_order=errand)
    for portion, units in wanted:
        portion.remaining -= units
        portion.total -= units
    moved = shop.send_from(errand.order, place.id, [(portion.line, units) for portion, units in wanted])
    remaining = errand if errand.open else None
    return payload(
        moved_fulfillment_order=moved,
        original_fulfillment_order=errand,
        remaining_fulfillment_order=remaining,
    )


ACTS: dict[str, Act] = {
    "fulfillmentCreate": create,
    "fulfillmentCancel": cancel,
    "fulfillmentEventCreate": add_event,
    "fulfillmentTrackingInfoUpdate": track,
    "fulfillmentOrderMove": relocate,
}
