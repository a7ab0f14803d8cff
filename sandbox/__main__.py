"""`python -m sandbox serve`: the pretend world as a process of its own.

It prints one line of JSON when it listens, and stops at once on SIGTERM, SIGINT or the end of its standard
input.
"""

import argparse
import asyncio
import contextlib
import json
import signal
import sys

from sandbox import mixed
from sandbox.faults import mixture, rule_of
from sandbox.people import People
from sandbox.serving import Served, serve
from sandbox.shoppers import script
from sandbox.world import build


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("serve", help="serve a pretend world on loopback")
    run.add_argument("--world", choices=["demo", "mixed"], default="demo")
    run.add_argument("--seed", type=int, default=1, help="what chance starts from")
    run.add_argument("--skus", type=int, default=0, help="so many more SKUs in the catalogue")
    run.add_argument(
        "--small", action="store_true", help="without the 400 goods of the largest order; soon in step"
    )
    run.add_argument("--port", type=int, default=0, help="0: any free one")
    run.add_argument("--orders-per-second", type=float, default=3.0)
    run.add_argument("--pace", type=float, default=1.0, help="2 halves all human delays")
    run.add_argument(
        "--faults",
        default="none",
        help='all, none, or JSON such as {"shop:main": [{"kind": "delay", "rate": 1}]}',
    )
    run.add_argument(
        "--quiet-start", action="store_true", help="shops show the warehouse's stock, and nobody acts unasked"
    )
    return parser.parse_args(given)


async def _run(wanted: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    shoppers = {"demo": script, "mixed": mixed.script}[wanted.world]
    world = (
        mixed.build(wanted.seed, stocked=wanted.quiet_start)
        if wanted.world == "mixed"
        else build(wanted.seed, skus=wanted.skus, stocked=wanted.quiet_start, bulk=not wanted.small)
    )
    people = People(world, wanted.orders_per_second, wanted.pace, shoppers)
    async with serve(world, people, port=wanted.port) as served:
        _spoil(served, wanted.faults)
        watcher = asyncio.create_task(_end_of_input(stop))
        print(json.dumps(served.ready()), flush=True)
        await stop.wait()
        watcher.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watcher


def _spoil(served: Served, spec: str) -> None:
    if spec == "all":
        for system, gate in served.control.gates.items():
            gate.rules = mixture(served.world.random(f"mixture/{system}"))
    elif spec != "none":
        for system, rules in json.loads(spec).items():
            served.control.gates[system].rules = [rule_of(rule) for rule in rules]


async def _end_of_input(stop: asyncio.Event) -> None:
    """Wait for whoever started us to go away; an input that cannot be watched never ends."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    try:
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    except (ValueError, OSError):
        return
    while await reader.read(1024):
        pass
    stop.set()


def main() -> None:
    """Run the command."""
    asyncio.run(_run(arguments()))


if __name__ == "__main__":
    main()
