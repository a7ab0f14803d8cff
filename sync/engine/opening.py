"""Key and database: all that a command needs which looks at what is stored.

It knows no rules, no connectors and no flows; `wiring` does, for whoever works by them.
"""

from config import KeyMissing, Settings, master_key
from config.database import Database
from sync.domain.clock import Clock
from sync.engine.machine import machine_fault
from sync.engine.refusals import UNREACHABLE, StartRefused
from sync.store import home, meta, migrate
from sync.store.database import Store
from sync.store.home import NotAtHome
from sync.store.migrate import DatabaseTooNew, Standing
from sync.store.postgres import Claim, Taken, refusals
from sync.store.sealing import BadKey, KeyRing, NoKey, Sealer, WrongKey


def key_ring(settings: Settings) -> KeyRing:
    """The sealing keys. Raises StartRefused that names `entrepot keys new`."""
    try:
        return KeyRing.parse(master_key(settings.data).text)
    except (KeyMissing, NoKey, BadKey) as error:
        raise StartRefused(str(error)) from None


async def open_store(
    settings: Settings, clock: Clock, *, read_only: bool = False, migrating: bool = False
) -> Store:
    """Open the database: to write, it is brought to our revision first; to read, it must be there already.

    A SQLite file is copied and migrated whoever opens it; a PostgreSQL database that is behind is migrated by
    `entrepot migrate` alone (`migrating`), so that its operator can make a backup.
    """
    database = settings.database
    ring = key_ring(settings)
    claim = Claim(database.url) if database.path is None and not read_only else None
    try:
        try:
            if claim is not None:
                await claim.hold()
            _prepare(database, read_only=read_only, migrating=migrating)
            store = await Store.open(
                database.address, clock=clock, sealer=Sealer(ring), read_only=read_only, claim=claim
            )
        except BaseException:
            if claim is not None:
                await claim.release()
            raise
        await _check_opened(store, ring, read_only=read_only)
    except (DatabaseTooNew, NotAtHome, Taken, WrongKey) as error:
        raise StartRefused(str(error)) from None
    except refusals() as error:
        raise StartRefused(_machine(error, database), UNREACHABLE) from None
    return store


async def _check_opened(store: Store, ring: KeyRing, *, read_only: bool) -> None:
    try:
        if read_only:
            async with store.read() as tx:
                await meta.check_keys(tx, ring)
        else:
            async with store.write() as tx:
                await home.check(tx, store.place)
                await meta.adopt_keys(tx, ring)
    except BaseException:
        await store.close()
        raise


def _prepare(database: Database, *, read_only: bool, migrating: bool) -> None:
    standing = migrate.check(database.address)
    behind = standing is Standing.BEHIND
    if behind and database.path is None and not migrating:
        raise StartRefused(
            f"{database} is of an older version: make a backup of it, then run `entrepot migrate`"
        )
    if not read_only:
        migrate.upgrade(database.address)
    elif standing is Standing.ABSENT:
        raise StartRefused(f"there is no database at {database} yet; `entrepot run` makes it")
    elif behind:
        raise StartRefused(
            f"{database} is of an older version: run `entrepot migrate`, or start `entrepot run`"
        )


def _machine(error: Exception, database: Database) -> str:
    told = machine_fault(error, str(database))
    return told or f"{database} cannot be opened ({type(error).__name__}): check the file and its folder"
