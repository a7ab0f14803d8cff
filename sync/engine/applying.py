"""A person's word on a plan: exactly these values may be sent, in spite of any guard, for a while.

A row counts only while its shop still said `before` and it still shall be `after`: that is looked at before
anything is approved, and again in the transaction that approves it. What was sent already is done, not stale.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sync.domain.plan import Field
from sync.engine.plan_files import FileRow, PlanFile, groups
from sync.flows.names import FlowName
from sync.store import accounts, audit, plans
from sync.store.database import Store, Tx
from sync.store.plans import StoredOffer

SLICE = 500
PUSHES: Mapping[Field, FlowName] = {
    Field.QUANTITY: FlowName.PUSH_STOCK,
    Field.PRICE: FlowName.PUSH_PRICES,
    Field.STATE: FlowName.PUSH_LISTINGS,
    Field.CONTENT: FlowName.PUSH_LISTINGS,
}
_LONGEST_APPROVAL = 7 * 86_400.0


class Fate(StrEnum):
    """How one row of a plan stands now."""

    OPEN = "open"
    """As it was planned, and nobody has let it through yet."""
    APPROVED = "approved"
    """Let through, and not sent yet."""
    DONE = "done"
    """The shop shows it."""
    REFUSED = "refused"
    """The shop refused it."""
    MOVED = "moved"
    """It is no longer what was planned."""


@dataclass(slots=True)
class Comparison:
    """A plan beside what is stored: by account, how many rows have which fate, and those that have moved."""

    counts: dict[str, dict[Fate, int]] = field(default_factory=dict)
    moved: list[str] = field(default_factory=list)
    """The first ones, in words."""
    refused: list[str] = field(default_factory=list)
    fields: set[tuple[str, Field]] = field(default_factory=set)

    def count(self, fate: Fate) -> int:
        """Rows of a fate over all accounts."""
        return sum(one.get(fate, 0) for one in self.counts.values())

    def note(self, row: FileRow, fate: Fate, stored: StoredOffer | None) -> None:
        """One row."""
        mine = self.counts.setdefault(row.account, {})
        mine[fate] = mine.get(fate, 0) + 1
        if fate is Fate.MOVED and len(self.moved) < _NAMED:
            self.moved.append(f"{row.named} {_change(row, stored)}")
        if fate is Fate.REFUSED and len(self.refused) < _NAMED and stored is not None:
            self.refused.append(f"{row.named} {row.after}: {stored.rejected_reason}")
        if fate in (Fate.OPEN, Fate.APPROVED):
            self.fields.add((row.account, row.field))


_NAMED = 5


def _change(row: FileRow, stored: StoredOffer | None) -> str:
    if stored is None or stored.desired is None:
        return "is no longer ours to set"
    if stored.desired != row.after:
        return f"shall be {stored.desired} now, not {row.after}"
    if stored.desired_compare_at != row.after_compare_at:
        return (
            f"shall strike out {stored.desired_compare_at or 'nothing'} now, "
            f"not {row.after_compare_at or 'nothing'}"
        )
    return f"was {_shown(row.before)} and is {_shown(stored.acked)}"


def _shown(value: str | None) -> str:
    return "not known" if value is None else value


def fate(row: FileRow, stored: StoredOffer | None, now: int) -> Fate:
    """How one row stands (`now` in microseconds)."""
    wanted = (row.after, row.after_compare_at)
    if stored is None or (stored.desired, stored.desired_compare_at) != wanted:
        return Fate.MOVED
    if not stored.unsent:
        return Fate.DONE
    if stored.rejected == stored.desired:
        return Fate.REFUSED
    if stored.acked != row.before:
        return Fate.MOVED
    return Fate.APPROVED if stored.approved_at(now) else Fate.OPEN


async def compare(store: Store, plan: PlanFile) -> Comparison:
    """Every row of a plan beside what is stored now."""
    found = Comparison()
    for account, its, rows in groups(plan):
        for start in range(0, len(rows), SLICE):
            part = rows[start : start + SLICE]
            async with store.read() as tx:
                stored = await _stored(tx, account, its, part)
                for row in part:
                    offer = stored.get((row.listing, row.place))
                    found.note(row, fate(row, offer, tx.now()), offer)
    return found


async def _stored(
    tx: Tx, account: str, its: Field, rows: Sequence[FileRow]
) -> Mapping[tuple[str, str], StoredOffer]:
    known = await accounts.by_name(tx, account)
    if known is None:
        return {}
    return await plans.by_key(tx, its, known.id, [(row.listing, row.place) for row in rows])


async def approve(store: Store, args: Mapping[str, Any]) -> tuple[dict[str, Any], set[tuple[str, FlowName]]]:
    """Let rows through. `args`: who, plan (its mark), seconds, rows (as `as_args` makes them).

    Returns how many were approved and how many had moved, and which pushes to wake, by the account's id. An
    account that is only observed has nothing approved.
    """
    plan = PlanFile(0, store.clock.now(), "", "", [_row(one) for one in args["rows"]], "")
    seconds = min(float(args["seconds"]), _LONGEST_APPROVAL)
    told, wake = {"approved": 0, "moved": 0}, set[tuple[str, FlowName]]()
    for account, its, mine in groups(plan):
        for start in range(0, len(mine), SLICE):
            async with store.write() as tx:
                known = await accounts.by_name(tx, account)
                part = mine[start : start + SLICE]
                count = 0
                if known is not None and known.live_from is not None:
                    count = await _approved(tx, account, its, part, seconds)
                    wake.add((known.id, PUSHES[its]))
                    await _note(tx, args, account, its, count)
                told["approved"] += count
                told["moved"] += len(part) - count
    return told, wake


def _row(one: Sequence[Any]) -> FileRow:
    account, its, listing, place, before, after, *strikes = one
    return FileRow(
        account,
        Field(its),
        listing,
        before,
        after,
        place,
        before_compare_at=strikes[0],
        after_compare_at=strikes[1],
    )


async def _approved(tx: Tx, account: str, its: Field, rows: Sequence[FileRow], seconds: float) -> int:
    stored = await _stored(tx, account, its, rows)
    values = {}
    for row in rows:
        offer = stored.get((row.listing, row.place))
        if offer is not None and fate(row, offer, tx.now()) in (Fate.OPEN, Fate.APPROVED):
            values[offer.id] = row.after
    until = tx.now() + int(seconds * 1_000_000)
    await plans.approve(tx, its, values, until)
    return len(values)


async def _note(tx: Tx, args: Mapping[str, Any], account: str, its: Field, count: int) -> None:
    await audit.record(
        tx,
        who=args["who"],
        what="plan applied",
        subject=account,
        plan=str(args["plan"])[:16],
        field=its.value,
        rows=count,
    )


def as_args(rows: Iterable[FileRow]) -> list[list[str | None]]:
    """Rows in the form in which they go over the socket."""
    return [
        [
            row.account,
            row.field.value,
            row.listing,
            row.place,
            row.before,
            row.after,
            row.before_compare_at,
            row.after_compare_at,
        ]
        for row in rows
    ]
