"""Products by id or code, and the moves that carry them.

REST runs no on_change: every move names its unit, its places and, where goods change owner, a price and a
currency. Tryton must have a price there; the shop's own is not known here, so it is the product's list price.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from connectors.contract import Deadline, FulfilmentLine, Refused
from connectors.warehouse.tryton.client import Client
from connectors.warehouse.tryton.payloads import Figure, Json, Product, rows, wrapped_decimal

FIELDS = ("code", "default_uom", "list_price", "cost_price")
AT_ONCE = 50
"""Lines whose products one URL asks for: servers before Tryton may bound it at 4,000 characters."""


@dataclass(frozen=True, slots=True)
class Way:
    """From where to where goods move; `currency` is None where they stay ours."""

    company: int
    source: int
    target: int
    currency: int | None = None
    at_cost: bool = False


async def moves(
    client: Client, lines: Sequence[FulfilmentLine], way: Way, deadline: Deadline
) -> list[list[Json]]:
    """The value of a field of moves that creates one for each line. Refused for lines that cannot be sent."""
    if not lines or any(line.quantity < 1 for line in lines):
        raise Refused("there is no line, or one without units", code="no_units", mendable=False)
    products = await _products(client, lines, deadline)
    created = [_move(product, line.quantity, way) for product, line in zip(products, lines, strict=True)]
    return [["create", created]]


async def _products(
    client: Client, lines: Sequence[FulfilmentLine], deadline: Deadline
) -> tuple[Product, ...]:
    found: list[Product] = []
    for start in range(0, len(lines), AT_ONCE):
        found.extend(await _some(client, lines[start : start + AT_ONCE], deadline))
    return tuple(_one(line, found) for line in lines)


async def _some(client: Client, lines: Sequence[FulfilmentLine], deadline: Deadline) -> list[Product]:
    ids = sorted({int(line.product) for line in lines if line.product.isdecimal()})
    codes = sorted({line.sku for line in lines if not line.product.isdecimal()})
    domain: list[Json] = ["OR", ["id", "in", ids], ["code", "in", codes]]
    answer = await client.search("product.product", domain, FIELDS, deadline)
    return rows(answer.body, Product)


def _one(line: FulfilmentLine, found: Sequence[Product]) -> Product:
    if line.product.isdecimal():
        fitting = [product for product in found if product.id == int(line.product)]
    else:
        fitting = [product for product in found if product.code == line.sku]
    if not fitting:
        raise Refused(f"Tryton has no product for the SKU {line.sku}", code="unknown_product")
    return fitting[0]


def _move(product: Product, quantity: int, way: Way) -> dict[str, Json]:
    move: dict[str, Json] = {
        "product": product.id,
        "unit": product.default_uom,
        "quantity": float(quantity),
        "company": way.company,
        "from_location": way.source,
        "to_location": way.target,
    }
    if way.currency is None:
        return move
    price = product.cost_price if way.at_cost else product.list_price
    return {**move, "currency": way.currency, "unit_price": wrapped_decimal(_price(price))}


def _price(price: Figure | None) -> Decimal:
    return price.decimal if price else Decimal(0)
