"""Finds the mapped columns in a file's header, or says which were found and what was perhaps meant."""

from collections.abc import Mapping, Sequence

from config.errors import listed, near, shown
from connectors.contract import BadAnswer
from connectors.suppliers.feed.formats import Column


def places(header: Sequence[str], columns: Mapping[str, Column], file: str) -> dict[str, int]:
    """Where each of our columns stands. Raises BadAnswer."""
    names = [_plain(name) for name in header]
    found: dict[str, int] = {}
    for ours, column in columns.items():
        wanted = _plain(column.column)
        if names.count(wanted) > 1:
            raise BadAnswer(f"{file}: the header has the column {shown(column.column)} twice")
        if wanted not in names:
            raise BadAnswer(f"{file}: {_absent(ours, column.column, header)}")
        found[ours] = names.index(wanted)
    return found


def numbers(columns: Mapping[str, Column], file: str) -> dict[str, int]:
    """Where each of our columns stands in a file without a header: they are numbers from 1."""
    found: dict[str, int] = {}
    for ours, column in columns.items():
        if not column.column.isdecimal() or int(column.column) < 1:
            what = f"columns.{ours}: {shown(column.column)} is no number"
            raise BadAnswer(f"{file}: {what}; with header_line: 0 columns are numbers from 1")
        found[ours] = int(column.column) - 1
    return found


def fits(header: Sequence[str], columns: Mapping[str, Column]) -> bool:
    """Whether all mapped columns are there, once."""
    names = [_plain(name) for name in header]
    return all(names.count(_plain(column.column)) == 1 for column in columns.values())


def _absent(ours: str, wanted: str, header: Sequence[str]) -> str:
    shown_names = [name.strip() for name in header if name.strip()]
    folded = {_plain(name): name for name in shown_names}
    hint = folded.get(near(_plain(wanted), folded), "")
    meant = f"; did you mean {shown(hint)}" if hint else ""
    return (
        f"there is no column {shown(wanted)} for `{ours}`; there are: {listed(shown_names) or 'none'}{meant}"
    )


def _plain(name: str) -> str:
    return " ".join(name.replace("\u00a0", " ").split()).casefold()
