"""What needs a person, what a person decided, who changed what, and who was erased."""

import sqlalchemy as sa

from sync.store.tables.base import METADATA, key, moment, ref, text

issue = sa.Table(
    "issue",
    METADATA,
    key(),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    ref("account_id", "account", nullable=True),
    ref("order_id", "customer_order", nullable=True),
    text("subject"),
    text("what"),
    text("why"),
    text("todo"),
    text("owner"),
    moment("due_at"),
    moment("opened_at", nullable=False),
    moment("seen_at", nullable=False),
    moment("closed_at"),
    text("closed_by", nullable=True),
    comment="one open issue per key; it clears itself when its cause is gone",
)
open_issue = issue.c.closed_at.is_(None)
sa.Index("uq_issue_open", issue.c.key, unique=True, sqlite_where=open_issue, postgresql_where=open_issue)

decision = sa.Table(
    "decision",
    METADATA,
    key(),
    ref("issue_id", "issue", nullable=True),
    ref("order_id", "customer_order", nullable=True),
    sa.Column("what", sa.Text, nullable=False),
    text("bounds"),
    text("who"),
    moment("at", nullable=False),
    moment("expires_at"),
)

audit_event = sa.Table(
    "audit_event",
    METADATA,
    key(),
    moment("at", nullable=False),
    text("who"),
    sa.Column("what", sa.Text, nullable=False),
    text("subject"),
    text("data"),
)

forgotten = sa.Table(
    "forgotten",
    METADATA,
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    moment("at", nullable=False),
    comment="blind indexes of people who were erased: what they ordered before does not come back",
)
