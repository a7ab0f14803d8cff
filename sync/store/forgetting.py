"""How people are told apart without their names, and who of them was erased.

A blind index stands for a mail address or a telephone number. Whoever was erased is remembered by theirs
alone, so that what they ordered before does not come back with their data.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

import sqlalchemy as sa

from sync.domain.clock import from_micros
from sync.domain.people import Address, Person
from sync.store.database import Tx
from sync.store.dialect import upsert
from sync.store.sealing import Sealer
from sync.store.tables import forgotten

PHONE = re.compile(r"(?<![\w.])\+?\d[\d ()/.\-]{4,22}\d(?![\w.])")
_NO_DIGIT = re.compile(r"\D+")
_BATCH = 500
_MAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")


def phone_digits(text: str) -> str:
    """A telephone number as it is indexed: its digits, the international 00 like a plus sign."""
    return _NO_DIGIT.sub("", text).removeprefix("00")


def indexes(sealer: Sealer, person: Person, ship_to: Address) -> dict[str, bytes | None]:
    """The blind indexes of an order's people, by column."""
    email, phone = _mail(sealer, person.email), _phone(sealer, person.phone)
    return {
        "email_index": email,
        "phone_index": phone,
        "to_email_index": email if ship_to.email == person.email else _mail(sealer, ship_to.email),
        "to_phone_index": phone if ship_to.phone == person.phone else _phone(sealer, ship_to.phone),
    }


def _mail(sealer: Sealer, text: str | None) -> bytes | None:
    return sealer.blind("email", text) if text else None


def _phone(sealer: Sealer, text: str | None) -> bytes | None:
    digits = phone_digits(text) if text else ""
    return sealer.blind("phone", digits) if digits else None


def mentioned(sealer: Sealer, raw: bytes) -> Iterator[bytes]:
    """The blind indexes of every mail address and telephone number in a raw record."""
    text = raw.decode("utf-8", "replace")
    for mail in _MAIL.findall(text):
        yield sealer.blind("email", mail)
    for phone in PHONE.findall(text):
        yield sealer.blind("phone", phone_digits(phone))


async def remember(tx: Tx, erased: Mapping[bytes, int]) -> None:
    """These people were erased at these moments (microseconds); an older moment never takes a newer one's place."""
    insert = upsert(forgotten)
    newer = insert.on_conflict_do_update(
        index_elements=["digest"],
        set_={"at": insert.excluded.at},
        where=forgotten.c.at < insert.excluded.at,
    )
    await tx.run(newer, [{"digest": digest, "at": at} for digest, at in erased.items()])


async def forgotten_at(tx: Tx, digests: Collection[bytes]) -> datetime | None:
    """When the last of these was erased; None where none was."""
    if not digests:
        return None
    at = await tx.scalar(sa.select(sa.func.max(forgotten.c.at)).where(forgotten.c.digest.in_(digests)))
    return None if at is None else from_micros(at)


async def was_forgotten(tx: Tx, digests: Collection[bytes], placed_at: int) -> bool:
    """Whether one of these people was erased at or after this moment (microseconds)."""
    if not digests:
        return False
    query = sa.select(forgotten.c.digest).where(forgotten.c.digest.in_(digests), forgotten.c.at >= placed_at)
    return await tx.scalar(query.limit(1)) is not None


async def erased_at(tx: Tx, digests: Collection[bytes]) -> dict[bytes, int]:
    """When (microseconds) each of these was erased; those that were not are absent."""
    found: dict[bytes, int] = {}
    wanted = sorted(digests)
    for start in range(0, len(wanted), _BATCH):
        part = forgotten.c.digest.in_(wanted[start : start + _BATCH])
        found |= {row.digest: row.at for row in await tx.all(sa.select(forgotten).where(part))}
    return found


async def names_the_forgotten(tx: Tx, raw: bytes) -> bool:
    """Whether a raw record names a person who was erased."""
    return await was_forgotten(tx, set(mentioned(tx.sealer, raw)), 0)
