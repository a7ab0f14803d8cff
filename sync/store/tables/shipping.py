"""What leaves from where, in what, and where it is."""

import sqlalchemy as sa

from sync.store.tables.base import METADATA, count, flag, key, moment, ref, text

fulfilment = sa.Table(
    "fulfilment",
    METADATA,
    key(),
    ref("order_id", "customer_order"),
    ref("account_id", "account", index=False),
    sa.Column("reference", sa.Text, nullable=False, unique=True),
    sa.Column("n", sa.Integer, nullable=False),
    text("external_id", nullable=True),
    text("state", default="planned"),
    text("cancel", default="none"),
    text("rule"),
    moment("created_at", nullable=False),
    moment("accepted_at"),
    moment("observed_at"),
    moment("remote_updated_at"),
    moment("closed_at"),
    text("config_version"),
    sa.UniqueConstraint("order_id", "n"),
    sa.Index("ix_fulfilment_account_id_external_id", "account_id", "external_id"),
    comment="lines that one warehouse must ship; n counts an order's fulfilments, back-orders included",
)
open_fulfilment = fulfilment.c.closed_at.is_(None)
sa.Index(
    "ix_fulfilment_open",
    fulfilment.c.account_id,
    fulfilment.c.observed_at,
    sqlite_where=open_fulfilment,
    postgresql_where=open_fulfilment,
)

fulfilment_line = sa.Table(
    "fulfilment_line",
    METADATA,
    sa.Column("fulfilment_id", sa.String(36), sa.ForeignKey("fulfilment.id"), primary_key=True),
    sa.Column("order_line_id", sa.String(36), sa.ForeignKey("order_line.id"), primary_key=True),
    sa.Column("sku", sa.Text, primary_key=True),
    count("quantity"),
    count("assigned"),
    count("shipped"),
    count("refused"),
)

parcel = sa.Table(
    "parcel",
    METADATA,
    key(),
    ref("order_id", "customer_order"),
    ref("fulfilment_id", "fulfilment", index=False),
    sa.Column("external_id", sa.Text, nullable=False),
    text("number"),
    text("weight_kg", nullable=True),
    text("tracking", nullable=True),
    text("carrier"),
    text("service"),
    ref("courier_id", "account", nullable=True),
    text("booking_external_id", nullable=True),
    text("label_url", nullable=True),
    text("tracking_url", nullable=True),
    count("charge_minor", nullable=True),
    text("charge_currency", nullable=True),
    text("rule"),
    moment("booked_at"),
    moment("labelled_at"),
    moment("left_at"),
    moment("told_at"),
    text("told_external_id", nullable=True),
    text("status", default="unknown"),
    moment("status_at"),
    moment("first_scan_at"),
    moment("tracked_at"),
    moment("track_due_at"),
    moment("delivered_at"),
    moment("delivery_told_at"),
    moment("ended_at"),
    moment("voided_at"),
    flag("void_wanted"),
    moment("created_at", nullable=False),
    sa.Column("label_of", sa.String(36), nullable=True, index=True),
    moment("waits_until"),
    flag("apart"),
    sa.UniqueConstraint("fulfilment_id", "external_id"),
    sa.Index("ix_parcel_tracking", "tracking"),
    sa.Index("ix_parcel_courier_due", "courier_id", "track_due_at"),
    comment=(
        "label_of: the parcel whose label it shares, its own id for that one; waits_until: it waits for others that "
        "could share its label; apart: it shares none any more"
    ),
)
waiting_parcel = parcel.c.waits_until.is_not(None)
sa.Index(
    "ix_parcel_waiting",
    parcel.c.waits_until,
    sqlite_where=waiting_parcel,
    postgresql_where=waiting_parcel,
)

parcel_line = sa.Table(
    "parcel_line",
    METADATA,
    sa.Column("parcel_id", sa.String(36), sa.ForeignKey("parcel.id"), primary_key=True),
    sa.Column("order_line_id", sa.String(36), sa.ForeignKey("order_line.id"), primary_key=True),
    sa.Column("sku", sa.Text, primary_key=True),
    count("quantity"),
)

tracking_event = sa.Table(
    "tracking_event",
    METADATA,
    sa.Column("parcel_id", sa.String(36), sa.ForeignKey("parcel.id"), primary_key=True),
    sa.Column("event_key", sa.Text, primary_key=True),
    moment("at"),
    sa.Column("status", sa.Text, nullable=False),
    text("vendor_code"),
    text("description"),
    text("place"),
    moment("seen_at", nullable=False),
)
