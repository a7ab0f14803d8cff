"""Parcels of several orders under one label: who they go to, by a keyed hash, and whose label they share.

It only adds, so that an older program can work beside it; that one buys a label for each parcel.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_PARCEL = (
    "label_of: the parcel whose label it shares, its own id for that one; waits_until: it waits for others that "
    "could share its label; apart: it shares none any more"
)


def upgrade() -> None:
    """Four columns."""
    op.add_column("customer_order", sa.Column("ship_to_index", sa.LargeBinary(), nullable=True))
    op.create_index(op.f("ix_customer_order_ship_to_index"), "customer_order", ["ship_to_index"])
    op.add_column("parcel", sa.Column("label_of", sa.String(length=36), nullable=True))
    op.add_column("parcel", sa.Column("waits_until", sa.BigInteger(), nullable=True))
    op.add_column(
        "parcel", sa.Column("apart", sa.SmallInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.create_index(op.f("ix_parcel_label_of"), "parcel", ["label_of"])
    op.create_index(
        "ix_parcel_waiting",
        "parcel",
        ["waits_until"],
        sqlite_where=sa.text("waits_until IS NOT NULL"),
        postgresql_where=sa.text("waits_until IS NOT NULL"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.create_table_comment("parcel", _PARCEL)


def downgrade() -> None:
    """Only the copy that was made before knows what to go back to."""
    raise NotImplementedError("restore the copy that was made before the upgrade")
