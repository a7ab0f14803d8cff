"""A small vendor on loopback that answers each request by a script of the test's own, byte by byte."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from connectors.contract import Limits
from connectors.transport import BreakerPolicy, Patience, Transport
from sync.domain.clock import SetClock

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@dataclass
class Asked:
    """A request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


Script = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Vendor:
    """Scripts are used up one by one; the last one serves all further requests."""

    scripts: list[Script] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def will(self, *scripts: Script) -> None:
        self.scripts = list(scripts)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                method, target, _ = head[0].split(" ")
                headers = {n.lower(): v for n, _, v in (line.partition(": ") for line in head[1:] if line)}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                self.asked.append(Asked(method, target, headers, body))
                script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
                await script(writer)
                if writer.is_closing():
                    break
        writer.close()


def says(status: int, body: bytes = b"", **headers: str) -> Script:
    """A whole answer; underscores in header names become hyphens."""

    async def script(writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        await writer.drain()

    return script


async def hangs_up(writer: asyncio.StreamWriter) -> None:
    """The request was read; no answer, the connection is dropped."""
    writer.transport.abort()


async def breaks_off(writer: asyncio.StreamWriter) -> None:
    """An answer that stops in the middle of its body."""
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"half":')
    await writer.drain()
    writer.close()


async def is_silent(writer: asyncio.StreamWriter) -> None:
    """It never answers."""
    await asyncio.sleep(60)


async def drips(writer: asyncio.StreamWriter) -> None:
    """A byte now and then, each well inside the read timeout."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not writer.is_closing():
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


@dataclass
class World:
    """The vendor, and ways to reach it."""

    vendor: Vendor
    opened: list[Transport] = field(default_factory=list)

    def transport(self, *, limits: Limits | None = None, **more: Any) -> Transport:
        settings: dict[str, Any] = {
            "account": "shop-1",
            "connector": "testshop",
            "base_url": self.vendor.url,
            "limits": limits or Limits(read_seconds=0.3, connect_seconds=0.3, total_seconds=0.6),
            "clock": SetClock(NOON),
            "patience": Patience(attempts=3, first=0.001, longest=0.002, throttled=0.001),
            "breaker": BreakerPolicy(failures=1000),
        }
        transport = Transport(**(settings | more))
        self.opened.append(transport)
        return transport
