"""Pieces of Markdown: tables, code, spans of time."""

from collections.abc import Iterable, Sequence

_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; a sentence where there is no row."""
    lines = [_row(row) for row in rows]
    if not lines:
        return "None.\n"
    return "\n".join([_row(columns), "|" + "---|" * len(columns), *lines]) + "\n"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def code(text: str) -> str:
    """The text as code, or nothing where there is none."""
    return f"`{text}`" if text else ""


def span(seconds: float) -> str:
    """Seconds in the largest unit that divides them: `15 minutes`."""
    for size, unit in _UNITS:
        if seconds >= size and seconds % size == 0:
            count = int(seconds // size)
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return f"{seconds:g} seconds"
