"""The peer of `push`: the same batches to the same shop, paced by aiolimiter. It runs in the peers' environment.

`python peer_push.py URL CALLS AT_ONCE SECONDS`: as its README shows, every call is a task that enters
`AsyncLimiter(AT_ONCE, SECONDS)`. A call that the shop refuses waits as long as it says, and enters again.
"""

import asyncio
import sys

import httpx
from aiolimiter import AsyncLimiter  # type: ignore[import-not-found]  # it is in the peers' environment

BATCH = 100
QUANTITY = 42


async def main(url: str, calls: int, at_once: float, seconds: float) -> None:
    """Send all batches; every quantity is set at the end."""
    limiter = AsyncLimiter(at_once, seconds)
    limits = httpx.Limits(max_connections=4)
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=60) as client:

        async def send(number: int) -> None:
            items = {f"peer-{number * BATCH + at}": QUANTITY for at in range(BATCH)}
            while True:
                async with limiter:
                    answer = await client.post("/stock", json={"items": items})
                if answer.status_code != 429:
                    answer.raise_for_status()
                    return
                await asyncio.sleep(float(answer.headers["retry-after"]))

        await asyncio.gather(*(send(number) for number in range(calls)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])))
