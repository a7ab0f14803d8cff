"""What an account still has to finish: the reason why it cannot be removed."""

from dataclasses import dataclass

import sqlalchemy as sa

from sync.domain.ids import AccountId
from sync.store.database import Tx
from sync.store.tables import customer_order, fulfilment, message, outbox, parcel, reservation


@dataclass(frozen=True, slots=True)
class OpenWork:
    """So many things of one sort."""

    what: str
    count: int


async def open_work(tx: Tx, account_id: AccountId) -> list[OpenWork]:
    """Everything open, by sort; empty where the account may go."""
    sorts = (
        ("open orders", customer_order.c.account_id, customer_order.c.closed_at),
        ("open fulfilments", fulfilment.c.account_id, fulfilment.c.closed_at),
        ("parcels on their way", parcel.c.courier_id, parcel.c.ended_at),
        ("open reservations", reservation.c.account_id, reservation.c.closed_at),
        ("messages to customers to send or to settle", message.c.account_id, message.c.closed_at),
        ("writes to send or to settle", outbox.c.account_id, outbox.c.closed_at),
    )
    found = []
    for what, owner, end in sorts:
        query = sa.select(sa.func.count()).where(owner == account_id, end.is_(None))
        found.append(OpenWork(what, int(await tx.scalar(query))))
    return [work for work in found if work.count]
