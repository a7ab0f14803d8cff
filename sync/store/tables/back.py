"""The way back: what buyers ask for after the sale, what came of it, and the money that people moved."""

import sqlalchemy as sa

from sync.store.tables.base import METADATA, count, flag, key, moment, ref, sealed, text

sale_request = sa.Table(
    "sale_request",
    METADATA,
    key(),
    ref("account_id", "account", index=False),
    sa.Column("external_id", sa.Text, nullable=False),
    sa.Column("order_external_id", sa.Text, nullable=False),
    ref("order_id", "customer_order", nullable=True),
    sa.Column("kind", sa.Text, nullable=False),
    text("state"),
    text("number"),
    text("lines"),
    text("instead"),
    count("price_minor", nullable=True),
    text("price_currency", nullable=True),
    text("tracking"),
    moment("asked_at", nullable=False),
    moment("answer_by"),
    count("as_of"),
    text("remote_hash"),
    text("entered_by", nullable=True),
    moment("seen_at", nullable=False),
    sealed("raw_sealed"),
    count("key_id"),
    sa.UniqueConstraint("account_id", "external_id"),
    sa.Index("ix_sale_request_account_id_order_external_id", "account_id", "order_external_id"),
    comment=(
        "a request as the shop shows it now; lines and instead: JSON; as_of: microseconds at which the reading "
        "that it comes from began, of two the later stands; entered_by: a person here, where no shop asked"
    ),
)

back_case = sa.Table(
    "back_case",
    METADATA,
    key(),
    ref("account_id", "account", index=False),
    sa.Column(
        "request_id", sa.String(36), sa.ForeignKey("sale_request.id"), nullable=True, unique=True, index=False
    ),
    ref("order_id", "customer_order", nullable=True),
    sa.Column("reference", sa.Text, nullable=False, unique=True),
    sa.Column("n", sa.Integer, nullable=False),
    text("kind", nullable=True),
    text("state", default="open"),
    text("answer"),
    text("rule"),
    text("verdict"),
    text("judged_with"),
    moment("judged_at"),
    text("decided_by", nullable=True),
    text("owner"),
    moment("due_at"),
    text("at_deadline", nullable=True),
    text("standing"),
    text("due", nullable=True),
    text("told", nullable=True),
    text("waits"),
    moment("opened_at", nullable=False),
    moment("closed_at"),
    moment("review_at"),
    sa.Index("ix_back_case_account_id_state", "account_id", "state"),
    comment=(
        "what follows from a request; without one it is goods that nobody announced, at the warehouse's account. "
        "reference: what the warehouse knows it by; verdict, at_deadline, standing, due, told: JSON; state: "
        "open, done, joined; review_at: something changed, look again"
    ),
)
due_case = back_case.c.review_at.is_not(None)
sa.Index(
    "ix_back_case_review",
    back_case.c.account_id,
    back_case.c.review_at,
    sqlite_where=due_case,
    postgresql_where=due_case,
)

back_line = sa.Table(
    "back_line",
    METADATA,
    sa.Column("case_id", sa.String(36), sa.ForeignKey("back_case.id"), primary_key=True),
    sa.Column("order_line_id", sa.String(36), sa.ForeignKey("order_line.id"), primary_key=True),
    sa.Column("sku", sa.Text, primary_key=True),
    count("advised"),
    count("advised_as_of"),
    count("advised_most"),
    count("approved"),
    count("approved_as_of"),
    count("approved_most"),
    comment="units announced and let back, as levels (sync.domain.receipts.Level)",
)

back_tracking = sa.Table(
    "back_tracking",
    METADATA,
    sa.Column("number", sa.Text, primary_key=True),
    sa.Column("case_id", sa.String(36), sa.ForeignKey("back_case.id"), primary_key=True),
    text("written"),
    ref("courier_id", "account", nullable=True, index=False),
    text("carrier"),
    flag("booked"),
    text("label_url", nullable=True),
    text("tracking_url", nullable=True),
    text("booking_external_id", nullable=True),
    flag("void_wanted"),
    moment("voided_at"),
    text("status", default="unknown"),
    moment("first_scan_at"),
    moment("track_due_at"),
    moment("ended_at"),
    sa.Index("ix_back_tracking_courier_due", "courier_id", "track_due_at"),
    comment=(
        "tracking numbers that goods of a case come back under, as they are compared; written: as it was told; "
        "booked: a label of ours; courier_id: whom to ask about it; ended_at: it is asked about no more"
    ),
)

back_receipt = sa.Table(
    "back_receipt",
    METADATA,
    sa.Column("account_id", sa.String(36), sa.ForeignKey("account.id"), primary_key=True),
    sa.Column("external_id", sa.Text, primary_key=True),
    ref("case_id", "back_case"),
    count("as_of"),
    flag("complete"),
    text("reference", nullable=True),
    text("tracking", nullable=True),
    text("tallies"),
    moment("arrived_at"),
    moment("seen_at", nullable=False),
    sa.Index("ix_back_receipt_tracking", "tracking"),
    comment="a warehouse's totals so far under one document; tallies: JSON by SKU; arrived_at: first goods",
)

order_paid = sa.Table(
    "order_paid",
    METADATA,
    sa.Column("order_id", sa.String(36), sa.ForeignKey("customer_order.id"), primary_key=True),
    count("paid_minor"),
    text("charged"),
    count("as_of"),
    comment=(
        "captured by the shop, in the order's currency, when it was read last for the way back; charged: what each "
        "line was charged with at most, as JSON: a line that is cancelled later was paid for all the same"
    ),
)

shop_refund = sa.Table(
    "shop_refund",
    METADATA,
    sa.Column("order_id", sa.String(36), sa.ForeignKey("customer_order.id"), primary_key=True),
    sa.Column("external_id", sa.Text, primary_key=True),
    count("amount_minor"),
    count("as_of"),
    text("meant", default="unsaid"),
    text("ours", nullable=True),
    moment("at"),
    moment("seen_at", nullable=False),
    comment="refunds that the shop's books show, 0 where one failed; ours: our key where it bears it",
)
