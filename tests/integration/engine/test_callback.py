"""The answer to `connect`: over real HTTP on loopback, and no answer but the one that was asked for."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from sync.engine.inbound.callback import THANKS, Callback, Declined, new_state, pasted

STATE = "the-state-of-this-question"


@pytest.fixture
async def callback() -> AsyncIterator[Callback]:
    made = Callback(STATE)
    made.bind()
    await made.start()
    yield made
    await made.stop()


async def _visit(callback: Callback, **query: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        return await client.get(callback.redirect, params=query)


async def test_the_vendors_answer_comes_through(callback: Callback) -> None:
    seen = await _visit(callback, state=STATE, code="c-1", shop="s.example")
    assert (seen.status_code, seen.text) == (200, THANKS)
    assert dict(await callback.wait(5)) == {"state": STATE, "code": "c-1", "shop": "s.example"}


async def test_an_answer_to_another_question_is_refused_and_does_not_end_the_waiting(
    callback: Callback,
) -> None:
    for query in ({"state": "another", "code": "c-2"}, {"code": "c-2"}, {"state": "", "code": "c-2"}):
        assert (await _visit(callback, **query)).status_code == 400
    with pytest.raises(asyncio.TimeoutError):
        await callback.wait(0.05)
    await _visit(callback, state=STATE, code="c-1")
    assert (await callback.wait(5))["code"] == "c-1"


async def test_a_no_is_told_to_whoever_waits(callback: Callback) -> None:
    assert (await _visit(callback, state=STATE, error="access_denied")).status_code == 400
    with pytest.raises(Declined, match="access was not granted"):
        await callback.wait(5)


async def test_the_first_answer_counts(callback: Callback) -> None:
    await _visit(callback, state=STATE, code="c-1")
    await _visit(callback, state=STATE, code="c-2")
    assert (await callback.wait(5))["code"] == "c-1"


async def test_it_listens_on_loopback_alone(callback: Callback) -> None:
    assert callback.redirect.startswith("http://127.0.0.1:")


def test_a_pasted_address_is_read_like_an_answer() -> None:
    address = f"http://127.0.0.1/callback?code=c-1&state={STATE}\n"
    assert pasted(address, STATE)["code"] == "c-1"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the whole address"),
        ("c-1", "the whole address"),
        ("http://127.0.0.1/callback?code=c-1&state=other", "begin again"),
        (f"http://127.0.0.1/callback?error=access_denied&state={STATE}", "access was not granted"),
    ],
)
def test_what_is_no_answer_is_told(text: str, told: str) -> None:
    with pytest.raises(Declined, match=told):
        pasted(text, STATE)


def test_no_two_questions_share_a_state() -> None:
    assert len({new_state() for _ in range(100)}) == 100
