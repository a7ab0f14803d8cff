"""An order's money: what each line cost, what carrying cost, what else, and whether that makes the total. Pure.

All figures are from before returns, as `totalPriceSet` is: a line's price for all units that were ordered, less
the parts of discounts that fall on it, and with its taxes where prices are without them. Beside lines and
shipping stand tips, duties (unless they are in the prices), fees, and taxes that are on neither.

Three things Shopify's own description leaves open, so each way is tried, and the total says which it was:
whether taxes that a marketplace collects are in the total, whether a shipping line that an edit removed still
counts, and whether a tip is a line of its own. Where no way makes the total to the minor unit, the order is
told as broken.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from connectors.storefronts.shopify import payloads
from sync.domain.money import Money, total


class NotAdding(ValueError):
    """Lines, shipping and the rest do not make the order's total."""


@dataclass(frozen=True, slots=True)
class Sums:
    """`lines` by id; `marketplace_tax` is what a marketplace collected, which may be in the lines or not."""

    lines: Mapping[str, Money]
    shipping: Money
    adjustments: Money
    total: Money
    marketplace_tax: Money


@dataclass(frozen=True, slots=True)
class _Way:
    """One reading of what the description leaves open."""

    marketplace_tax: bool
    removed_shipping: bool
    tip_is_a_line: bool


def add_up(order: payloads.Order) -> Sums:
    """The order's sums. Raises NotAdding with the difference, which names no person."""
    nearest: Sums | None = None
    for way in _ways(order):
        sums = _sums(order, way)
        if _whole(sums) == sums.total:
            return sums
        nearest = nearest or sums
    if nearest is None:
        raise NotAdding("the order has no sums")
    raise NotAdding(
        f"lines, shipping, tips, duties and taxes make {_whole(nearest)}, the order's total is {nearest.total}"
    )


def _ways(order: payloads.Order) -> Iterator[_Way]:
    """The plain reading first; the others only where the order has what they are about."""
    liable = any(tax.channel_liable for tax in _all_taxes(order))
    removed = any(line.is_removed for line in order.shipping_lines.nodes)
    tipped = order.total_tip_received_set.money.minor != 0 and _tip_line(order) is not None
    choices = product(
        (True, False) if liable else (True,),
        (False, True) if removed else (False,),
        (True, False) if tipped else (False,),
    )
    for marketplace_tax, removed_shipping, tip_is_a_line in choices:
        yield _Way(marketplace_tax, removed_shipping, tip_is_a_line)


def _all_taxes(order: payloads.Order) -> Iterator[payloads.TaxLine]:
    for line in order.line_items.nodes:
        yield from line.tax_lines
    for carried in order.shipping_lines.nodes:
        yield from carried.tax_lines


def _sums(order: payloads.Order, way: _Way) -> Sums:
    currency = order.currency_code
    tip_line = _tip_line(order) if way.tip_is_a_line else None
    lines = {line.id: _line(order, line, way) for line in order.line_items.nodes if line.id != tip_line}
    carried = [line for line in order.shipping_lines.nodes if way.removed_shipping or not line.is_removed]
    shipping = total(
        (line.discounted_price_set.money + _tax(order, line.tax_lines, way) for line in carried), currency
    )
    return Sums(
        lines=lines,
        shipping=shipping,
        adjustments=_extras(order, way),
        total=order.total_price_set.money,
        marketplace_tax=_liable(_all_taxes(order), currency),
    )


def _line(order: payloads.Order, line: payloads.LineItem, way: _Way) -> Money:
    off = total((part.allocated_amount_set.money for part in line.discount_allocations), order.currency_code)
    return line.original_total_set.money - off + _tax(order, line.tax_lines, way)


def _tax(order: payloads.Order, taxes: Iterable[payloads.TaxLine], way: _Way) -> Money:
    """What the taxes add: nothing where prices are with them, unless one is collected elsewhere."""
    listed = list(taxes)
    if order.taxes_included:
        return Money(0, order.currency_code)
    counted = [tax for tax in listed if way.marketplace_tax or not tax.channel_liable]
    return total((tax.price_set.money for tax in counted), order.currency_code)


def _extras(order: payloads.Order, way: _Way) -> Money:
    extras = order.total_tip_received_set.money
    duties, fees = order.original_total_duties_set, order.original_total_additional_fees_set
    if duties is not None and not order.duties_included:
        extras += duties.money
    if fees is not None:
        extras += fees.money
    return extras + _taxes_elsewhere(order, way)


def _taxes_elsewhere(order: payloads.Order, way: _Way) -> Money:
    """Taxes on duties and fees: in the order's tax, and on neither a line nor shipping."""
    nothing = Money(0, order.currency_code)
    if order.taxes_included or order.total_tax_set is None or not _has_extras(order):
        return nothing
    placed = total((tax.price_set.money for tax in _all_taxes(order)), order.currency_code)
    rest = order.total_tax_set.money - placed
    return rest if nothing < rest and way.marketplace_tax else nothing


def _has_extras(order: payloads.Order) -> bool:
    extras = (order.original_total_duties_set, order.original_total_additional_fees_set)
    return any(each is not None and each.money.minor for each in extras)


def _tip_line(order: payloads.Order) -> str | None:
    """The id of a line that is the tip: nothing that is sent or kept, for just the amount of the tip."""
    tip = order.total_tip_received_set.money
    for line in order.line_items.nodes:
        plain = line.variant is None and not line.sku and not line.requires_shipping and not line.is_gift_card
        if plain and line.original_total_set.money == tip:
            return line.id
    return None


def _liable(taxes: Iterable[payloads.TaxLine], currency: str) -> Money:
    return total((tax.price_set.money for tax in taxes if tax.channel_liable), currency)


def _whole(sums: Sums) -> Money:
    return total(sums.lines.values(), sums.total.currency) + sums.shipping + sums.adjustments
