"""What each listing shall show beside what its shop said it shows: quantity, price, whether it is up, content.

What differs is unsent, and has a partial index. `approved` is the very value that a person let through every
guard, until `approved_until`.
"""

import sqlalchemy as sa

from sync.store.tables.base import METADATA, count, flag, key, moment, ref, text

offer_quantity = sa.Table(
    "offer_quantity",
    METADATA,
    key(),
    ref("account_id", "account", index=False),
    ref("listing_id", "listing"),
    sa.Column("external_id", sa.Text, nullable=False),
    sa.Column("location", sa.Text, nullable=False, server_default=sa.text("''")),
    count("desired", nullable=True),
    count("acked", nullable=True),
    count("ceiling", nullable=True),
    count("ceiling_before", nullable=True),
    moment("ceiling_at"),
    text("terms"),
    text("cause"),
    moment("changed_at"),
    moment("acked_at"),
    moment("retry_at"),
    count("rejected", nullable=True),
    text("rejected_reason", nullable=True),
    text("config_version"),
    count("approved", nullable=True),
    moment("approved_until"),
    sa.UniqueConstraint("account_id", "external_id", "location"),
    comment=(
        "desired: what the shop shall sell; acked: what it said it sells, null when it has moved since; "
        "ceiling: the most it may be selling now, null when that is not known; "
        "ceiling_before: the most before it fell at ceiling_at, counted until orders were read since"
    ),
)
unsent_quantity = sa.and_(
    offer_quantity.c.desired.is_not(None),
    offer_quantity.c.desired.is_distinct_from(offer_quantity.c.acked),
)
"""The condition of the partial index, and of every query that looks for unsent quantities."""
order_caused_first: sa.ColumnElement[int] = sa.literal_column(
    "(CASE WHEN cause = 'order' THEN 0 ELSE 1 END)", sa.Integer
)
"""How urgent an unsent quantity is; spelled out, for a database finds an index by its expression alone."""
_IN_THEIR_ORDER = (offer_quantity.c.account_id, order_caused_first, offer_quantity.c.changed_at)
sa.Index("ix_offer_quantity_unsent", *_IN_THEIR_ORDER, postgresql_where=unsent_quantity).ddl_if(
    dialect="postgresql"
)
_ALL_THAT_IS_ASKED = (
    "id",
    "listing_id",
    "external_id",
    "location",
    "desired",
    "cause",
    "retry_at",
    "rejected",
    "acked",
)
sa.Index(
    "ix_offer_quantity_unsent",
    *_IN_THEIR_ORDER,
    *(offer_quantity.c[name] for name in _ALL_THAT_IS_ASKED),
    sqlite_where=unsent_quantity,
).ddl_if(dialect="sqlite")
"""SQLite answers the look for what is unsent from this index alone: a row looked up by itself costs it more."""

offer_price = sa.Table(
    "offer_price",
    METADATA,
    key(),
    ref("account_id", "account", index=False),
    ref("listing_id", "listing"),
    sa.Column("external_id", sa.Text, nullable=False),
    sa.Column("market", sa.Text, nullable=False, server_default=sa.text("''")),
    text("currency"),
    text("desired", nullable=True),
    text("acked", nullable=True),
    text("desired_compare_at", nullable=True),
    text("acked_compare_at", nullable=True),
    text("terms"),
    text("cause"),
    moment("changed_at"),
    moment("acked_at"),
    moment("retry_at"),
    text("rejected", nullable=True),
    text("rejected_reason", nullable=True),
    text("config_version"),
    text("capped", nullable=True),
    text("base", nullable=True),
    moment("base_at"),
    moment("next_at"),
    text("approved", nullable=True),
    moment("approved_until"),
    text("missing"),
    sa.UniqueConstraint("account_id", "external_id", "market"),
    comment=(
        "desired: null where no rule makes it; acked: what the shop said it costs; compare_at: '' for none, "
        "null where it is not ours; next_at: when it may change by time alone; capped: the promotions now whose "
        "units are limited, a line each; base: what it cost at base_at, a day ago at most, for the largest "
        "move; missing: what its rule wants and cannot have"
    ),
)
unsent_price = sa.and_(
    offer_price.c.desired.is_not(None),
    sa.or_(
        offer_price.c.desired.is_distinct_from(offer_price.c.acked),
        sa.and_(
            offer_price.c.desired_compare_at.is_not(None),
            offer_price.c.desired_compare_at.is_distinct_from(offer_price.c.acked_compare_at),
        ),
    ),
)
sa.Index(
    "ix_offer_price_unsent",
    offer_price.c.account_id,
    offer_price.c.changed_at,
    sqlite_where=unsent_price,
    postgresql_where=unsent_price,
)
price_in_time = offer_price.c.next_at.is_not(None)
sa.Index(
    "ix_offer_price_next",
    offer_price.c.account_id,
    offer_price.c.next_at,
    sqlite_where=price_in_time,
    postgresql_where=price_in_time,
)
price_capped = offer_price.c.capped.is_not(None)
sa.Index(
    "ix_offer_price_capped",
    offer_price.c.account_id,
    offer_price.c.capped,
    sqlite_where=price_capped,
    postgresql_where=price_capped,
)
price_missing = offer_price.c.missing != sa.literal_column("''")
sa.Index(
    "ix_offer_price_missing",
    offer_price.c.account_id,
    offer_price.c.missing,
    sqlite_where=price_missing,
    postgresql_where=price_missing,
)

offer_state = sa.Table(
    "offer_state",
    METADATA,
    key(),
    ref("account_id", "account", index=False),
    ref("listing_id", "listing"),
    sa.Column("external_id", sa.Text, nullable=False),
    sa.Column("desired", sa.SmallInteger, nullable=True),
    sa.Column("acked", sa.SmallInteger, nullable=True),
    flag("ours"),
    text("reason"),
    moment("below_since"),
    moment("above_since"),
    text("terms"),
    text("cause"),
    moment("changed_at"),
    moment("acked_at"),
    moment("retry_at"),
    sa.Column("rejected", sa.SmallInteger, nullable=True),
    text("rejected_reason", nullable=True),
    text("config_version"),
    moment("next_at"),
    sa.Column("approved", sa.SmallInteger, nullable=True),
    moment("approved_until"),
    text("overruled"),
    moment("put_up_at"),
    moment("sent_at"),
    sa.UniqueConstraint("account_id", "external_id"),
    comment=(
        "whether a listing shall be up: desired 1 or 0, null where it is left to people; acked: what the shop "
        "showed last, null while we do not know what became of a write; ours: it is down because we took it "
        "down; below_since: since when there is nothing to sell, above_since: since when it may be up again; "
        "overruled: causes in spite of which people put it up; put_up_at: when we put it back last"
    ),
)
unsent_state = sa.and_(
    offer_state.c.desired.is_not(None),
    offer_state.c.desired.is_distinct_from(offer_state.c.acked),
)
sa.Index(
    "ix_offer_state_unsent",
    offer_state.c.account_id,
    offer_state.c.changed_at,
    sqlite_where=unsent_state,
    postgresql_where=unsent_state,
)
state_in_time = offer_state.c.next_at.is_not(None)
sa.Index(
    "ix_offer_state_next",
    offer_state.c.account_id,
    offer_state.c.next_at,
    sqlite_where=state_in_time,
    postgresql_where=state_in_time,
)

offer_content = sa.Table(
    "offer_content",
    METADATA,
    key(),
    ref("account_id", "account", index=False),
    ref("listing_id", "listing"),
    sa.Column("external_id", sa.Text, nullable=False),
    text("content"),
    text("desired", nullable=True),
    text("acked", nullable=True),
    text("shown", nullable=True),
    moment("changed_at"),
    moment("acked_at"),
    moment("retry_at"),
    text("rejected", nullable=True),
    text("rejected_reason", nullable=True),
    text("config_version"),
    sa.UniqueConstraint("account_id", "external_id"),
    comment=(
        "texts and pictures that the catalogue owns: content as JSON, desired its hash, acked the hash that "
        "the shop took, shown the hash of what the shop showed afterwards: another one there is drift"
    ),
)
unsent_content = sa.and_(
    offer_content.c.desired.is_not(None),
    offer_content.c.desired.is_distinct_from(offer_content.c.acked),
)
sa.Index(
    "ix_offer_content_unsent",
    offer_content.c.account_id,
    offer_content.c.changed_at,
    sqlite_where=unsent_content,
    postgresql_where=unsent_content,
)

guard_tally = sa.Table(
    "guard_tally",
    METADATA,
    key(),
    ref("account_id", "account", index=False),
    sa.Column("field", sa.Text, nullable=False),
    moment("at", nullable=False),
    count("changed"),
    count("zeroed"),
    sa.Index("ix_guard_tally_account_id_field_at", "account_id", "field", "at"),
    comment="what was sent to a shop lately, order-caused decreases left out: guards look at an hour of it",
)

approval = sa.Table(
    "approval",
    METADATA,
    key(),
    ref("account_id", "account"),
    sa.Column("guard", sa.Text, nullable=False),
    count("most"),
    moment("created_at", nullable=False),
    moment("expires_at", nullable=False),
    text("who"),
    comment="a person let a guard's limit be `most` until expires_at",
)
