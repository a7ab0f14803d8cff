"""What listings shall say and show, beside what their shops took: what differs is unsent.

Content cannot be read back as it was written, for shops tidy texts and rename pictures. So the hash of what was taken
is `acked`, and `shown` is the hash of what the shop showed when it was read next. Where it shows something else later
on, somebody changed it there: the content is sent again.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from sync.domain.clock import to_micros
from sync.domain.ids import AccountId
from sync.domain.listing import RemoteVariant
from sync.store.database import Tx
from sync.store.dialect import upsert
from sync.store.locking import lock_contents
from sync.store.tables import listing, offer_content
from sync.store.tables.offers import unsent_content

_BATCH = 500
_C = offer_content.c
_THIS = _C.id == sa.bindparam("offer")
NOT_MANAGED: dict[str, Any] = {
    "desired": None,
    "acked": None,
    "shown": None,
    "content": "",
    "retry_at": None,
    "rejected": None,
    "rejected_reason": None,
}
"""The columns of content that the catalogue does not own."""


class StoredContent(msgspec.Struct, frozen=True, omit_defaults=True):
    """What of a listing the catalogue owns; None is the shop's own. Pictures are addresses or paths."""

    title: str | None = None
    description: str | None = None
    pictures: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class DesiredContent:
    """What one listing shall say; `digest` moves with it."""

    listing_id: str
    account_id: AccountId
    external_id: str
    content: StoredContent
    digest: str


@dataclass(frozen=True, slots=True)
class UnsentContent:
    """Content that the shop has not taken yet, with what the listing says itself where that stays."""

    id: str
    listing_id: str
    external_id: str
    sku: str | None
    content: StoredContent
    desired: str
    title: str
    description: str


async def want(tx: Tx, desired: Sequence[DesiredContent], config_version: str) -> tuple[str, ...]:
    """Store what listings shall say. Returns those that shall say something else now than what was refused."""
    ordered = sorted(desired, key=lambda one: one.listing_id)
    present = await _of_listings(tx, [one.listing_id for one in ordered])
    fresh, changed, freed = [], [], []
    for one in ordered:
        row = present.get(one.listing_id)
        if row is None:
            fresh.append(_new(tx, one, config_version))
        elif row.desired != one.digest:
            changed.append(_change(tx, row, one, config_version))
            freed += [one.listing_id] if row.rejected is not None else []
    await tx.run(upsert(offer_content).on_conflict_do_nothing(), fresh)
    await tx.run(_CHANGE, changed)
    return tuple(freed)


async def release(tx: Tx, listing_ids: Sequence[str]) -> tuple[str, ...]:
    """The catalogue owns nothing of these listings now. Returns those of which it did."""
    present = await _of_listings(tx, listing_ids)
    had = [row for row in present.values() if row.desired is not None]
    await tx.run(
        sa.update(offer_content).where(_THIS).values(**NOT_MANAGED), [{"offer": row.id} for row in had]
    )
    return tuple(row.listing_id for row in had)


async def _of_listings(tx: Tx, listing_ids: Sequence[str]) -> dict[str, sa.Row[Any]]:
    await lock_contents(tx, listing_ids)
    found: dict[str, sa.Row[Any]] = {}
    for start in range(0, len(listing_ids), _BATCH):
        part = listing_ids[start : start + _BATCH]
        rows = await tx.all(sa.select(offer_content).where(_C.listing_id.in_(part)))
        found |= {row.listing_id: row for row in rows}
    return found


def _new(tx: Tx, one: DesiredContent, config_version: str) -> dict[str, Any]:
    return {
        "id": tx.new_id(),
        "account_id": one.account_id,
        "listing_id": one.listing_id,
        "external_id": one.external_id,
        "content": _json(one.content),
        "desired": one.digest,
        "changed_at": tx.now(),
        "config_version": config_version,
    }


def _change(tx: Tx, row: sa.Row[Any], one: DesiredContent, config_version: str) -> dict[str, Any]:
    waiting = row.desired is not None and row.desired != row.acked and row.changed_at is not None
    return {
        "offer": row.id,
        "new_content": _json(one.content),
        "digest": one.digest,
        "since": row.changed_at if waiting else tx.now(),
        "config": config_version,
    }


_CHANGE = (
    sa.update(offer_content)
    .where(_THIS)
    .values(
        content=sa.bindparam("new_content", type_=sa.Text),
        desired=sa.bindparam("digest", type_=sa.Text),
        changed_at=sa.bindparam("since", type_=sa.BigInteger),
        config_version=sa.bindparam("config", type_=sa.Text),
        retry_at=None,
        rejected=None,
        rejected_reason=None,
    )
)


def _json(content: StoredContent) -> str:
    return msgspec.json.encode(content, order="deterministic").decode()


async def unsent(tx: Tx, account: AccountId, limit: int) -> list[UnsentContent]:
    """Content to send now, the oldest change first; what was refused unchanged is left out."""
    query = (
        sa.select(
            *(_C[name] for name in ("id", "listing_id", "external_id", "content", "desired")),
            listing.c.title,
            listing.c.product_title,
            listing.c.remote_sku,
            listing.c.content.label("description"),
        )
        .join(listing, listing.c.id == _C.listing_id)
        .where(
            unsent_content,
            _C.account_id == account,
            sa.or_(_C.retry_at.is_(None), _C.retry_at <= tx.now()),
            _C.rejected.is_distinct_from(_C.desired),
        )
        .order_by(_C.changed_at, _C.id)
        .limit(limit)
    )
    return [
        UnsentContent(
            row.id,
            row.listing_id,
            row.external_id,
            row.remote_sku,
            msgspec.json.decode(row.content, type=StoredContent),
            row.desired,
            row.product_title or row.title,
            row.description,
        )
        for row in await tx.all(query)
    ]


async def count_unsent(tx: Tx, account: AccountId) -> int:
    """How many listings of a shop do not say what they shall, refused ones too."""
    query = sa.select(sa.func.count()).select_from(offer_content)
    return int(await tx.scalar(query.where(unsent_content, _C.account_id == account)) or 0)


async def acknowledge(tx: Tx, taken: Mapping[str, str]) -> None:
    """By our id of the offer, the hash of what the shop took."""
    await tx.run(
        sa.update(offer_content)
        .where(_THIS)
        .values(
            acked=sa.bindparam("digest", type_=sa.Text),
            acked_at=tx.now(),
            shown=None,
            retry_at=None,
            rejected=None,
            rejected_reason=None,
        ),
        [{"offer": offer, "digest": digest} for offer, digest in taken.items()],
    )


async def refuse(tx: Tx, offer: str, digest: str, reason: str) -> bool:
    """The shop refused it: kept, and not sent again unchanged. False where it shall say something else by now."""
    keep = sa.update(offer_content).where(_C.id == offer, _C.desired == digest)
    return await tx.run(keep.values(rejected=digest, rejected_reason=reason)) > 0


async def postpone(tx: Tx, offers: Sequence[str], until: int) -> None:
    """Try these again later (microseconds)."""
    later = sa.update(offer_content).where(_THIS).values(retry_at=until)
    await tx.run(later, [{"offer": offer} for offer in offers])


async def note_shown(
    tx: Tx, account: AccountId, variants: Sequence[RemoteVariant], begun: datetime
) -> frozenset[str]:
    """What the shop showed of what it took, in a page begun then. Returns listings that others changed."""
    by_name = {variant.external_id: variant for variant in variants}
    names = sorted(by_name)
    found: list[sa.Row[Any]] = []
    for start in range(0, len(names), _BATCH):
        query = sa.select(offer_content).where(
            _C.account_id == account,
            _C.external_id.in_(names[start : start + _BATCH]),
            _C.desired.is_not(None),
            _C.acked == _C.desired,
            _C.acked_at < to_micros(begun),
        )
        found += await tx.all(query)
    seen = [(row, digest_shown(row.content, by_name[row.external_id])) for row in found]
    first = [(row, digest) for row, digest in seen if row.shown is None]
    drifted = [row for row, digest in seen if row.shown is not None and row.shown != digest]
    await lock_contents(tx, [row.listing_id for row, _ in first] + [row.listing_id for row in drifted])
    await tx.run(_FIRST_SHOWN, [{"offer": row.id, "digest": digest} for row, digest in first])
    await tx.run(_DRIFTED, [{"offer": row.id, "since": tx.now()} for row in drifted])
    return frozenset(row.listing_id for row in drifted)


_FIRST_SHOWN = sa.update(offer_content).where(_THIS).values(shown=sa.bindparam("digest", type_=sa.Text))
_DRIFTED = (
    sa.update(offer_content)
    .where(_THIS)
    .values(acked=None, shown=None, changed_at=sa.bindparam("since", type_=sa.BigInteger))
)


async def forget_refusals(tx: Tx, listing_ids: Sequence[str]) -> tuple[str, ...]:
    """What their shop refused of these listings may be tried again. Returns those of which it had refused any."""
    found = [row for row in (await _of_listings(tx, listing_ids)).values() if row.rejected is not None]
    forget = sa.update(offer_content).where(_THIS).values(rejected=None, rejected_reason=None, retry_at=None)
    await tx.run(forget, [{"offer": row.id} for row in found])
    return tuple(row.listing_id for row in found)


def digest_shown(content: str, variant: RemoteVariant) -> str:
    """The hash of what a listing shows of the fields that are owned; signatures in addresses do not count."""
    owned = msgspec.json.decode(content or "{}", type=StoredContent)
    facts = (
        (variant.title, variant.product_title) if owned.title is not None else None,
        variant.description if owned.description is not None else None,
        [re.split(r"[?#]", link)[0] for link in variant.pictures] if owned.pictures is not None else None,
    )
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:32]
