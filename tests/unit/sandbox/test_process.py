"""The sandbox as a process: one ready line, and it is gone at once when it should be."""

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE, Process
from typing import Any

import httpx
import pytest


async def start(*more: str) -> tuple[Process, dict[str, Any]]:
    """A sandbox process and its ready line."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox", "serve", *more, stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    assert process.stdout
    return process, json.loads(await process.stdout.readline())


async def finish(process: Process) -> tuple[int, bytes, bytes]:
    """End its input; its exit code and what else it wrote."""
    assert process.stdin
    process.stdin.close()
    async with asyncio.timeout(30):
        out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out, err


async def test_it_says_where_everything_is_and_stops_when_its_input_ends() -> None:
    process, ready = await start("--quiet-start")
    async with httpx.AsyncClient() as client:
        settled = await client.get(f"{ready['control']}/settled")
        shop = await client.post(
            f"{ready['accounts']['main']['url']}/shop-api", json={"query": "{activeOrder{id}}"}
        )
    assert settled.json() == {"settled": True, "open": []}
    assert shop.json() == {"data": {"activeOrder": None}}
    assert await finish(process) == (0, b"", b"")
    assert ready["ready"] is True
    assert list(ready["accounts"]) == ["main", "yen", "dinar", "empty", "warehouse", "courier"]
    assert {account["connector"] for account in ready["accounts"].values()} == {"vendure", "tryton", "karrio"}
    assert all(account["url"].startswith("http://127.0.0.1:") for account in ready["accounts"].values())
    assert [override["sku"] for override in ready["overrides"]] == ["DUO-1"]
    assert [each["reason"] for each in ready["unbindable"]] == ["no SKU"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_stops_on_a_signal_even_while_people_work(number: signal.Signals) -> None:
    process, ready = await start()
    async with httpx.AsyncClient() as client:
        await client.post(f"{ready['control']}/start")
    process.send_signal(number)
    async with asyncio.timeout(30):
        assert await process.wait() == 0
    assert await finish(process) == (0, b"", b"")


async def test_passwords_are_new_in_each_run() -> None:
    passwords = set()
    for _ in range(2):
        process, ready = await start()
        passwords.add(ready["accounts"]["main"]["password"])
        await finish(process)
    assert len(passwords) == 2


async def test_faults_can_be_given_at_the_start() -> None:
    for spec, kinds in (
        ("all", {"delay", "drop_after", "throttle", "truncate", "huge"}),
        ("none", set()),
        ('{"shop:main": [{"kind": "slow", "rate": 1}]}', {"slow"}),
    ):
        process, ready = await start("--faults", spec)
        async with httpx.AsyncClient() as client:
            rules = (await client.get(f"{ready['control']}/faults")).json()
        assert kinds <= {rule["kind"] for rule in rules["shop:main"]}
        await finish(process)
