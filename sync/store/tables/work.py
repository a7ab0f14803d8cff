"""Work that must happen exactly once: creating writes that wait to be sent, and deliveries that wait to be read."""

import sqlalchemy as sa

from sync.store.tables.base import METADATA, count, key, moment, ref, sealed, text

outbox = sa.Table(
    "outbox",
    METADATA,
    key(),
    ref("account_id", "account", index=False),
    sa.Column("operation", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("aggregate", sa.Text, nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    text("payload"),
    text("result", nullable=True),
    text("state", default="queued"),
    ref("order_id", "customer_order", nullable=True),
    count("order_version", nullable=True),
    count("attempts"),
    moment("next_at", nullable=False),
    moment("quiet_until"),
    moment("sent_at"),
    moment("created_at", nullable=False),
    moment("closed_at"),
    text("last_error", nullable=True),
    text("config_version"),
    sa.UniqueConstraint("aggregate", "seq"),
    comment=(
        "payload: ids and figures only, no personal data; the request is built when it is sent. "
        "state: queued, sending, unknown, done, rejected, withdrawn, held"
    ),
)
open_work = outbox.c.closed_at.is_(None)
sa.Index(
    "ix_outbox_open",
    outbox.c.account_id,
    outbox.c.next_at,
    sqlite_where=open_work,
    postgresql_where=open_work,
)

inbox = sa.Table(
    "inbox",
    METADATA,
    key(),
    ref("account_id", "account", index=False),
    sa.Column("key", sa.Text, nullable=False),
    text("topic"),
    sealed("payload_sealed"),
    count("key_id"),
    moment("received_at", nullable=False),
    moment("processed_at"),
    count("attempts"),
    text("last_error", nullable=True),
    sa.UniqueConstraint("account_id", "key"),
)

broken_record = sa.Table(
    "broken_record",
    METADATA,
    key(),
    ref("account_id", "account", index=False),
    sa.Column("feed", sa.Text, nullable=False),
    sa.Column("external_id", sa.Text, nullable=False),
    text("why"),
    sealed("raw_sealed"),
    count("key_id"),
    moment("seen_at", nullable=False),
    moment("resolved_at"),
    sa.UniqueConstraint("account_id", "feed", "external_id"),
    comment="records that did not fit their description, kept as they came",
)
