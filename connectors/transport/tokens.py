"""Tokens that end: renewed before they do, once for all who need them, and kept where a restart finds them.

A refresh token that its vendor replaces at every use is a credential of one holder: only the daemon renews it.
Whoever else opens the connector (`check --online`) uses the token that is there, and asks for another only where
that needs no refresh token.

Between the vendor's answer and our commit the new token is in memory alone. So nobody who is cancelled takes the
renewal down with him, and what could not be kept is kept with the next call, and used then. A process that is killed
just then loses it: the vendor refuses the old refresh token to the next one, and a person is told to connect anew.
"""

import asyncio
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
        self._unkept: Token | None = None
        """What the vendor gave and the box would not take."""
        self._renewal: asyncio.Task[Token] | None = None

    async def ready(self) -> int:
        """See that there is a token, and that it does not end soon; returns its generation."""
        generation = self.generation
        if self._token is None or self._token.ends_soon(self._clock.now()):
            await self.renew(generation)
        return self.generation

    async def _next(self) -> Secret:
        """The token for the next generation. Who is cancelled meanwhile leaves the renewal to the next caller."""
        if self._renewal is None:
            self._renewal = asyncio.create_task(self._another())
            self._renewal.add_done_callback(self._ended)
        token = await asyncio.shield(self._renewal)
        self._renewal, self._token = None, token
        return token.access

    async def _another(self) -> Token:
        """The kept token where it is news, else a fresh one, kept."""
        if self._unkept is None or self._unkept.ends_soon(self._clock.now()):
            kept = await self._box.take()
            if kept is not None and self._is_news(kept):
                return kept
            self._unkept = await self._fresh(self._unkept or kept or self._token)
        await self._box.put(self._unkept)
        token, self._unkept = self._unkept, None
        return token

    async def _fresh(self, before: Token | None) -> Token:
        """From the vendor. Raises AuthRejected, with what a person has to do."""
        if before is None or before.refresh is None:
            return await self._get(before)
        if not self._box.ours:
            raise AuthRejected(
                "the token has ended; the daemon renews it: start it, or run `entrepot connect`"
            )
        try:
            return await self._get(before)
        except AuthRejected as error:
            raise AuthRejected(
                f"{error} (the refresh token may be used up, as after a restore or a kill, or taken back: "
                "then only `entrepot connect` gives another one)"
            ) from None

    def _is_news(self, kept: Token) -> bool:
        same = self._token is not None and self._token.access.reveal() == kept.access.reveal()
        return not same and not kept.ends_soon(self._clock.now())

    def _ended(self, renewal: "asyncio.Task[Token]") -> None:
        """One that failed is not told to who comes later: he asks anew. Nobody may be left to hear of it."""
        if renewal.cancelled() or renewal.exception() is not None:
            self._renewal = None
