"""The goods of a case: what was announced and let back, and the warehouses' counts, each a level.

Where a receipt belongs is decided by sync.domain.custody; here the cases that it may belong to are read, and
what was decided is written.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa

from sync.domain.clock import from_micros
from sync.domain.custody import Case, ReturnLine, joined, plain_number, scanned_number, take_in
from sync.domain.ids import AccountId
from sync.domain.receipts import Level, Receipt, Tally
from sync.store.back import cases
from sync.store.back.cases import BackCase
from sync.store.database import Tx
from sync.store.dialect import upsert
from sync.store.tables import back_case, back_line, back_receipt, back_tracking, fulfilment, outbox

BY_HAND = "by hand "
"""How the external id of a person's count begins; its case's reference follows. No warehouse's begins so."""


async def custody(tx: Tx, case: BackCase) -> Case:
    """A case as its goods are."""
    lines = await tx.all(
        sa.select(back_line)
        .where(back_line.c.case_id == case.id)
        .order_by(back_line.c.order_line_id, back_line.c.sku)
    )
    receipts = await tx.all(sa.select(back_receipt).where(back_receipt.c.case_id == case.id))
    numbers = await tx.all(sa.select(back_tracking.c.number).where(back_tracking.c.case_id == case.id))
    return Case(
        id=case.id,
        request=case.reference if case.request_id is not None else None,
        lines=tuple(
            ReturnLine(
                (row.order_line_id, row.sku),
                Level(row.advised, row.advised_as_of, row.advised_most),
                Level(row.approved, row.approved_as_of, row.approved_most),
            )
            for row in lines
        ),
        receipts={
            receipt_id(AccountId(row.account_id), row.external_id): Receipt(
                id=receipt_id(AccountId(row.account_id), row.external_id),
                as_of=row.as_of,
                tallies=msgspec.json.decode(row.tallies or "{}", type=dict[str, Tally]),
                complete=bool(row.complete),
                reference=row.reference,
                tracking=row.tracking,
                by_hand=row.external_id.startswith(BY_HAND),
            )
            for row in receipts
        },
        tracking=frozenset(row.number for row in numbers),
    )


def receipt_id(account_id: AccountId, external_id: str) -> str:
    """What names a warehouse's document everywhere."""
    return f"{account_id}/{external_id}"


async def write_lines(tx: Tx, case_id: str, lines: Iterable[ReturnLine]) -> None:
    """The lines of a case as sync.domain.custody made them."""
    for line in lines:
        order_line, sku = line.key
        values = {
            "advised": line.advised.units,
            "advised_as_of": line.advised.as_of,
            "advised_most": line.advised.highest,
            "approved": line.approved.units,
            "approved_as_of": line.approved.as_of,
            "approved_most": line.approved.highest,
        }
        insert = upsert(back_line).values(case_id=case_id, order_line_id=order_line, sku=sku, **values)
        keys = [back_line.c.case_id, back_line.c.order_line_id, back_line.c.sku]
        await tx.run(insert.on_conflict_do_update(index_elements=keys, set_=values))


async def expect(tx: Tx, case_id: str, numbers: Iterable[str]) -> bool:
    """The case's goods come back under these numbers too. Whether one of them was new."""
    fresh = 0
    written = {number: one for one in numbers if (number := plain_number(one))}
    for number, told in sorted(written.items()):
        insert = upsert(back_tracking).values(number=number, case_id=case_id, written=told.strip())
        keys = [back_tracking.c.number, back_tracking.c.case_id]
        fresh += await tx.run(insert.on_conflict_do_nothing(index_elements=keys))
    return fresh > 0


async def receive(tx: Tx, warehouse: AccountId, receipt: Receipt) -> list[str]:
    """Take a warehouse's totals in: into the case that has them, that they name, or that awaits their number.

    Else they become a case of their own, in quarantine. Returns the cases that changed.
    """
    await tx.alone("back", "receipts")  # two documents of one parcel shall find the same home
    before = await _candidates(tx, receipt)
    known = [await custody(tx, case) for case in before]
    after = take_in(known, receipt)
    return await _write(tx, warehouse, before, known, after)


async def book(tx: Tx, case: BackCase, receipt: Receipt) -> bool:
    """Count a document of this very case. False where it says what was known."""
    await tx.alone("back", "receipts")
    known = (await custody(tx, case)).receipts.get(receipt.id)
    if known is not None and _content(known) == _content(receipt):
        return False
    await _write_receipts(tx, case.id, {receipt.id: known.joined(receipt) if known else receipt})
    return True


def _content(receipt: Receipt) -> object:
    """What it says, whenever it said so."""
    tallies = {
        sku: (one.received, dict(one.conditions), dict(one.disposed)) for sku, one in receipt.tallies.items()
    }
    return tallies, receipt.complete


async def find_homes(tx: Tx, warehouse: AccountId, case: BackCase) -> list[str]:
    """A request has a new number: what is in quarantine under it joins it. Returns the cases that changed."""
    await tx.alone("back", "receipts")
    mine = await custody(tx, case)
    strays = await _strays(tx, mine.tracking, case)
    if not strays:
        return []
    before = [case, *strays]
    known = [await custody(tx, one) for one in before]
    return await _write(tx, warehouse, before, known, joined(known))


async def _candidates(tx: Tx, receipt: Receipt) -> list[BackCase]:
    """The cases that a receipt may belong to, requests before goods that nobody announced."""
    account, _, external = receipt.id.partition("/")
    r, t = back_receipt.c, back_tracking.c
    number = plain_number(receipt.tracking or "")
    ids = set()
    for query in (
        sa.select(r.case_id).where(r.account_id == account, r.external_id == external),
        sa.select(back_case.c.id).where(back_case.c.reference == (receipt.reference or "")),
        sa.select(t.case_id).where(t.number == number),
    ):
        ids |= {row[0] for row in await tx.all(query)}
    found = [case for id in sorted(ids) if (case := await cases.get(tx, id)) is not None]
    living = [case for case in found if case.state != cases.JOINED]
    if not living:
        living = await _awaiting(tx, AccountId(account), scanned_number(receipt.reference))
    return sorted(living, key=lambda case: (case.request_id is None, case.opened_at, case.id))


async def _awaiting(tx: Tx, warehouse: AccountId, number: str) -> list[BackCase]:
    """Open cases that await this number, of orders that this warehouse was asked to send, or was told of."""
    if not number:
        return []
    t, case, work, told = back_tracking.c, back_case.c, fulfilment.c, outbox.c
    sent = sa.exists().where(work.order_id == case.order_id, work.account_id == warehouse)
    expects = sa.exists().where(told.order_id == case.order_id, told.account_id == warehouse)
    rows = await tx.all(
        sa.select(case.id)
        .join(back_tracking, t.case_id == case.id)
        .where(t.number == number, case.state == cases.OPEN, sa.or_(sent, expects))
    )
    return [found for row in rows if (found := await cases.get(tx, row.id)) is not None]


async def _strays(tx: Tx, numbers: Collection[str], case: BackCase) -> list[BackCase]:
    """What is in quarantine under these numbers or the case's reference; last, under a number as reference."""
    r = back_receipt.c
    mine = sa.or_(r.tracking.in_(sorted(numbers)), r.reference == case.reference)
    rows = await tx.all(sa.select(r.case_id).where(mine))
    ids = {row.case_id for row in rows} | await _scanned(tx, numbers, case)
    found = [one for id in sorted(ids) if (one := await cases.get(tx, id))]
    return [one for one in found if one.request_id is None and one.state != cases.JOINED]


async def _scanned(tx: Tx, numbers: Collection[str], case: BackCase) -> set[str]:
    """Strays whose reference is one of the case's numbers that no other open case of their warehouse awaits."""
    r, stray = back_receipt.c, back_case.c
    rows = await tx.all(
        sa.select(r.case_id, r.account_id, r.reference)
        .join(back_case, stray.id == r.case_id)
        .where(stray.request_id.is_(None), stray.state == cases.OPEN, r.reference.is_not(None))
    )
    found = set()
    for row in rows:
        number = scanned_number(row.reference)
        if number and number in numbers:
            awaiting = await _awaiting(tx, AccountId(row.account_id), number)
            if [one.id for one in awaiting] == [case.id]:
                found.add(row.case_id)
    return found


async def _write(
    tx: Tx, warehouse: AccountId, before: Sequence[BackCase], known: Sequence[Case], after: Sequence[Case]
) -> list[str]:
    old = {case.id: case for case in known}
    changed = []
    for case in after:
        if case.id in old and case.receipts == old[case.id].receipts:
            continue
        id = case.id
        if id not in old:
            (one,) = case.receipts.values()
            reference = f"unannounced/{one.id}"
            id = await cases.open_case(tx, account_id=warehouse, reference=reference, n=0, kind=None)
        await _write_receipts(tx, id, case.receipts)
        changed.append(id)
    gone = set(old) - {case.id for case in after}
    for id in sorted(gone):
        await cases.join(tx, id)
    await cases.ask_review(tx, changed)
    return changed


async def first_arrival(tx: Tx, case_id: str) -> datetime | None:
    """When the first of a case's goods were told to be here; None before."""
    at = await tx.scalar(
        sa.select(sa.func.min(back_receipt.c.arrived_at)).where(back_receipt.c.case_id == case_id)
    )
    return None if at is None else from_micros(at)


async def _write_receipts(tx: Tx, case_id: str, receipts: Mapping[str, Receipt]) -> None:
    for receipt in receipts.values():
        account, _, external = receipt.id.partition("/")
        values = {
            "case_id": case_id,
            "as_of": receipt.as_of,
            "complete": int(receipt.complete),
            "reference": receipt.reference,
            "tracking": plain_number(receipt.tracking) if receipt.tracking else None,
            "tallies": msgspec.json.encode(receipt.tallies).decode(),
            "seen_at": tx.now(),
        }
        arrived = tx.now() if receipt.arrived else None
        insert = upsert(back_receipt).values(
            account_id=account, external_id=external, arrived_at=arrived, **values
        )
        keys = [back_receipt.c.account_id, back_receipt.c.external_id]
        first = sa.func.coalesce(back_receipt.c.arrived_at, insert.excluded.arrived_at)
        await tx.run(insert.on_conflict_do_update(index_elements=keys, set_={**values, "arrived_at": first}))


async def move(tx: Tx, stray: BackCase, home: BackCase) -> None:
    """A person says that goods which nobody announced belong to a request: all their receipts are its own now."""
    await tx.alone("back", "receipts")
    here = back_receipt.c.case_id == stray.id
    await tx.run(sa.update(back_receipt).where(here).values(case_id=home.id))
    await cases.join(tx, stray.id)
