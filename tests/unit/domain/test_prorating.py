"""Parts of a line add up to the whole, in every order, with 0, 2 and 3 decimals."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.domain.money import Money
from sync.domain.prorating import Claim, PaidLine, Part, Wanted, claim, cumulative, paid_lines

MAJOR = {"JPY": "1000", "EUR": "10.00", "KWD": "1.000"}


def line(units: int = 3, goods: int = 1000, tax: int = 0, discount: int = 0, shipping: int = 0) -> PaidLine:
    return PaidLine("l1", units, Part(goods, tax, discount, shipping))


def amounts(paid: PaidLine, *wanted: Wanted) -> list[int]:
    claims: list[Claim] = []
    for want in wanted:
        claims.append(claim(paid, want, claims))
    return [one.amount for one in claims]


@pytest.mark.parametrize(
    ("currency", "parts"),
    [
        ("JPY", [333, 334, 333]),
        ("EUR", [333, 334, 333]),
        ("KWD", [333, 334, 333]),
    ],
)
def test_a_third_of_a_thousand_minor_units_is_rounded_so_that_three_make_a_thousand(
    currency: str, parts: list[int]
) -> None:
    whole = Money.of(MAJOR[currency], currency).minor
    assert amounts(line(goods=whole), *[Wanted(1)] * 3) == parts


def test_a_part_holds_its_tax_its_discount_and_its_shipping() -> None:
    one = claim(line(3, 9000, 1710, 900, 500), Wanted(1), []).part
    assert one == Part(goods=3000, tax=570, discount=300, shipping=167)
    assert one.total == 3437


def test_a_refund_without_shipping_leaves_the_shipping_with_the_shop() -> None:
    assert amounts(line(2, 1000, 0, 0, 501), Wanted(1, shipping=False), Wanted(1)) == [500, 500 + 251]


def test_no_more_units_are_refunded_than_were_paid() -> None:
    assert [
        one.units
        for one in (claim(line(), Wanted(5), []), claim(line(), Wanted(2), [claim(line(), Wanted(2), [])]))
    ] == [3, 1]


def test_an_allowance_comes_off_what_the_same_units_are_worth_later() -> None:
    """200 for each of two pieces of 1000; then one comes back: 800, then the other: 800."""
    assert amounts(line(2, 2000), Wanted(allowance=400), Wanted(1), Wanted(1)) == [400, 800, 800]


def test_an_allowance_after_one_piece_came_back_is_for_the_other() -> None:
    assert amounts(line(2, 2000), Wanted(1), Wanted(allowance=300), Wanted(1)) == [1000, 300, 700]


def test_an_allowance_is_cut_to_what_is_left_of_the_line() -> None:
    assert amounts(line(2, 2000), Wanted(1), Wanted(allowance=5000)) == [1000, 1000]


def test_the_shares_of_shipping_and_discount_make_the_whole() -> None:
    lines = paid_lines(
        "EUR", {"a": (1, 100, 0), "b": (2, 100, 0), "c": (1, 100, 19)}, shipping=100, discount=50
    )
    assert sum(one.whole.shipping for one in lines.values()) == 100
    assert sum(one.whole.discount for one in lines.values()) == 50


def test_an_order_without_lines_has_no_shares() -> None:
    assert paid_lines("EUR", {}, shipping=5) == {}


def test_what_is_no_charged_line_is_refused() -> None:
    for units, whole in ((0, Part(1)), (1, Part(1, discount=2)), (1, Part(1, shipping=-1))):
        with pytest.raises(ValueError, match="line l1"):
            PaidLine("l1", units, whole)
    with pytest.raises(ValueError, match="takes nothing"):
        Wanted(-1)


@given(st.integers(0, 10**9), st.integers(1, 50))
def test_a_running_sum_never_falls_and_ends_in_the_whole(amount: int, of: int) -> None:
    sums = [cumulative(amount, units, of) for units in range(of + 1)]
    assert sums == sorted(sums)
    assert (sums[0], sums[-1]) == (0, amount)


SEEN: Counter[str] = Counter()


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 2**64))
def _every(seed: int) -> None:
    chance = Random(seed)
    currency = chance.choice(("JPY", "EUR", "KWD"))
    major = [f"{chance.randint(0, 99)}.{chance.randint(0, 999):03d}" for _ in range(4)]
    goods, tax, discount, shipping = (Money.of(one, currency).minor for one in major)
    units = chance.choice((1, 2, 3, 7, 12))
    paid = line(units, goods, tax, min(discount, goods + tax), shipping)
    sizes: list[int] = []
    while sum(sizes) < units:
        sizes.append(chance.randint(1, units - sum(sizes)))
    wanted = [Wanted(size) for size in sizes]
    allowance = chance.random() < 0.4
    if allowance:
        wanted.insert(chance.randint(0, len(wanted)), Wanted(allowance=chance.randint(1, 2000)))
    chance.shuffle(wanted)
    claims: list[Claim] = []
    for want in wanted:
        claims.append(claim(paid, want, claims))
    SEEN.update(
        {"all", currency, "several" if len(sizes) > 1 else "one", "allowance" if allowance else "none"}
    )
    assert all(one.amount >= 0 for one in claims)
    assert sum(one.amount for one in claims) == paid.whole.total
    for kind in ("goods", "tax", "discount", "shipping"):
        assert sum(getattr(one.part, kind) for one in claims) == getattr(paid.whole, kind)


def test_parts_in_any_order_make_the_whole() -> None:
    SEEN.clear()
    _every()
    classes = ("JPY", "EUR", "KWD", "several", "one", "allowance", "none")
    assert not [name for name in classes if SEEN[name] < 0.02 * SEEN["all"]], SEEN
