"""How far each long read has come: what `backfill` shows, kept in memory alone, for the cursor is the truth."""

from collections.abc import Iterator
from dataclasses import dataclass

from sync.flows.names import FlowName


@dataclass(frozen=True, slots=True)
class Advance:
    """Records read since this read began here, and how many there are by the vendor's word (None: it says none)."""

    account: str
    flow: FlowName
    records: int = 0
    total: int | None = None


class Progress:
    """The reads that are under way."""

    def __init__(self) -> None:
        self._reads: dict[tuple[str, FlowName], Advance] = {}

    def __iter__(self) -> Iterator[Advance]:
        return iter(sorted(self._reads.values(), key=lambda one: (one.account, one.flow)))

    def page(self, account: str, flow: FlowName, records: int, total: int | None) -> None:
        """One more page was stored."""
        before = self._reads.get((account, flow), Advance(account, flow))
        known = total if total is not None else before.total
        self._reads[account, flow] = Advance(account, flow, before.records + records, known)

    def end(self, account: str, flow: FlowName) -> None:
        """The feed has no more for now."""
        self._reads.pop((account, flow), None)
