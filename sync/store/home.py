"""Where a database belongs: one machine and one path. A copy elsewhere must not work beside the first.

Two daemons on two copies would each send what the other has sent. So a database remembers its home, and one
that finds itself elsewhere, or that is marked as a copy, is refused until a person says what it is:
`entrepot restore` and `entrepot adopt` move it in, and deal with what it may not know of.
"""

import hashlib
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from sync.store import backup, meta
from sync.store.database import Tx

_HOME = "home"
_MACHINE = Path("/etc/machine-id")


class NotAtHome(Exception):
    """This database came from elsewhere, or is a copy; the text says what to do."""


async def here(tx: Tx, shown: str) -> str:
    """Where this database is, as one word that tells nothing of it: machine and path, or server and database."""
    first, second = ("", await _server(tx)) if tx.dialect == "postgresql" else (_machine(), shown)
    return hashlib.sha256(f"{first}\0{second}".encode()).hexdigest()[:32]


def _machine() -> str:
    try:
        return _MACHINE.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


async def _server(tx: Tx) -> str:
    """The cluster's own number, where this user may see it, and the database's."""
    may = await tx.scalar(sa.text("SELECT has_function_privilege('pg_control_system()', 'execute')"))
    cluster = await tx.scalar(sa.text("SELECT system_identifier FROM pg_control_system()")) if may else ""
    own = await tx.scalar(sa.text("SELECT oid FROM pg_database WHERE datname = current_database()"))
    return f"{cluster}:{own}"


async def check(tx: Tx, shown: str) -> None:
    """Raise NotAtHome unless this is where the database worked last. One without a home moves in.

    `shown` is the database's place, as a person would say it.
    """
    copied = await meta.read(tx, backup.COPIED_AT)
    if copied is not None:
        moment = datetime.fromisoformat(copied)
        raise NotAtHome(
            f"{shown} is a copy, made at {moment:%Y-%m-%d %H:%M:%S} UTC, which does not know what was done since: "
            "bring it in with `entrepot restore FILE`, or, if it lies in its place already, `entrepot adopt`"
        )
    home = await meta.read(tx, _HOME)
    if home is None:
        await move_in(tx, shown)
    elif home != await here(tx, shown):
        raise NotAtHome(
            f"{shown} was copied or moved here from another folder or machine: stop the daemon that works there, "
            "then say that this one takes over: entrepot adopt"
        )


async def move_in(tx: Tx, shown: str) -> None:
    """The database belongs here from now on, and is no copy any more."""
    await meta.instance_id(tx)
    await meta.write(tx, _HOME, await here(tx, shown))
    await meta.forget(tx, backup.COPIED_AT)
