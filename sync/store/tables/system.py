"""Accounts, the state of each flow, the versions of the configuration, and what this database is."""

import sqlalchemy as sa

from sync.store.tables.base import METADATA, count, flag, key, moment, sealed, text

meta = sa.Table(
    "meta",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    comment="instance id, min_code_revision, the check value of the sealing key",
)

account = sa.Table(
    "account",
    METADATA,
    key(),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    text("connector"),
    text("kind"),
    text("fingerprint", nullable=True),
    text("mode", default="observe"),
    text("condition", default="ok"),
    text("condition_reason"),
    moment("condition_at"),
    moment("live_from"),
    text("personal_data", default="plain"),
    moment("created_at", nullable=False),
    moment("removed_at"),
    count("lease_token"),
    text("lease_owner", nullable=True),
    moment("lease_until"),
    comment="renaming in YAML never orphans: the id stays; leases are on the database's clock",
)

credential = sa.Table(
    "credential",
    METADATA,
    key(),
    sealed("token_sealed"),
    count("key_id"),
    moment("ends_at"),
    moment("renewed_at", nullable=False),
    comment="the token that an account works with now, where it ends; id: the account's",
)

flow_state = sa.Table(
    "flow_state",
    METADATA,
    sa.Column("account_id", sa.String(36), sa.ForeignKey("account.id"), primary_key=True),
    sa.Column("flow", sa.Text, primary_key=True),
    moment("next_due_at"),
    count("attempts"),
    text("cursor", nullable=True),
    moment("cursor_at"),
    moment("full_at"),
    flag("more"),
    count("lease_token"),
    text("lease_owner", nullable=True),
    moment("lease_until"),
    moment("started_at"),
    moment("last_success_at"),
    moment("last_success_begun_at"),
    text("last_error", nullable=True),
    moment("last_error_at"),
    comment="cursor_at: the begun_at of the page behind the cursor; full_at: begin of the last full read",
)

config_bundle = sa.Table(
    "config_bundle",
    METADATA,
    sa.Column("version", sa.Text, primary_key=True),
    text("content"),
    moment("first_seen_at", nullable=False),
)
