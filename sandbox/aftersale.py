"""What buyers ask for after the sale, and money that a shop's staff give back by hand, at any kind of shop.

Where a shop has requests, the wish stands in its books as a shopper or its staff would put it there; elsewhere it
came by mail, and the ledger alone knows of it. Each wish is told to the ledger with what its goods were paid with.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.deeds import code_of
from sandbox.storefront import refunding
from sandbox.storefront.books import Shop
from sandbox.storefront.goods import Variant
from sandbox.storefront.medusa import deeds as medusa_deeds
from sandbox.storefront.medusa import returned
from sandbox.storefront.medusa.answers import No
from sandbox.storefront.medusa.books import MedusaShop
from sandbox.storefront.medusa.names import outside
from sandbox.storefront.medusa.orders_view import fulfilled
from sandbox.storefront.orders import Line, Order
from sandbox.storefront.refusals import Refused
from sandbox.storefront.shopify import admin_aftersales, paying_back
from sandbox.storefront.shopify.answers import Refusal
from sandbox.storefront.shopify.books import ShopifyShop
from sandbox.storefront.shopify.names import gid
from sandbox.storefront.shopify.records import Exchanged, SentBack
from sandbox.storefront.states import FulfilmentState
from sandbox.world import World

Body = dict[str, Any]
Units = list[tuple[Line, int]]


class NoOrder(Exception):
    """The shop has no such order, or the order no such line."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a buyer asks for: SKUs and units that come back, and such that shall go out instead."""

    shop: str
    order: str
    lines: Mapping[str, int]
    instead: Mapping[str, int]
    tracking: tuple[str, ...] = ()
    """The numbers of the buyer's own parcels, where the shop keeps such."""


def ask(world: World, wish: Wish) -> str:
    """A buyer asks; gives the request's name in the shop, empty where it has none such. Raises NoOrder, Refused."""
    shop = world.shops[wish.shop]
    order = _order(shop, wish.order)
    units = [(_line(order, sku), count) for sku, count in wish.lines.items()]
    instead = [(world.listings[wish.shop, sku], count) for sku, count in wish.instead.items()]
    worth = _worth(order, units)
    if isinstance(shop, MedusaShop):
        name = _at_medusa(shop, order, units, instead)
    elif isinstance(shop, ShopifyShop):
        name = _at_shopify(shop, order, units, instead, wish.tracking)
    else:
        name = ""
    shop.record(
        "back_asked",
        code=order.code,
        request=name or f"by-mail-{len(world.ledger.entries())}",
        lines={line.product_variant.physical or "": count for line, count in units},
        instead={variant.physical or "": count for variant, count in instead},
        worth=worth,
    )
    return name


def give_back(world: World, shop_name: str, order_code: str, amount: int, note: str) -> None:
    """Staff give money back by hand, in minor units. Raises NoOrder, Refused."""
    shop = world.shops[shop_name]
    order = _order(shop, order_code)
    payment = order.payments[0]
    if isinstance(shop, MedusaShop):
        medusa_deeds.refund(shop, payment, Decimal(amount) / 10**shop.terms.precision, note)
    elif isinstance(shop, ShopifyShop):
        paying_back.repay(shop, order, paying_back.Wish(note, parts=[(payment, amount)]))
    else:
        given = {"paymentId": payment.id, "amount": amount, "shipping": 0, "adjustment": 0, "reason": note}
        refunding.refund(shop, given)
    shop.record("refunded_by_staff", code=order.code, amount=amount)


def _worth(order: Order, units: Units) -> int:
    """What was paid for the units, with their share of all else: minor units, rounded down."""
    whole = sum(line.list_price * max(line.order_placed_quantity, line.quantity) for line in order.lines)
    asked = sum(line.list_price * count for line, count in units)
    return int(order.paid * asked / whole) if whole else 0


def _order(shop: Shop, number: str) -> Order:
    code = code_of(number)
    if code not in shop.by_code:
        raise NoOrder(f"there is no order {number}")
    return shop.by_code[code]


def _line(order: Order, sku: str) -> Line:
    for line in order.lines:
        if line.product_variant.sku == sku:
            return line
    raise NoOrder(f"order {order.code} has no line of {sku}")


def _at_medusa(shop: MedusaShop, order: Order, units: Units, instead: list[tuple[Variant, int]]) -> str:
    """A shopper's own return; an exchange is entered by the staff, as there it always is."""
    for line, count in units:
        if count > fulfilled(shop, order, line)[0] - shop.counted(line).requested:
            raise Refused("Return", "INVALID", f"fewer units of {line.product_variant.sku} were sent")
    now, by = shop.second(), outside("user", 1) if instead else None
    place = next(iter(shop.locations))
    back = returned.Return(shop.numbers.next("return"), order, now, now, place, by)
    shop.returns[back.id] = back
    for line, count in units:
        back.items.append(returned.BackItem(shop.numbers.next("return_item"), line, count, None))
    if not instead:
        back.parcels.append(returned.Parcel(shop.numbers.next("fulfilment")))
        returned.request(shop, back)
        return outside("return", back.id)
    swap = returned.Swap(shop.numbers.next("exchange"), order, now, now, by, None, back)
    back.owner = swap
    shop.swaps["exchange", swap.id] = swap
    for variant, count in instead:
        line = returned.add_line(shop, order, variant.id, count)
        swap.items.append(returned.SwapItem(shop.numbers.next("exchange_item"), line, count, True))
    returned.request(shop, back)
    return outside("exchange", swap.id)


def _at_shopify(
    shop: ShopifyShop, order: Order, units: Units, instead: list[tuple[Variant, int]], tracking: Sequence[str]
) -> str:
    wanted = [_sent_back(shop, order, line, count) for line, count in units]
    made = admin_aftersales.open_return(shop, order, wanted)
    made.parcels = list(tracking)
    for variant, count in instead:
        made.instead.append(Exchanged(shop.numbers.next("exchanged"), variant.id, count))
    return gid("Return", made.id)


def _sent_back(shop: ShopifyShop, order: Order, line: Line, count: int) -> SentBack:
    for fulfilment in order.fulfillments:
        if fulfilment.state is FulfilmentState.CANCELLED:
            continue
        part = next((each for each in fulfilment.lines if each.order_line is line), None)
        asked = admin_aftersales.asked_back(shop, line, fulfilment.id)
        if part is not None and part.quantity - asked >= count:
            return SentBack(shop.numbers.next("return line"), line, fulfilment, count, "UNWANTED", None)
    raise Refused("Return", "INVALID", f"fewer units of {line.product_variant.sku} were sent in one parcel")


@dataclass(frozen=True, slots=True)
class Levers:
    """A buyer's wishes and the staff's refunds by hand."""

    world: World

    def posts(self) -> dict[str, Callable[[Body], Any]]:
        """What can be done, by path."""
        return {"/ask": self.ask, "/give-back": self.give_back}

    def ask(self, body: Body) -> Body:
        """Ask back: shop, order, lines [{sku, quantity}], optionally instead (such lines) and tracking [number]."""
        lines, instead = _counted(body["lines"]), _counted(body.get("instead") or ())
        numbers = tuple(str(each) for each in body.get("tracking") or ())
        wish = Wish(self._shop(body), str(body["order"]), lines, instead, numbers)
        return {"request": ask(self.world, wish)}

    def give_back(self, body: Body) -> Body:
        """Give money back as the shop's staff: shop, order (its code), amount in minor units, optionally note."""
        shop, order, amount = self._shop(body), str(body["order"]), int(body["amount"])
        try:
            give_back(self.world, shop, order, amount, str(body.get("note") or "by hand"))
        except (Refusal, No) as refusal:
            raise Refused("Refund", "INVALID", str(refusal)) from None
        return {"order": order, "amount": amount}

    def _shop(self, body: Body) -> str:
        name = str(body["shop"])
        if name not in self.world.shops:
            raise NoOrder(f"there is no shop {name}")
        return name


def _counted(lines: Any) -> dict[str, int]:
    return {str(line["sku"]): int(line["quantity"]) for line in lines}
