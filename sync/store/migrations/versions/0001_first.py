"""The first form: accounts, catalogue, stock, orders, shipping, outbox, people.

Every program can open it, so that `min_code_revision` starts here. One function a table, in the order of
their references.
"""

# ruff: noqa: E501

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

UNSENT = sa.and_(sa.column("desired").is_not(None), sa.column("desired").is_distinct_from(sa.column("acked")))


def upgrade() -> None:
    """Make every table."""
    _account()
    _audit_event()
    _config_bundle()
    _meta()
    _variant()
    _broken_record()
    _customer_order()
    _flow_state()
    _inbox()
    _listing()
    _stock_level()
    _stock_lot()
    _fulfilment()
    _hold()
    _issue()
    _listing_component()
    _offer_price()
    _offer_quantity()
    _order_event()
    _order_line()
    _outbox()
    _decision()
    _fulfilment_line()
    _order_line_component()
    _parcel()
    _reservation()
    _parcel_line()
    _tracking_event()
    op.execute("INSERT INTO meta (name, value) VALUES ('min_code_revision', '0001')")


def downgrade() -> None:
    """There is nothing before the first form."""
    raise NotImplementedError("restore the copy that was made before the upgrade")


def _account() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("connector", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("kind", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=True),
        sa.Column("mode", sa.Text(), server_default=sa.text("'observe'"), nullable=False),
        sa.Column("condition", sa.Text(), server_default=sa.text("'ok'"), nullable=False),
        sa.Column("condition_reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("condition_at", sa.BigInteger(), nullable=True),
        sa.Column("live_from", sa.BigInteger(), nullable=True),
        sa.Column("personal_data", sa.Text(), server_default=sa.text("'plain'"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.Column("lease_token", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("name", name=op.f("uq_account_name")),
        comment="renaming in YAML never orphans: the id stays; leases are on the database's clock",
    )


def _audit_event() -> None:
    op.create_table(
        "audit_event",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("data", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )


def _config_bundle() -> None:
    op.create_table(
        "config_bundle",
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_config_bundle")),
    )


def _meta() -> None:
    op.create_table(
        "meta",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_meta")),
        comment="instance id, min_code_revision, the check value of the sealing key",
    )


def _variant() -> None:
    op.create_table(
        "variant",
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("gtin", sa.Text(), nullable=True),
        sa.Column("weight_kg", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("counted_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("sku", name=op.f("pk_variant")),
        comment="our SKUs: every SKU that a warehouse's stock feed or the SKU table names",
    )


def _broken_record() -> None:
    op.create_table(
        "broken_record",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("raw_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("key_id", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("resolved_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_broken_record_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broken_record")),
        sa.UniqueConstraint(
            "account_id", "feed", "external_id", name=op.f("uq_broken_record_account_id_feed_external_id")
        ),
        comment="records that did not fit their description, kept as they came",
    )


def _customer_order() -> None:
    op.create_table(
        "customer_order",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("remote_hash", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'received'"), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("payment", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("currency", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("shipping_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("adjustments_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("service", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("tags", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("cancel_asked", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("cancel", sa.Text(), server_default=sa.text("'none'"), nullable=False),
        sa.Column("ship_by", sa.BigInteger(), nullable=True),
        sa.Column("placed_at", sa.BigInteger(), nullable=False),
        sa.Column("pulled_at", sa.BigInteger(), nullable=False),
        sa.Column("reread_at", sa.BigInteger(), nullable=True),
        sa.Column("review_at", sa.BigInteger(), nullable=True),
        sa.Column("accepted_at", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("shipped_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("shipments", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("cart_hash", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("person_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("raw_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("key_id", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("email_index", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", sa.LargeBinary(), nullable=True),
        sa.Column("config_version", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("erased_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_customer_order_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_order")),
        sa.UniqueConstraint(
            "account_id", "external_id", name=op.f("uq_customer_order_account_id_external_id")
        ),
        comment="state is ours (sync.domain.lifecycle); status and payment are the shop's present word; shipments: those that the shop shows, as JSON; review_at: something changed, look again",
    )
    op.create_index(
        "ix_customer_order_account_id_state", "customer_order", ["account_id", "state"], unique=False
    )
    op.create_index(op.f("ix_customer_order_email_index"), "customer_order", ["email_index"], unique=False)
    op.create_index(op.f("ix_customer_order_number"), "customer_order", ["number"], unique=False)
    op.create_index(
        "ix_customer_order_open",
        "customer_order",
        ["account_id", "reread_at"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(op.f("ix_customer_order_phone_index"), "customer_order", ["phone_index"], unique=False)
    op.create_index(
        "ix_customer_order_review",
        "customer_order",
        ["account_id", "review_at"],
        unique=False,
        sqlite_where=sa.text("review_at IS NOT NULL"),
        postgresql_where=sa.text("review_at IS NOT NULL"),
    )


def _flow_state() -> None:
    op.create_table(
        "flow_state",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("next_due_at", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("cursor_at", sa.BigInteger(), nullable=True),
        sa.Column("full_at", sa.BigInteger(), nullable=True),
        sa.Column("more", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("lease_token", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("last_success_at", sa.BigInteger(), nullable=True),
        sa.Column("last_success_begun_at", sa.BigInteger(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("last_error_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_flow_state_account_id_account")
        ),
        sa.PrimaryKeyConstraint("account_id", "flow", name=op.f("pk_flow_state")),
        comment="cursor_at: the begun_at of the page behind the cursor; full_at: begin of the last full read",
    )


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("payload_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("key_id", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("processed_at", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_inbox_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("account_id", "key", name=op.f("uq_inbox_account_id_key")),
    )


def _listing() -> None:
    op.create_table(
        "listing",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("product_external_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("remote_sku", sa.Text(), nullable=True),
        sa.Column("gtin", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("published", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("price", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("price_includes_tax", sa.SmallInteger(), nullable=True),
        sa.Column("remote_available", sa.BigInteger(), nullable=True),
        sa.Column("content", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("content_hash", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("bound", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("unbound_reason", sa.Text(), nullable=True),
        sa.Column("config_version", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("gone_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_listing_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing")),
        sa.UniqueConstraint("account_id", "external_id", name=op.f("uq_listing_account_id_external_id")),
        comment="one sellable variant on one storefront, as read; its components say which SKUs it sells",
    )


def _stock_level() -> None:
    op.create_table(
        "stock_level",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("quality", sa.Text(), server_default=sa.text("'good'"), nullable=False),
        sa.Column("on_hand", sa.BigInteger(), nullable=True),
        sa.Column("basis", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("reserved", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("product_external_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("full_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_stock_level_account_id_account")
        ),
        sa.PrimaryKeyConstraint("account_id", "sku", "location", "quality", name=op.f("pk_stock_level")),
        comment="on_hand on the warehouse's basis, null when it is not known; reserved: units of open reservations that this figure does not include; begun_at: our time before the read that gave it",
    )
    op.create_index("ix_stock_level_sku", "stock_level", ["sku"], unique=False)


def _stock_lot() -> None:
    op.create_table(
        "stock_lot",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("lot", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("on_hand", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_stock_lot_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_lot")),
        sa.UniqueConstraint("account_id", "sku", "lot", name=op.f("uq_stock_lot_account_id_sku_lot")),
    )
    op.create_index(op.f("ix_stock_lot_account_id"), "stock_lot", ["account_id"], unique=False)
    op.create_index(op.f("ix_stock_lot_sku"), "stock_lot", ["sku"], unique=False)


def _fulfilment() -> None:
    op.create_table(
        "fulfilment",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'planned'"), nullable=False),
        sa.Column("cancel", sa.Text(), server_default=sa.text("'none'"), nullable=False),
        sa.Column("rule", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=True),
        sa.Column("observed_at", sa.BigInteger(), nullable=True),
        sa.Column("remote_updated_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("config_version", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_fulfilment_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["customer_order.id"], name=op.f("fk_fulfilment_order_id_customer_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fulfilment")),
        sa.UniqueConstraint("order_id", "n", name=op.f("uq_fulfilment_order_id_n")),
        sa.UniqueConstraint("reference", name=op.f("uq_fulfilment_reference")),
        comment="lines that one warehouse must ship; n counts an order's fulfilments, back-orders included",
    )
    op.create_index(
        "ix_fulfilment_account_id_external_id", "fulfilment", ["account_id", "external_id"], unique=False
    )
    op.create_index(
        "ix_fulfilment_open",
        "fulfilment",
        ["account_id", "observed_at"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(op.f("ix_fulfilment_order_id"), "fulfilment", ["order_id"], unique=False)


def _hold() -> None:
    op.create_table(
        "hold",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("release", sa.Text(), server_default=sa.text("'automatic'"), nullable=False),
        sa.Column("keep_stock", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("owner", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("released_at", sa.BigInteger(), nullable=True),
        sa.Column("released_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"], ["customer_order.id"], name=op.f("fk_hold_order_id_customer_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
        comment="an order waits while one of its holds is open; parked ones keep their stock",
    )
    op.create_index(op.f("ix_hold_order_id"), "hold", ["order_id"], unique=False)
    op.create_index(
        "uq_hold_open",
        "hold",
        ["order_id", "rule"],
        unique=True,
        sqlite_where=sa.text("released_at IS NULL"),
        postgresql_where=sa.text("released_at IS NULL"),
    )


def _issue() -> None:
    op.create_table(
        "issue",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("order_id", sa.String(length=36), nullable=True),
        sa.Column("subject", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("what", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("why", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("todo", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("owner", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_issue_account_id_account")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["customer_order.id"], name=op.f("fk_issue_order_id_customer_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issue")),
        comment="one open issue per key; it clears itself when its cause is gone",
    )
    op.create_index(op.f("ix_issue_account_id"), "issue", ["account_id"], unique=False)
    op.create_index(op.f("ix_issue_order_id"), "issue", ["order_id"], unique=False)
    op.create_index(
        "uq_issue_open",
        "issue",
        ["key"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def _listing_component() -> None:
    op.create_table(
        "listing_component",
        sa.Column("listing_id", sa.String(length=36), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_listing_component_listing_id_listing")
        ),
        sa.PrimaryKeyConstraint("listing_id", "sku", name=op.f("pk_listing_component")),
    )
    op.create_index("ix_listing_component_sku", "listing_component", ["sku"], unique=False)


def _offer_price() -> None:
    op.create_table(
        "offer_price",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("listing_id", sa.String(length=36), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("market", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("currency", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("desired", sa.Text(), nullable=True),
        sa.Column("acked", sa.Text(), nullable=True),
        sa.Column("desired_compare_at", sa.Text(), nullable=True),
        sa.Column("acked_compare_at", sa.Text(), nullable=True),
        sa.Column("terms", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("cause", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=True),
        sa.Column("acked_at", sa.BigInteger(), nullable=True),
        sa.Column("retry_at", sa.BigInteger(), nullable=True),
        sa.Column("rejected", sa.Text(), nullable=True),
        sa.Column("rejected_reason", sa.Text(), nullable=True),
        sa.Column("config_version", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_offer_price_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_offer_price_listing_id_listing")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer_price")),
        sa.UniqueConstraint(
            "account_id", "external_id", "market", name=op.f("uq_offer_price_account_id_external_id_market")
        ),
    )
    op.create_index(op.f("ix_offer_price_listing_id"), "offer_price", ["listing_id"], unique=False)
    op.create_index(
        "ix_offer_price_unsent",
        "offer_price",
        ["account_id", "changed_at"],
        unique=False,
        sqlite_where=UNSENT,
        postgresql_where=UNSENT,
    )


def _offer_quantity() -> None:
    op.create_table(
        "offer_quantity",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("listing_id", sa.String(length=36), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("desired", sa.BigInteger(), nullable=True),
        sa.Column("acked", sa.BigInteger(), nullable=True),
        sa.Column("ceiling", sa.BigInteger(), nullable=True),
        sa.Column("ceiling_before", sa.BigInteger(), nullable=True),
        sa.Column("ceiling_at", sa.BigInteger(), nullable=True),
        sa.Column("terms", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("cause", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=True),
        sa.Column("acked_at", sa.BigInteger(), nullable=True),
        sa.Column("retry_at", sa.BigInteger(), nullable=True),
        sa.Column("rejected", sa.BigInteger(), nullable=True),
        sa.Column("rejected_reason", sa.Text(), nullable=True),
        sa.Column("config_version", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_offer_quantity_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_offer_quantity_listing_id_listing")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer_quantity")),
        sa.UniqueConstraint(
            "account_id",
            "external_id",
            "location",
            name=op.f("uq_offer_quantity_account_id_external_id_location"),
        ),
        comment="desired: what the shop shall sell; acked: what it said it sells, null when it has moved since; ceiling: the most it may be selling now, null when that is not known; ceiling_before: the most before it fell at ceiling_at, counted until orders were read since",
    )
    op.create_index(op.f("ix_offer_quantity_listing_id"), "offer_quantity", ["listing_id"], unique=False)
    op.create_index(
        "ix_offer_quantity_unsent",
        "offer_quantity",
        ["account_id", "changed_at"],
        unique=False,
        sqlite_where=UNSENT,
        postgresql_where=UNSENT,
    )


def _order_event() -> None:
    op.create_table(
        "order_event",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("data", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["customer_order.id"], name=op.f("fk_order_event_order_id_customer_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_event")),
        comment="the order's timeline; no personal data",
    )
    op.create_index(op.f("ix_order_event_order_id"), "order_event", ["order_id"], unique=False)


def _order_line() -> None:
    op.create_table(
        "order_line",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("variant_external_id", sa.Text(), nullable=True),
        sa.Column("remote_sku", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("ordered", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("quantity", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("shipped", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("shipped_elsewhere", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("unit_price", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("ship_by", sa.BigInteger(), nullable=True),
        sa.Column("bound", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("unbound_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"], ["customer_order.id"], name=op.f("fk_order_line_order_id_customer_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_line")),
        sa.UniqueConstraint("order_id", "external_id", name=op.f("uq_order_line_order_id_external_id")),
        comment="quantity: units still wanted; shipped: by us; shipped_elsewhere: shown by the shop, not ours",
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("aggregate", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'queued'"), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=True),
        sa.Column("order_version", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("quiet_until", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("config_version", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_outbox_account_id_account")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["customer_order.id"], name=op.f("fk_outbox_order_id_customer_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("aggregate", "seq", name=op.f("uq_outbox_aggregate_seq")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
        comment="payload: ids and figures only, no personal data; the request is built when it is sent. state: queued, sending, unknown, done, rejected, withdrawn, held",
    )
    op.create_index(
        "ix_outbox_open",
        "outbox",
        ["account_id", "next_at"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(op.f("ix_outbox_order_id"), "outbox", ["order_id"], unique=False)


def _decision() -> None:
    op.create_table(
        "decision",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("issue_id", sa.String(length=36), nullable=True),
        sa.Column("order_id", sa.String(length=36), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("bounds", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("who", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], name=op.f("fk_decision_issue_id_issue")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["customer_order.id"], name=op.f("fk_decision_order_id_customer_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_index(op.f("ix_decision_issue_id"), "decision", ["issue_id"], unique=False)
    op.create_index(op.f("ix_decision_order_id"), "decision", ["order_id"], unique=False)


def _fulfilment_line() -> None:
    op.create_table(
        "fulfilment_line",
        sa.Column("fulfilment_id", sa.String(length=36), nullable=False),
        sa.Column("order_line_id", sa.String(length=36), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("assigned", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("shipped", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["fulfilment_id"], ["fulfilment.id"], name=op.f("fk_fulfilment_line_fulfilment_id_fulfilment")
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_line.id"], name=op.f("fk_fulfilment_line_order_line_id_order_line")
        ),
        sa.PrimaryKeyConstraint("fulfilment_id", "order_line_id", "sku", name=op.f("pk_fulfilment_line")),
    )


def _order_line_component() -> None:
    op.create_table(
        "order_line_component",
        sa.Column("order_line_id", sa.String(length=36), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_line_id"],
            ["order_line.id"],
            name=op.f("fk_order_line_component_order_line_id_order_line"),
        ),
        sa.PrimaryKeyConstraint("order_line_id", "sku", name=op.f("pk_order_line_component")),
    )
    op.create_index("ix_order_line_component_sku", "order_line_component", ["sku"], unique=False)


def _parcel() -> None:
    op.create_table(
        "parcel",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("fulfilment_id", sa.String(length=36), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("weight_kg", sa.Text(), nullable=True),
        sa.Column("tracking", sa.Text(), nullable=True),
        sa.Column("carrier", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("service", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("courier_id", sa.String(length=36), nullable=True),
        sa.Column("booking_external_id", sa.Text(), nullable=True),
        sa.Column("label_url", sa.Text(), nullable=True),
        sa.Column("tracking_url", sa.Text(), nullable=True),
        sa.Column("charge_minor", sa.BigInteger(), nullable=True),
        sa.Column("charge_currency", sa.Text(), nullable=True),
        sa.Column("rule", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("booked_at", sa.BigInteger(), nullable=True),
        sa.Column("labelled_at", sa.BigInteger(), nullable=True),
        sa.Column("left_at", sa.BigInteger(), nullable=True),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.Column("told_external_id", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), server_default=sa.text("'unknown'"), nullable=False),
        sa.Column("status_at", sa.BigInteger(), nullable=True),
        sa.Column("first_scan_at", sa.BigInteger(), nullable=True),
        sa.Column("tracked_at", sa.BigInteger(), nullable=True),
        sa.Column("track_due_at", sa.BigInteger(), nullable=True),
        sa.Column("delivered_at", sa.BigInteger(), nullable=True),
        sa.Column("delivery_told_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("voided_at", sa.BigInteger(), nullable=True),
        sa.Column("void_wanted", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["courier_id"], ["account.id"], name=op.f("fk_parcel_courier_id_account")),
        sa.ForeignKeyConstraint(
            ["fulfilment_id"], ["fulfilment.id"], name=op.f("fk_parcel_fulfilment_id_fulfilment")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["customer_order.id"], name=op.f("fk_parcel_order_id_customer_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parcel")),
        sa.UniqueConstraint("fulfilment_id", "external_id", name=op.f("uq_parcel_fulfilment_id_external_id")),
    )
    op.create_index("ix_parcel_courier_due", "parcel", ["courier_id", "track_due_at"], unique=False)
    op.create_index(op.f("ix_parcel_courier_id"), "parcel", ["courier_id"], unique=False)
    op.create_index(op.f("ix_parcel_order_id"), "parcel", ["order_id"], unique=False)
    op.create_index("ix_parcel_tracking", "parcel", ["tracking"], unique=False)


def _reservation() -> None:
    op.create_table(
        "reservation",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("order_line_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("short", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("counted", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("counted_at", sa.BigInteger(), nullable=True),
        sa.Column("released", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_reservation_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["customer_order.id"], name=op.f("fk_reservation_order_id_customer_order")
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_line.id"], name=op.f("fk_reservation_order_line_id_order_line")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reservation")),
        sa.UniqueConstraint(
            "order_line_id", "account_id", "sku", name=op.f("uq_reservation_order_line_id_account_id_sku")
        ),
        comment="quantity: units held; counted: units that the warehouse has said are off its figure, at counted_at; released: units that a snapshot begun later than counted_at already leaves out; short: units for which there was no promise",
    )
    op.create_index("ix_reservation_account_id_sku", "reservation", ["account_id", "sku"], unique=False)
    op.create_index(op.f("ix_reservation_order_id"), "reservation", ["order_id"], unique=False)
    op.create_index(op.f("ix_reservation_order_line_id"), "reservation", ["order_line_id"], unique=False)


def _parcel_line() -> None:
    op.create_table(
        "parcel_line",
        sa.Column("parcel_id", sa.String(length=36), nullable=False),
        sa.Column("order_line_id", sa.String(length=36), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_line.id"], name=op.f("fk_parcel_line_order_line_id_order_line")
        ),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_parcel_line_parcel_id_parcel")),
        sa.PrimaryKeyConstraint("parcel_id", "order_line_id", "sku", name=op.f("pk_parcel_line")),
    )


def _tracking_event() -> None:
    op.create_table(
        "tracking_event",
        sa.Column("parcel_id", sa.String(length=36), nullable=False),
        sa.Column("event_key", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("vendor_code", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("description", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("place", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parcel_id"], ["parcel.id"], name=op.f("fk_tracking_event_parcel_id_parcel")
        ),
        sa.PrimaryKeyConstraint("parcel_id", "event_key", name=op.f("pk_tracking_event")),
    )
