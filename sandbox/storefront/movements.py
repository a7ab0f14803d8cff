"""Units of order lines: finding the lines, counting them, and moving the stock behind them."""

from typing import Any

from sandbox.storefront.books import Shop
from sandbox.storefront.orders import Line
from sandbox.storefront.refusals import not_found

Wanted = list[dict[str, Any]]
"""Lines as the API takes them: `orderLineId` and `quantity`."""


def units_of(lines: list[tuple[Line, int]]) -> dict[str, int]:
    """Units by physical SKU; "" where nobody can know it."""
    found: dict[str, int] = {}
    for line, quantity in lines:
        physical = line.product_variant.physical or ""
        found[physical] = found.get(physical, 0) + quantity
    return found


def move(shop: Shop, line: Line, *, on_hand: int = 0, allocated: int = 0) -> None:
    """Change the stock behind a line, unless the shop does not count it."""
    variant = line.product_variant
    if variant.tracked:
        variant.on_hand += on_hand
        variant.allocated += allocated
        variant.stock_moved_at = shop.second()


def find_line(shop: Shop, id: str) -> Line:
    """A line by id, of whichever order."""
    line = shop.lines.get(id)
    if line is None:
        raise not_found("OrderLine", id)
    return line
