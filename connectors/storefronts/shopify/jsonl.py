"""A bulk operation's file, streamed: a line at a time, a product with its rows at a time, and never all of it.

The file lies on another host than the shop, at a signed address that came in the shop's answer. So it is called
without any credential, over https only, at no address of an inner network; no redirect is followed, and neither
a line nor the whole may grow without end. Reading stops after so many rows, and goes on later at the byte where
the next product begins (RFC 9110, 14.2; where a server gives the whole file all the same, what was read is
passed over).
"""

import asyncio
from dataclasses import dataclass, field

import httpx
import msgspec

from connectors.contract import BadAnswer, Deadline, Limits, Refused, Unavailable
from connectors.transport import decode, web_link
from connectors.transport.place import Place, is_inner, new_client

LONGEST_LINE = 5_000_000
LONGEST_FILE = 20_000_000_000
LONGEST_GROUP = 20_000
"""Rows of one product: Shopify allows 2,048 variants and 250 media."""
_GONE = frozenset({400, 403, 404, 410})


class LinkEnded(Exception):
    """The signed address is not honoured any more: the shop gives a fresh one."""


class _Row(msgspec.Struct, frozen=True):
    id: str = ""
    parent: str | None = msgspec.field(default=None, name="__parentId")


@dataclass(slots=True)
class Group:
    """A product's row and those that belong to it (`__parentId`), and the byte behind the last.

    `fault` says what is wrong with a line that belongs to no product, which is kept alone.
    """

    head: bytes
    id: str
    end: int
    rows: list[tuple[str, bytes]] = field(default_factory=list)
    """(its own id, the row)"""
    fault: str = ""


def checked(link: str, shop_url: str) -> str:
    """The address of a file, where it may be called. Raises Refused."""
    if web_link(link) is None:
        raise Refused("the bulk result's address is not one of the web", mendable=False)
    url = httpx.URL(link)
    if Place(shop_url).is_loopback and url.host == httpx.URL(shop_url).host:
        return link
    if url.scheme != "https" or is_inner(url.host):
        raise Refused("the bulk result's address is not a public one over https: not called", mendable=False)
    return link


class Splitter:
    """Cuts bytes as they come into lines, each with the byte behind it."""

    def __init__(self, offset: int) -> None:
        self._place = offset
        self._rest = bytearray()

    def feed(self, chunk: bytes) -> list[tuple[bytes, int]]:
        """The lines that are whole now; empty ones are left out. Raises BadAnswer for one without end."""
        self._rest += chunk
        found, begin = [], 0
        while (end := self._rest.find(b"\n", begin)) >= 0:
            line = bytes(self._rest[begin:end])
            begin = end + 1
            if line.strip():
                found.append((line, self._place + begin))
        del self._rest[:begin]
        self._place += begin
        if len(self._rest) > LONGEST_LINE or self._place > LONGEST_FILE:
            raise BadAnswer("bulk result: a line, or the whole, is larger than such a file can be")
        return found

    def last(self) -> list[tuple[bytes, int]]:
        """What is left at the end of the file, where its last line has no line break."""
        rest = bytes(self._rest)
        return [(rest, self._place + len(rest))] if rest.strip() else []


class Assembler:
    """Puts rows to the product that stands before them. `done` are the products that are whole."""

    def __init__(self, offset: int) -> None:
        self._offset = offset
        self.done: list[Group] = []
        self.rows = 0
        self._open: Group | None = None

    def add(self, line: bytes, end: int) -> None:
        """Take one line."""
        self.rows += 1
        try:
            row = decode(line, type=_Row)
        except msgspec.MsgspecError:
            self._apart(line, end, "a line of the bulk result is no record")
            return
        group = self._open
        if row.parent is None:
            self.close()
            self._open = Group(line, row.id, end)
        elif group is None or row.parent != group.id:
            self._apart(line, end, "a row of the bulk result stands apart from its product")
        else:
            group.rows.append((row.id, line))
            group.end = end
            if len(group.rows) > LONGEST_GROUP:
                raise BadAnswer("bulk result: a product has more rows than Shopify allows")

    def close(self) -> None:
        """The open product has no more rows."""
        if self._open is not None:
            self.done.append(self._open)
        self._open = None

    def _apart(self, line: bytes, end: int, fault: str) -> None:
        stray = Group(line, "", end, fault=fault)
        if self._open is None:
            self.done.append(stray)
        else:
            self.done.append(Group(line, "", self._begin, fault=fault))
            self._open.end = end

    @property
    def _begin(self) -> int:
        """A place before the open product, so that going on there misses nothing of it."""
        return self.done[-1].end if self.done else self._offset


@dataclass(frozen=True, slots=True)
class Part:
    """Products of a file, and the byte behind the last of them; `ended`: there are no more."""

    groups: tuple[Group, ...]
    offset: int
    ended: bool


async def read_part(
    link: str,
    offset: int,
    most: int,
    limits: Limits,
    deadline: Deadline,
    http: httpx.AsyncBaseTransport | None,
) -> Part:
    """The products from byte `offset` on, until there are `most` rows or the file ends.

    Raises LinkEnded, Unavailable, BadAnswer.
    """
    client = new_client(Place(_origin(link)), limits, http)
    try:
        async with asyncio.timeout(deadline.left()):
            return await _read(client, link, offset, most)
    except TimeoutError:
        raise Unavailable("bulk result: not read in time") from None
    except httpx.HTTPError:
        raise Unavailable("bulk result: the connection broke") from None
    finally:
        if http is None:
            await client.aclose()


async def _read(client: httpx.AsyncClient, link: str, offset: int, most: int) -> Part:
    async with client.stream("GET", link, headers=_headers(offset)) as response:
        skip = _skipped(response, offset)
        if skip is None:
            return Part((), offset, ended=True)
        splitter, assembler = Splitter(offset), Assembler(offset)
        async for chunk in response.aiter_raw(65_536):
            fresh = chunk[skip:] if skip < len(chunk) else b""
            skip = max(0, skip - len(chunk))
            for line, end in splitter.feed(fresh):
                assembler.add(line, end)
            if assembler.rows >= most and assembler.done and assembler.done[-1].end > offset:
                return Part(tuple(assembler.done), assembler.done[-1].end, ended=False)
        for line, end in splitter.last():
            assembler.add(line, end)
        assembler.close()
        last = assembler.done[-1].end if assembler.done else offset
        return Part(tuple(assembler.done), last, ended=True)


def _origin(link: str) -> str:
    url = httpx.URL(link)
    return f"{url.scheme}://{url.netloc.decode()}/"


def _headers(offset: int) -> dict[str, str]:
    headers = {"Accept-Encoding": "identity"}
    return headers | {"Range": f"bytes={offset}-"} if offset else headers


def _skipped(response: httpx.Response, offset: int) -> int | None:
    """How many bytes of the body were read before; None where there is nothing more."""
    if response.status_code == 416:
        return None
    if response.status_code in _GONE:
        raise LinkEnded
    if not response.is_success:
        raise Unavailable(f"bulk result: its host answered {response.status_code}")
    if response.headers.get("content-encoding", "identity") not in ("identity", ""):
        raise BadAnswer("bulk result: it is packed, which was not asked for")
    if response.status_code != 206:
        return offset
    if not response.headers.get("content-range", "").startswith(f"bytes {offset}-"):
        raise BadAnswer("bulk result: another part of it came than was asked for")
    return 0
