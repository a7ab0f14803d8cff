"""What a restored database must forget, in one transaction: everything that may have changed since the copy.

    open writes          unknown, looked up after the quiet time before anything is sent
    open messages        unknown: a person decides, or the shop that recognises a repeat
    shown quantities     acknowledged and highest possible ones are not known
    warehouse figures    kept, but no quantity is raised on them before they were read again
    cursors              as in the copy, so that everything since is read again; those in mid-read start anew
    open orders, work    read again by id, and decided on again
    leases, due times    dropped; everything is due

What a person decided since the copy has to be decided again: held writes stay held, with their issue.
"""

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from sync.domain.clock import to_micros
from sync.domain.outbox import OutboxState
from sync.store import audit, home, messages, meta, restored
from sync.store.database import Tx
from sync.store.restored import Restored
from sync.store.tables import (
    account,
    customer_order,
    flow_state,
    fulfilment,
    offer_content,
    offer_price,
    offer_quantity,
    offer_state,
    outbox,
    parcel,
    stock_level,
)
from sync.store.tables.orders import open_order
from sync.store.tables.shipping import open_fulfilment
from sync.store.tables.work import open_work

GENERATION = "generation"
_SENDABLE = (OutboxState.QUEUED.value, OutboxState.SENDING.value, OutboxState.UNKNOWN.value)


@dataclass(frozen=True, slots=True)
class Reopened:
    """What was done, in numbers of rows."""

    generation: int
    writes_unknown: int
    writes_held: int
    messages_unknown: int
    quantities_unknown: int
    prices_unknown: int
    states_unknown: int
    contents_unknown: int
    figures_unconfirmed: int
    cursors_kept: int
    cursors_dropped: int
    leases_dropped: int
    orders_to_read: int
    fulfilments_to_read: int
    parcels_to_track: int


async def reopen(tx: Tx, *, quiet: timedelta, shown: str, who: str, what: str, source: str) -> Reopened:
    """Apply the rules. `quiet` is the longest time in which a request on its way arrives at its vendor.

    `shown` is the database's place; `what` and `source` are for the audit trail.
    """
    until = to_micros(tx.clock.now() + quiet)
    generation = int(await meta.read(tx, GENERATION) or 0) + 1
    kept, dropped = await _cursors(tx)
    done = Reopened(
        generation=generation,
        writes_unknown=await _writes(tx, until),
        writes_held=await _count(tx, outbox.c.state == OutboxState.HELD.value),
        messages_unknown=await messages.make_unknown(tx),
        quantities_unknown=await _quantities(tx),
        prices_unknown=await tx.run(sa.update(offer_price).values(acked=None, acked_at=None, retry_at=None)),
        states_unknown=await _states(tx),
        contents_unknown=await tx.run(sa.update(offer_content).values(acked=None, shown=None, retry_at=None)),
        figures_unconfirmed=await tx.run(sa.update(stock_level).values(begun_at=0, full_at=None)),
        cursors_kept=kept,
        cursors_dropped=dropped,
        leases_dropped=await _leases(tx),
        orders_to_read=await tx.run(
            sa.update(customer_order).where(open_order).values(reread_at=None, review_at=tx.now())
        ),
        fulfilments_to_read=await tx.run(
            sa.update(fulfilment).where(open_fulfilment).values(observed_at=None)
        ),
        parcels_to_track=await tx.run(
            sa.update(parcel).where(parcel.c.ended_at.is_(None)).values(track_due_at=None)
        ),
    )
    await meta.write(tx, GENERATION, str(generation))
    await restored.note(tx, Restored(tx.now(), until, generation))
    await home.move_in(tx, shown)
    await audit.record(tx, who=who, what=what, subject=source, generation=generation)
    return done


async def _count(tx: Tx, where: sa.ColumnElement[bool]) -> int:
    return int(await tx.scalar(sa.select(sa.func.count()).select_from(outbox).where(where)) or 0)


async def _writes(tx: Tx, until: int) -> int:
    """Not by the table of moves: this is no step of a write's life, but the loss of what is known of it."""
    return await tx.run(
        sa.update(outbox)
        .where(open_work, outbox.c.state.in_(_SENDABLE))
        .values(
            state=OutboxState.UNKNOWN.value,
            quiet_until=until,
            next_at=until,
            last_error="it may have been sent after the copy was made that was restored",
        )
    )


async def _quantities(tx: Tx) -> int:
    return await tx.run(
        sa.update(offer_quantity).values(
            acked=None,
            acked_at=None,
            ceiling=None,
            ceiling_before=None,
            ceiling_at=None,
            retry_at=None,
            rejected=None,
            rejected_reason=None,
        )
    )


async def _states(tx: Tx) -> int:
    """A write to any of them may be under way, or done: the next reading of the shop tells."""
    ours = sa.or_(offer_state.c.ours == 1, offer_state.c.desired.is_not(None))
    await tx.run(sa.update(offer_state).values(acked=None, acked_at=None, retry_at=None, next_at=tx.now()))
    return await tx.run(sa.update(offer_state).where(ours).values(sent_at=tx.now()))


async def _cursors(tx: Tx) -> tuple[int, int]:
    """A finished read's cursor lies before the copy was made; one in mid-read names a page that may be gone."""
    midway = sa.and_(flow_state.c.cursor.is_not(None), flow_state.c.more == 1)
    dropped = await tx.run(sa.update(flow_state).where(midway).values(cursor=None, cursor_at=None))
    kept = sa.select(sa.func.count()).select_from(flow_state).where(flow_state.c.cursor.is_not(None))
    return int(await tx.scalar(kept) or 0), dropped


async def _leases(tx: Tx) -> int:
    """Every flow is due, nothing counts as read, and whoever held a lease has lost it."""
    await tx.run(
        sa.update(flow_state).values(
            lease_token=flow_state.c.lease_token + 1,
            lease_owner=None,
            lease_until=None,
            next_due_at=tx.now(),
            attempts=0,
            more=0,
            full_at=None,
            started_at=None,
            last_success_at=None,
            last_success_begun_at=None,
        )
    )
    held = await tx.scalar(
        sa.select(sa.func.count()).select_from(account).where(account.c.lease_until.is_not(None))
    )
    await tx.run(
        sa.update(account).values(lease_token=account.c.lease_token + 1, lease_owner=None, lease_until=None)
    )
    return int(held or 0)
