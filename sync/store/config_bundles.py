"""The versions of the mappings that ever ruled, so that each intent's `config_version` can be read again."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from sync.domain.clock import from_micros
from sync.store.database import Tx
from sync.store.dialect import upsert
from sync.store.tables import config_bundle


@dataclass(frozen=True, slots=True)
class Bundle:
    """One version and when it first ruled."""

    version: str
    content: str
    first_seen_at: datetime


async def keep(tx: Tx, version: str, content: str) -> bool:
    """Store a version. False where it is known already."""
    row = upsert(config_bundle).values(version=version, content=content, first_seen_at=tx.now())
    return await tx.run(row.on_conflict_do_nothing(index_elements=[config_bundle.c.version])) == 1


async def get(tx: Tx, version: str) -> Bundle | None:
    """One version."""
    row = await tx.one(sa.select(config_bundle).where(config_bundle.c.version == version))
    return None if row is None else Bundle(row.version, row.content, from_micros(row.first_seen_at))
