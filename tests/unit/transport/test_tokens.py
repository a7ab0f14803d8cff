"""Tokens that end: renewed in time, once for all, kept for the next process, and never used up by a bystander."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import AuthRejected, Unavailable
from connectors.transport import Memory, Renewed, Secret, Token
from connectors.transport.tokens import EARLY
from sync.domain.clock import SetClock

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Vendor:
    """Gives tokens a1, a2, … that last an hour, each with a refresh token that is good once."""

    def __init__(self, clock: SetClock, *, refreshing: bool = True) -> None:
        self.clock = clock
        self.refreshing = refreshing
        self.given = 0
        self.refused = False

    async def fetch(self, before: Token | None) -> Token:
        """The next token."""
        await asyncio.sleep(0)
        if self.refused:
            raise AuthRejected("refused")
        if before is not None and before.refresh is not None:
            assert before.refresh.reveal() == f"r{self.given}", "a refresh token was used twice"
        self.given += 1
        refresh = Secret(f"r{self.given}") if self.refreshing else None
        return Token(Secret(f"a{self.given}"), self.clock.now() + HOUR, refresh)


def _used(auth: Renewed) -> str:
    request = httpx.Request("GET", "https://shop.example/")
    next(auth.auth_flow(request))
    return str(request.headers["Authorization"])


async def test_a_token_is_renewed_before_it_ends() -> None:
    clock = SetClock(NOON)
    vendor = Vendor(clock)
    auth = Renewed(vendor.fetch, Memory(), clock)
    assert await auth.ready() == 1
    clock.move(HOUR - EARLY - timedelta(seconds=1))
    assert await auth.ready() == 1
    clock.move(timedelta(seconds=1))
    assert await auth.ready() == 2
    assert _used(auth) == "Bearer a2"


async def test_many_that_need_it_at_once_renew_it_once() -> None:
    clock = SetClock(NOON)
    vendor = Vendor(clock)
    auth = Renewed(vendor.fetch, Memory(), clock)
    assert set(await asyncio.gather(*(auth.ready() for _ in range(20)))) == {1}
    clock.move(HOUR)
    await asyncio.gather(*(auth.ready() for _ in range(20)))
    assert vendor.given == 2


async def test_a_token_that_the_vendor_refuses_is_renewed_once_for_all_who_hear_it() -> None:
    clock = SetClock(NOON)
    vendor = Vendor(clock)
    auth = Renewed(vendor.fetch, Memory(), clock)
    generation = await auth.ready()
    await asyncio.gather(*(auth.renew(generation) for _ in range(20)))
    assert (vendor.given, _used(auth)) == (2, "Bearer a2")


async def test_the_next_process_goes_on_with_the_token_that_was_kept() -> None:
    clock = SetClock(NOON)
    vendor, box = Vendor(clock), Memory()
    await Renewed(vendor.fetch, box, clock).ready()
    second = Renewed(vendor.fetch, box, clock)
    await second.ready()
    assert (vendor.given, _used(second)) == (1, "Bearer a1")


async def test_a_token_that_somebody_else_has_renewed_meanwhile_is_taken_over() -> None:
    clock = SetClock(NOON)
    vendor, box = Vendor(clock), Memory()
    one, other = Renewed(vendor.fetch, box, clock), Renewed(vendor.fetch, box, clock)
    await one.ready()
    await other.ready()
    await one.renew(one.generation)
    await other.renew(other.generation)
    assert (vendor.given, _used(one), _used(other)) == (2, "Bearer a2", "Bearer a2")


async def test_a_bystander_never_uses_up_the_refresh_token() -> None:
    clock = SetClock(NOON)
    vendor, box = Vendor(clock), Memory()
    await Renewed(vendor.fetch, box, clock).ready()
    box.ours = False
    clock.move(HOUR)
    with pytest.raises(AuthRejected, match="the daemon renews it"):
        await Renewed(vendor.fetch, box, clock).ready()
    assert vendor.given == 1


async def test_a_bystander_may_ask_where_no_refresh_token_is_needed() -> None:
    clock = SetClock(NOON)
    vendor, box = Vendor(clock, refreshing=False), Memory(ours=False)
    auth = Renewed(vendor.fetch, box, clock)
    await auth.ready()
    assert _used(auth) == "Bearer a1"


async def test_what_the_vendor_refuses_is_told_and_the_old_token_stays() -> None:
    clock = SetClock(NOON)
    vendor, box = Vendor(clock), Memory()
    auth = Renewed(vendor.fetch, box, clock)
    await auth.ready()
    vendor.refused = True
    clock.move(HOUR)
    with pytest.raises(AuthRejected):
        await auth.ready()
    assert box.token is not None
    assert box.token.access.reveal() == "a1"


class Slow:
    """A vendor who uses up the refresh token at once, and whose answer takes its time."""

    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor
        self.asked, self.answers = asyncio.Event(), asyncio.Event()

    async def fetch(self, before: Token | None) -> Token:
        """The next token, when `answers` is set."""
        token = await self.vendor.fetch(before)
        self.asked.set()
        await self.answers.wait()
        return token


async def test_who_is_cancelled_takes_no_rotated_token_down_with_him() -> None:
    clock = SetClock(NOON)
    vendor, box = Vendor(clock), Memory()
    slow = Slow(vendor)
    auth = Renewed(slow.fetch, box, clock)
    first = asyncio.create_task(auth.ready())
    await slow.asked.wait()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert first.cancelled()
    slow.answers.set()
    assert await auth.ready() == 1
    assert (vendor.given, _used(auth)) == (1, "Bearer a1")
    assert box.token is not None
    assert box.token.access.reveal() == "a1"


async def test_a_renewal_that_failed_while_nobody_waited_is_asked_for_anew() -> None:
    clock = SetClock(NOON)
    vendor = Vendor(clock)
    answers = asyncio.Event()

    async def fetch(before: Token | None) -> Token:
        if not answers.is_set():
            await answers.wait()
            raise Unavailable("no answer")
        return await vendor.fetch(before)

    auth = Renewed(fetch, Memory(), clock)
    first = asyncio.create_task(auth.ready())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    answers.set()
    for _ in range(5):
        await asyncio.sleep(0)
    await auth.ready()
    assert _used(auth) == "Bearer a1"


@dataclass
class Full(Memory):
    """A box on a disk that is full for so many tries."""

    tries: int = 1

    async def put(self, token: Token) -> None:
        if self.tries:
            self.tries -= 1
            raise OSError("the disk is full")
        await super().put(token)


async def test_a_token_that_could_not_be_kept_is_kept_with_the_next_call_and_not_asked_for_again() -> None:
    clock = SetClock(NOON)
    vendor, box = Vendor(clock), Full()
    auth = Renewed(vendor.fetch, box, clock)
    with pytest.raises(OSError, match="full"):
        await auth.ready()
    await auth.ready()
    assert (vendor.given, _used(auth)) == (1, "Bearer a1")
    assert box.token is not None
    assert box.token.access.reveal() == "a1"


async def test_a_refresh_token_that_was_used_up_by_what_was_lost_is_told_with_what_to_do() -> None:
    """A kill between the vendor's answer and our commit, or a restored copy: only a person gets another one."""
    clock = SetClock(NOON)
    vendor, box = Vendor(clock), Memory()
    await Renewed(vendor.fetch, box, clock).ready()
    vendor.refused = True
    clock.move(HOUR)
    with pytest.raises(AuthRejected, match="only `entrepot connect` gives another one"):
        await Renewed(vendor.fetch, box, clock).ready()


@given(st.lists(st.integers(0, 5000), max_size=30))
def test_whatever_time_passes_no_call_is_made_with_a_token_that_has_ended(seconds: list[int]) -> None:
    async def run() -> None:
        clock = SetClock(NOON)
        vendor = Vendor(clock)
        box = Memory()
        auth = Renewed(vendor.fetch, box, clock)
        for step in seconds:
            clock.move(timedelta(seconds=step))
            await auth.ready()
            assert box.token is not None
            assert box.token.ends_at is not None
            assert clock.now() < box.token.ends_at
            assert _used(auth) == f"Bearer {box.token.access.reveal()}"

    asyncio.run(run())
