"""SQLite finds unsent quantities in their index alone.

It changes an index, so that an older program can work beside it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_UNSENT = sa.and_(
    sa.column("desired").is_not(None), sa.column("desired").is_distinct_from(sa.column("acked"))
)
_ASKED = (
    "id",
    "listing_id",
    "external_id",
    "location",
    "desired",
    "cause",
    "retry_at",
    "rejected",
    "acked",
)


def upgrade() -> None:
    """Make the index anew, with every column that the look for unsent quantities reads."""
    if op.get_bind().dialect.name != "sqlite":
        return
    op.drop_index("ix_offer_quantity_unsent", table_name="offer_quantity")
    op.create_index(
        "ix_offer_quantity_unsent",
        "offer_quantity",
        ["account_id", sa.text("(CASE WHEN cause = 'order' THEN 0 ELSE 1 END)"), "changed_at", *_ASKED],
        sqlite_where=_UNSENT,
    )


def downgrade() -> None:
    """Only the copy that was made before knows what to go back to."""
    raise NotImplementedError("restore the copy that was made before the upgrade")
