"""Orders, versioned, with the raw record and the buyer sealed; their holds and their timeline."""

import sqlalchemy as sa

from sync.store.tables.base import METADATA, count, flag, key, moment, ref, sealed, text

customer_order = sa.Table(
    "customer_order",
    METADATA,
    key(),
    ref("account_id", "account", index=False),
    sa.Column("external_id", sa.Text, nullable=False),
    sa.Column("number", sa.Text, nullable=False, index=True),
    count("version"),
    text("remote_hash"),
    text("state", default="received"),
    text("status"),
    text("payment"),
    text("currency"),
    count("total_minor"),
    count("shipping_minor"),
    count("adjustments_minor"),
    text("service"),
    text("country", nullable=True),
    text("tags"),
    flag("cancel_asked"),
    text("cancel", default="none"),
    moment("ship_by"),
    moment("placed_at", nullable=False),
    moment("pulled_at", nullable=False),
    moment("reread_at"),
    moment("review_at"),
    moment("accepted_at"),
    moment("sent_at"),
    moment("shipped_at"),
    moment("closed_at"),
    text("shipments"),
    text("cart_hash"),
    sealed("person_sealed"),
    sealed("raw_sealed"),
    count("key_id"),
    sa.Column("email_index", sa.LargeBinary, nullable=True, index=True),
    sa.Column("phone_index", sa.LargeBinary, nullable=True, index=True),
    text("config_version"),
    moment("erased_at"),
    sa.Column("to_email_index", sa.LargeBinary, nullable=True, index=True),
    sa.Column("to_phone_index", sa.LargeBinary, nullable=True, index=True),
    sa.Column("ship_to_index", sa.LargeBinary, nullable=True, index=True),
    sa.UniqueConstraint("account_id", "external_id"),
    sa.Index("ix_customer_order_account_id_state", "account_id", "state"),
    comment=(
        "state is ours (sync.domain.lifecycle); status and payment are the shop's present word; "
        "shipments: those that the shop shows, as JSON; review_at: something changed, look again"
    ),
)
open_order = customer_order.c.closed_at.is_(None)
sa.Index(
    "ix_customer_order_open",
    customer_order.c.account_id,
    customer_order.c.reread_at,
    sqlite_where=open_order,
    postgresql_where=open_order,
)

due_review = customer_order.c.review_at.is_not(None)
sa.Index(
    "ix_customer_order_review",
    customer_order.c.account_id,
    customer_order.c.review_at,
    sqlite_where=due_review,
    postgresql_where=due_review,
)

order_line = sa.Table(
    "order_line",
    METADATA,
    key(),
    ref("order_id", "customer_order", index=False),
    sa.Column("external_id", sa.Text, nullable=False),
    text("variant_external_id", nullable=True),
    text("remote_sku", nullable=True),
    text("title"),
    count("ordered"),
    count("quantity"),
    count("shipped"),
    count("shipped_elsewhere"),
    text("unit_price"),
    count("total_minor"),
    moment("ship_by"),
    flag("bound"),
    text("unbound_reason", nullable=True),
    count("charged", nullable=True),
    count("at_most", nullable=True),
    moment("waits_since"),
    sa.UniqueConstraint("order_id", "external_id"),
    comment=(
        "quantity: units still wanted; charged: units that the total is for, null for all that were ordered; "
        "shipped: by us; shipped_elsewhere: shown by the shop, not ours; at_most: "
        "pieces that may leave although more are wanted, null without a limit; waits_since: since when it is only "
        "reserved, and not sent"
    ),
)

order_line_component = sa.Table(
    "order_line_component",
    METADATA,
    sa.Column("order_line_id", sa.String(36), sa.ForeignKey("order_line.id"), primary_key=True),
    sa.Column("sku", sa.Text, primary_key=True),
    sa.Column("units", sa.BigInteger, nullable=False),
    sa.Index("ix_order_line_component_sku", "sku"),
)

hold = sa.Table(
    "hold",
    METADATA,
    key(),
    ref("order_id", "customer_order", nullable=True),
    sa.Column("rule", sa.Text, nullable=False),
    text("reason"),
    text("release", default="automatic"),
    flag("keep_stock"),
    text("owner"),
    moment("due_at"),
    moment("opened_at", nullable=False),
    moment("released_at"),
    text("released_by", nullable=True),
    text("topic", default="order"),
    text("about"),
    ref("account_id", "account", nullable=True, index=False),
    text("subject"),
    text("todo"),
    flag("asks"),
    text("at_deadline"),
    text("wakes"),
    count("value_minor", nullable=True),
    text("value_currency", nullable=True),
    text("word"),
    moment("decided_at"),
    text("decided_by", nullable=True),
    text("decided_via"),
    comment=(
        "what waits for a person, whatever it is (topic, about: its id); an order waits while one of its holds "
        "is open, parked ones keep their stock; a rejected hold of an order stays open: it is not sent"
    ),
)
open_hold = hold.c.released_at.is_(None)
open_order_hold = sa.and_(open_hold, hold.c.topic == sa.literal_column("'order'"))
open_other_hold = sa.and_(open_hold, hold.c.topic != sa.literal_column("'order'"))
sa.Index(
    "uq_hold_open",
    hold.c.order_id,
    hold.c.rule,
    unique=True,
    sqlite_where=open_order_hold,
    postgresql_where=open_order_hold,
)
sa.Index(
    "uq_hold_open_about",
    hold.c.topic,
    hold.c.about,
    hold.c.rule,
    unique=True,
    sqlite_where=open_other_hold,
    postgresql_where=open_other_hold,
)

hold_comment = sa.Table(
    "hold_comment",
    METADATA,
    key(),
    ref("hold_id", "hold"),
    moment("at", nullable=False),
    text("who"),
    text("word"),
    sealed("text_sealed"),
    count("key_id"),
    comment="what people wrote about what waits; word: the decision that it came with",
)

hold_link = sa.Table(
    "hold_link",
    METADATA,
    key(),
    ref("hold_id", "hold", index=False),
    sa.Column("person", sa.Text, nullable=False),
    moment("made_at", nullable=False),
    moment("expires_at", nullable=False),
    moment("used_at"),
    text("state", default="queued"),
    count("attempts"),
    moment("next_at"),
    text("error"),
    sa.UniqueConstraint("hold_id", "person"),
    comment="one link for each person who is told of what waits; state: how far its chat message is",
)
untold_link = hold_link.c.state.in_([sa.literal_column("'queued'"), sa.literal_column("'sending'")])
sa.Index(
    "ix_hold_link_untold",
    hold_link.c.next_at,
    sqlite_where=untold_link,
    postgresql_where=untold_link,
)

order_event = sa.Table(
    "order_event",
    METADATA,
    key(),
    ref("order_id", "customer_order"),
    moment("at", nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    text("what"),
    text("data"),
    comment="the order's timeline; no personal data",
)
