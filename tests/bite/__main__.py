"""`python -m tests.bite [NAME...] [--json] [--keep-going] [--with PATH]`: do our tests notice broken laws?

The last line is `bitten N / total N`; the exit code is 0 where the two are the same, else 1.
"""

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bite import biting
from tests.bite.biting import Bite
from tests.bite.patches import BadHeader, Patch, chosen
from tests.bite.scratch import Failed, copies

AT_ONCE = 2


def main() -> int:
    """Run it."""
    asked = _arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the copies are removed then too
    try:
        patches = chosen(asked.names)
        return asyncio.run(_run(patches, asked))
    except (BadHeader, LookupError, Failed) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bite", description=__doc__.partition("\n")[0])
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="patches of tests/bite; all where none is named"
    )
    parser.add_argument("--json", action="store_true", help="one JSON document instead of the table")
    parser.add_argument(
        "--keep-going", action="store_true", help="do not stop at the first that is not noticed"
    )
    parser.add_argument(
        *("--with", "-w"),
        dest="extra",
        action="append",
        default=[],
        type=Path,
        metavar="PATH",
        help="a file or folder of the working tree that is not committed yet, to be laid over the commit",
    )
    return parser.parse_args()


async def _run(patches: list[Patch], asked: argparse.Namespace) -> int:
    async with copies(max(1, min(AT_ONCE, len(patches))), asked.extra) as made:
        _say(f"{len(patches)} patches; first their tests as the code is")
        done = 0

        def tell(bite: Bite) -> None:
            nonlocal done
            done += 1
            _say(f"{done}/{len(patches)} {bite.patch.name}: {'bitten' if bite.bitten else bite.why}")

        bites = await biting.all_of(made, patches, tell, keep_going=asked.keep_going)
    bitten = sum(bite.bitten for bite in bites)
    if asked.json:
        told = {"bitten": bitten, "total": len(patches), "patches": [bite.plain() for bite in bites]}
        print(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        _show(bites)
        print(f"bitten {bitten} / total {len(patches)}")
    return int(bitten != len(patches))


def _show(bites: list[Bite]) -> None:
    table = Table("patch", "law", "test", "bitten?")
    for bite in bites:
        tests = "\n".join(test.rpartition("::")[2] for test in bite.patch.tests)
        table.add_row(bite.patch.name, bite.patch.law, tests, "yes" if bite.bitten else f"NO: {bite.why}")
    Console(width=None if sys.stdout.isatty() else 160).print(table, markup=False)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
