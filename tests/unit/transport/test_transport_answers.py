"""Answers that are too big, badly packed or from elsewhere, and what may not leave or be seen."""

import gzip
import pickle
import zlib
from typing import Any

import httpx
import pytest
from loopback_vendor import Script, World, says

from connectors.contract import AuthRejected, BadAnswer, Deadline, Limits, Refused
from connectors.transport import (
    Call,
    Refreshable,
    Safety,
    Secret,
    Uncertain,
    basic,
    bearer,
    header_key,
    path_of,
    token,
)

SMALL = Limits(answer_bytes=1000, read_seconds=1, total_seconds=2)
READ = Call("page.read", "GET", "/page", Safety.READ)
CREATE = Call("thing.make", "POST", "/thing", Safety.CREATING, body=b"{}")


def packed(body: bytes, encoding: str, **headers: str) -> Script:
    return says(200, body, Content_Encoding=encoding, **headers)


@pytest.mark.parametrize(
    "script",
    [
        says(200, b"x" * 1001),
        packed(gzip.compress(b"x" * 1001), "gzip"),
        packed(gzip.compress(b"\0" * 50_000_000), "gzip"),
        packed(zlib.compress(b"x" * 1001), "deflate"),
    ],
    ids=["plain", "packed", "packed bomb", "deflated"],
)
async def test_an_answer_larger_than_the_limit_is_bad_however_it_is_packed(
    world: World, script: Script
) -> None:
    world.vendor.will(script)
    with pytest.raises(BadAnswer, match="larger than 1,000 bytes"):
        await world.transport(limits=SMALL).send(READ, Deadline.after(5))


async def test_an_endless_answer_is_cut_off_at_the_limit(world: World) -> None:
    async def endless(writer: object) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")  # type: ignore[attr-defined]
        while not writer.is_closing():  # type: ignore[attr-defined]
            writer.write(b"64\r\n" + b"x" * 100 + b"\r\n")  # type: ignore[attr-defined]
            await writer.drain()  # type: ignore[attr-defined]

    world.vendor.will(endless)  # type: ignore[arg-type]
    with pytest.raises(BadAnswer, match="larger than"):
        await world.transport(limits=SMALL).send(READ, Deadline.after(5))


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_packed_answer_is_unpacked(world: World, encoding: str) -> None:
    pack = gzip.compress if encoding == "gzip" else zlib.compress
    world.vendor.will(packed(pack(b'{"a": 1}' * 50), encoding))
    assert (await world.transport(limits=SMALL).send(READ, Deadline.after(5))).body == b'{"a": 1}' * 50


@pytest.mark.parametrize(
    ("body", "encoding", "why"),
    [(b"not gzip", "gzip", "corrupt"), (b"?", "br", "not asked for")],
)
async def test_a_packing_that_cannot_be_undone_is_a_bad_answer(
    world: World, body: bytes, encoding: str, why: str
) -> None:
    world.vendor.will(packed(body, encoding))
    with pytest.raises(BadAnswer, match=why):
        await world.transport().send(READ, Deadline.after(5))


async def test_a_packing_that_breaks_off_is_a_broken_connection_and_is_read_again(world: World) -> None:
    world.vendor.will(packed(gzip.compress(b"x" * 500)[:-9], "gzip"), says(200, b"whole"))
    assert (await world.transport().send(READ, Deadline.after(5))).body == b"whole"


async def test_a_creating_call_with_a_huge_answer_was_done_all_the_same(world: World) -> None:
    world.vendor.will(says(201, b"x" * 1001))
    with pytest.raises(Uncertain, match="larger than"):
        await world.transport(limits=SMALL).send(CREATE, Deadline.after(5))


@pytest.mark.parametrize(
    "path",
    [
        "https://127.0.0.1/label.pdf",
        "http://evil.example/label.pdf",
        "http://127.0.0.1:1/label.pdf",
        "http://user:pw@127.0.0.1/label.pdf",
    ],
)
async def test_an_address_on_another_host_is_not_called(world: World, path: str) -> None:
    with pytest.raises(Refused, match="another host"):
        await world.transport().send(Call("label", "GET", path, Safety.READ), Deadline.after(5))


async def test_an_absolute_address_on_the_same_host_is_called(world: World) -> None:
    call = Call("label", "GET", f"{world.vendor.url}/files/1.pdf?x=1", Safety.READ)
    await world.transport().send(call, Deadline.after(5))
    assert world.vendor.asked[0].target == "/files/1.pdf?x=1"


async def test_a_path_that_begins_like_a_host_stays_on_the_host(world: World) -> None:
    await world.transport().send(Call("label", "GET", "//evil.example/x", Safety.READ), Deadline.after(5))
    assert world.vendor.asked[0].target == "/evil.example/x"


async def test_a_base_address_with_a_path_keeps_it_before_each_call(world: World) -> None:
    transport = world.transport(base_url=f"{world.vendor.url}/shop/")
    await transport.send(
        Call("x", "GET", "/a", Safety.READ, params=[("f", "1"), ("f", "2")]), Deadline.after(5)
    )
    assert world.vendor.asked[0].target == "/shop/a?f=1&f=2"


def test_an_id_with_a_slash_cannot_lead_elsewhere() -> None:
    assert path_of("v1", "shipments", "../../admin?x") == "/v1/shipments/..%2F..%2Fadmin%3Fx"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://example.com", "http:// or https://"),
        ("example.com", "http:// or https://"),
        ("https://user:pw@example.com", "must not hold a user or password"),
        ("http://example.com:port/", "not a URL"),
    ],
)
async def test_a_base_address_that_cannot_be_one_is_refused(world: World, url: str, why: str) -> None:
    with pytest.raises(Refused, match=why) as error:
        world.transport(base_url=url)
    assert "pw" not in str(error.value)


async def test_no_cookie_of_one_answer_goes_with_the_next_request(world: World) -> None:
    world.vendor.will(says(200, b"{}", Set_Cookie="session=abc; Path=/"))
    transport = world.transport()
    await transport.send(READ, Deadline.after(5))
    await transport.send(READ, Deadline.after(5))
    assert "cookie" not in world.vendor.asked[1].headers


async def test_parts_of_a_form_go_in_their_order(world: World) -> None:
    files = [("operations", (None, b"{}")), ("0", ("a.png", b"PNG", "image/png"))]
    await world.transport().send(
        Call("upload", "POST", "/up", Safety.ABSOLUTE, files=files), Deadline.after(5)
    )
    asked = world.vendor.asked[0]
    assert asked.headers["content-type"].startswith("multipart/form-data")
    assert asked.body.index(b'name="operations"') < asked.body.index(b'filename="a.png"')


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        (bearer(Secret("k-1234")), "authorization", "Bearer k-1234"),
        (token(Secret("k-1234")), "authorization", "Token k-1234"),
        (header_key("X-Key", Secret("k-1234")), "x-key", "k-1234"),
        (basic("ann", Secret("pässword")), "authorization", "Basic YW5uOnDDpHNzd29yZA=="),
    ],
)
async def test_each_way_of_signing_sets_its_header(
    world: World, auth: httpx.Auth, header: str, value: str
) -> None:
    await world.transport(auth=auth).send(READ, Deadline.after(5))
    assert world.vendor.asked[0].headers[header] == value


async def test_an_anonymous_call_carries_no_credentials(world: World) -> None:
    call = Call("login", "POST", "/login", Safety.ABSOLUTE, anonymous=True)
    await world.transport(auth=bearer(Secret("k-1234"))).send(call, Deadline.after(5))
    assert "authorization" not in world.vendor.asked[0].headers


@pytest.mark.parametrize("safety", list(Safety))
async def test_a_secret_with_a_line_break_is_told_without_being_shown(world: World, safety: Safety) -> None:
    transport = world.transport(auth=bearer(Secret("very-secret\n")))
    with pytest.raises(AuthRejected, match="cannot stand in a header") as error:
        await transport.send(Call("x", "GET", "/x", safety), Deadline.after(5))
    assert "very-secret" not in str(error.value)
    assert world.vendor.asked == []


@pytest.mark.parametrize(
    ("value", "why"),
    [("hush\r\nX-Other: 1", "cannot be written as HTTP"), ("hush ü", "characters that HTTP does not allow")],
)
async def test_a_header_that_http_does_not_allow_is_refused_without_being_shown(
    world: World, value: str, why: str
) -> None:
    call = Call("x", "GET", "/x", Safety.CREATING, headers={"X-Key": value})
    with pytest.raises(Refused, match=f"^shop-1: x: .*{why}") as error:
        await world.transport().send(call, Deadline.after(5))
    assert "hush" not in str(error.value)


async def test_a_token_is_fetched_once_for_all_and_again_when_it_is_refused(world: World) -> None:
    fetched: list[str] = []

    async def fetch() -> Secret:
        fetched.append(f"token-{len(fetched)}")
        return Secret(fetched[-1])

    transport = world.transport(auth=Refreshable(fetch))
    world.vendor.will(says(200), says(401), says(200))
    for _ in range(2):
        await transport.send(CREATE, Deadline.after(5))
    signed = [each.headers["authorization"] for each in world.vendor.asked]
    assert signed == ["Bearer token-0", "Bearer token-0", "Bearer token-1"]


async def test_a_fresh_token_that_is_refused_too_means_refused_credentials(world: World) -> None:
    async def fetch() -> Secret:
        return Secret("token-x")

    world.vendor.will(says(401))
    with pytest.raises(AuthRejected):
        await world.transport(auth=Refreshable(fetch)).send(READ, Deadline.after(5))
    assert len(world.vendor.asked) == 2


def test_a_secret_does_not_show_in_any_text_form() -> None:
    secret = Secret("sesame-open")
    assert "sesame" not in f"{secret} {secret!r} {[secret]}"
    with pytest.raises(TypeError, match="not written down"):
        pickle.dumps(secret)


def test_secrets_are_compared_by_value() -> None:
    assert Secret("abcd") == Secret("abcd") != Secret("abce")


async def test_an_application_in_the_same_process_can_stand_in_for_the_network(world: World) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": scope["path"].encode()})

    transport = world.transport(http=httpx.ASGITransport(app=app))
    assert (await transport.send(READ, Deadline.after(5))).body == b"/page"
