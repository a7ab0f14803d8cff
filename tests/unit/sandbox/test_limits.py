"""How each shape of limit counts, on a clock that the test moves."""

from sandbox.limits import Limit, Shape


class Hands:
    """A clock's hands."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def tried(limit: Limit, hands: Hands, *moments: float) -> list[bool]:
    """Whether a call at each moment passed."""
    passed = []
    for moment in moments:
        hands.at = moment
        passed.append(limit.wait() is None)
    return passed


def test_a_fixed_window_forgets_everything_when_it_turns() -> None:
    hands = Hands()
    limit = Limit(Shape.FIXED, 2, 10, hands)
    assert tried(limit, hands, 9, 9.5, 9.9, 10, 10.1, 10.2) == [True, True, False, True, True, False]


def test_a_sliding_window_forgets_one_call_at_a_time() -> None:
    hands = Hands()
    limit = Limit(Shape.SLIDING, 2, 10, hands)
    assert tried(limit, hands, 0, 5, 9, 10, 11, 15) == [True, True, False, True, False, True]


def test_a_leaky_bucket_drains_steadily() -> None:
    hands = Hands()
    limit = Limit(Shape.LEAKY, 2, 10, hands)
    assert tried(limit, hands, 0, 0, 0, 4, 5, 5) == [True, True, False, False, True, False]


def test_each_shape_says_how_long_to_wait() -> None:
    for shape, wait in ((Shape.FIXED, 10), (Shape.SLIDING, 10), (Shape.LEAKY, 5)):
        hands = Hands()
        limit = Limit(shape, 2, 10, hands)
        tried(limit, hands, 0, 0)
        assert limit.wait() == wait
