"""What this database is: its instance id, the least program that may open it, and which keys sealed it."""

from collections.abc import Mapping

import sqlalchemy as sa

from sync.store.database import Tx
from sync.store.dialect import upsert
from sync.store.rotation import sealed_with
from sync.store.sealing import KeyRing, WrongKey
from sync.store.tables import meta

INSTANCE_ID = "instance_id"
MIN_CODE_REVISION = "min_code_revision"
_KEY_CHECK = "key_check:"


async def read(tx: Tx, name: str) -> str | None:
    """One value."""
    value: str | None = await tx.scalar(sa.select(meta.c.value).where(meta.c.name == name))
    return value


async def write(tx: Tx, name: str, value: str) -> None:
    """Set one value."""
    row = upsert(meta).values(name=name, value=value)
    await tx.run(row.on_conflict_do_update(index_elements=[meta.c.name], set_={"value": row.excluded.value}))


async def forget(tx: Tx, name: str) -> None:
    """Remove one value."""
    await tx.run(sa.delete(meta).where(meta.c.name == name))


async def instance_id(tx: Tx) -> str:
    """This installation's id, made when it is first asked for."""
    known = await read(tx, INSTANCE_ID)
    if known is not None:
        return known
    fresh = upsert(meta).values(name=INSTANCE_ID, value=tx.new_id())
    await tx.run(fresh.on_conflict_do_nothing(index_elements=[meta.c.name]))
    return str(await read(tx, INSTANCE_ID))


async def check_keys(tx: Tx, ring: KeyRing) -> None:
    """Raise WrongKey unless the ring holds the very keys that sealed this database. Reads only.

    A key that seals nothing any more may be absent: that is how a rotation ends.
    """
    known = await _checks(tx)
    values = ring.check_values()
    for name, value in known.items():
        word = "the blind index key" if name == "blind" else f"key {name}"
        if name not in values:
            if name != "blind" and not await sealed_with(tx, int(name)):
                continue
            raise WrongKey(
                f"{word} is missing: data of this database are sealed with it; restore the key file"
            )
        if values[name] != value:
            raise WrongKey(f"{word} is not the one that sealed this database; restore the right key file")


async def adopt_keys(tx: Tx, ring: KeyRing) -> None:
    """Check the ring, then remember the keys that are new and forget those that seal nothing any more."""
    await check_keys(tx, ring)
    known = await _checks(tx)
    values = ring.check_values()
    for name, value in values.items():
        if name not in known:
            await write(tx, _KEY_CHECK + name, value)
    for name in known:
        if name not in values:
            await forget(tx, _KEY_CHECK + name)


async def _checks(tx: Tx) -> Mapping[str, str]:
    rows = await tx.all(sa.select(meta).where(meta.c.name.startswith(_KEY_CHECK, autoescape=True)))
    return {row.name.removeprefix(_KEY_CHECK): row.value for row in rows}
