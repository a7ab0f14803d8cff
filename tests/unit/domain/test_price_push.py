"""Which prices go out, from where a day's moves are measured, and what a shop's answer means."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.domain.clock import to_micros
from sync.domain.money import price_text
from sync.domain.price_push import PriceOut, UnsentPrice, base_of, plan_prices, shown, step, struck

NOW = datetime(2026, 6, 11, 12, 0, tzinfo=UTC)


def ago(**by: float) -> int:
    return to_micros(NOW - timedelta(**by))


def unsent(**more: object) -> UnsentPrice:
    row: dict[str, object] = {
        "id": "o",
        "listing_id": "l",
        "external_id": "v",
        "currency": "EUR",
        "desired": "12.00",
        "acked": "10.00",
        "desired_compare_at": None,
        "acked_compare_at": None,
        "cause": "config",
        "terms": "{}",
        "base": None,
        "base_at": None,
        "approved": None,
        "approved_until": None,
    }
    return UnsentPrice(**(row | more))  # type: ignore[arg-type]


def out(price: str, currency: str = "EUR") -> PriceOut:
    return PriceOut("o", "l", "v", currency, price, None, None, None)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("12.5", "EUR", "12.50"),
        ("1E+3", "EUR", "1000.00"),
        ("1600.00", "JPY", "1600"),
        ("1.2", "KWD", "1.200"),
        ("11.125", "EUR", "11.125"),
        ("11.1250", "EUR", "11.125"),
        ("100.5", "JPY", "100.5"),
        ("0", "EUR", "0.00"),
    ],
)
def test_a_price_has_one_text_and_loses_no_digit_by_it(amount: str, currency: str, text: str) -> None:
    assert price_text(Decimal(amount), currency) == text


def test_a_day_s_moves_are_measured_from_the_price_before_its_first_change() -> None:
    first = base_of(None, None, "10.00", NOW)
    assert first == ("10.00", to_micros(NOW))
    assert base_of(*first, "11.00", NOW + timedelta(hours=23)) == first
    assert base_of(*first, "12.00", NOW + timedelta(hours=24)) == ("12.00", ago(hours=-24))


def test_where_the_shop_has_shown_nothing_there_is_nothing_to_measure_from() -> None:
    assert base_of(None, None, None, NOW) == (None, None)


def test_what_goes_out_is_the_newest_price_with_its_base() -> None:
    (sent,) = plan_prices([unsent(base="9.00", base_at=ago(hours=2), desired_compare_at="")], NOW)
    assert (sent.price, sent.compare_at, sent.base, sent.base_at) == ("12.00", "", "9.00", ago(hours=2))


@pytest.mark.parametrize("nothing", [None, ""])
def test_no_struck_out_price_is_none_and_never_zero(nothing: str | None) -> None:
    assert struck(nothing) is None
    assert struck("20.00") == Decimal("20.00")


def test_the_shop_s_word_counts_and_not_what_was_sent() -> None:
    assert shown(out("12.00"), Decimal("12.0")) == shown(out("12.00"), None)
    said = shown(out("12.99"), Decimal("13"))
    assert said.acked == "13.00"
    assert said.refused == "the shop made 13.00 EUR of it"


def test_a_shop_s_own_digits_are_no_refusal() -> None:
    assert shown(out("1600", "JPY"), Decimal("1600.00")).refused == ""


def test_a_step_goes_as_far_as_the_day_allows_and_no_further() -> None:
    share = Decimal("0.2")
    assert step(Decimal("11.00"), Decimal(10), share, None, "EUR") is None
    assert step(Decimal("15.00"), Decimal(10), share, None, "EUR") == Decimal("12.00")
    assert step(Decimal("5.00"), Decimal(10), share, None, "EUR") == Decimal("8.00")
    assert step(Decimal("500"), Decimal(101), share, None, "JPY") == Decimal(121)  # not 121.2


def test_no_step_stays_below_the_floor() -> None:
    assert step(Decimal("15.00"), Decimal(10), Decimal("0.2"), Decimal("13.00"), "EUR") is None


amounts = st.decimals("0.01", "9999", places=2)


@given(price=amounts, base=amounts, share=st.decimals("0", "0.9", places=2), least=st.none() | amounts)
def test_a_step_stays_between_and_within_the_day_s_room(
    price: Decimal, base: Decimal, share: Decimal, least: Decimal | None
) -> None:
    found = step(price, base, share, least, "EUR")
    if found is None:
        return
    assert abs(found - base) <= base * share
    assert min(price, base) <= found <= max(price, base)
    assert least is None or found >= least
