"""People around a shop, over HTTP: who furnishes it, who buys, who asks to send back; and the levers of the pretence.

None of it is Shopify's. What each route takes and gives stands at the top of `server`. A request that makes no sense
is 400, a thing that does not exist 404, an act that the shop refuses 409, each with `{"error": text}`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.storefront import cancelling, checkout, till
from sandbox.storefront.goods import Variant
from sandbox.storefront.orders import Line, Order, Payment
from sandbox.storefront.refusals import Refused, Rejected
from sandbox.storefront.shopify import admin_aftersales, amounts
from sandbox.storefront.shopify.answers import Refusal
from sandbox.storefront.shopify.books import ShopifyShop
from sandbox.storefront.shopify.bulk import BulkDesk
from sandbox.storefront.shopify.cost import Bucket
from sandbox.storefront.shopify.deliveries import Postman
from sandbox.storefront.shopify.doors import Door
from sandbox.storefront.shopify.furnishing import furnish
from sandbox.storefront.shopify.names import gid, inside, number_in
from sandbox.storefront.shopify.once import Memory
from sandbox.storefront.shopify.orders_view import find_order, name_of
from sandbox.storefront.shopify.records import Exchanged, Pace, SentBack
from sandbox.storefront.shopify.shipping_view import errands_of
from sandbox.storefront.states import FulfilmentState, OrderState, PaymentState
from sandbox.storefront.vendure.graphql.execution import FieldFault

Body = dict[str, Any]
Act = Callable[[Body], Body]


class NotThere(Exception):
    """The thing that was named does not exist."""


@dataclass(slots=True)
class Street:
    """Acts on one shop."""

    shop: ShopifyShop
    door: Door
    bulk: BulkDesk
    post: Postman
    bucket: Bucket
    memory: Memory

    def routes(self) -> list[Route]:
        """The levers' routes."""
        acts: dict[str, Act] = {
            "products": self.products,
            "stock": self.stock,
            "coupons": self.coupons,
            "buy": self.buy,
            "pay": self.pay,
            "cancel": self.cancel,
            "return": self.ask_return,
            "hide": self.hide,
            "hold": self.hold,
            "levers": self.levers,
        }
        made = [
            Route(f"/street/{name}", _endpoint(self.shop, act), methods=["POST"])
            for name, act in acts.items()
        ]
        return [*made, Route("/street/post", self.deliver, methods=["POST"])]

    async def deliver(self, _: Request) -> Response:
        """Deliver what is due now."""
        self.shop.agenda.run_due()
        await self.post.deliver()
        post = self.post
        counts = {"waiting": len(post.waiting), "delivered": post.delivered, "failed": post.failed}
        return JSONResponse(counts)

    # --- goods --------------------------------------------------------------------------------------------

    def products(self, body: Body) -> Body:
        """A product with its variants, published unless told otherwise; nothing of it is an event."""
        watching, self.shop.watching = self.shop.watching, False
        try:
            return furnish(self.shop, body)
        finally:
            self.shop.watching = watching

    def stock(self, body: Body) -> Body:
        """Staff count a variant at a location by hand."""
        variant = self._variant(str(body["sku"]))
        place = str(body.get("location", next(iter(self.shop.places))))
        if place not in self.shop.places:
            raise NotThere(f"there is no location {place}")
        level = self.shop.put(variant.id, place, int(body["on_hand"]))
        self.shop.follow_levels(variant)
        self.shop.tell_stock(variant)
        return {"on_hand": level.on_hand, "available": self.shop.available(variant.id, place)}

    def coupons(self, body: Body) -> Body:
        """A code that buyers can use."""
        code = str(body["code"])
        self.shop.add_coupon(code, code, int(body["percent"]), bool(body.get("free_shipping")))
        return {"code": code}

    # --- buyers -------------------------------------------------------------------------------------------

    def buy(self, body: Body) -> Body:
        """A whole purchase, paid or only authorised."""
        shop = self.shop
        cart = checkout.new_cart(shop)
        for row in body["lines"]:
            checkout.add_item(shop, cart, self._variant(str(row["sku"])).id, int(row["quantity"]))
        if body.get("coupon"):
            checkout.apply_coupon(shop, cart, str(body["coupon"]))
        self._introduce(cart, body.get("buyer") or {})
        checkout.set_shipping_method(shop, cart, [str(body.get("shipping", "1"))])
        till.transition(shop, cart, OrderState.ARRANGING)
        shop.about(cart).channel_liable = bool(body.get("channel_liable"))
        if body.get("gift_card"):
            self._redeem(cart, str(body["gift_card"]))
        till.pay(shop, cart, till.PAYMENT_METHOD if body.get("pay", True) else till.PAID_LATER, {})
        lines = [{"sku": x.product_variant.sku, "line": gid("LineItem", x.id)} for x in cart.lines]
        return {"order": gid("Order", cart.id), "name": name_of(cart), "code": cart.code, "lines": lines}

    def _redeem(self, cart: Order, worth: str) -> None:
        """A gift card pays first, as far as it goes."""
        shop, now = self.shop, self.shop.second()
        amount = min(amounts.minor(worth, shop.terms.precision) or 0, cart.total_with_tax)
        card = Payment(
            id=shop.numbers.next("payment"),
            order=cart,
            method="gift_card",
            amount=amount,
            state=PaymentState.SETTLED,
            transaction_id=None,
            created_at=now,
            updated_at=now,
        )
        cart.payments.append(card)
        shop.payments[card.id] = card

    def _introduce(self, cart: Order, buyer: Body) -> None:
        first, last = buyer.get("first", "Ada"), buyer.get("last", "Lovelace")
        person = {"firstName": first, "lastName": last, "emailAddress": buyer.get("email", "ada@example.com")}
        checkout.set_customer(self.shop, cart, person | {"phoneNumber": buyer.get("phone")})
        address = {
            "fullName": f"{first} {last}".strip(),
            "company": buyer.get("company"),
            "streetLine1": buyer.get("address1", "Weg 1"),
            "streetLine2": buyer.get("address2"),
            "city": buyer.get("city", "Berlin"),
            "province": buyer.get("province"),
            "postalCode": buyer.get("zip", "10115"),
            "countryCode": buyer.get("country", "DE"),
            "phoneNumber": buyer.get("phone"),
        }
        checkout.set_shipping_address(self.shop, cart, address)
        checkout.set_billing_address(self.shop, cart, address)

    def pay(self, body: Body) -> Body:
        """An authorised payment is captured."""
        order = self._order(body)
        for payment in order.payments:
            till.settle(self.shop, payment.id)
        self.shop.touch(order)
        return {"paid": amounts.price(order.paid, self.shop.terms.precision)}

    def cancel(self, body: Body) -> Body:
        """The shop's own staff cancel an order, or units of it."""
        order, wanted = self._order(body), None
        if body.get("lines"):
            wanted = [
                {"orderLineId": self._line(order, str(row["sku"])).id, "quantity": int(row["quantity"])}
                for row in body["lines"]
            ]
        cancelling.cancel(self.shop, order.id, wanted, shipping=wanted is None, reason="the buyer asked")
        return {"order": gid("Order", order.id), "units": order.total_quantity}

    def ask_return(self, body: Body) -> Body:
        """A buyer asks to send fulfilled units back, perhaps for others, under these tracking numbers."""
        order = self._order(body)
        wanted = [self._sent_back(order, row, body) for row in body["lines"]]
        made = admin_aftersales.open_return(self.shop, order, wanted)
        made.parcels = [str(each) for each in body.get("tracking") or ()]
        for row in body.get("instead") or ():
            variant, units = self._variant(str(row["sku"])), int(row["quantity"])
            made.instead.append(Exchanged(self.shop.numbers.next("exchanged"), variant.id, units))
        return {"return": gid("Return", made.id), "name": made.name}

    def _sent_back(self, order: Order, row: Body, body: Body) -> SentBack:
        line, units = self._line(order, str(row["sku"])), int(row["quantity"])
        for fulfilment in order.fulfillments:
            if fulfilment.state is FulfilmentState.CANCELLED:
                continue
            part = next((each for each in fulfilment.lines if each.order_line is line), None)
            asked = admin_aftersales.asked_back(self.shop, line, fulfilment.id)
            if part is not None and part.quantity - asked >= units:
                id = self.shop.numbers.next("return line")
                return SentBack(id, line, fulfilment, units, body.get("reason", "UNWANTED"), body.get("note"))
        raise Refused("Return", "INVALID", "that many units were not sent in one parcel")

    # --- levers -------------------------------------------------------------------------------------------

    def hide(self, body: Body) -> Body:
        """An order vanishes, or is back."""
        number = number_in(str(body["order"]))
        if body.get("back"):
            order = next((o for o in self.shop.hidden.values() if o.id == number), None)
            if order is None:
                raise NotThere("there is no such hidden order")
            self.shop.show(order.code)
        else:
            self.shop.hide(self._order(body).code)
        return {"shown": number in self.shop.orders}

    def hold(self, body: Body) -> Body:
        """What is left of an order must not leave, for a reason; without one it may."""
        order = self._order(body)
        for errand in errands_of(self.shop, order):
            errand.hold, errand.updated_at = body.get("reason"), self.shop.second()
        self.shop.touch(order)
        return {"held": bool(body.get("reason"))}

    def levers(self, body: Body) -> Body:
        """How the pretence behaves from now on."""
        self.bulk.lever = body.get("bulk", self.bulk.lever)
        self.post.levers = frozenset(body.get("webhooks", self.post.levers))
        self.door.lifetime = float(body.get("token_seconds", self.door.lifetime))
        if "bucket" in body or "restore" in body:
            most, restore = body.get("bucket", self.bucket.most), body.get("restore", self.bucket.restore)
            self.bucket.set(float(most), float(restore))
        self._paced(self.shop.pace, body)
        self.door.scopes = tuple(body.get("scopes", self.door.scopes))
        if body.get("expire_tokens"):
            self.door.expire_all()
        if body.get("forget_keys"):
            self.memory.answers.clear()
        token = self.door.renew_static() if body.get("new_token") else self.door.static_token
        return {"token": token, "throttled": self.bucket.refused, "grants": self.door.grants}

    def _paced(self, pace: Pace, body: Body) -> None:
        pace.job = float(body.get("job_seconds", pace.job))
        pace.bulk = float(body.get("bulk_seconds", pace.bulk))
        pace.search = float(body.get("search_seconds", pace.search))
        pace.picture = float(body.get("picture_seconds", pace.picture))
        pace.retries = tuple(float(each) for each in body.get("retry_seconds", pace.retries))

    # --- finding things -----------------------------------------------------------------------------------

    def _variant(self, sku: str) -> Variant:
        found = next((v for v in self.shop.catalogue.live_variants() if v.sku == sku), None)
        if found is None:
            raise NotThere(f"the shop does not list {sku}")
        return found

    def _order(self, body: Body) -> Order:
        order = find_order(self.shop, gid("Order", inside("Order", str(body["order"]))))
        if order is None:
            raise NotThere("there is no such order")
        return order

    def _line(self, order: Order, sku: str) -> Line:
        found = next((line for line in order.lines if line.product_variant.sku == sku), None)
        if found is None:
            raise NotThere(f"the order has no line of {sku}")
        return found


def _endpoint(shop: ShopifyShop, act: Act) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            body = await request.json() if await request.body() else {}
            shop.agenda.run_due()
            return JSONResponse(act(body))
        except NotThere as missing:
            return JSONResponse({"error": str(missing)}, 404)
        except (Refused, Rejected, Refusal) as refused:
            return JSONResponse({"error": str(refused)}, 409)
        except KeyError as missing_key:
            return JSONResponse({"error": f"the body lacks {missing_key}"}, 400)
        except (FieldFault, TypeError, ValueError) as wrong:
            return JSONResponse({"error": str(wrong)}, 400)

    return endpoint
