"""What shops do not show yet of what they shall, read in slices; and a person's word that these very values may go.

Every query here serves all fields alike: a field is a table of offers with `desired` beside `acked`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec
import sqlalchemy as sa

from sync.domain.ids import AccountId
from sync.domain.money import price_text
from sync.domain.plan import DOWN, UP, Field
from sync.store import meta
from sync.store.database import Tx
from sync.store.offers import Selling
from sync.store.tables import (
    account,
    listing,
    listing_component,
    offer_content,
    offer_price,
    offer_quantity,
    offer_state,
)
from sync.store.tables.offers import unsent_content, unsent_price, unsent_quantity, unsent_state

_BATCH = 500
_TABLES: Mapping[Field, tuple[sa.Table, sa.ColumnElement[bool]]] = {
    Field.QUANTITY: (offer_quantity, unsent_quantity),
    Field.PRICE: (offer_price, unsent_price),
    Field.STATE: (offer_state, unsent_state),
    Field.CONTENT: (offer_content, unsent_content),
}
_PLACES = {Field.QUANTITY: "location", Field.PRICE: "market"}
Key = tuple[str, str]
"""(the shop's id of the listing, location or market)"""


@dataclass(frozen=True, slots=True)
class StoredOffer:
    """One field of one listing as it is stored, its values as texts (see `sync.domain.plan.PlanRow`)."""

    id: str
    listing_id: str
    account_id: AccountId
    external_id: str
    place: str
    title: str
    published: bool
    shown: int | None
    """The quantity that the shop showed when the listing was read."""
    desired: str | None
    acked: str | None
    rejected: str | None
    rejected_reason: str
    retry_at: int | None
    cause: str
    approved: str | None
    approved_until: int | None
    terms: str
    """JSON, or the content itself."""
    currency: str = ""
    desired_compare_at: str | None = None
    acked_compare_at: str | None = None
    base: str | None = None
    """The price at `base_at`, from which a day's moves are measured."""
    base_at: int | None = None
    changed_at: int | None = None
    acked_at: int | None = None
    next_at: int | None = None
    """When it may change by time alone."""

    @property
    def unsent(self) -> bool:
        """Whether the shop does not show what it shall."""
        if self.desired is None:
            return False
        strikes = self.desired_compare_at is not None and self.desired_compare_at != self.acked_compare_at
        return self.desired != self.acked or strikes

    def approved_at(self, now: int) -> bool:
        """Whether a person let this very value through, and that still counts (microseconds)."""
        return self.approved == self.desired and self.approved_until is not None and self.approved_until > now

    @property
    def told(self) -> Mapping[str, Any]:
        """The terms as they were stored; empty where there are none."""
        try:
            return msgspec.json.decode(self.terms or "{}", type=dict[str, Any])
        except (msgspec.DecodeError, msgspec.ValidationError):
            return {}


async def unsent(tx: Tx, field: Field, account_id: AccountId, after: Key, limit: int) -> list[StoredOffer]:
    """A slice of an account's unsent offers, in the order of the shop's ids, behind `after`."""
    table, differs = _TABLES[field]
    where = [table.c.account_id == account_id, differs, _behind(field, after)]
    return await _offers(tx, field, sa.and_(*where), limit)


async def by_listing(tx: Tx, field: Field, listing_ids: Sequence[str]) -> dict[str, list[StoredOffer]]:
    """What is stored of these listings (our ids)."""
    table, _ = _TABLES[field]
    found: dict[str, list[StoredOffer]] = {}
    for start in range(0, len(listing_ids), _BATCH):
        part = table.c.listing_id.in_(listing_ids[start : start + _BATCH])
        for row in await _offers(tx, field, part, None):
            found.setdefault(row.listing_id, []).append(row)
    return found


async def by_key(tx: Tx, field: Field, account_id: AccountId, keys: Iterable[Key]) -> dict[Key, StoredOffer]:
    """What is stored of these listings (the shop's ids) of one account."""
    table, _ = _TABLES[field]
    names = sorted({name for name, _ in keys})
    found: dict[Key, StoredOffer] = {}
    for start in range(0, len(names), _BATCH):
        part = table.c.external_id.in_(names[start : start + _BATCH])
        for row in await _offers(tx, field, sa.and_(table.c.account_id == account_id, part), None):
            found[row.external_id, row.place] = row
    return found


def _behind(field: Field, after: Key) -> sa.ColumnElement[bool]:
    """A comparison of pairs, for so the unique index is read from the right place on."""
    table, _ = _TABLES[field]
    name, place = after
    if field not in _PLACES:
        return table.c.external_id > name
    return sa.tuple_(table.c.external_id, table.c[_PLACES[field]]) > sa.tuple_(
        sa.literal(name, sa.Text), sa.literal(place, sa.Text)
    )


async def _offers(
    tx: Tx, field: Field, where: sa.ColumnElement[bool], limit: int | None
) -> list[StoredOffer]:
    table, _ = _TABLES[field]
    order = [table.c.external_id] + ([table.c[_PLACES[field]]] if field in _PLACES else [])
    query = (
        sa.select(table, listing.c.title, listing.c.published, listing.c.remote_available)
        .join(listing, listing.c.id == table.c.listing_id)
        .where(where)
        .order_by(*order)
        .limit(limit)
    )
    return [_stored(field, row) for row in await tx.all(query)]


def _stored(field: Field, row: Any) -> StoredOffer:
    def text(value: Any) -> str | None:
        if value is None or field is not Field.STATE:
            return None if value is None else str(value)
        return UP if value else DOWN

    return StoredOffer(
        id=row.id,
        listing_id=row.listing_id,
        account_id=AccountId(row.account_id),
        external_id=row.external_id,
        place=getattr(row, _PLACES[field]) if field in _PLACES else "",
        title=row.title,
        published=bool(row.published),
        shown=row.remote_available,
        desired=text(row.desired),
        acked=text(row.acked),
        rejected=text(row.rejected),
        rejected_reason=row.rejected_reason or "",
        retry_at=row.retry_at,
        cause=getattr(row, "cause", ""),
        approved=text(getattr(row, "approved", None)),
        approved_until=getattr(row, "approved_until", None),
        terms=row.content if field is Field.CONTENT else row.terms,
        currency=row.currency if field is Field.PRICE else "",
        desired_compare_at=row.desired_compare_at if field is Field.PRICE else None,
        acked_compare_at=row.acked_compare_at if field is Field.PRICE else None,
        base=row.base if field is Field.PRICE else None,
        base_at=row.base_at if field is Field.PRICE else None,
        changed_at=row.changed_at,
        acked_at=row.acked_at,
        next_at=getattr(row, "next_at", None),
    )


async def sold_as(tx: Tx, listing_ids: Sequence[str]) -> dict[str, str]:
    """What each listing sells, as `written`."""
    return {one: written(parts) for one, parts in (await parts_of(tx, listing_ids)).items()}


def written(parts: Mapping[str, int]) -> str:
    """Components as people write them: `A`, `2 × A`, `A + B`."""
    return " + ".join(sku if units == 1 else f"{units} × {sku}" for sku, units in sorted(parts.items()))


async def parts_of(tx: Tx, listing_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """By listing: the SKUs that it sells, with their units."""
    found: dict[str, dict[str, int]] = {}
    for start in range(0, len(listing_ids), _BATCH):
        part = listing_component.c.listing_id.in_(listing_ids[start : start + _BATCH])
        for row in await tx.all(sa.select(listing_component).where(part)):
            found.setdefault(row.listing_id, {})[row.sku] = row.units
    return found


async def bound_listings(tx: Tx, account_id: AccountId, after: str, limit: int) -> list[str]:
    """A slice of an account's bound and present listings, by our ids, behind `after`."""
    c = listing.c
    mine = (c.account_id == account_id, c.bound == 1, c.gone_at.is_(None), c.id > after)
    return [row.id for row in await tx.all(sa.select(c.id).where(*mine).order_by(c.id).limit(limit))]


async def sellers(tx: Tx, listing_ids: Sequence[str]) -> list[Selling]:
    """These listings as sellers, whatever they are bound to: their components are left empty."""
    found = []
    for start in range(0, len(listing_ids), _BATCH):
        part = listing.c.id.in_(listing_ids[start : start + _BATCH])
        found += [
            Selling(
                row.id,
                AccountId(row.account_id),
                row.name,
                row.external_id,
                live=row.mode == "live",
                published=bool(row.published),
                components={},
            )
            for row in await tx.all(_SELLERS.where(part))
        ]
    return found


_SELLERS = (
    sa.select(listing, account.c.name, account.c.mode)
    .join(account, account.c.id == listing.c.account_id)
    .where(listing.c.gone_at.is_(None), account.c.removed_at.is_(None))
)


async def blank(tx: Tx, field: Field, listing_ids: Sequence[str]) -> dict[str, StoredOffer]:
    """Listings of which nothing is stored yet in a field: as they were read."""
    found = {}
    for start in range(0, len(listing_ids), _BATCH):
        part = listing.c.id.in_(listing_ids[start : start + _BATCH])
        for row in await tx.all(sa.select(listing).where(part)):
            found[row.id] = StoredOffer(
                id="",
                listing_id=row.id,
                account_id=AccountId(row.account_id),
                external_id=row.external_id,
                place="",
                title=row.title,
                published=bool(row.published),
                shown=row.remote_available,
                desired=None,
                acked=_as_read(field, row),
                rejected=None,
                rejected_reason="",
                retry_at=None,
                cause="",
                approved=None,
                approved_until=None,
                terms="{}",
                currency=row.currency or "",
            )
    return found


def _as_read(field: Field, row: Any) -> str | None:
    """What the shop said of a field that nothing is stored of; quantities are told by `shown`."""
    if field is Field.STATE:
        return UP if row.published else DOWN
    if field is Field.PRICE and row.price is not None and row.currency:
        return price_text(Decimal(row.price), row.currency)
    return None


async def count_unsent(tx: Tx, account_ids: Sequence[AccountId]) -> int:
    """How many values of these accounts are unsent and not refused, over all fields."""
    total = 0
    for table, differs in _TABLES.values():
        refused = table.c.rejected.is_distinct_from(table.c.desired)
        query = sa.select(sa.func.count()).select_from(table)
        total += int(await tx.scalar(query.where(table.c.account_id.in_(account_ids), differs, refused)) or 0)
    return total


async def approve(tx: Tx, field: Field, values: Mapping[str, str], until: int) -> None:
    """These offers (our id → value) may be sent in spite of any guard, until then (microseconds)."""
    table, _ = _TABLES[field]
    if "approved" not in table.c:
        return
    column = table.c.approved
    await tx.run(
        sa.update(table)
        .where(table.c.id == sa.bindparam("offer"))
        .values(approved=sa.bindparam("value", type_=column.type), approved_until=until, retry_at=None),
        [{"offer": offer, "value": _kept(field, value)} for offer, value in sorted(values.items())],
    )


def _kept(field: Field, value: str) -> int | str:
    """A value as its column holds it."""
    if field is Field.STATE:
        return int(value == UP)
    return int(value) if field is Field.QUANTITY else value


async def database_id(tx: Tx) -> str:
    """Which database this is; empty for one that nobody has written to."""
    return await meta.read(tx, meta.INSTANCE_ID) or ""
