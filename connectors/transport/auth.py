"""Credentials on a request: a header for each way that vendors ask for, and tokens that end and are renewed.

A value that cannot stand in a header (a line break from a file, say) is told before any call, without
showing it.
"""

import asyncio
from base64 import b64encode
from collections.abc import Awaitable, Callable, Generator

import httpx

from connectors.contract import AuthRejected
from connectors.transport.secret import Secret


def _fit(value: str) -> str:
    if not value.isascii() or not value.isprintable():
        raise AuthRejected("the secret holds characters that cannot stand in a header, such as a line break")
    return value


class HeaderAuth(httpx.Auth):
    """Puts `prefix` and the secret into one header."""

    def __init__(self, header: str, prefix: str, secret: Secret) -> None:
        self._header = header
        self._prefix = prefix
        self._secret = secret

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign the request."""
        request.headers[self._header] = self._prefix + _fit(self._secret.reveal())
        yield request


def bearer(secret: Secret) -> httpx.Auth:
    """`Authorization: Bearer …` (RFC 6750)."""
    return HeaderAuth("Authorization", "Bearer ", secret)


def token(secret: Secret, scheme: str = "Token") -> httpx.Auth:
    """`Authorization: Token …`, or another scheme's word."""
    return HeaderAuth("Authorization", scheme + " ", secret)


def header_key(header: str, secret: Secret) -> httpx.Auth:
    """The secret alone in a header of the vendor's own."""
    return HeaderAuth(header, "", secret)


def basic(user: str, secret: Secret) -> httpx.Auth:
    """`Authorization: Basic …` (RFC 7617), in UTF-8."""
    encoded = b64encode(f"{user}:{secret.reveal()}".encode()).decode()
    return HeaderAuth("Authorization", "Basic ", Secret(encoded))


class Refreshable(httpx.Auth):
    """A token that ends: fetched before the first call and again when the vendor refuses it.

    `fetch` gets a fresh one (over an `anonymous` call) and raises AuthRejected where the credentials
    themselves are refused. However many calls find the token refused, it is fetched once for all of them.
    """

    def __init__(
        self,
        fetch: Callable[[], Awaitable[Secret]],
        *,
        header: str = "Authorization",
        prefix: str = "Bearer ",
    ) -> None:
        self._fetch = fetch
        self._header = header
        self._prefix = prefix
        self._secret: Secret | None = None
        self._generation = 0
        self._gate = asyncio.Lock()

    @property
    def generation(self) -> int:
        """Which token is in use; 0 before the first."""
        return self._generation

    async def ready(self) -> int:
        """See that there is a token; returns its generation."""
        if self._secret is None:
            await self.renew(self._generation)
        return self._generation

    async def renew(self, refused: int) -> None:
        """Fetch another token, unless the one of generation `refused` has been replaced already."""
        async with self._gate:
            if self._generation == refused:
                self._secret = await self._fetch()
                self._generation += 1

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign the request with the present token."""
        if self._secret is not None:
            request.headers[self._header] = self._prefix + _fit(self._secret.reveal())
        yield request
