"""What customers are told: one row an event and way, whatever became of it, and since when each rule is in force."""

import sqlalchemy as sa

from sync.store.tables.base import METADATA, count, key, moment, ref, sealed, text

message = sa.Table(
    "message",
    METADATA,
    key(),
    ref("account_id", "account", index=False),
    ref("order_id", "customer_order"),
    sa.Column("event_key", sa.Text, nullable=False),
    sa.Column("way", sa.Text, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    text("name"),
    text("state", default="planned"),
    text("facts"),
    text("language"),
    text("reason"),
    moment("happened_at", nullable=False),
    moment("created_at", nullable=False),
    moment("next_at", nullable=False),
    moment("wished_at"),
    count("attempts"),
    moment("sent_at"),
    moment("closed_at"),
    sealed("letter_sealed"),
    count("key_id"),
    text("config_version"),
    sa.UniqueConstraint("event_key", "way"),
    comment=(
        "state: planned, sending, done, refused, unknown, passed; facts: values by name as JSON, none of them "
        "personal; wished_at: when a person had it told again; letter: address and words as they were sent"
    ),
)
open_message = message.c.closed_at.is_(None)
sa.Index(
    "ix_message_open",
    message.c.account_id,
    message.c.next_at,
    sqlite_where=open_message,
    postgresql_where=open_message,
)

message_rule = sa.Table(
    "message_rule",
    METADATA,
    sa.Column("account_id", sa.String(36), sa.ForeignKey("account.id"), primary_key=True),
    sa.Column("event", sa.Text, primary_key=True),
    sa.Column("ways", sa.Text, primary_key=True),
    moment("since", nullable=False),
    comment="since when customers of a shop are told an event by these ways: what happened before is not told",
)
