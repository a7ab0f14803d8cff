"""The floor of `pull`: the same pages, fetched one after another and parsed, and nothing else.

`python floor_pull.py URL`: prints how many orders it saw.
"""

import asyncio
import sys

import httpx
import orjson


async def main(url: str) -> None:
    """Follow the pages to the end."""
    seen, page = 0, 1
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        while page is not None:
            answer = await client.get("/orders", params={"page": page})
            told = orjson.loads(answer.content)
            seen, page = seen + len(told["orders"]), told["next"]
    print(seen)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
