"""A Corner Shop in this process, with books that the tests read and write."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Json = dict[str, Any]
KEY = "corner-key-1"
BUYER, STREET = "Wilhelmina Canary", "Canary Row 7"


@dataclass
class Books:
    """What the shop knows."""

    products: dict[int, Json] = field(default_factory=dict)
    orders: dict[int, Json] = field(default_factory=dict)
    shipments: list[Json] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)
    last: int = 0

    def add_product(self, stock: int = 10) -> str:
        """A new product; gives its id."""
        self.last += 1
        made = {"id": str(self.last), "sku": f"C-{self.last}", "title": "Cup", "stock": stock}
        self.products[self.last] = made
        return str(self.last)

    def sell(self, units: int = 1) -> str:
        """A new order of one line; gives its id."""
        product = self.products[int(self.add_product())]
        self.last += 1
        line = {"id": "1", "product": product["id"], "sku": product["sku"], "title": "Cup"}
        self.orders[self.last] = {
            "id": str(self.last),
            "number": f"N-{self.last}",
            "at": 1_770_000_000 + self.last,
            "currency": "EUR",
            "shipping": 400,
            "buyer": BUYER,
            "street": STREET,
            "city": "Berlin",
            "country": "DE",
            "lines": [{**line, "quantity": units, "price": 950}],
        }
        return str(self.last)


def app(books: Books) -> Starlette:
    """The shop's API."""

    def listing(records: dict[int, Json]) -> Callable[[Request], JSONResponse]:
        def answer(request: Request) -> JSONResponse:
            query = request.query_params
            rows = [row for number, row in sorted(records.items()) if number > int(query.get("after", "0"))]
            skip = int(query.get("skip", "0"))
            return JSONResponse({"items": rows[skip : skip + int(query["limit"])]})

        return answer

    def order(request: Request) -> JSONResponse:
        found = books.orders.get(int(request.path_params["id"]))
        return JSONResponse(found) if found else JSONResponse({}, 404)

    async def stock(request: Request) -> JSONResponse:
        told: list[Json] = []
        for item in json.loads(await request.body())["items"]:
            product = books.products.get(int(item["id"]))
            if product is None:
                told.append({"id": item["id"], "error": "unknown"})
                continue
            product["stock"] = item["stock"]
            told.append({"id": item["id"], "stock": item["stock"]})
        return JSONResponse({"items": told})

    async def ship(request: Request) -> JSONResponse:
        key = request.headers["idempotency-key"]
        if key not in books.keys:
            books.keys[key] = f"S-{len(books.shipments) + 1}"
            books.shipments.append({"order": request.path_params["id"], **json.loads(await request.body())})
        return JSONResponse({"id": books.keys[key]}, 201)

    def guarded(endpoint: Callable[[Request], Any]) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            if request.headers.get("authorization") != f"Bearer {KEY}":
                return JSONResponse({}, 401)
            given = endpoint(request)
            return given if isinstance(given, Response) else await given

        return answer

    return Starlette(
        routes=[
            Route("/shop", guarded(lambda _: JSONResponse({"id": "corner-1"}))),
            Route("/products", guarded(listing(books.products))),
            Route("/orders", guarded(listing(books.orders))),
            Route("/orders/{id:int}", guarded(order)),
            Route("/stock", guarded(stock), methods=["PUT"]),
            Route("/orders/{id:int}/shipments", guarded(ship), methods=["POST"]),
        ]
    )
