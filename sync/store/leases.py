"""Who may work on what: a lease per account for its process, a lease per (account, flow) for each pass.

Both carry a token that grows with every taking (a fencing token), and both are on the database's clock, so
that two hosts need not agree on the time. A flow's lease is only given to the process that holds its
account's, and taking an account over ends every flow lease of the process before.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from sync.domain.ids import AccountId
from sync.store.database import Fence, LeaseLost, Tx
from sync.store.dialect import database_now, upsert
from sync.store.tables import account, flow_state


@dataclass(frozen=True, slots=True)
class AccountLease:
    """One process's right to work on an account."""

    account_id: AccountId
    owner: str
    token: int
    ttl_seconds: float


def _micros(ttl_seconds: float) -> int:
    return int(ttl_seconds * 1_000_000)


# Every pass runs these: they are built once, for building costs more than running.
_UNTIL = database_now() + sa.bindparam("ttl", type_=sa.BigInteger)
_HELD = (
    account.c.id == sa.bindparam("held"),
    account.c.lease_token == sa.bindparam("token"),
    account.c.lease_owner == sa.bindparam("holder"),
)
_RENEW_ACCOUNT = sa.update(account).where(*_HELD).values(lease_until=_UNTIL)
_RELEASE_ACCOUNT = sa.update(account).where(*_HELD).values(lease_owner=None, lease_until=None)
_NEW_FLOW = upsert(flow_state).values(
    account_id=sa.bindparam("held"),
    flow=sa.bindparam("named"),
    lease_token=1,
    lease_owner=sa.bindparam("holder"),
    lease_until=_UNTIL,
)
_TAKE_FLOW = _NEW_FLOW.on_conflict_do_update(
    index_elements=[flow_state.c.account_id, flow_state.c.flow],
    set_={
        "lease_token": flow_state.c.lease_token + 1,
        "lease_owner": _NEW_FLOW.excluded.lease_owner,
        "lease_until": _NEW_FLOW.excluded.lease_until,
    },
    where=sa.or_(flow_state.c.lease_until.is_(None), flow_state.c.lease_until < database_now()),
).returning(flow_state.c.lease_token)
_RELEASE_FLOW = (
    sa.update(flow_state)
    .where(
        flow_state.c.account_id == sa.bindparam("held"),
        flow_state.c.flow == sa.bindparam("named"),
        flow_state.c.lease_token == sa.bindparam("token"),
    )
    .values(lease_owner=None, lease_until=None)
)


async def take_account(tx: Tx, account_id: AccountId, owner: str, ttl_seconds: float) -> AccountLease | None:
    """Take an account that nobody holds, or whose holder's time is over. None where another holds it.

    `owner` names one process (host, pid, start), never two.
    """
    free = sa.or_(account.c.lease_until.is_(None), account.c.lease_until < database_now())
    take = (
        sa.update(account)
        .where(account.c.id == account_id, free)
        .values(lease_token=account.c.lease_token + 1, lease_owner=owner, lease_until=_UNTIL)
        .returning(account.c.lease_token)
    )
    token = await tx.scalar(take, {"ttl": _micros(ttl_seconds)})
    if token is None:
        return None
    await tx.run(
        sa.update(flow_state)
        .where(flow_state.c.account_id == account_id, flow_state.c.lease_until.is_not(None))
        .values(lease_token=flow_state.c.lease_token + 1, lease_owner=None, lease_until=None)
    )
    return AccountLease(account_id, owner, token, ttl_seconds)


async def renew_account(tx: Tx, lease: AccountLease) -> None:
    """Prolong it. Raises LeaseLost where another process has taken the account."""
    if await tx.run(_RENEW_ACCOUNT, {**_held(lease), "ttl": _micros(lease.ttl_seconds)}) != 1:
        raise LeaseLost("another process has taken the account over")


async def release_account(tx: Tx, lease: AccountLease) -> None:
    """Give it back; nothing happens where it is lost already."""
    await tx.run(_RELEASE_ACCOUNT, _held(lease))


async def take_flow(tx: Tx, lease: AccountLease, flow: str, ttl_seconds: float) -> Fence | None:
    """Take one flow of an account that we hold. None where a pass of it still holds its lease.

    Raises LeaseLost where the account is no longer ours.
    """
    await renew_account(tx, lease)
    values = {"held": lease.account_id, "named": flow, "holder": lease.owner, "ttl": _micros(ttl_seconds)}
    token = await tx.scalar(_TAKE_FLOW, values)
    return None if token is None else Fence(lease.account_id, flow, token, ttl_seconds)


async def release_flow(tx: Tx, fence: Fence) -> None:
    """Give a flow back; nothing happens where it is lost already."""
    await tx.run(_RELEASE_FLOW, {"held": fence.account_id, "named": fence.flow, "token": fence.token})


def _held(lease: AccountLease) -> dict[str, object]:
    return {"held": lease.account_id, "token": lease.token, "holder": lease.owner}


async def end_all(tx: Tx) -> int:
    """End the leases that a dead process left. Only for who holds the lock of a file that one process owns.

    Returns how many accounts were still held.
    """
    held = account.c.lease_until.is_not(None)
    return await tx.run(sa.update(account).where(held).values(lease_until=None, lease_owner=None))
