"""What is listed where, what is there, and what is held for orders."""

import sqlalchemy as sa

from sync.store.tables.base import METADATA, count, flag, key, moment, ref, text

variant = sa.Table(
    "variant",
    METADATA,
    sa.Column("sku", sa.Text, primary_key=True),
    text("title"),
    text("gtin", nullable=True),
    text("weight_kg", nullable=True),
    moment("created_at", nullable=False),
    moment("counted_at"),
    comment="our SKUs: every SKU that a warehouse's stock feed or the SKU table names",
)

listing = sa.Table(
    "listing",
    METADATA,
    key(),
    ref("account_id", "account", index=False),
    sa.Column("external_id", sa.Text, nullable=False),
    text("product_external_id"),
    text("remote_sku", nullable=True),
    text("gtin", nullable=True),
    text("title"),
    flag("published"),
    text("price", nullable=True),
    text("currency", nullable=True),
    sa.Column("price_includes_tax", sa.SmallInteger, nullable=True),
    count("remote_available", nullable=True),
    text("content"),
    text("content_hash"),
    flag("bound"),
    text("unbound_reason", nullable=True),
    text("config_version"),
    moment("seen_at", nullable=False),
    moment("gone_at"),
    text("product_title"),
    sa.UniqueConstraint("account_id", "external_id"),
    comment="one sellable variant on one storefront, as read; its components say which SKUs it sells",
)

listing_component = sa.Table(
    "listing_component",
    METADATA,
    sa.Column("listing_id", sa.String(36), sa.ForeignKey("listing.id"), primary_key=True),
    sa.Column("sku", sa.Text, primary_key=True),
    sa.Column("units", sa.BigInteger, nullable=False),
    sa.Index("ix_listing_component_sku", "sku"),
)

stock_level = sa.Table(
    "stock_level",
    METADATA,
    sa.Column("account_id", sa.String(36), sa.ForeignKey("account.id"), primary_key=True),
    sa.Column("sku", sa.Text, primary_key=True),
    sa.Column("location", sa.Text, primary_key=True, server_default=sa.text("''")),
    sa.Column("quality", sa.Text, primary_key=True, server_default=sa.text("'good'")),
    count("on_hand", nullable=True),
    text("basis"),
    count("reserved"),
    text("product_external_id"),
    moment("begun_at", nullable=False),
    moment("full_at"),
    count("waiting_on_hand", nullable=True),
    moment("waiting_since"),
    sa.Index("ix_stock_level_sku", "sku"),
    comment=(
        "on_hand on the warehouse's basis, null when it is not known; reserved: units of open reservations "
        "that this figure does not include; begun_at: our time before the read that gave it; waiting_on_hand: "
        "a reading that a guard keeps from counting since waiting_since, until a person approves it"
    ),
)

figure_waits = stock_level.c.waiting_on_hand.is_not(None)
sa.Index(
    "ix_stock_level_waiting",
    stock_level.c.account_id,
    sqlite_where=figure_waits,
    postgresql_where=figure_waits,
)

stock_lot = sa.Table(
    "stock_lot",
    METADATA,
    key(),
    ref("account_id", "account"),
    sa.Column("sku", sa.Text, nullable=False, index=True),
    text("lot"),
    moment("expires_at"),
    count("on_hand"),
    moment("begun_at", nullable=False),
    sa.UniqueConstraint("account_id", "sku", "lot"),
)

reservation = sa.Table(
    "reservation",
    METADATA,
    key(),
    ref("order_id", "customer_order"),
    ref("order_line_id", "order_line"),
    ref("account_id", "account", index=False),
    sa.Column("sku", sa.Text, nullable=False),
    count("quantity"),
    count("short"),
    count("counted"),
    moment("counted_at"),
    count("released"),
    moment("created_at", nullable=False),
    moment("closed_at"),
    sa.UniqueConstraint("order_line_id", "account_id", "sku"),
    sa.Index("ix_reservation_account_id_sku", "account_id", "sku"),
    comment=(
        "quantity: units held; counted: units that the warehouse has said are off its figure, at counted_at; "
        "released: units that a snapshot begun later than counted_at already leaves out; "
        "short: units for which there was no promise"
    ),
)

moved_skus = sa.Table(
    "moved_skus",
    METADATA,
    key(),
    sa.Column("skus", sa.Text, nullable=False),
    moment("at", nullable=False),
    comment="skus: a JSON list; reservations of theirs moved at `at`, and what their listings show did not yet",
)
