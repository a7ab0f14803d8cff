"""A vendor's clock that differs from this machine's becomes an issue of its account, and no longer than it does.

Times that vendors write (of orders, changes, scans) stand beside ours, and feeds are read from a moment on:
where the two clocks are far apart, timelines, `cutover` and alarms are off by as much. Nothing is lost by it.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta

from sync.domain.ids import AccountId
from sync.engine.house import Post
from sync.store import issues
from sync.store.database import Store
from sync.telemetry.logs import logger

_log = logger("sync.engine")

TOLERATED = timedelta(seconds=60)
_FINE = timedelta(seconds=50)
"""Told until it is less: a difference at the bound must not open and close an issue all day."""


class VendorClocks:
    """Looks at what the answers of each account have shown."""

    def __init__(self, store: Store, posts: Callable[[], Iterable[Post]]) -> None:
        self._store = store
        self._posts = posts
        self._told: dict[AccountId, bool] = {}
        """Whether an issue stands; unknown at first, for one may stand from before."""

    async def look(self) -> None:
        """Open and close issues where something has changed."""
        for post in tuple(self._posts()):
            off = post.vendor_clock.off
            if off is None:
                continue
            told = self._told.get(post.view.id)
            if abs(off) > TOLERATED and not told:
                await self._tell(post, off)
            elif told is not False and abs(off) <= _FINE:
                await self._fine(post)

    async def _tell(self, post: Post, off: timedelta) -> None:
        name, seconds = post.view.name, round(abs(off).total_seconds())
        side = "ahead of" if off > timedelta(0) else "behind"
        async with self._store.write() as tx:
            await issues.raise_issue(
                tx,
                key=_key(post),
                kind="account.clock_off",
                account_id=post.view.id,
                subject=name,
                what=f"the clock of {name} is {seconds} seconds {side} this machine's",
                why="the Date of its answers says so; both should be right to the second",
                todo=f"check the time service of this machine (timedatectl), then that of {name}; until then "
                "times and `cutover` are off by as much. Nothing is lost.",
            )
        self._told[post.view.id] = True
        _log.warning(
            "the clock of a system is far from this machine's", account=name, seconds=seconds, side=side
        )

    async def _fine(self, post: Post) -> None:
        async with self._store.write() as tx:
            cleared = await issues.clear(tx, _key(post))
        self._told[post.view.id] = False
        if cleared:
            _log.info("the clock of a system agrees with this machine's again", account=post.view.name)


def _key(post: Post) -> str:
    return f"account.clock_off:{post.view.id}"
