"""One queue for everything that waits for a person, with comments, links, and what was decided.

Holds of other things than orders have no order, or one that they only belong to; so the order becomes optional,
and each topic has its own index. An older program would take them for holds of that order: it never runs beside.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_ORDER = sa.and_(sa.column("released_at").is_(None), sa.column("topic") == sa.literal_column("'order'"))
_OTHER = sa.and_(sa.column("released_at").is_(None), sa.column("topic") != sa.literal_column("'order'"))
_UNTOLD = sa.column("state").in_([sa.literal_column("'queued'"), sa.literal_column("'sending'")])
_COMMENT = (
    "what waits for a person, whatever it is (topic, about: its id); an order waits while one of its holds "
    "is open, parked ones keep their stock; a rejected hold of an order stays open: it is not sent"
)


def upgrade() -> None:
    """Widen the holds, and add two tables."""
    op.drop_index("uq_hold_open", table_name="hold")
    with op.batch_alter_table("hold") as batch:
        batch.alter_column("order_id", existing_type=sa.String(length=36), nullable=True)
        for column in _columns():
            batch.add_column(column)
        batch.create_foreign_key(op.f("fk_hold_account_id_account"), "account", ["account_id"], ["id"])
    _unique("uq_hold_open", ["order_id", "rule"], _ORDER)
    _unique("uq_hold_open_about", ["topic", "about", "rule"], _OTHER)
    _fill()
    _comments()
    _links()
    op.execute("UPDATE meta SET value = '0008' WHERE name = 'min_code_revision'")
    if op.get_bind().dialect.name == "postgresql":
        op.create_table_comment("hold", _COMMENT)


def _columns() -> list[sa.Column[Any]]:
    return [
        _text("topic", "order"),
        _text("about"),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        _text("subject"),
        _text("todo"),
        sa.Column("asks", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        _text("at_deadline"),
        _text("wakes"),
        sa.Column("value_minor", sa.BigInteger(), nullable=True),
        sa.Column("value_currency", sa.Text(), nullable=True),
        _text("word"),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        _text("decided_via"),
    ]


def _fill() -> None:
    """What stood open before is in the queue, too: it tells people when its order is looked at next."""
    op.execute(
        "UPDATE hold SET about = order_id, wakes = 'review', "
        "account_id = (SELECT o.account_id FROM customer_order o WHERE o.id = hold.order_id), "
        "value_minor = (SELECT o.total_minor FROM customer_order o WHERE o.id = hold.order_id), "
        "value_currency = (SELECT o.currency FROM customer_order o WHERE o.id = hold.order_id), "
        "subject = (SELECT a.name || '/' || o.number FROM customer_order o "
        "JOIN account a ON a.id = o.account_id WHERE o.id = hold.order_id)"
    )


def _comments() -> None:
    op.create_table(
        "hold_comment",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("hold_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        _text("who"),
        _text("word"),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("key_id", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold_comment")),
        sa.ForeignKeyConstraint(["hold_id"], ["hold.id"], name=op.f("fk_hold_comment_hold_id_hold")),
        comment="what people wrote about what waits; word: the decision that it came with",
    )
    op.create_index(op.f("ix_hold_comment_hold_id"), "hold_comment", ["hold_id"])


def _links() -> None:
    op.create_table(
        "hold_link",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("hold_id", sa.String(length=36), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        _text("state", "queued"),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        _text("error"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold_link")),
        sa.ForeignKeyConstraint(["hold_id"], ["hold.id"], name=op.f("fk_hold_link_hold_id_hold")),
        sa.UniqueConstraint("hold_id", "person", name=op.f("uq_hold_link_hold_id_person")),
        comment="one link for each person who is told of what waits; state: how far its chat message is",
    )
    op.create_index(
        "ix_hold_link_untold", "hold_link", ["next_at"], sqlite_where=_UNTOLD, postgresql_where=_UNTOLD
    )


def _text(name: str, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=sa.text(f"'{default}'"), nullable=False)


def _unique(name: str, columns: list[str], where: sa.ColumnElement[bool]) -> None:
    op.create_index(name, "hold", columns, unique=True, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Only the copy that was made before knows what to go back to."""
    raise NotImplementedError("restore the copy that was made before the upgrade")
