"""A person's requests: what is known of them, and that it be erased.

Who is asked for travels as blind indexes or an order's number: neither the socket nor the audit trail nor a
log ever has a mail address or a telephone number.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sync.engine import erasures
from sync.store import audit, erasing, people, shredding
from sync.store.database import Store
from sync.store.people import Ambiguous, Known, Sought

Args = Mapping[str, Any]


class RequestRefused(Exception):
    """The request cannot be carried out; the text says why and what to do."""


def packed(who: Sought) -> dict[str, Any]:
    """As arguments of a command."""
    return {
        "mails": [one.hex() for one in who.mails],
        "phones": [one.hex() for one in who.phones],
        "shop": who.shop,
        "number": who.number,
    }


def _unpacked(args: Args) -> Sought:
    mails = tuple(bytes.fromhex(one) for one in args["mails"])
    phones = tuple(bytes.fromhex(one) for one in args["phones"])
    return Sought(mails, phones, args["shop"], args["number"])


def told(known: Known, unfinished: list[str]) -> dict[str, Any]:
    """What there is of a person, without any of it."""
    return {
        "orders": [f"{one.shop}/{one.number}" for one in known.orders if one.erased_at is None],
        "erased_orders": [f"{one.shop}/{one.number}" for one in known.orders if one.erased_at is not None],
        "records": [one.what for one in known.raws],
        "unfinished": unfinished,
        "erased_before": None if known.forgotten_at is None else known.forgotten_at.isoformat(),
    }


def refuse_unfinished(unfinished: list[str]) -> None:
    """Raise RequestRefused that names what must be finished first."""
    if unfinished:
        raise RequestRefused(
            f"not yet: {'; '.join(unfinished)}. Ship or cancel what is open, or settle it with "
            "`entrepot issues`; then ask again"
        )


async def forget(store: Store, data: Path, args: Args) -> dict[str, Any]:
    """Erase a person. Nothing is erased where something of theirs is still open.

    `data` is the data folder: who is erased is noted there before it is done, so that a crash loses no erasure.
    """
    async with store.write() as tx:
        await shredding.overwrite_freed(tx)
        try:
            known = await people.find(tx, _unpacked(args["person"]))
        except Ambiguous as error:
            raise RequestRefused(str(error)) from None
        refuse_unfinished(await people.unfinished(tx, known))
        if known.left:
            erasures.note(data, known.indexes, tx.now())
        done = await erasing.erase(tx, known)
        if known.left:
            await audit.record(
                tx, who=args["who"], what="person erased", orders=done.orders, records=done.records
            )
    overwritten = await shredding.cut_log(store)
    return {"orders": done.orders, "records": done.records, "log_cut": overwritten}


async def note_disclosure(store: Store, args: Args) -> dict[str, Any]:
    """A person's data were shown to somebody: who asked, and of how many orders."""
    async with store.write() as tx:
        await audit.record(
            tx, who=args["who"], what="person exported", orders=args["orders"], records=args["records"]
        )
    return {"noted": True}
