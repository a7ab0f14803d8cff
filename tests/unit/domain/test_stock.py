"""The one formula of stock, and the shares that never exceed it."""

from hypothesis import event, given
from hypothesis import strategies as st

from sync.domain.ids import Sku
from sync.domain.listing import StockSeen
from sync.domain.pushing import Wanted, plan_push
from sync.domain.stock import (
    Claim,
    Exposure,
    Figure,
    Promise,
    pieces,
    raise_allowed,
    share_strictly,
    velocity_guard,
)


def test_the_promise_is_on_hand_less_everything_that_is_spoken_for() -> None:
    promise = Promise(Sku("A"), (Figure("w", 20, 5), Figure("x", 3, 0)), safety=2, velocity=1, inbound=4)
    assert promise.value == 20 + 3 - 5 - 2 - 1 + 4


def test_a_warehouse_that_has_not_spoken_is_not_zero() -> None:
    assert not Promise(Sku("A"), (Figure("w", None, 3),)).known
    assert not Promise(Sku("A"), ()).known


def test_the_promise_is_never_below_nothing() -> None:
    assert Promise(Sku("A"), (Figure("w", -4, 2),)).value == 0


def test_no_sales_no_velocity_guard() -> None:
    assert velocity_guard(0, 600, 30) == 0


def test_the_velocity_guard_is_rounded_up() -> None:
    assert velocity_guard(1, 600, 1) == 1
    assert velocity_guard(600, 600, 2) == 2


@given(
    st.integers(-5, 1000),
    st.lists(st.tuples(st.integers(1, 4), st.booleans()), max_size=8),
)
def test_strict_shares_never_exceed_the_promise(promise: int, takers: list[tuple[int, bool]]) -> None:
    claims = [Claim(f"c{n}", "s", units, open_) for n, (units, open_) in enumerate(takers)]
    event("no taker" if not any(claim.open for claim in claims) else "takers")
    event("nothing there" if promise <= 0 else "stock")
    shares = share_strictly(promise, claims)
    assert sum(shares.values()) <= max(0, promise)
    if promise > 0 and any(claim.open for claim in claims):
        assert sum(shares.values()) == promise
    assert all(shares[claim.listing] == 0 for claim in claims if not claim.open)


def test_a_bundle_shows_what_its_scarcest_component_allows() -> None:
    parts = {Sku("A"): 1, Sku("B"): 2}
    assert pieces(parts, {Sku("A"): 5, Sku("B"): 7}, {}) == 3
    assert pieces(parts, {Sku("A"): 5, Sku("B"): 7}, {Sku("B"): 2}) == 2


@given(st.integers(0, 50), st.lists(st.integers(0, 30), max_size=4), st.integers(0, 50))
def test_a_raise_never_lets_the_channels_sell_more_than_the_promise(
    promise: int, ceilings: list[int], wanted: int
) -> None:
    others = [Exposure(f"o{n}", 1, ceiling) for n, ceiling in enumerate(ceilings)]
    allowed = raise_allowed(wanted, 1, others, promise)
    event(f"allowed {allowed}")
    assert allowed == (sum(ceilings) + wanted <= promise)


def test_a_channel_that_is_not_known_blocks_a_raise() -> None:
    assert not raise_allowed(1, 1, [Exposure("o", 1, None)], 1000)


def test_lowering_goes_first_and_what_is_shown_already_needs_no_write() -> None:
    def want(name: str, desired: int, shown: int | None) -> Wanted:
        return Wanted(name, name, "", desired, None if shown is None else StockSeen(shown))

    plan = plan_push(
        [
            want("up", 5, 3),
            want("down", 1, 3),
            want("same", 3, 3),
            want("blind", 2, None),
            want("zero", 0, None),
        ]
    )
    assert [item.offer for item in plan.lower] == ["down", "zero"]
    assert [item.offer for item in plan.higher] == ["up", "blind"]
    assert [item.offer for item in plan.settled] == ["same"]
