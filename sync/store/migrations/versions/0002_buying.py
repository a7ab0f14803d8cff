"""Buying: what suppliers offer, orders to them, and what they say of these.

It only adds, so that an older program can work beside it; to that one a drop-shipped fulfilment is one of an
account whose kind it has no flow for.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add five tables, and a column of units that a source refused."""
    op.add_column(
        "fulfilment_line",
        sa.Column("refused", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
    )
    _lists()
    _offers()
    _orders()
    _reports()


def _lists() -> None:
    op.create_table(
        "supplier_list",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("generation", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=True),
        sa.Column("open_at", sa.BigInteger(), nullable=True),
        sa.Column("bad_rows", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("bad_sample", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("stale", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("laid_with", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_supplier_list_account_id_account")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_supplier_list")),
        comment=(
            "generation counts the lists read to their end; begun_at: when the reading of the last of them began; "
            "open_at: when that of the present one began; laid_with: the rules that its stock was laid with"
        ),
    )


def _offers() -> None:
    op.create_table(
        "supplier_offer",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("named_sku", sa.Text(), nullable=True),
        sa.Column("sku", sa.Text(), nullable=True),
        sa.Column("cost", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("stock", sa.BigInteger(), nullable=True),
        sa.Column("lead_days", sa.Integer(), nullable=True),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("generation", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("doubted_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_supplier_offer_account_id_account")
        ),
        sa.PrimaryKeyConstraint("account_id", "code", name=op.f("pk_supplier_offer")),
        comment=(
            "named_sku: as the list says; sku: what the code leads to by the rules; cost: Decimal text a piece; "
            "stock in pieces, null when it is not known; doubted_at: its supplier refused it then"
        ),
    )
    op.create_index("ix_supplier_offer_account_id_sku", "supplier_offer", ["account_id", "sku"])
    op.create_index("ix_supplier_offer_sku", "supplier_offer", ["sku"])


def _orders() -> None:
    op.create_table(
        "purchase_order",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=True),
        sa.Column("fulfilment_id", sa.String(length=36), nullable=True),
        sa.Column("drop_ship", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'planned'"), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("placed_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("config_version", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_purchase_order_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["customer_order.id"], name=op.f("fk_purchase_order_order_id_customer_order")
        ),
        sa.ForeignKeyConstraint(
            ["fulfilment_id"], ["fulfilment.id"], name=op.f("fk_purchase_order_fulfilment_id_fulfilment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_order")),
        sa.UniqueConstraint("reference", name=op.f("uq_purchase_order_reference")),
        sa.UniqueConstraint("fulfilment_id", name=op.f("uq_purchase_order_fulfilment_id")),
        comment="an order to a supplier; a drop-ship one belongs to a fulfilment of a buyer's order",
    )
    op.create_index(op.f("ix_purchase_order_order_id"), "purchase_order", ["order_id"])
    op.create_index("ix_purchase_order_account_id_state", "purchase_order", ["account_id", "state"])
    op.create_table(
        "po_line",
        sa.Column("purchase_order_id", sa.String(length=36), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("unit_cost", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("accepted", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("refused", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("despatched", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["purchase_order_id"],
            ["purchase_order.id"],
            name=op.f("fk_po_line_purchase_order_id_purchase_order"),
        ),
        sa.PrimaryKeyConstraint("purchase_order_id", "code", name=op.f("pk_po_line")),
        comment="pieces of one of the supplier's codes; unit_cost as its list said when it was ordered",
    )


def _reports() -> None:
    op.create_table(
        "supplier_report",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_supplier_report_account_id_account")
        ),
        sa.PrimaryKeyConstraint("account_id", "external_id", name=op.f("pk_supplier_report")),
        comment="kind: acknowledgements, despatches; content: lines, refused, reason, tracking, carrier as JSON",
    )
    op.create_index("ix_supplier_report_account_id_reference", "supplier_report", ["account_id", "reference"])


def downgrade() -> None:
    """Only the copy that was made before knows what to go back to."""
    raise NotImplementedError("restore the copy that was made before the upgrade")
