"""Rotation of the sealing key: a new key beside the old one, every row re-sealed, the old one dropped.

    begin ─► slice ─► slice ─► … ─► drop

Each step is a command of its own, carried out by the daemon where one runs. Both keys open from `begin` to
`drop`. A kill at any point leaves both keys in the file and each row under one of them: the next `begin`
finds two keys, makes no third, and goes on.
"""

import os
from pathlib import Path
from typing import Any

from config import KeyText, Settings, master_key
from config.secrets import KEY_VARIABLE
from sync.engine.opening import key_ring
from sync.engine.refusals import StartRefused
from sync.store import audit, meta, rotation
from sync.store.database import Store
from sync.store.sealing import KeyRing, WrongKey

SLICE = 500
"""Rows in one transaction: other writers wait for about a tenth of a second."""


class RotationRefused(Exception):
    """The rotation cannot go on; the text says why and what to do."""


async def begin(store: Store, settings: Settings, who: str) -> dict[str, Any]:
    """Make a new key, unless one is made already. Says how many rows are left to re-seal."""
    await _take(store, _ring(settings)[0])
    ring, source = _ring(settings)  # from here to the written file nothing else runs: one new key, not two
    fresh = not ring.old
    if fresh:
        ring = ring.with_new_key()
        write_ring(_file(source, ring), ring)
    await _take(store, ring)
    async with store.write() as tx:
        left = await rotation.left(tx)
        if fresh:
            await audit.record(tx, who=who, what="sealing key added", subject=str(ring.sealing))
    return {"key": ring.sealing, "old": list(ring.old), "begun": fresh, "left": left, "at": ""}


async def go_on(store: Store, settings: Settings, at: str, limit: int = SLICE) -> dict[str, Any]:
    """Re-seal one slice from `at` on. `at` of the answer is null after the last one."""
    ring, _ = _ring(settings)
    await _take(store, ring)
    async with store.write() as tx:
        done = await rotation.reseal(tx, at, limit)
    return {"resealed": done.resealed, "shut": list(done.shut), "at": done.at}


async def drop(store: Store, settings: Settings, who: str) -> dict[str, Any]:
    """Take the old keys out of the file. Refused while a row needs one of them."""
    ring, source = _ring(settings)
    if not ring.old:
        raise RotationRefused("there is no old key: the key file holds one sealing key")
    await _take(store, ring)
    async with store.write() as tx:
        left = await rotation.left(tx)
        if left:
            raise RotationRefused(
                f"{left} row(s) are still sealed with an older key: run `entrepot keys rotate` first"
            )
        path = _file(source, ring.without_old_keys())
        await audit.record(tx, who=who, what="old sealing keys dropped", subject=",".join(map(str, ring.old)))
    write_ring(path, ring.without_old_keys())
    await _take(store, ring.without_old_keys())
    return {"key": ring.sealing, "dropped": list(ring.old)}


def _ring(settings: Settings) -> tuple[KeyRing, KeyText]:
    try:
        return key_ring(settings), master_key(settings.data)
    except StartRefused as error:
        raise RotationRefused(str(error)) from None


def _file(source: KeyText, wanted: KeyRing) -> Path:
    if source.source == KEY_VARIABLE:
        step = "entrepot keys rotate --print" if wanted.old else "entrepot keys drop --print"
        raise RotationRefused(
            f"the key is in {KEY_VARIABLE}, which no program can change: print the new text with `{step}`, "
            "put it there, restart the daemon, and run this again"
        )
    return Path(source.source)


async def _take(store: Store, ring: KeyRing) -> None:
    """Let the open database work with these keys. Both checks are made before anything is sealed with them."""
    if store.sealer.ring.check_values() == ring.check_values():
        return
    try:
        async with store.write() as tx:
            await meta.adopt_keys(tx, ring)
    except WrongKey as error:
        raise RotationRefused(str(error)) from None
    store.sealer.renew(ring)


def write_ring(path: Path, ring: KeyRing) -> None:
    """Put the ring into its file, whole or not at all, whatever happens in between."""
    half = path.with_name(f"{path.name}.part")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(ring.text())
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
