"""Who may knock how often, and what was said already: bounded, whatever comes."""

from hypothesis import given
from hypothesis import strategies as st

from sync.engine.inbound.gate import Rate, Said

TIMES = st.lists(st.floats(0, 100, allow_nan=False), min_size=1, max_size=300).map(sorted)


@given(times=TIMES, per_second=st.floats(0.5, 20), burst=st.integers(1, 20))
def test_never_more_are_let_in_than_the_burst_and_what_was_filled_in_since(
    times: list[float], per_second: float, burst: int
) -> None:
    rate = Rate(per_second, burst)
    let_in = [at for at in times if rate.wait(at) == 0]
    for first, start in enumerate(let_in):
        for last in range(first, len(let_in)):
            assert last - first + 1 <= burst + per_second * (let_in[last] - start) + 1e-6


@given(per_second=st.floats(0.5, 20), burst=st.integers(1, 20))
def test_who_waits_as_long_as_he_is_told_is_let_in(per_second: float, burst: int) -> None:
    rate, now = Rate(per_second, burst), 5.0
    while (wait := rate.wait(now)) == 0:
        pass
    assert rate.wait(now + wait + 1e-6) == 0


@given(st.lists(st.integers(0, 30), max_size=200), st.integers(1, 10))
def test_the_latest_are_known_and_no_more(ids: list[int], most: int) -> None:
    said = Said(most)
    for one in ids:
        said.note(("shop", str(one)))
    latest = list(dict.fromkeys(reversed(ids)))[:most]
    assert all(("shop", str(one)) in said for one in latest)
    assert sum(("shop", str(one)) in said for one in range(31)) == len(latest)
