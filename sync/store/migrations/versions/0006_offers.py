"""Prices, listing states and content beside the quantities; guards and what a person approved.

It adds tables and columns and makes one index anew, so that an older program can work beside it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _differs(name: str) -> sa.ColumnElement[bool]:
    desired: sa.ColumnClause[str] = sa.column(f"desired{name}")
    return sa.and_(desired.is_not(None), desired.is_distinct_from(sa.column(f"acked{name}")))


_UNSENT = _differs("")
_UNSENT_PRICE = sa.and_(
    sa.column("desired").is_not(None),
    sa.or_(
        sa.column("desired").is_distinct_from(sa.column("acked")),
        _differs("_compare_at"),
    ),
)
_IN_TIME = sa.column("next_at").is_not(None)
_CAPPED = sa.column("capped").is_not(None)
_FIGURE_WAITS = sa.column("waiting_on_hand").is_not(None)
_MISSING = sa.column("missing") != sa.literal_column("''")
_COMMENTS = {
    "offer_price": (
        "desired: null where no rule makes it; acked: what the shop said it costs; compare_at: '' for none, "
        "null where it is not ours; next_at: when it may change by time alone; capped: the promotions now whose "
        "units are limited, a line each; base: what it cost at base_at, a day ago at most, for the largest "
        "move; missing: what its rule wants and cannot have"
    ),
    "stock_level": (
        "on_hand on the warehouse's basis, null when it is not known; reserved: units of open reservations "
        "that this figure does not include; begun_at: our time before the read that gave it; waiting_on_hand: "
        "a reading that a guard keeps from counting since waiting_since, until a person approves it"
    ),
}


def upgrade() -> None:
    """Add columns to offers and figures, and four tables."""
    _offers_and_figures()
    _states()
    _contents()
    _guards()
    if op.get_bind().dialect.name == "postgresql":
        for table, comment in _COMMENTS.items():
            op.create_table_comment(table, comment)


def _offers_and_figures() -> None:
    op.add_column("offer_quantity", sa.Column("approved", sa.BigInteger(), nullable=True))
    op.add_column("offer_quantity", sa.Column("approved_until", sa.BigInteger(), nullable=True))
    op.add_column("stock_level", sa.Column("waiting_on_hand", sa.BigInteger(), nullable=True))
    op.add_column("stock_level", sa.Column("waiting_since", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_stock_level_waiting",
        "stock_level",
        ["account_id"],
        sqlite_where=_FIGURE_WAITS,
        postgresql_where=_FIGURE_WAITS,
    )
    op.add_column(
        "listing", sa.Column("product_title", sa.Text(), server_default=sa.text("''"), nullable=False)
    )
    for name in ("capped", "base", "base_at", "next_at", "approved", "approved_until"):
        kind = sa.BigInteger() if name.endswith(("_at", "_until")) else sa.Text()
        op.add_column("offer_price", sa.Column(name, kind, nullable=True))
    op.add_column("offer_price", _text("missing"))
    op.drop_index("ix_offer_price_unsent", table_name="offer_price")
    _partial("offer_price", "unsent", "changed_at", _UNSENT_PRICE)
    _partial("offer_price", "next", "next_at", _IN_TIME)
    _partial("offer_price", "capped", "capped", _CAPPED)
    _partial("offer_price", "missing", "missing", _MISSING)


def _states() -> None:
    op.create_table(
        "offer_state",
        *_key("offer_state"),
        sa.Column("desired", sa.SmallInteger(), nullable=True),
        sa.Column("acked", sa.SmallInteger(), nullable=True),
        sa.Column("ours", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        _text("reason"),
        *_moments("below_since", "above_since"),
        _text("terms"),
        _text("cause"),
        *_moments("changed_at", "acked_at", "retry_at"),
        sa.Column("rejected", sa.SmallInteger(), nullable=True),
        sa.Column("rejected_reason", sa.Text(), nullable=True),
        _text("config_version"),
        *_moments("next_at"),
        sa.Column("approved", sa.SmallInteger(), nullable=True),
        *_moments("approved_until"),
        _text("overruled"),
        *_moments("put_up_at", "sent_at"),
        sa.UniqueConstraint("account_id", "external_id", name=op.f("uq_offer_state_account_id_external_id")),
        comment=(
            "whether a listing shall be up: desired 1 or 0, null where it is left to people; acked: what the "
            "shop showed last, null while we do not know what became of a write; ours: it is down because we "
            "took it down; below_since: since when there is nothing to sell, above_since: since when it may be "
            "up again; overruled: causes in spite of which people put it up; put_up_at: when we put it back last"
        ),
    )
    op.create_index("ix_offer_state_listing_id", "offer_state", ["listing_id"])
    _partial("offer_state", "unsent", "changed_at", _UNSENT)
    _partial("offer_state", "next", "next_at", _IN_TIME)


def _contents() -> None:
    op.create_table(
        "offer_content",
        *_key("offer_content"),
        _text("content"),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("desired", "acked", "shown")),
        *_moments("changed_at", "acked_at", "retry_at"),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("rejected", "rejected_reason")),
        _text("config_version"),
        sa.UniqueConstraint(
            "account_id", "external_id", name=op.f("uq_offer_content_account_id_external_id")
        ),
        comment=(
            "texts and pictures that the catalogue owns: content as JSON, desired its hash, acked the hash that "
            "the shop took, shown the hash of what the shop showed afterwards: another one there is drift"
        ),
    )
    op.create_index("ix_offer_content_listing_id", "offer_content", ["listing_id"])
    _partial("offer_content", "unsent", "changed_at", _UNSENT)


def _guards() -> None:
    op.create_table(
        "guard_tally",
        *_key("guard_tally", listing=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("zeroed", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        comment="what was sent to a shop lately, order-caused decreases left out: guards look at an hour of it",
    )
    op.create_index("ix_guard_tally_account_id_field_at", "guard_tally", ["account_id", "field", "at"])
    op.create_table(
        "approval",
        *_key("approval", listing=False),
        sa.Column("guard", sa.Text(), nullable=False),
        sa.Column("most", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        _text("who"),
        comment="a person let a guard's limit be `most` until expires_at",
    )
    op.create_index("ix_approval_account_id", "approval", ["account_id"])


def _key(table: str, *, listing: bool = True) -> list[SchemaItem]:
    """The id and the account; with `listing`, the listing too."""
    parts: list[SchemaItem] = [
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f(f"fk_{table}_account_id_account")),
    ]
    if listing:
        parts[2:2] = [
            sa.Column("listing_id", sa.String(length=36), nullable=False),
            sa.Column("external_id", sa.Text(), nullable=False),
        ]
        parts.append(
            sa.ForeignKeyConstraint(
                ["listing_id"], ["listing.id"], name=op.f(f"fk_{table}_listing_id_listing")
            )
        )
    return parts


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=sa.text("''"), nullable=False)


def _moments(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=True) for name in names]


def _partial(table: str, name: str, column: str, where: sa.ColumnElement[bool]) -> None:
    op.create_index(
        f"ix_{table}_{name}",
        table,
        ["account_id", column],
        sqlite_where=where,
        postgresql_where=where,
    )


def downgrade() -> None:
    """Only the copy that was made before knows what to go back to."""
    raise NotImplementedError("restore the copy that was made before the upgrade")
