"""Erasing by night what has been kept long enough, a slice at a time, as `retention:` of entrepot.yaml says.

Night is from one to five o'clock in the zone of entrepot.yaml. A daemon that does not run by night catches
up by day once a run is more than a day late. What an erased person left open, and what a masked account
stored before it was masked, goes in the same run.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from config import RetentionModel, Settings
from sync.domain.clock import Clock, from_micros, to_micros
from sync.engine import erasures
from sync.store import audit, forgetting, meta, retention, shredding
from sync.store.database import Store
from sync.store.retention import Limits
from sync.telemetry import metrics
from sync.telemetry.logs import logger

NIGHT = range(1, 5)
"""The hours of the night."""
SLICE, SLICES_A_LOOK = 100, 20
_RAN_AT = "retention_ran_at"
_LATE, _AGAIN = timedelta(hours=26), timedelta(hours=12)
_log = logger("sync.engine")


class Retention:
    """The errand. `look` is called again and again; most looks find nothing to do."""

    def __init__(self, store: Store, clock: Clock, settings: Callable[[], Settings]) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        self._done: Counter[str] = Counter()
        """What the run that is under way has erased."""

    async def look(self) -> None:
        """Begin or go on with a run, where one is due."""
        async with self._store.read() as tx:
            told = await meta.read(tx, _RAN_AT)
        ran_at = from_micros(int(told)) if told else None
        if ran_at is not None:
            metrics.RETENTION_RUN.set(ran_at.timestamp())
        if not self._due(ran_at):
            return
        async with self._store.write() as tx:
            await forgetting.remember(tx, erasures.noted(self._settings().data))
        for _ in range(SLICES_A_LOOK):
            if not await self._slice():
                await self._end()
                return

    def _due(self, ran_at: datetime | None) -> bool:
        now = self._clock.now()
        if ran_at is None or now - ran_at > _LATE:
            return True
        by_night = now.astimezone(self._settings().timezone).hour in NIGHT
        return by_night and now - ran_at > _AGAIN

    async def _slice(self) -> bool:
        limits = limits_of(self._settings().retention, self._clock.now())
        async with self._store.write() as tx:
            await shredding.overwrite_freed(tx)
            erased = await retention.erase_slice(tx, limits, SLICE)
        for kind, count in erased.items():
            metrics.ERASED.labels(kind.value).inc(count)
            self._done[kind.value] += count
        return bool(erased)

    async def _end(self) -> None:
        done: dict[str, object] = dict(self._done)
        self._done.clear()
        now = self._clock.now()
        async with self._store.write() as tx:
            await meta.write(tx, _RAN_AT, str(to_micros(now)))
            if done:
                await audit.record(tx, who="entrepot", what="personal data erased", counts=done)
        metrics.RETENTION_RUN.set(now.timestamp())
        if done:
            await shredding.cut_log(self._store)
            _log.info("retention: erased", counts=done)


def limits_of(kept: RetentionModel, now: datetime) -> Limits:
    """The moments before which things go."""

    def before(span: timedelta | None) -> int | None:
        return None if span is None else to_micros(now - span)

    return Limits(
        personal_data=before(kept.personal_data),
        raw_payloads=before(kept.raw_payloads),
        broken_records=before(kept.broken_records),
        deliveries=before(kept.deliveries),
    )
