"""The pretend world as a process of its own, and its levers over HTTP."""

import asyncio
import json
import subprocess
import sys
from typing import Any

import httpx

PACE = 2.0
"""Twice as fast as its people are by themselves: a parcel is packed some simulated hours after its order."""
WORLD = "mixed"


class WorldGone(Exception):
    """The pretend world ended or gave no answer."""


class World:
    """One world. `close` ends it."""

    def __init__(self, seed: int) -> None:
        command = [sys.executable, "-m", "sandbox", "serve", "--world", WORLD, "--seed", str(seed)]
        self._process = subprocess.Popen(
            [*command, "--pace", str(PACE)],
            stdout=subprocess.PIPE,
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise WorldGone("the sandbox world did not start; run it by hand: python -m sandbox serve")
        self.ready: dict[str, Any] = json.loads(line)
        self._http = httpx.AsyncClient(timeout=60)
        self.systems: tuple[str, ...] = ()

    async def open(self) -> None:
        """Learn which systems there are."""
        self.systems = tuple(await self.act("GET", "/clocks"))

    async def act(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Pull a lever. Raises WorldGone where it cannot be pulled at all."""
        answer = await self._asked(method, path, body)
        if answer.status_code != 200:
            raise WorldGone(f"{path} answers {answer.status_code}: {answer.text[:200]}")
        told: dict[str, Any] = answer.json()
        return told

    async def attempt(self, path: str, **body: Any) -> dict[str, Any] | None:
        """Pull a lever that the systems may refuse; None where they did."""
        answer = await self._asked("POST", path, body)
        if answer.status_code == 409:
            return None
        if answer.status_code != 200:
            raise WorldGone(f"{path} answers {answer.status_code}: {answer.text[:200]}")
        told: dict[str, Any] = answer.json()
        return told

    async def _asked(self, method: str, path: str, body: object) -> httpx.Response:
        url = f"{self.ready['control']}{path}"
        try:
            return await self._http.request(method, url, json=body if method != "GET" else None)
        except httpx.HTTPError as error:
            raise WorldGone(f"the sandbox world does not answer ({type(error).__name__})") from None

    async def close(self) -> None:
        """End it."""
        await self._http.aclose()
        if self._process.poll() is None:
            self._process.terminate()
            await asyncio.to_thread(self._process.wait, 40)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
