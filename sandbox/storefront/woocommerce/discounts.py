"""What coupons take off an order's lines: counted in the currency's smallest units, the dearest line first.

Whole units are taken; what rounding leaves over goes unit by unit to the first lines. Where prices hold their tax, so
do the amounts taken, and their tax is worked out line by line: the parts need not add up to the order's own figures.
"""

from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal

from sandbox.storefront.woocommerce.books import WooShop
from sandbox.storefront.woocommerce.codes import Code, CodeKind
from sandbox.storefront.woocommerce.money import PRECISION, bare, major
from sandbox.storefront.woocommerce.purchases import CouponLine, Item, Purchase
from sandbox.storefront.woocommerce.rules import Rate, Rules
from sandbox.storefront.woocommerce.sums import recalculate, round_tax
from sandbox.storefront.woocommerce.taxes import inside, matching, on_top, place

_ONE = Decimal(1)


@dataclass(slots=True)
class Share:
    """One line on the counter: its whole price in the smallest units, and what each coupon takes off it."""

    line: Item
    price: Decimal
    off: dict[int, Decimal] = field(default_factory=dict)

    @property
    def left(self) -> Decimal:
        """What can still be taken."""
        taken = sum(self.off.values(), Decimal(0))
        return abs((self.price - taken).quantize(_ONE, ROUND_HALF_UP))

    def take(self, code: Code, wanted: Decimal) -> Decimal:
        """Take so much, or what is left; how much that was."""
        taken = min(self.left, wanted)
        self.off[code.id] = self.off.get(code.id, Decimal(0)) + taken
        return taken


def apply(shop: WooShop, purchase: Purchase, codes: list[Code]) -> None:
    """Put these coupons in the place of those that were there, and work the sums out anew."""
    for line in purchase.lines:
        line.total = line.subtotal
    shares = _counter(shop.rules, purchase)
    for code in codes:
        _TAKERS[code.kind](code, shares, shop.rules.decimals)
    purchase.coupons = [_told(shop, purchase, code, shares) for code in codes]
    for share in shares:
        off = major_of(shop.rules, sum(share.off.values(), Decimal(0)))
        if shop.rules.prices_include_tax and share.line.taxable:
            off -= sum(inside(off, _rates(shop.rules, purchase, share.line)).values(), Decimal(0))
        share.line.total = max(Decimal(0), share.line.total - off)
    recalculate(shop, purchase)


def _counter(rules: Rules, purchase: Purchase) -> list[Share]:
    found = []
    for line in purchase.lines:
        price = line.subtotal + (line.subtotal_tax if rules.prices_include_tax else Decimal(0))
        digits = Decimal(1).scaleb(rules.decimals - PRECISION)
        found.append(Share(line, price.scaleb(rules.decimals).quantize(digits, ROUND_HALF_UP)))
    return sorted(found, key=lambda share: share.price * share.line.quantity, reverse=True)


def _percent(code: Code, shares: list[Share], digits: int) -> None:
    part = code.amount / 100
    whole = taken = Decimal(0)
    for share in shares:
        price = share.price.quantize(_ONE, ROUND_HALF_UP)
        whole += price
        taken += share.take(code, (price * part).quantize(_ONE, ROUND_FLOOR))
    wanted = (whole * part).quantize(_ONE, ROUND_HALF_DOWN)
    if taken < wanted:
        _remainder(code, shares, wanted - taken)


def _each_unit(code: Code, shares: list[Share], amount: Decimal) -> Decimal:
    return sum((share.take(code, amount * share.line.quantity) for share in shares), Decimal(0))


def _off_products(code: Code, shares: list[Share], digits: int) -> None:
    _each_unit(code, shares, code.amount.scaleb(digits))


def _off_cart(code: Code, shares: list[Share], digits: int) -> None:
    left = code.amount.scaleb(digits)
    while left > 0:
        priced = [share for share in shares if share.left > 0]
        units = sum(share.line.quantity for share in priced)
        if not units:
            return
        each = (left / units).quantize(_ONE, ROUND_FLOOR)
        if each <= 0:
            _remainder(code, priced, left)
            return
        taken = _each_unit(code, priced, each)
        if taken <= 0:
            return
        left -= taken


def _remainder(code: Code, shares: list[Share], left: Decimal) -> None:
    """Unit by unit, as often as a line has pieces."""
    for share in shares:
        for _ in range(share.line.quantity):
            left -= share.take(code, _ONE)
            if left <= 0:
                return


_TAKERS = {CodeKind.PERCENT: _percent, CodeKind.CART: _off_cart, CodeKind.PRODUCT: _off_products}


def _told(shop: WooShop, purchase: Purchase, code: Code, shares: list[Share]) -> CouponLine:
    """What the order says that a coupon took, and the tax that went with it."""
    rules = shop.rules
    discount = major_of(rules, sum((share.off.get(code.id, Decimal(0)) for share in shares), Decimal(0)))
    tax = Decimal(0)
    for share in shares:
        off = major_of(rules, share.off.get(code.id, Decimal(0)))
        if not share.line.taxable:
            continue
        rates = _rates(rules, purchase, share.line)
        part = sum((inside if rules.prices_include_tax else on_top)(off, rates).values(), Decimal(0))
        part = part if rules.round_at_subtotal else round_tax(rules, part)
        tax += part
        if rules.prices_include_tax:
            discount -= part
    return CouponLine(shop.next_item(), code, bare(discount), bare(tax))


def major_of(rules: Rules, units: Decimal) -> Decimal:
    """From the smallest units, fractions of them too."""
    return units.scaleb(-rules.decimals) if units % 1 else major(int(units), rules.decimals)


def _rates(rules: Rules, purchase: Purchase, line: Item) -> list[Rate]:
    where = place(rules, purchase.billing, purchase.shipping)
    return matching(rules, where, line.tax_class)
