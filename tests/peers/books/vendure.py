"""A Vendure shop as its shoppers and its staff use it, by its own Shop and Admin APIs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from tests.peers.books.people import ADA, Buyer
from tests.peers.tls import TRUSTED

SECONDS = 60.0
VARIANT = """
  id sku price enabled currencyCode product{id enabled}
  stockLevels{stockLocationId stockOnHand stockAllocated}
"""
ORDER = """
  id code state active orderPlacedAt createdAt updatedAt currencyCode
  subTotalWithTax shippingWithTax totalWithTax totalQuantity
  customer{firstName lastName emailAddress}
  shippingAddress{fullName streetLine1 city postalCode countryCode phoneNumber}
  lines{id quantity orderPlacedQuantity unitPriceWithTax linePriceWithTax productVariant{id sku name}}
  payments{id method amount state refunds{id state total reason transactionId}}
  fulfillments{id state method trackingCode lines{orderLineId quantity}}
"""


class ShopRefused(Exception):
    """The shop answered with an error result or with GraphQL errors; `code` is Vendure's own."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class Session:
    """One caller of one of the two APIs; remembers the token that the shop hands out."""

    def __init__(self, url: str, headers: Mapping[str, str] | None = None) -> None:
        self.http = httpx.Client(base_url=url, timeout=SECONDS, verify=TRUSTED, headers=dict(headers or {}))

    def post(self, document: str, variables: Mapping[str, Any] | None = None) -> httpx.Response:
        """The bare answer, whatever it is."""
        response = self.http.post("", json={"query": document, "variables": variables or {}})
        if token := response.headers.get("vendure-auth-token"):
            self.http.headers["authorization"] = f"Bearer {token}"
        return response

    def ask(self, document: str, **variables: Any) -> Any:
        """The value of the document's only field.

        Raises:
            ShopRefused: an error result, or GraphQL errors.
        """
        body = self.post(document, variables).json()
        if errors := body.get("errors"):
            raise ShopRefused(errors[0].get("extensions", {}).get("code", "?"), errors[0]["message"])
        (value,) = body["data"].values()
        if isinstance(value, dict) and "errorCode" in value:
            raise ShopRefused(value["errorCode"], value.get("message", ""))
        return value

    def act(
        self, kind: str, call: str, signature: str = "", fields: str = "id state", **variables: Any
    ) -> Any:
        """A mutation whose answer is a union of `kind` and error results."""
        union = f"__typename ... on ErrorResult{{errorCode message}} ... on {kind}{{{fields}}}"
        return self.ask(f"mutation{signature}{{{call}{{{union}}}}}", **variables)

    def close(self) -> None:
        self.http.close()


@dataclass(frozen=True, slots=True)
class Placed:
    """An order as its buyer leaves the shop."""

    id: str
    code: str
    state: str
    total_with_tax: int


class Shopper:
    """One visit to the shop, with its own cart."""

    def __init__(self, shop_url: str, staff: "Staff") -> None:
        self.session = Session(shop_url)
        self._staff = staff

    def __enter__(self) -> "Shopper":
        return self

    def __exit__(self, *failure: object) -> None:
        self.session.close()

    def buy(self, lines: Mapping[str, int], buyer: Buyer = ADA) -> Placed:
        """Fill the cart by SKU, go through checkout and pay at once."""
        self.begin(lines, buyer)
        return self.finish()

    def buy_variant(self, variant: str, quantity: int, buyer: Buyer = ADA) -> Placed:
        """The same by variant id, where two variants share a SKU."""
        self.put(variant, quantity)
        self._tell(buyer)
        return self.finish()

    def begin(self, lines: Mapping[str, int], buyer: Buyer = ADA) -> None:
        """Fill the cart and give the address; the order is not placed until finish()."""
        for sku, quantity in lines.items():
            self.put(self._staff.variant(sku)["id"], quantity)
        self._tell(buyer)

    def put(self, variant: str, quantity: int) -> None:
        call = "addItemToOrder(productVariantId:$v,quantity:$q)"
        self.session.act("Order", call, "($v:ID!,$q:Int!)", v=variant, q=quantity)

    def finish(self, method: str = "dummy-payment") -> Placed:
        """Go to the till and pay."""
        self.to_the_till()
        return self.pay(method)

    def to_the_till(self) -> None:
        """Everything but paying."""
        self.session.act("Order", 'transitionOrderToState(state:"ArrangingPayment")')

    def pay(self, method: str = "dummy-payment") -> Placed:
        """Pay; the order is placed from here on. `paid-later` authorises only."""
        call = "addPaymentToOrder(input:{method:$m,metadata:{}})"
        order = self.session.act("Order", call, "($m:String!)", "id code state totalWithTax", m=method)
        return Placed(order["id"], order["code"], order["state"], order["totalWithTax"])

    def _tell(self, buyer: Buyer) -> None:
        who = {"firstName": buyer.first_name, "lastName": buyer.last_name, "emailAddress": buyer.email}
        self.session.act("Order", "setCustomerForOrder(input:$i)", "($i:CreateCustomerInput!)", i=who)
        where = {
            "fullName": buyer.full_name,
            "streetLine1": buyer.street,
            "city": buyer.city,
            "postalCode": buyer.postal_code,
            "countryCode": buyer.country,
            "phoneNumber": buyer.phone,
        }
        self.session.act("Order", "setOrderShippingAddress(input:$i)", "($i:CreateAddressInput!)", i=where)
        self.session.act("Order", 'setOrderShippingMethod(shippingMethodId:["1"])')


class Staff:
    """The merchant's people in the shop's administration."""

    def __init__(self, admin_url: str, username: str, password: str) -> None:
        self.session = Session(admin_url)
        call = "login(username:$u,password:$p)"
        self.session.act("CurrentUser", call, "($u:String!,$p:String!)", "id", u=username, p=password)

    # -- catalogue and stock

    def variants(self, sku: str) -> list[dict[str, Any]]:
        """Every variant with exactly this SKU; Vendure allows several."""
        wanted = "productVariants(options:{filter:{sku:{eq:$s}}})"
        document = f"query($s:String!){{{wanted}{{items{{{VARIANT}}}}}}}"
        items: list[dict[str, Any]] = self.session.ask(document, s=sku)["items"]
        return [item for item in items if item["sku"] == sku]

    def variant(self, sku: str) -> dict[str, Any]:
        """The one variant with this SKU."""
        (found,) = self.variants(sku)
        return found

    def stock(self, sku: str) -> tuple[int, int]:
        """(on hand, allocated) of the one variant, over all locations; saleable is their difference."""
        levels = self.variant(sku)["stockLevels"]
        return sum(x["stockOnHand"] for x in levels), sum(x["stockAllocated"] for x in levels)

    def saleable(self, sku: str) -> int:
        on_hand, allocated = self.stock(sku)
        return on_hand - allocated

    def add_product(self, sku: str, units: int, price: int = 990, name: str = "") -> str:
        """A new product with one tracked variant; gives its id. `price` in minor units, without tax."""
        text = [
            {"languageCode": "en", "name": name or f"Product {sku}", "slug": sku.lower(), "description": ""}
        ]
        document = "mutation($i:CreateProductInput!){createProduct(input:$i){id}}"
        product = self.session.ask(document, i={"translations": text})["id"]
        variant = {
            "productId": product,
            "sku": sku,
            "price": price,
            "trackInventory": "TRUE",
            "stockOnHand": units,
            "translations": [{"languageCode": "en", "name": name or f"Product {sku}"}],
        }
        document = "mutation($i:[CreateProductVariantInput!]!){createProductVariants(input:$i){id}}"
        (made,) = self.session.ask(document, i=[variant])
        return str(made["id"])

    def set_price(self, sku: str, price: int) -> None:
        """In minor units, without tax."""
        self._update({"id": self.variant(sku)["id"], "price": price})

    def set_enabled(self, sku: str, enabled: bool) -> None:
        """Put a variant up, or take it down."""
        self._update({"id": self.variant(sku)["id"], "enabled": enabled})

    def product(self, sku: str) -> dict[str, Any]:
        """The product of the one variant with this SKU, with its texts and variants' names."""
        document = "query($i:ID!){product(id:$i){id name slug description enabled variants{id sku name}}}"
        found: dict[str, Any] = self.session.ask(document, i=self.variant(sku)["product"]["id"])
        return found

    def set_stock(self, sku: str, on_hand: int) -> None:
        """Units on hand at the default location, allocated ones included."""
        self._update({"id": self.variant(sku)["id"], "stockOnHand": on_hand})

    def _update(self, change: dict[str, Any]) -> None:
        self.session.ask(
            "mutation($i:[UpdateProductVariantInput!]!){updateProductVariants(input:$i){id}}", i=[change]
        )

    def add_free_coupon(self, code: str) -> None:
        """A coupon that takes everything off, shipping included."""
        off = {"code": "order_percentage_discount", "arguments": [{"name": "discount", "value": "100"}]}
        promotion = {
            "enabled": True,
            "couponCode": code,
            "conditions": [],
            "actions": [off, {"code": "free_shipping", "arguments": []}],
            "translations": [{"languageCode": "en", "name": code}],
        }
        call = "createPromotion(input:$i)"
        self.session.act("Promotion", call, "($i:CreatePromotionInput!)", "id", i=promotion)

    # -- orders

    def order(self, number: str) -> dict[str, Any]:
        """An order by id, whole."""
        found: dict[str, Any] = self.session.ask(f"query($i:ID!){{order(id:$i){{{ORDER}}}}}", i=number)
        return found

    def order_by_code(self, code: str) -> dict[str, Any]:
        """An order by the code that its buyer knows, whole."""
        document = f"query($c:String!){{orders(options:{{filter:{{code:{{eq:$c}}}}}}){{items{{{ORDER}}}}}}}"
        (found,) = self.session.ask(document, c=code)["items"]
        order: dict[str, Any] = found
        return order

    def cancel(self, number: str, lines: Mapping[str, int] | None = None) -> dict[str, Any]:
        """Cancel the whole order, or the given units by SKU; no money moves."""
        change: dict[str, Any] = {
            "orderId": number,
            "reason": "changed mind",
            "cancelShipping": lines is None,
        }
        if lines is not None:
            change["lines"] = self.lines(number, lines)
        self.session.act("Order", "cancelOrder(input:$i)", "($i:CancelOrderInput!)", i=change)
        return self.order(number)

    def lines(self, number: str, wanted: Mapping[str, int] | None = None) -> list[dict[str, Any]]:
        """Order line inputs by SKU; all of the order when `wanted` is None."""
        return [
            {"orderLineId": line["id"], "quantity": wanted[sku] if wanted is not None else line["quantity"]}
            for line in self.order(number)["lines"]
            if (sku := line["productVariant"]["sku"]) and (wanted is None or sku in wanted)
        ]

    def refund(self, number: str, amount: int, reason: str = "goodwill") -> dict[str, Any]:
        """Give back `amount` minor units of the first payment, without lines, and settle it."""
        payment = self.order(number)["payments"][0]["id"]
        change = {
            "paymentId": payment,
            "amount": amount,
            "lines": [],
            "shipping": 0,
            "adjustment": 0,
            "reason": reason,
        }
        fields = "id state total"
        refund = self.session.act(
            "Refund", "refundOrder(input:$i)", "($i:RefundOrderInput!)", fields, i=change
        )
        if refund["state"] != "Settled":
            settle = {"id": refund["id"], "transactionId": f"by-staff-{refund['id']}"}
            call = "settleRefund(input:$i)"
            refund = self.session.act("Refund", call, "($i:SettleRefundInput!)", fields, i=settle)
        settled: dict[str, Any] = refund
        return settled

    def fulfil(self, number: str, lines: Mapping[str, int] | None, method: str, tracking: str) -> str:
        """Hand units over to a courier; gives the fulfilment's id, in state Pending."""
        handler = {
            "code": "manual-fulfillment",
            "arguments": [{"name": "method", "value": method}, {"name": "trackingCode", "value": tracking}],
        }
        change = {"lines": self.lines(number, lines), "handler": handler}
        call = "addFulfillmentToOrder(input:$i)"
        made = self.session.act("Fulfillment", call, "($i:FulfillOrderInput!)", i=change)
        return str(made["id"])

    def move(self, fulfilment: str, state: str) -> None:
        """Shipped, Delivered or Cancelled."""
        call = "transitionFulfillmentToState(id:$i,state:$s)"
        self.session.act("Fulfillment", call, "($i:ID!,$s:String!)", i=fulfilment, s=state)

    def placed_since(self, moment: str) -> Sequence[dict[str, Any]]:
        """Orders placed after an ISO time, oldest first, at most 100."""
        options = {
            "filter": {"orderPlacedAt": {"after": moment}, "active": {"eq": False}},
            "sort": {"orderPlacedAt": "ASC"},
            "take": 100,
        }
        document = f"query($o:OrderListOptions!){{orders(options:$o){{items{{{ORDER}}}}}}}"
        found: list[dict[str, Any]] = self.session.ask(document, o=options)["items"]
        return found
