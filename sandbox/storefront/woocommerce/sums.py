"""What an order comes to: taxes item by item, then the totals, each rounded just where WooCommerce rounds it.

Without rounding at the subtotal every tax is rounded before it is summed up (a half goes down where prices hold the
tax); with it, sums are made first. The total is rounded once more, so the parts need not add up to it.
"""

from decimal import Decimal

from sandbox.storefront.woocommerce.books import WooShop
from sandbox.storefront.woocommerce.money import rounded
from sandbox.storefront.woocommerce.posts import Post
from sandbox.storefront.woocommerce.purchases import Item, ItemKind, MoneyBack, Purchase, TaxLine
from sandbox.storefront.woocommerce.rules import Rules
from sandbox.storefront.woocommerce.taxes import Taxes, added, matching, on_top, place, without


def recalculate(shop: WooShop, purchase: Purchase) -> None:
    """Work all sums out anew, from the items' amounts."""
    _clamp_fees(shop.rules, purchase)
    where = place(shop.rules, purchase.billing, purchase.shipping)
    for item in purchase.items:
        tax(shop.rules, purchase, item, where)
    purchase.tax_lines = _tax_lines(shop, purchase.items, purchase.tax_lines)
    _total(shop.rules, purchase)


def net(rules: Rules, listed: Decimal, post: Post) -> Decimal:
    """What a product's listed amount comes to without tax."""
    return without(rules, listed, post.tax_class) if post.taxable else listed


def _clamp_fees(rules: Rules, purchase: Purchase) -> None:
    """A reduction beyond what the order comes to becomes just that, without a word."""
    so_far = _items(rules, purchase, "total") + _shipping(rules, purchase)
    for fee in purchase.of(ItemKind.FEE):
        most = rounded(so_far, rules.decimals)
        if fee.total < -most and most > 0:
            fee.total = -most
        so_far += fee.total


def tax(rules: Rules, purchase: Purchase, item: Item, where: tuple[str, str]) -> None:
    """Work out one item's taxes."""
    item.taxes, item.subtotal_taxes = {}, {}
    if item.taxable and item.kind is ItemKind.FEE and item.total < 0:
        item.taxes = _spread(rules, purchase, item, where)
    elif item.taxable:
        sent = item.kind is ItemKind.SHIPPING
        rates = matching(rules, where, _class_of(purchase, item), shipping=sent)
        item.taxes = on_top(item.total, rates)
        if item.kind is ItemKind.LINE:
            item.subtotal_taxes = on_top(item.subtotal, rates)
    item.total_tax = _summed(rules, item.taxes)
    item.subtotal_tax = _summed(rules, item.subtotal_taxes)


def _class_of(purchase: Purchase, item: Item) -> str:
    """Shipping is taxed as the lines are: by the ordinary class, if any of them is of it."""
    if item.kind is not ItemKind.SHIPPING:
        return item.tax_class
    found = [line.tax_class for line in purchase.lines if line.taxable]
    return "" if "" in found or not found else found[0]


def _spread(rules: Rules, purchase: Purchase, fee: Item, where: tuple[str, str]) -> Taxes:
    """A reduction is taxed as what it reduces, in proportion."""
    costs: dict[str | None, Decimal] = {}
    for item in purchase.items:
        if item.total >= 0:
            name = _class_of(purchase, item) if item.taxable else None
            costs[name] = costs.get(name, Decimal(0)) + item.total
    whole = sum(costs.values(), Decimal(0))
    found: Taxes = {}
    for name, cost in costs.items():
        if name is not None and whole:
            found = added(found, on_top(fee.total * cost / whole, matching(rules, where, name)))
    return found


def round_tax(rules: Rules, value: Decimal) -> Decimal:
    """A tax as it is rounded when it stands alone."""
    return rounded(value, rules.decimals, down=rules.prices_include_tax)


def _each(rules: Rules, value: Decimal) -> Decimal:
    return value if rules.round_at_subtotal else round_tax(rules, value)


def _summed(rules: Rules, taxes: Taxes) -> Decimal:
    return sum((_each(rules, value) for value in taxes.values()), Decimal(0))


def _tax_lines(shop: WooShop, items: list[Item], before: list[TaxLine]) -> list[TaxLine]:
    known = {line.rate: line.id for line in before}
    found: dict[int, TaxLine] = {}
    for item in items:
        for rate, value in item.taxes.items():
            if rate not in found:
                id = known.get(rate) or shop.next_item()
                found[rate] = TaxLine(id, rate, Decimal(0), Decimal(0))
            if item.kind is ItemKind.SHIPPING:
                found[rate].shipping += _each(shop.rules, value)
            else:
                found[rate].items += _each(shop.rules, value)
    return list(found.values())


def _items(rules: Rules, purchase: Purchase, name: str) -> Decimal:
    values = [getattr(line, name) for line in purchase.lines]
    if not rules.round_at_subtotal:
        values = [rounded(value, rules.decimals) for value in values]
    return sum(values, Decimal(0))


def _shipping(rules: Rules, purchase: Purchase) -> Decimal:
    sent = purchase.of(ItemKind.SHIPPING)
    return sum((rounded(item.total, rules.decimals) for item in sent), Decimal(0))


def _total(rules: Rules, purchase: Purchase) -> None:
    before, after = _items(rules, purchase, "subtotal"), _items(rules, purchase, "total")
    fees = sum((fee.total for fee in purchase.of(ItemKind.FEE)), Decimal(0))
    purchase.shipping_total = _shipping(rules, purchase)
    purchase.cart_tax = sum((line.items for line in purchase.tax_lines), Decimal(0))
    purchase.shipping_tax = sum((line.shipping for line in purchase.tax_lines), Decimal(0))
    taxes = purchase.cart_tax + purchase.shipping_tax
    purchase.total_tax = rounded(taxes, rules.decimals)
    purchase.discount_total = rounded(before - after, rules.decimals)
    without = sum((sum(line.subtotal_taxes.values(), Decimal(0)) for line in purchase.lines), Decimal(0))
    with_it = sum((sum(line.taxes.values(), Decimal(0)) for line in purchase.lines), Decimal(0))
    purchase.discount_tax = round_tax(rules, without - with_it)
    purchase.total = rounded(after + fees + purchase.shipping_total + taxes, rules.decimals)


def settle_refund(shop: WooShop, refund: MoneyBack) -> None:
    """The sums of a refund's items, whose taxes the caller gave."""
    for item in refund.items:
        item.subtotal, item.subtotal_taxes = item.total, dict(item.taxes)
        item.total_tax = _summed(shop.rules, item.taxes)
        item.subtotal_tax = item.total_tax
    found: dict[int, TaxLine] = {}
    for item in refund.items:
        for rate, value in item.taxes.items():
            line = found.setdefault(rate, TaxLine(0, rate, Decimal(0), Decimal(0)))
            line.id = line.id or shop.next_item()
            if item.kind is ItemKind.SHIPPING:
                line.shipping += _each(shop.rules, value)
            else:
                line.items += _each(shop.rules, value)
    refund.tax_lines = list(found.values())
