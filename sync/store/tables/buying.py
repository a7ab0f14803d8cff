"""What suppliers offer, what was ordered from them, and what they said of it."""

import sqlalchemy as sa

from sync.store.tables.base import METADATA, count, flag, key, moment, ref, text

supplier_list = sa.Table(
    "supplier_list",
    METADATA,
    sa.Column("account_id", sa.String(36), sa.ForeignKey("account.id"), primary_key=True),
    count("generation"),
    moment("begun_at"),
    moment("open_at"),
    count("bad_rows"),
    text("bad_sample"),
    flag("stale"),
    text("laid_with"),
    comment=(
        "generation counts the lists read to their end; begun_at: when the reading of the last of them began; "
        "open_at: when that of the present one began; laid_with: the rules that its stock was laid with"
    ),
)

supplier_offer = sa.Table(
    "supplier_offer",
    METADATA,
    sa.Column("account_id", sa.String(36), sa.ForeignKey("account.id"), primary_key=True),
    sa.Column("code", sa.Text, primary_key=True),
    text("named_sku", nullable=True),
    text("sku", nullable=True),
    text("cost", nullable=True),
    text("currency", nullable=True),
    count("stock", nullable=True),
    sa.Column("lead_days", sa.Integer, nullable=True),
    moment("seen_at", nullable=False),
    count("generation"),
    moment("doubted_at"),
    sa.Index("ix_supplier_offer_account_id_sku", "account_id", "sku"),
    sa.Index("ix_supplier_offer_sku", "sku"),
    comment=(
        "named_sku: as the list says; sku: what the code leads to by the rules; cost: Decimal text a piece; "
        "stock in pieces, null when it is not known; doubted_at: its supplier refused it then"
    ),
)

purchase_order = sa.Table(
    "purchase_order",
    METADATA,
    key(),
    ref("account_id", "account", index=False),
    sa.Column("reference", sa.Text, nullable=False, unique=True),
    ref("order_id", "customer_order", nullable=True),
    sa.Column(
        "fulfilment_id",
        sa.String(36),
        sa.ForeignKey("fulfilment.id"),
        nullable=True,
        unique=True,
        index=False,
    ),
    flag("drop_ship"),
    text("state", default="planned"),
    text("external_id", nullable=True),
    moment("created_at", nullable=False),
    moment("placed_at"),
    moment("closed_at"),
    text("config_version"),
    sa.Index("ix_purchase_order_account_id_state", "account_id", "state"),
    comment="an order to a supplier; a drop-ship one belongs to a fulfilment of a buyer's order",
)

po_line = sa.Table(
    "po_line",
    METADATA,
    sa.Column("purchase_order_id", sa.String(36), sa.ForeignKey("purchase_order.id"), primary_key=True),
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("sku", sa.Text, nullable=False),
    count("quantity"),
    text("unit_cost", nullable=True),
    text("currency", nullable=True),
    count("accepted"),
    count("refused"),
    count("despatched"),
    comment="pieces of one of the supplier's codes; unit_cost as its list said when it was ordered",
)

supplier_report = sa.Table(
    "supplier_report",
    METADATA,
    sa.Column("account_id", sa.String(36), sa.ForeignKey("account.id"), primary_key=True),
    sa.Column("external_id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("reference", sa.Text, nullable=False),
    text("content"),
    moment("at", nullable=False),
    moment("seen_at", nullable=False),
    sa.Index("ix_supplier_report_account_id_reference", "account_id", "reference"),
    comment="kind: acknowledgements, despatches; content: lines, refused, reason, tracking, carrier as JSON",
)
