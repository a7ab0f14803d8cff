"""What an account that is only observed would be told: said in the log when it changes, and kept for `status`."""

from collections.abc import Mapping

from sync.store.database import Store
from sync.store.figures import Figures, figures
from sync.telemetry.logs import logger

_log = logger("sync.engine")


class Watching:
    """Looks at the offers of observed accounts. Read only."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.would_send: Mapping[str, Mapping[str, int]] = {}
        """By observed account: how many of its quantities and prices differ from what the shop shows."""

    async def look(self) -> None:
        """Read the figures, and say what has changed since the last look."""
        async with self._store.read() as tx:
            found = would_send(await figures(tx))
        for account, counts in found.items():
            if counts and counts != self.would_send.get(account):
                _log.info("only observed; it would be sent", account=account, **counts)
        self.would_send = found


def would_send(now: Figures) -> dict[str, dict[str, int]]:
    """The unsent offers of each observed account, by field."""
    observed: dict[str, dict[str, int]] = {row.name: {} for row in now.accounts if row.live_from is None}
    for (account, field), backlog in now.unsent.items():
        if account in observed and backlog.count:
            observed[account][field] = backlog.count
    return observed
