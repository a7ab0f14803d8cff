"""The metadata, the naming convention that Alembic needs, and the column shapes that recur."""

from typing import Any

import sqlalchemy as sa

METADATA = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def key() -> sa.Column[str]:
    """Our own id: UUIDv7 as text."""
    return sa.Column("id", sa.String(36), primary_key=True)


def ref(name: str, target: str, *, nullable: bool = False, index: bool = True) -> sa.Column[Any]:
    """A reference to another table's id."""
    return sa.Column(name, sa.String(36), sa.ForeignKey(f"{target}.id"), nullable=nullable, index=index)


def moment(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    """A time: microseconds since 1970, UTC."""
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def text(name: str, *, nullable: bool = False, default: str | None = "") -> sa.Column[Any]:
    """Text that is not personal data."""
    server_default = None if nullable or default is None else sa.text(f"'{default}'")
    return sa.Column(name, sa.Text, nullable=nullable, server_default=server_default)


def count(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    """A whole number of units, 0 by default."""
    return sa.Column(
        name, sa.BigInteger, nullable=nullable, server_default=None if nullable else sa.text("0")
    )


def flag(name: str) -> sa.Column[Any]:
    """A truth value, stored as 0 or 1, false by default."""
    return sa.Column(name, sa.SmallInteger, nullable=False, server_default=sa.text("0"))


def sealed(name: str) -> sa.Column[Any]:
    """Sealed bytes: personal data or a vendor's raw record."""
    return sa.Column(name, sa.LargeBinary, nullable=True)
