"""Tryton answers a warning with a refusal, unless the request says that warnings are skipped."""

import json
from base64 import urlsafe_b64decode

import httpx

from .line import Line, World


async def test_every_step_of_a_shipment_says_that_warnings_are_skipped(world: World) -> None:
    told: dict[str, bool] = {}

    async def look(line: Line, request: httpx.Request) -> httpx.Response:
        context = json.loads(urlsafe_b64decode(request.headers["X-Tryton-Context"]))
        told[request.url.path.rsplit("/", 1)[1]] = context.get("_skip_warnings") is True
        return await line.server.handle_async_request(request)

    for ending in ("stock.shipment.out", "wait", "assign_try"):
        world.line.fail("POST", ending, look)
    await world.made()
    assert told == {"stock.shipment.out": True, "wait": True, "assign_try": True}
