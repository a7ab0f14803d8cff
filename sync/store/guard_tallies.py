"""How much went out to a shop lately, one row a push; and how many offers it has, counted now and then.

What went out by a person's approval stands apart: it uses that approval up, and nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from sync.domain.guards import WINDOW, Guard
from sync.domain.ids import AccountId
from sync.domain.plan import Field
from sync.store import guarded, meta
from sync.store.database import Tx
from sync.store.tables import guard_tally

_APPROVED = ":approved"
FIGURES = "figures"
_FIELDS: Mapping[Guard, tuple[str, str]] = {
    Guard.QUANTITIES_CHANGING: (Field.QUANTITY.value, "changed"),
    Guard.GOING_TO_ZERO: (Field.QUANTITY.value, "zeroed"),
    Guard.PRICES_CHANGING: (Field.PRICE.value, "changed"),
    Guard.PRICE_MOVE: (Field.PRICE.value, "zeroed"),
    Guard.GOING_DOWN: (Field.STATE.value, "zeroed"),
    Guard.FIGURES: (FIGURES, "zeroed"),
}
"""Where each guard's number stands: the row's field and column."""
_HOUR = int(WINDOW.total_seconds()) * 1_000_000
_KEPT = 24 * _HOUR
"""Longer than any window and than an approval should last."""
_MINUTE = 60 * 1_000_000


@dataclass(frozen=True, slots=True)
class Counted:
    """So many offers, and when they were counted (microseconds)."""

    offers: int
    at: int

    def fresh(self, now: int) -> bool:
        """Whether the number serves to let something pass."""
        return 0 <= now - self.at < _HOUR

    def exact(self, now: int) -> bool:
        """Whether it serves to hold something back."""
        return 0 <= now - self.at < _MINUTE


async def add(
    tx: Tx, account_id: AccountId, passed: Mapping[Guard, int], approved: Mapping[Guard, int]
) -> None:
    """So many changes of each guard went out: unasked, or by its approval."""
    for suffix, counts in (("", passed), (_APPROVED, approved)):
        rows: dict[str, dict[str, int]] = {}
        for guard, number in counts.items():
            if number:
                field, column = _FIELDS[guard]
                rows.setdefault(field + suffix, {})[column] = number
        for field, columns in rows.items():
            row = {"id": tx.new_id(), "account_id": account_id, "field": field, "at": tx.now(), **columns}
            await tx.run(sa.insert(guard_tally).values(**row))


async def sent_lately(tx: Tx, account_id: AccountId, guard: Guard) -> int:
    """What a guard counts of the last hour, approvals left out."""
    return await _sum(tx, account_id, guard, "", tx.now() - _HOUR)


async def used(tx: Tx, account_id: AccountId, guard: Guard, since: int) -> int:
    """What went out by approval of this guard since then (microseconds)."""
    return await _sum(tx, account_id, guard, _APPROVED, since - 1)


async def _sum(tx: Tx, account_id: AccountId, guard: Guard, suffix: str, since: int) -> int:
    field, column = _FIELDS[guard]
    c = guard_tally.c
    query = sa.select(sa.func.sum(c[column])).where(
        c.account_id == account_id, c.field == field + suffix, c.at > since
    )
    return int(await tx.scalar(query) or 0)


async def forget(tx: Tx, account_id: AccountId) -> None:
    """Delete what no guard looks at any more."""
    c = guard_tally.c
    await tx.run(sa.delete(guard_tally).where(c.account_id == account_id, c.at < tx.now() - _KEPT))


async def counted(tx: Tx, account_id: AccountId, field: Field) -> Counted | None:
    """How many offers there were when they were last counted; None where they never were."""
    text = await meta.read(tx, _name(account_id, field))
    if text is None:
        return None
    offers, _, at = text.partition("@")
    return Counted(int(offers), int(at))


async def count_now(tx: Tx, account_id: AccountId, field: Field) -> Counted:
    """Count them. `keep` stores it: a million offers are not counted at every pass."""
    return Counted(await guarded.count_offers(tx, account_id, field), tx.now())


async def keep(tx: Tx, account_id: AccountId, field: Field, number: Counted) -> None:
    """Store what was counted."""
    await meta.write(tx, _name(account_id, field), f"{number.offers}@{number.at}")


def _name(account_id: AccountId, field: Field) -> str:
    return f"guard_offers:{field.value}:{account_id}"
