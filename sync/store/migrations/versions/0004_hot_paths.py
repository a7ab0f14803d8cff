"""Unsent quantities in the order in which they are sent, and SKUs whose listings wait to be worked out again.

It adds a table and changes an index, so that an older program can work beside it; what this one has put off is
then worked out when this one runs again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_UNSENT = sa.and_(
    sa.column("desired").is_not(None), sa.column("desired").is_distinct_from(sa.column("acked"))
)


def upgrade() -> None:
    """Add a table; make the index of unsent quantities anew."""
    op.create_table(
        "moved_skus",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("skus", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moved_skus")),
        comment="skus: a JSON list; reservations of theirs moved at `at`, and what their listings show did not yet",
    )
    op.drop_index("ix_offer_quantity_unsent", table_name="offer_quantity")
    op.create_index(
        "ix_offer_quantity_unsent",
        "offer_quantity",
        ["account_id", sa.text("(CASE WHEN cause = 'order' THEN 0 ELSE 1 END)"), "changed_at"],
        sqlite_where=_UNSENT,
        postgresql_where=_UNSENT,
    )


def downgrade() -> None:
    """Only the copy that was made before knows what to go back to."""
    raise NotImplementedError("restore the copy that was made before the upgrade")
