"""Draws docs/pictures/demo.svg: a real demo, one moment of its live view and its summary.

Run it from the checkout: .venv/bin/python docs/pictures/draw.py
"""

import asyncio
import io
import re
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from sync.cli.demo.play import Moment, Play, Wishes
from sync.cli.demo.view import drawn, summary

HERE = Path(__file__).parent
SECONDS = 20.0


async def main() -> None:
    """Play, keep the moment when most was in flight, and draw it above the summary."""
    kept: list[Moment] = []

    def keep(moment: Moment) -> None:
        if moment.phase == "business flows" and 0.5 < moment.done < 0.75:
            kept.append(moment)

    with tempfile.TemporaryDirectory() as folder:
        async with Play(Wishes(SECONDS, 1, False, Path(folder)), keep) as play:
            told = await play.run()
    console = Console(record=True, width=118, file=io.StringIO())
    console.print(Text("$ make demo", style="bold green"))
    console.print(drawn(kept[-1]))
    console.print()
    console.print(summary(told, None))
    svg = console.export_svg(title="entrepot demo")
    (HERE / "demo.svg").write_text(_without_fetched_fonts(svg), encoding="utf-8")


def _without_fetched_fonts(svg: str) -> str:
    """The picture must not make its reader's browser call anybody: the reader's own fixed font will do."""
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL).replace("Fira Code", "monospace")


if __name__ == "__main__":
    asyncio.run(main())
