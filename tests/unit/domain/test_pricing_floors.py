"""Floors: the lowest price that pays what it covers, held to the sum itself."""

from decimal import Context, Decimal, localcontext
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from sync.domain.floors import Floor

shares = st.integers(0, 60).map(lambda percent: Decimal(percent) / 100)
amounts = st.integers(0, 100_000).map(lambda units: Decimal(units) / 100)
floors = st.builds(
    Floor, cost=amounts, fees=shares, fixed=amounts, margin=shares, coupons=shares, coupon=amounts, tax=shares
)


def spare(floor: Floor, price: Fraction) -> Fraction:
    """What is left, by the sum that the module's head states."""
    coupons = price * Fraction(floor.coupons) + Fraction(floor.coupon)
    net = (price - coupons) / (1 + Fraction(floor.tax))
    margin = Fraction(floor.margin) * price / (1 + Fraction(floor.tax))
    return net - Fraction(floor.fees) * price - Fraction(floor.fixed) - Fraction(floor.cost) - margin


@given(floors, amounts)
def test_a_price_holds_where_something_is_left(floor: Floor, price: Decimal) -> None:
    assert floor.holds(price) == (spare(floor, Fraction(price)) >= 0), "amounts of few digits are exact"


@given(floors)
def test_the_least_price_is_where_nothing_is_left(floor: Floor) -> None:
    with localcontext(Context(prec=60)):
        least = floor.least()
    if least is None:
        assert spare(floor, Fraction(2)) <= spare(floor, Fraction(1)), "a higher price leaves no more"
        return
    assert abs(spare(floor, Fraction(least))) < Fraction(1, 10**29)
