"""Draws docs/pictures/two-shops.svg: what two commands of the tutorial really print.

Run it from the checkout: PYTHONPATH=. .venv/bin/python docs/pictures/draw_two_shops.py
It follows the whole tutorial, which takes some minutes.
"""

import io
import re
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tests.acceptance.tutorial import PAGE, Typed, follow, terminal

HERE = Path(__file__).parent
SHOWN = ("entrepot explain TEE-03", "entrepot approve")


def main() -> None:
    """Follow the page, keep what the commands printed last that showed something, and draw it."""
    kept: dict[str, str] = {}

    def keep(typed: Typed, printed: str) -> None:
        if typed.command in SHOWN and len(printed.splitlines()) > 3:
            kept[typed.command] = printed

    with tempfile.TemporaryDirectory() as folder, terminal(Path(folder)) as at:
        follow(PAGE.read_text("utf-8"), at, keep)
    (HERE / "two-shops.svg").write_text(drawn(kept), encoding="utf-8")


def drawn(kept: dict[str, str]) -> str:
    """The commands with what they printed, one below the other, as a picture of a terminal."""
    console = Console(record=True, width=122, file=io.StringIO())
    for command in SHOWN:
        console.print(Text(f"$ {command}", style="bold green"))
        for line in kept[command].strip().splitlines():
            console.print(Text(line.rstrip()))
        console.print()
    return _without_fetched_fonts(console.export_svg(title="two shops in step"))


def _without_fetched_fonts(svg: str) -> str:
    """The picture must not make its reader's browser call anybody: the reader's own fixed font will do."""
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL).replace("Fira Code", "monospace")


if __name__ == "__main__":
    main()
