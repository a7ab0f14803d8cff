"""The box of an account's token: in the database, sealed; the daemon's own, or looked into beside it."""

from dataclasses import dataclass

from connectors.transport import Secret, Token
from sync.domain.ids import AccountId
from sync.store import credentials
from sync.store.credentials import StoredToken
from sync.store.database import Store
from sync.telemetry.redact import mask_secret


@dataclass(frozen=True, slots=True)
class StoreBox:
    """A TokenBox over the store. `ours` is False for whoever reads beside a running daemon: nothing is kept then."""

    store: Store
    account_id: AccountId
    ours: bool = True

    async def take(self) -> Token | None:
        """The token that was kept last."""
        async with self.store.read() as tx:
            found = await credentials.take(tx, self.account_id)
        if found is None:
            return None
        kept, ends_at = found
        mask_secret(kept.access)
        return Token(
            Secret(kept.access), ends_at, Secret(kept.refresh) if kept.refresh else None, kept.scopes
        )

    async def put(self, token: Token) -> None:
        """Keep it, where it is ours to keep."""
        mask_secret(token.access.reveal())
        if not self.ours:
            return
        refresh = None if token.refresh is None else token.refresh.reveal()
        stored = StoredToken(token.access.reveal(), refresh, token.scopes)
        async with self.store.write() as tx:
            await credentials.put(tx, self.account_id, stored, token.ends_at)
