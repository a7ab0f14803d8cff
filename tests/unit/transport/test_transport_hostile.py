"""A vendor that turned evil, or somebody in its place: what it answers can neither harm nor lead elsewhere."""

import asyncio
import zlib
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from loopback_vendor import NOON, Vendor, World, says

from connectors.contract import BadAnswer, Deadline, Limits, Refused, Throttled, Unavailable
from connectors.transport import (
    Call,
    Safety,
    Secret,
    Uncertain,
    VendorClock,
    bearer,
    decode,
    path_of,
    web_link,
)
from sync.domain.clock import SetClock

SMALL = Limits(answer_bytes=1000, read_seconds=1, total_seconds=5)
READ = Call("page.read", "GET", "/page", Safety.READ)
CREATE = Call("thing.make", "POST", "/thing", Safety.CREATING, body=b"{}")
PACKED = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"
EMPTY_BLOCK = b"\x00\x00\x00\xff\xff"


def _chunk(content: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(content), content)


async def _endlessly(writer: asyncio.StreamWriter, start: bytes, again: bytes) -> None:
    writer.write(PACKED + _chunk(start))
    while not writer.is_closing():
        writer.write(_chunk(again))
        await writer.drain()


async def test_an_answer_that_goes_on_after_the_end_of_its_packing_is_not_gathered(world: World) -> None:
    whole = zlib.compressobj(wbits=31)
    content = whole.compress(b"{}") + whole.flush()

    async def goes_on(writer: asyncio.StreamWriter) -> None:
        await _endlessly(writer, content, b"x" * 10_000)

    world.vendor.will(goes_on)
    with pytest.raises(BadAnswer, match="goes on after the end of its packing"):
        await world.transport(limits=SMALL).send(READ, Deadline.after(5))


async def test_an_endless_packing_of_nothing_is_cut_off(world: World) -> None:
    async def nothing(writer: asyncio.StreamWriter) -> None:
        await _endlessly(writer, GZIP_HEAD, EMPTY_BLOCK * 2000)

    world.vendor.will(nothing)
    with pytest.raises(BadAnswer, match="larger than 1,000 bytes"):
        await world.transport(limits=SMALL).send(READ, Deadline.after(5))


@pytest.mark.parametrize(("call", "error"), [(READ, Unavailable), (CREATE, Uncertain)])
async def test_endless_headers_are_no_answer(world: World, call: Call, error: type[Exception]) -> None:
    async def talks(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while not writer.is_closing():
            writer.write(b"X-More: " + b"y" * 1000 + b"\r\n")
            await writer.drain()

    world.vendor.will(talks)
    with pytest.raises(error, match="the connection broke"):
        await world.transport(limits=SMALL).send(call, Deadline.after(5))


@pytest.mark.parametrize(
    "date",
    [
        "Mon, 01 Jan -99999999999 00:00:00 GMT",
        "Mon, 01 Jan 2026 00:00:00 +99999999999999999999",
        "Fri, 31 Dec 9999 23:59:59 -1400",
        "yesterday",
    ],
)
async def test_a_date_that_makes_no_sense_spoils_no_answer(world: World, date: str) -> None:
    world.vendor.will(says(201, b"{}", Date=date))
    answer = await world.transport().send(CREATE, Deadline.after(5))
    assert (answer.status, answer.vendor_date) == (201, None)


@pytest.mark.parametrize("told", ["999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"])
async def test_no_vendor_can_silence_its_account_for_longer_than_a_day(world: World, told: str) -> None:
    world.vendor.will(says(429, Retry_After=told))
    with pytest.raises(Throttled) as error:
        await world.transport().send(READ, Deadline.after(5))
    assert timedelta(hours=23) < (error.value.retry_after or timedelta(0)) <= timedelta(days=1)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_credentials_never_follow_a_redirect_to_another_host(world: World, status: int) -> None:
    thief = Vendor([says(200, b"{}")])
    server = await asyncio.start_server(thief.serve, "127.0.0.1", 0)
    thief.port = server.sockets[0].getsockname()[1]
    world.vendor.will(says(status, Location=f"{thief.url}/collect"))
    with pytest.raises(Refused, match="redirects"):
        await world.transport(auth=bearer(Secret("k-1234"))).send(READ, Deadline.after(5))
    server.close()
    await server.wait_closed()
    assert thief.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/",
        "http://[::1]/",
        "http://localhost/",
        "http://0x7f000001/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/x",
        "http://127.0.0.1\\@evil.example/",
        "http://127.0.0.1:80@evil.example/",
    ],
)
async def test_an_address_out_of_an_answer_leads_nowhere_but_to_the_accounts_own_host(
    world: World, address: str
) -> None:
    with pytest.raises(Refused, match=r"another host|not a URL"):
        await world.transport().send(Call("label", "GET", address, Safety.READ), Deadline.after(5))
    assert world.vendor.asked == []


@pytest.mark.parametrize("id", ["", ".", ".."])
def test_an_id_that_is_a_path_of_its_own_is_not_called(id: str) -> None:
    with pytest.raises(Refused, match="a path of its own"):
        path_of("v1", "shipments", id, "cancel")


@pytest.mark.parametrize(
    "content", [b"[" * 100_000, b'{"a":' * 100_000, b'{"x":' + b"[" * 5000 + b"]" * 5000 + b"}"]
)
def test_values_nested_too_deeply_are_an_answer_that_does_not_fit(content: bytes) -> None:
    for shape in (msgspec.Raw, dict[str, msgspec.Raw], object):
        with pytest.raises(msgspec.DecodeError):
            decode(content, type=shape)  # type: ignore[arg-type]


def test_what_is_not_utf_8_does_not_fit() -> None:
    with pytest.raises(msgspec.DecodeError):
        decode(b'"\xff\xfe"', type=str)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("https://track.example/p/123?x=1#now", True),
        ("http://192.168.0.7/track", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("file:///etc/passwd", False),
        ("/etc/passwd", False),
        ("//evil.example/x", False),
        ("https://bank.example@evil.example/", False),
        ('https://x.example/"onclick="', False),
        ("https://x.example/a b", False),
        ("https://x.example/\n", False),
        ("https://" + "x" * 3000, False),
        ("http://[::1", False),
        ("", False),
        (None, False),
    ],
)
def test_an_address_that_people_are_shown_is_a_plain_one_of_the_web(text: str | None, kept: bool) -> None:
    assert web_link(text) == (text if kept else None)


def _seen(*dates: str | None, more: dict[str, str] | None = None) -> VendorClock:
    clock = VendorClock()
    for date in dates:
        clock.note({"date": date, **(more or {})} if date else {}, NOON, NOON + timedelta(seconds=2))
    return clock


def test_a_vendors_clock_is_known_after_three_answers() -> None:
    off = "Mon, 02 Mar 2026 12:01:37 GMT"
    assert _seen(off, off, None, "nonsense").off is None
    assert _seen(off, off, off).off == timedelta(seconds=95)


def test_an_answer_of_this_moment_is_not_off_however_long_it_took() -> None:
    right = "Mon, 02 Mar 2026 12:00:01 GMT"
    assert _seen(right, right, right).off == timedelta(0)


def test_a_difference_that_may_be_the_rounding_of_a_date_moves_no_time_of_the_vendor() -> None:
    """Else an order of the second before going live would be sent, and by whoever served the shop before too."""
    rounded, off = "Mon, 02 Mar 2026 11:59:59 GMT", "Mon, 02 Mar 2026 11:59:15 GMT"
    assert _seen(rounded, rounded, rounded).ahead == timedelta(0)
    assert _seen(off, off).ahead == timedelta(0), "not known yet"
    assert _seen(off, off, off).ahead == timedelta(seconds=-45)


def test_one_odd_answer_tells_nothing_of_a_clock() -> None:
    right, odd = "Mon, 02 Mar 2026 12:00:00 GMT", "Sun, 01 Mar 2026 12:00:00 GMT"
    assert _seen(odd, right, odd).off == timedelta(0)
    assert _seen(odd, odd, odd).off == timedelta(days=-1)


def test_an_answer_out_of_a_cache_bears_another_time_and_is_left_out() -> None:
    old = "Mon, 02 Mar 2026 11:00:00 GMT"
    assert _seen(old, old, old, more={"age": "3600"}).off is None


async def test_the_transport_notes_every_answer(world: World) -> None:
    clock = VendorClock()
    world.vendor.will(says(200, b"{}", Date="Mon, 02 Mar 2026 11:58:00 GMT"))
    transport = world.transport(vendor_clock=clock, clock=SetClock(datetime(2026, 3, 2, 12, tzinfo=UTC)))
    for _ in range(3):
        await transport.send(READ, Deadline.after(5))
    assert clock.off == timedelta(minutes=-2)
