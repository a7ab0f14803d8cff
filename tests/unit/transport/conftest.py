"""The vendor of these tests, up for one test."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from loopback_vendor import Vendor, World, says


@pytest.fixture
async def world() -> AsyncIterator[World]:
    vendor = Vendor([says(200, b"{}")])
    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        try:
            await vendor.serve(reader, writer)
        except asyncio.CancelledError:
            writer.transport.abort()  # the test is over: end quietly

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    vendor.port = server.sockets[0].getsockname()[1]
    there = World(vendor)
    yield there
    for transport in there.opened:
        await transport.close()
    server.close()
    for task in serving:
        task.cancel()
    await asyncio.gather(*serving, return_exceptions=True)
    await server.wait_closed()
    await asyncio.sleep(0)
