"""Tokens that end: renewed before they do, once for all who need them, and kept where a restart finds them.

A refresh token that its vendor replaces at every use is a credential of one holder: only the daemon renews it.
Whoever else opens the connector (`check --online`) uses the token that is there, and asks for another only where
that needs no refresh token.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from connectors.contract import AuthRejected
from connectors.transport.auth import Refreshable
from connectors.transport.secret import Secret
from sync.domain.clock import Clock

EARLY = timedelta(minutes=5)
"""So long before its end a token is renewed: longer than any pass waits for its calls' turns."""


@dataclass(frozen=True, slots=True)
class Token:
    """An access token; `ends_at` None: it does not end. `refresh` gets the next one, where the vendor gives it."""

    access: Secret
    ends_at: datetime | None = None
    refresh: Secret | None = None
    scopes: str = ""

    def ends_soon(self, now: datetime) -> bool:
        """Whether it is time to get another one."""
        return self.ends_at is not None and now >= self.ends_at - EARLY


class TokenBox(Protocol):
    """Where an account's token lies between two processes."""

    @property
    def ours(self) -> bool:
        """Whether we may use up its refresh token."""
        ...

    async def take(self) -> Token | None:
        """The token that was kept last; None where there is none."""
        ...

    async def put(self, token: Token) -> None:
        """Keep it in place of the one before."""
        ...


@dataclass(slots=True)
class Memory:
    """A box that is gone with the process: for tests, and for tokens that are had again at any time."""

    token: Token | None = field(default=None, repr=False)
    ours: bool = True

    async def take(self) -> Token | None:
        """The token that was put last."""
        return self.token

    async def put(self, token: Token) -> None:
        """Remember it."""
        self.token = token


Fetch = Callable[[Token | None], Awaitable[Token]]
"""Gets a fresh token; given the one before, for its refresh token. Raises AuthRejected where that is refused."""


class Renewed(Refreshable):
    """Signs requests with a token that is renewed before it ends, and when the vendor refuses it.

    Calls that find it ending wait for one renewal. A token from the box that another process renewed meanwhile is
    used before another one is asked for.
    """

    def __init__(
        self,
        fetch: Fetch,
        box: TokenBox,
        clock: Clock,
        *,
        header: str = "Authorization",
        prefix: str = "Bearer ",
    ) -> None:
        super().__init__(self._next, header=header, prefix=prefix)
        self._get = fetch
        self._box = box
        self._clock = clock
        self._token: Token | None = None

    async def ready(self) -> int:
        """See that there is a token, and that it does not end soon; returns its generation."""
        generation = self.generation
        if self._token is None or self._token.ends_soon(self._clock.now()):
            await self.renew(generation)
        return self.generation

    async def _next(self) -> Secret:
        """The token for the next generation: the kept one at first, else a fresh one."""
        kept = await self._box.take()
        if kept is not None and self._is_news(kept):
            self._token = kept
            return kept.access
        before = kept or self._token
        if before is not None and before.refresh is not None and not self._box.ours:
            raise AuthRejected(
                "the token has ended; the daemon renews it: start it, or run `entrepot connect`"
            )
        fresh = await self._get(before)
        await self._box.put(fresh)
        self._token = fresh
        return fresh.access

    def _is_news(self, kept: Token) -> bool:
        same = self._token is not None and self._token.access.reveal() == kept.access.reveal()
        return not same and not kept.ends_soon(self._clock.now())
