"""Which tax rates hold for an order, and what they come to, rate by rate."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sandbox.storefront.woocommerce.money import PRECISION, rounded
from sandbox.storefront.woocommerce.rules import Rate, Rules

Taxes = dict[int, Decimal]
"""An amount by the rate's id."""


def place(rules: Rules, billing: dict[str, Any], shipping: dict[str, Any]) -> tuple[str, str]:
    """Country and state that an order is taxed in: where it goes, else who pays, else the shop's own."""
    for address in (shipping, billing):
        if address.get("country"):
            return str(address["country"]), str(address.get("state") or "")
    return rules.base


def matching(
    rules: Rules, where: tuple[str, str], tax_class: str = "", *, shipping: bool = False
) -> list[Rate]:
    """The rates that hold there, one of each priority."""
    country, state = where
    found: dict[int, Rate] = {}
    for rate in rules.rates:
        here = rate.country in ("", country) and rate.state in ("", state)
        if here and rate.tax_class == tax_class and rate.priority not in found:
            found[rate.priority] = rate
    return [rate for rate in found.values() if rate.shipping or not shipping]


def on_top(amount: Decimal, rates: Sequence[Rate]) -> Taxes:
    """The taxes of an amount without tax."""
    return {rate.id: rounded(amount * rate.percent / 100, PRECISION) for rate in rates}


def inside(amount: Decimal, rates: Sequence[Rate]) -> Taxes:
    """The taxes that an amount holds already."""
    whole = 100 + sum((rate.percent for rate in rates), Decimal(0))
    return {rate.id: rounded(amount * rate.percent / whole, PRECISION) for rate in rates}


def without(rules: Rules, amount: Decimal, tax_class: str) -> Decimal:
    """A listed amount without the tax of the shop's own country, if prices hold it."""
    if not rules.prices_include_tax:
        return amount
    return amount - sum(inside(amount, matching(rules, rules.base, tax_class)).values(), Decimal(0))


def added(first: Taxes, second: Taxes) -> Taxes:
    """Two lists of taxes as one."""
    return {
        key: first.get(key, Decimal(0)) + second.get(key, Decimal(0))
        for key in dict.fromkeys((*first, *second))
    }
