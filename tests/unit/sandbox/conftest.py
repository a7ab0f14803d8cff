"""One pretend shop over HTTP, with a clock that the test moves, and plain clients for its two APIs."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

import httpx
import pytest

from sandbox.clock import SetClock
from sandbox.ledger import Ledger
from sandbox.serving import listening
from sandbox.storefront.books import Shop, Terms
from sandbox.storefront.vendure.server import app
from sandbox.storefront.vendure.sessions import Doorkeeper

ERROR = "__typename ... on ErrorResult{errorCode message}"
PASSWORD = "right"


@dataclass
class Caller:
    """A plain GraphQL client that keeps the token it is given."""

    http: httpx.AsyncClient
    keep_token: bool = True

    async def post(self, query: str, **variables: Any) -> httpx.Response:
        answer = await self.http.post("", json={"query": query, "variables": variables})
        token = answer.headers.get("vendure-auth-token")
        if token and self.keep_token:
            self.http.headers["authorization"] = f"Bearer {token}"
        return answer

    async def __call__(self, query: str, **variables: Any) -> Any:
        """The only field of the data; errors fail the test."""
        body = (await self.post(query, **variables)).json()
        assert "errors" not in body, body["errors"]
        (value,) = body["data"].values()
        return value

    async def errors(self, query: str, **variables: Any) -> tuple[int, list[dict[str, Any]]]:
        """The status and the errors of a call that must have some."""
        answer = await self.post(query, **variables)
        return answer.status_code, answer.json()["errors"]


@dataclass
class PretendShop:
    """A shop with two variants, and who calls it."""

    shop: Shop
    door: Doorkeeper
    clock: SetClock
    ledger: Ledger
    base: str
    stack: AsyncExitStack
    admin: Caller = field(init=False)

    async def caller(self, api: str, **headers: str) -> Caller:
        client = httpx.AsyncClient(base_url=f"{self.base}/{api}", headers=headers)
        return Caller(await self.stack.enter_async_context(client))

    async def shopper(self) -> Caller:
        return await self.caller("shop-api")

    async def buy(self, *lines: tuple[str, int]) -> dict[str, Any]:
        """Buy as a shopper does; the placed order with its lines."""
        shopper = await self.shopper()
        for variant, quantity in lines:
            made = await shopper(
                f"mutation($v:ID!,$q:Int!){{addItemToOrder(productVariantId:$v,quantity:$q){{{ERROR}}}}}",
                v=variant,
                q=quantity,
            )
            assert made["__typename"] == "Order", made
        await self.to_the_till(shopper)
        return await self.pay(shopper)

    async def to_the_till(self, shopper: Caller) -> None:
        person = {"firstName": "Ada", "lastName": "Test", "emailAddress": "ada@example.com"}
        await shopper(
            f"mutation($i:CreateCustomerInput!){{setCustomerForOrder(input:$i){{{ERROR}}}}}", i=person
        )
        place = {"fullName": "Ada Test", "streetLine1": "Weg 1", "countryCode": "DE"}
        await shopper(
            f"mutation($i:CreateAddressInput!){{setOrderShippingAddress(input:$i){{{ERROR}}}}}", i=place
        )
        await shopper(f'mutation{{setOrderShippingMethod(shippingMethodId:["1"]){{{ERROR}}}}}')
        moved = await shopper(f'mutation{{transitionOrderToState(state:"ArrangingPayment"){{{ERROR}}}}}')
        assert moved["__typename"] == "Order", moved

    async def pay(self, shopper: Caller) -> dict[str, Any]:
        order: dict[str, Any] = await shopper(
            'mutation{addPaymentToOrder(input:{method:"dummy-payment",metadata:{}}){'
            + ERROR
            + "...on Order{id code state totalWithTax lines{id quantity productVariant{id sku}}"
            " payments{id amount state}}}}"
        )
        assert order["__typename"] == "Order", order
        return order

    async def fulfil(
        self, line: str, quantity: int, tracking: str = "T1", handler: str = "manual-fulfillment"
    ) -> Any:
        words = [{"name": "method", "value": "DHL"}, {"name": "trackingCode", "value": tracking}]
        return await self.admin(
            f"mutation($i:FulfillOrderInput!){{addFulfillmentToOrder(input:$i){{{ERROR}"
            "...on Fulfillment{id state method trackingCode lines{orderLineId quantity}}"
            "...on InsufficientStockOnHandError{stockOnHand}}}",
            i={
                "lines": [{"orderLineId": line, "quantity": quantity}],
                "handler": {"code": handler, "arguments": words},
            },
        )

    async def move(self, fulfilment: str, state: str) -> Any:
        return await self.admin(
            f"mutation($i:ID!,$s:String!){{transitionFulfillmentToState(id:$i,state:$s){{{ERROR}"
            "...on Fulfillment{id state}...on FulfillmentStateTransitionError{transitionError}}}",
            i=fulfilment,
            s=state,
        )

    async def cancel(self, order: str, **more: Any) -> Any:
        return await self.admin(
            f"mutation($i:CancelOrderInput!){{cancelOrder(input:$i){{{ERROR}"
            "...on Order{id state totalWithTax shippingWithTax lines{id quantity}}}}",
            i={"orderId": order, **more},
        )

    async def order(self, id: str, fields: str) -> Any:
        return await self.admin(f"query($i:ID!){{order(id:$i){{{fields}}}}}", i=id)

    async def stock(self, variant: str) -> tuple[int, int]:
        """Stock on hand and allocated."""
        found = await self.admin(
            "query($i:ID!){productVariant(id:$i){stockLevels{stockOnHand stockAllocated}}}", i=variant
        )
        (level,) = found["stockLevels"]
        return level["stockOnHand"], level["stockAllocated"]


def furnish(shop: Shop) -> None:
    """A laptop (id 1, 50 pieces) and a mug (id 2, 500 pieces)."""
    shop.watching = False
    for sku, price, units in (("LT-1", 149900, 50), ("MUG-1", 990, 500)):
        product = shop.catalogue.create_product(
            {"translations": [{"languageCode": "en", "name": sku, "slug": sku, "description": sku}]}
        )
        (variant,) = shop.catalogue.create_variants(
            [
                {
                    "productId": product.id,
                    "sku": sku,
                    "price": price,
                    "translations": [{"languageCode": "en", "name": sku}],
                    "trackInventory": "TRUE",
                    "stockOnHand": units,
                }
            ]
        )
        variant.physical = sku
    shop.watching = True


@pytest.fixture
async def pretend() -> AsyncIterator[PretendShop]:
    clock = SetClock(datetime(2026, 3, 1, 12, 0, 0, 250_000, UTC))
    ledger = Ledger(clock)
    shop = Shop("main", Terms("EUR"), ledger=ledger, clock=clock, random=Random(1))
    furnish(shop)
    door = Doorkeeper("superadmin", PASSWORD)
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(listening(app(shop, door)))
        pretend = PretendShop(shop, door, clock, ledger, f"http://127.0.0.1:{port}", stack)
        pretend.admin = await pretend.caller("admin-api")
        await pretend.admin(f'mutation{{login(username:"superadmin",password:"{PASSWORD}"){{__typename}}}}')
        yield pretend
