"""Persons: the indexes of those to whom goods are sent, and who was erased.

It only adds, so that an older program can work beside it; what that program stores has no index of the
address, and is found by the buyer's alone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_INDEXES = ("to_email_index", "to_phone_index")


def upgrade() -> None:
    """Add two columns with their indexes, and a table."""
    for name in _INDEXES:
        op.add_column("customer_order", sa.Column(name, sa.LargeBinary(), nullable=True))
        op.create_index(op.f(f"ix_customer_order_{name}"), "customer_order", [name])
    op.create_table(
        "forgotten",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_forgotten")),
        comment="blind indexes of people who were erased: what they ordered before does not come back",
    )


def downgrade() -> None:
    """Only the copy that was made before knows what to go back to."""
    raise NotImplementedError("restore the copy that was made before the upgrade")
