"""One progress bar on standard error, for work that takes a while; nothing where nobody looks on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)

from sync.cli.office import err

Advance = Callable[[int], None]
"""So much more is done."""


@contextmanager
def bar(what: str, total: int | None, *, quiet: bool) -> Iterator[Advance]:
    """Draw how far it is, on a terminal only. `total` None: nobody can say how much there is."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, disable=quiet or not err.is_terminal, transient=True) as bars:
        task = bars.add_task(what, total=total)
        yield lambda more: bars.advance(task, more)
