"""Who can reach the metrics address can neither fill the daemon's memory nor ask it for anything else."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from config.schema import Listen
from sync.engine.health import Health


@pytest.fixture
async def address() -> AsyncIterator[str]:
    async def fresh() -> None: ...

    health = Health(
        Listen("127.0.0.1", 0), fresh=fresh, alive=lambda: {"ok": True}, ready=lambda: {"ok": True}
    )
    health.bind()
    await health.start()
    assert health.address is not None
    yield health.address
    await health.stop()


async def test_a_request_with_endless_headers_is_refused(address: str) -> None:
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Much: " + b"y" * 20_000)
    await writer.drain()
    assert (await reader.readline()).startswith(b"HTTP/1.1 400")
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize(
    ("method", "path", "status"), [("POST", "/healthz", 405), ("GET", "/", 404), ("GET", "/..%2f", 404)]
)
async def test_there_is_nothing_else_to_ask(address: str, method: str, path: str, status: int) -> None:
    async with httpx.AsyncClient(base_url=f"http://{address}", trust_env=False) as client:
        assert (await client.request(method, path)).status_code == status
        assert (await client.get("/healthz")).json() == {"ok": True}
