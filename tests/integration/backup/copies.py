"""A copy of the database is made, the world moves on, and the copy takes the database's place."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sync.store import backup, postgres_backup
from sync.store.database import Store
from sync.store.reopening import Reopened, reopen
from tests.integration.flows.conductor import Conductor

QUIET = timedelta(seconds=90)
HOUR = timedelta(hours=1)


def copied(daemon: Conductor) -> Path:
    """A copy of the database as it is now."""
    now = datetime.now(UTC)
    if isinstance(daemon.place, Path):
        file = daemon.folder / "backups" / "hour-ago.sqlite3"
        backup.make(daemon.place, file, program="test", now=now)
    else:
        file = daemon.folder / "backups" / "hour-ago.dump"
        postgres_backup.make(daemon.place, file, program="test", now=now)
    return file


def put_back(place: Path | str, file: Path) -> None:
    """The copy takes the place of a database that nobody has open."""
    if isinstance(place, str):
        now = datetime.now(UTC)
        postgres_backup.swap_in(place, file, postgres_backup.kept_name(now), now)
        return
    for beside in place.parent.glob(f"{place.name}-*"):
        beside.unlink()
    place.write_bytes(file.read_bytes())


async def restored(daemon: Conductor, file: Path) -> Reopened:
    """The process dies, the copy takes the database's place, and another process starts."""
    sealer = daemon.store.sealer
    await daemon.close()
    put_back(daemon.place, file)
    daemon.store = await Store.open(daemon.place, clock=daemon.clock, sealer=sealer)
    async with daemon.store.write() as tx:
        done = await reopen(tx, quiet=QUIET, shown="here", who="test", what="restored", source=file.name)
    await daemon.take_over()
    return done


async def converged(daemon: Conductor) -> None:
    """The quiet time passes, and everything is read and looked up."""
    await daemon.settle(rounds=2)
    await daemon.later(QUIET + timedelta(seconds=5))
    await daemon.settle(rounds=4)
    await daemon.later(timedelta(seconds=3670))  # the whole stock is read once more
    await daemon.settle(rounds=2)
