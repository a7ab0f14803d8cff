"""Two sides of a parity script are compared by what they mean, and no chance of the clock sets them apart."""

import httpx
import pytest

from tests.peers.parity.transcript import Transcript, differences

PRECISE, EVEN = "2026-03-01T12:00:00.123Z", "2026-03-01T12:00:00.000Z"


def _side(*bodies: object) -> Transcript:
    side = Transcript()
    for n, body in enumerate(bodies):
        request = httpx.Request("GET", "http://127.0.0.1/")
        side.answer(f"step {n}", httpx.Response(200, json=body, request=request))
    return side


def test_a_moment_that_is_on_the_second_by_chance_is_no_difference() -> None:
    real = _side({"order": {"created_at": PRECISE, "address": {"created_at": EVEN}}})
    sandbox = _side({"order": {"created_at": PRECISE, "address": {"created_at": PRECISE}}})
    assert differences(real, sandbox) == []


def test_a_side_that_never_tells_milliseconds_is_seen() -> None:
    found = differences(_side({"at": EVEN}, {"at": EVEN}), _side({"at": PRECISE}, {"at": EVEN}))
    assert [what for _, what in found] == [".at is moment on the second, sandbox moment"] * 2


@pytest.mark.parametrize("other", [{"at": "2026-03-01"}, {"at": None}, {}])
def test_another_kind_is_seen(other: object) -> None:
    assert differences(_side({"at": PRECISE}), _side(other)) != []


@pytest.mark.parametrize("name", ["reference_number", "tracking_number", "shipment_identifier"])
def test_a_number_drawn_of_digits_alone_is_no_difference(name: str) -> None:
    assert differences(_side({name: "f1752e58e7fb"}), _side({name: "041752058271"})) == []
    assert differences(_side({name: "f1752e58e7fb"}), _side({name: None})) != []
