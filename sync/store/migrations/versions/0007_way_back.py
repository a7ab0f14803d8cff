"""The way back: requests after the sale, the cases that follow from them, receipts, and what people refunded.

It adds tables and three columns, so that an older program can work beside it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_LINE = (
    "quantity: units still wanted; charged: units that the total is for, null for all that were ordered; "
    "shipped: by us; shipped_elsewhere: shown by the shop, not ours; at_most: "
    "pieces that may leave although more are wanted, null without a limit; waits_since: since when it is only "
    "reserved, and not sent"
)
_REVIEW_DUE = sa.column("review_at").is_not(None)


def upgrade() -> None:
    """Eight tables, what an order's lines were charged for, and what they may not send (yet)."""
    op.add_column("order_line", _moment("charged"))
    op.add_column("order_line", _moment("at_most"))
    op.add_column("order_line", _moment("waits_since"))
    if op.get_bind().dialect.name == "postgresql":
        op.create_table_comment("order_line", _LINE)
    _requests()
    _cases()
    _goods()
    _money()


def _requests() -> None:
    op.create_table(
        "sale_request",
        _id("id"),
        _id("account_id"),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("order_external_id", sa.Text(), nullable=False),
        _id("order_id", nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        _text("state"),
        _text("number"),
        _text("lines"),
        _text("instead"),
        _moment("price_minor"),
        sa.Column("price_currency", sa.Text(), nullable=True),
        _text("tracking"),
        _moment("asked_at", nullable=False),
        _moment("answer_by"),
        _count("as_of"),
        _text("remote_hash"),
        sa.Column("entered_by", sa.Text(), nullable=True),
        _moment("seen_at", nullable=False),
        sa.Column("raw_sealed", sa.LargeBinary(), nullable=True),
        _count("key_id"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_sale_request_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["customer_order.id"], name=op.f("fk_sale_request_order_id_customer_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sale_request")),
        sa.UniqueConstraint("account_id", "external_id", name=op.f("uq_sale_request_account_id_external_id")),
        comment=(
            "a request as the shop shows it now; lines and instead: JSON; as_of: microseconds at which the reading "
            "that it comes from began, of two the later stands; entered_by: a person here, where no shop asked"
        ),
    )
    op.create_index(
        "ix_sale_request_account_id_order_external_id",
        "sale_request",
        ["account_id", "order_external_id"],
        unique=False,
    )
    op.create_index(op.f("ix_sale_request_order_id"), "sale_request", ["order_id"], unique=False)


def _cases() -> None:
    op.create_table(
        "back_case",
        _id("id"),
        _id("account_id"),
        _id("request_id", nullable=True),
        _id("order_id", nullable=True),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        _text("answer"),
        _text("rule"),
        _text("verdict"),
        _text("judged_with"),
        _moment("judged_at"),
        sa.Column("decided_by", sa.Text(), nullable=True),
        _text("owner"),
        _moment("due_at"),
        sa.Column("at_deadline", sa.Text(), nullable=True),
        _text("standing"),
        sa.Column("due", sa.Text(), nullable=True),
        sa.Column("told", sa.Text(), nullable=True),
        _text("waits"),
        _moment("opened_at", nullable=False),
        _moment("closed_at"),
        _moment("review_at"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_back_case_account_id_account")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["customer_order.id"], name=op.f("fk_back_case_order_id_customer_order")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["sale_request.id"], name=op.f("fk_back_case_request_id_sale_request")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_back_case")),
        sa.UniqueConstraint("reference", name=op.f("uq_back_case_reference")),
        sa.UniqueConstraint("request_id", name=op.f("uq_back_case_request_id")),
        comment=(
            "what follows from a request; without one it is goods that nobody announced, at the warehouse's account. "
            "reference: what the warehouse knows it by; verdict, at_deadline, standing, due, told: JSON; state: "
            "open, done, joined; review_at: something changed, look again"
        ),
    )
    op.create_index("ix_back_case_account_id_state", "back_case", ["account_id", "state"], unique=False)
    op.create_index(op.f("ix_back_case_order_id"), "back_case", ["order_id"], unique=False)
    op.create_index(
        "ix_back_case_review",
        "back_case",
        ["account_id", "review_at"],
        unique=False,
        sqlite_where=_REVIEW_DUE,
        postgresql_where=_REVIEW_DUE,
    )


def _goods() -> None:
    op.create_table(
        "back_line",
        _id("case_id"),
        _id("order_line_id"),
        sa.Column("sku", sa.Text(), nullable=False),
        _count("advised"),
        _count("advised_as_of"),
        _count("advised_most"),
        _count("approved"),
        _count("approved_as_of"),
        _count("approved_most"),
        sa.ForeignKeyConstraint(["case_id"], ["back_case.id"], name=op.f("fk_back_line_case_id_back_case")),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_line.id"], name=op.f("fk_back_line_order_line_id_order_line")
        ),
        sa.PrimaryKeyConstraint("case_id", "order_line_id", "sku", name=op.f("pk_back_line")),
        comment="units announced and let back, as levels (sync.domain.receipts.Level)",
    )
    op.create_table(
        "back_tracking",
        sa.Column("number", sa.Text(), nullable=False),
        _id("case_id"),
        _text("written"),
        _id("courier_id", nullable=True),
        _text("carrier"),
        sa.Column("booked", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("label_url", sa.Text(), nullable=True),
        sa.Column("tracking_url", sa.Text(), nullable=True),
        sa.Column("booking_external_id", sa.Text(), nullable=True),
        sa.Column("void_wanted", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        _moment("voided_at"),
        sa.Column("status", sa.Text(), server_default=sa.text("'unknown'"), nullable=False),
        _moment("first_scan_at"),
        _moment("track_due_at"),
        _moment("ended_at"),
        sa.ForeignKeyConstraint(
            ["case_id"], ["back_case.id"], name=op.f("fk_back_tracking_case_id_back_case")
        ),
        sa.ForeignKeyConstraint(
            ["courier_id"], ["account.id"], name=op.f("fk_back_tracking_courier_id_account")
        ),
        sa.PrimaryKeyConstraint("number", "case_id", name=op.f("pk_back_tracking")),
        comment=(
            "tracking numbers that goods of a case come back under, as they are compared; written: as it was told; "
            "booked: a label of ours; courier_id: whom to ask about it; ended_at: it is asked about no more"
        ),
    )
    op.create_index(
        "ix_back_tracking_courier_due", "back_tracking", ["courier_id", "track_due_at"], unique=False
    )
    op.create_table(
        "back_receipt",
        _id("account_id"),
        sa.Column("external_id", sa.Text(), nullable=False),
        _id("case_id"),
        _count("as_of"),
        sa.Column("complete", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("tracking", sa.Text(), nullable=True),
        _text("tallies"),
        _moment("arrived_at"),
        _moment("seen_at", nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_back_receipt_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["back_case.id"], name=op.f("fk_back_receipt_case_id_back_case")
        ),
        sa.PrimaryKeyConstraint("account_id", "external_id", name=op.f("pk_back_receipt")),
        comment="a warehouse's totals so far under one document; tallies: JSON by SKU; arrived_at: first goods",
    )
    op.create_index(op.f("ix_back_receipt_case_id"), "back_receipt", ["case_id"], unique=False)
    op.create_index("ix_back_receipt_tracking", "back_receipt", ["tracking"], unique=False)


def _money() -> None:
    op.create_table(
        "order_paid",
        _id("order_id"),
        _count("paid_minor"),
        _text("charged"),
        _count("as_of"),
        sa.ForeignKeyConstraint(
            ["order_id"], ["customer_order.id"], name=op.f("fk_order_paid_order_id_customer_order")
        ),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_order_paid")),
        comment=(
            "captured by the shop, in the order's currency, when it was read last for the way back; charged: what "
            "each line was charged with at most, as JSON: a line that is cancelled later was paid for all the same"
        ),
    )
    op.create_table(
        "shop_refund",
        _id("order_id"),
        sa.Column("external_id", sa.Text(), nullable=False),
        _count("amount_minor"),
        _count("as_of"),
        sa.Column("meant", sa.Text(), server_default=sa.text("'unsaid'"), nullable=False),
        sa.Column("ours", sa.Text(), nullable=True),
        _moment("at"),
        _moment("seen_at", nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["customer_order.id"], name=op.f("fk_shop_refund_order_id_customer_order")
        ),
        sa.PrimaryKeyConstraint("order_id", "external_id", name=op.f("pk_shop_refund")),
        comment="refunds that the shop's books show, 0 where one failed; ours: our key where it bears it",
    )


def _id(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=36), nullable=nullable)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=sa.text("''"), nullable=False)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False)


def _moment(name: str, *, nullable: bool = True) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)
