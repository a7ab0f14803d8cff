"""The shop's JSON. Pages hold raw records: each is decoded by itself, so that a bad one loses no other."""

import msgspec


class PageOf(msgspec.Struct):
    """A page of a listing, oldest first."""

    items: list[msgspec.Raw]


class Named(msgspec.Struct):
    """Anything with an id."""

    id: str


class Product(msgspec.Struct):
    """A product that is sold, with the units that a buyer could still buy."""

    id: str
    sku: str
    title: str
    stock: int


class Line(msgspec.Struct):
    """One line of an order; `price` is of one unit in cents."""

    id: str
    product: str
    sku: str
    title: str
    quantity: int
    price: int


class Order(msgspec.Struct):
    """A paid order. `at` is in seconds since 1970."""

    id: str
    number: str
    at: int
    currency: str
    shipping: int
    buyer: str
    street: str
    city: str
    country: str
    lines: list[Line]


class StockSet(msgspec.Struct):
    """What became of one item of a stock update."""

    id: str
    stock: int | None = None
    error: str | None = None


class StocksSet(msgspec.Struct):
    """What became of a stock update."""

    items: list[StockSet]
