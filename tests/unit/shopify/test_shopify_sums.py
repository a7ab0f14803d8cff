"""An order's money adds up to the minor unit, or the order is told as broken."""

from typing import Any

import pytest

from connectors.storefronts.shopify.sums import NotAdding, add_up
from sync.domain.money import Money
from tests.unit.shopify.made import bag, discount, line, order, shipping, tax, tip_line


def euros(amount: str) -> Money:
    return Money.of(amount, "EUR")


def test_prices_without_tax_get_their_taxes() -> None:
    found = add_up(
        order(
            "35.70",
            line(1, "20.0", taxLines=[tax("3.8")]),
            carried=[shipping("10.00", taxLines=[tax("1.9")])],
            totalTaxSet=bag("5.7"),
        )
    )
    assert found.lines["gid://shopify/LineItem/1"] == euros("23.80")
    assert (found.shipping, found.adjustments) == (euros("11.90"), euros("0"))


def test_prices_with_tax_are_not_taxed_again() -> None:
    found = add_up(
        order(
            "25.95",
            line(1, "20.0", taxLines=[tax("3.19")]),
            carried=[shipping("5.95", taxLines=[tax("0.95")])],
            taxesIncluded=True,
        )
    )
    assert (found.lines["gid://shopify/LineItem/1"], found.shipping) == (euros("20"), euros("5.95"))


def test_discounts_of_order_and_line_come_off_the_line_they_fall_on() -> None:
    found = add_up(order("16.67", line(1, "20.0", discountAllocations=[discount("3.33"), discount("0.00")])))
    assert found.lines["gid://shopify/LineItem/1"] == euros("16.67")


def test_refunded_and_removed_units_stay_in_the_sums_before_returns() -> None:
    found = add_up(order("226.0", line(1, "200.0", units=2, currentQuantity=1, taxLines=[tax("26.0")])))
    assert found.total == euros("226")


def test_a_tip_that_is_a_line_counts_once_and_as_an_adjustment() -> None:
    found = add_up(order("23.00", line(1, "20.0"), tip_line("3.0"), totalTipReceivedSet=bag("3.0")))
    assert found.adjustments == euros("3")
    assert list(found.lines) == ["gid://shopify/LineItem/1"]


def test_a_tip_that_is_no_line_is_an_adjustment_too() -> None:
    found = add_up(order("23.00", line(1, "20.0"), totalTipReceivedSet=bag("3.0")))
    assert found.adjustments == euros("3")


def test_duties_and_fees_with_their_taxes_are_adjustments() -> None:
    found = add_up(
        order(
            "28.10",
            line(1, "20.0", taxLines=[tax("2.0")]),
            originalTotalDutiesSet=bag("5.0"),
            originalTotalAdditionalFeesSet=bag("0.6"),
            totalTaxSet=bag("2.5"),
        )
    )
    assert found.adjustments == euros("6.10")


def test_duties_within_the_prices_are_not_added() -> None:
    found = add_up(order("20.0", line(1, "20.0"), originalTotalDutiesSet=bag("5.0"), dutiesIncluded=True))
    assert found.adjustments == euros("0")


@pytest.mark.parametrize("total", ["23.80", "20.00"])
def test_tax_that_a_marketplace_collects_is_in_the_total_or_not(total: str) -> None:
    found = add_up(order(total, line(1, "20.0", taxLines=[tax("3.8", marketplace=True)])))
    assert found.lines["gid://shopify/LineItem/1"] == euros(total)
    assert found.marketplace_tax == euros("3.80")


@pytest.mark.parametrize(("total", "carried"), [("20.00", "0"), ("25.00", "5.00")])
def test_a_removed_shipping_line_counts_where_the_total_says_so(total: str, carried: str) -> None:
    found = add_up(order(total, line(1, "20.0"), carried=[shipping("5.0", isRemoved=True)]))
    assert found.shipping == euros(carried)


def test_a_gift_card_that_pays_changes_no_sum() -> None:
    assert add_up(order("20.0", line(1, "20.0"))).total == euros("20")


@pytest.mark.parametrize(("currency", "amount"), [("JPY", "1500"), ("KWD", "12.345")])
def test_currencies_of_no_and_three_digits_add_up(currency: str, amount: str) -> None:
    found = add_up(
        order(
            amount, line(1, amount, currency=currency), currency=currency, carried=[shipping("0", currency)]
        )
    )
    assert found.total == Money.of(amount, currency)


@pytest.mark.parametrize(
    ("total", "changes"),
    [("20.01", {}), ("19.99", {}), ("20.00", {"totalTipReceivedSet": bag("1.0")})],
)
def test_one_minor_unit_off_is_told(total: str, changes: dict[str, Any]) -> None:
    with pytest.raises(NotAdding, match=r"make .* EUR, the order's total is"):
        add_up(order(total, line(1, "20.0"), **changes))


def test_an_empty_order_of_nothing_adds_up() -> None:
    assert add_up(order("0.0")).total == euros("0")
