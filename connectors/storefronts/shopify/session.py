"""The account's token: an admin access token that stays, or one of an app, which ends and is fetched again.

An app's token comes by its client id and secret (the client-credentials grant, for about a day), or by a person's yes
(`connect`), with a refresh token that Shopify replaces at every use. Either is renewed some minutes before its end,
once for all calls that wait, and kept between two processes. A refused grant is AuthRejected: a person must look.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode

import httpx
import msgspec

from connectors.contract import AuthRejected, BadAnswer
from connectors.storefronts.shopify import payloads
from connectors.storefronts.shopify.options import Options
from connectors.transport import Answer, Call, Renewed, Safety, Secret, Setup, Token, decode, header_key
from sync.domain.clock import Clock

HEADER = "X-Shopify-Access-Token"
PATH = "admin/oauth/access_token"
Send = Callable[[Call], Awaitable[Answer]]


class Session:
    """How one account's calls are signed."""

    def __init__(self, setup: Setup, options: Options, send: Send) -> None:
        self._options = options
        self._secret = setup.secret
        self._clock = setup.clock
        self._send = send
        self._renewed = (
            Renewed(self._fetch, setup.tokens, setup.clock, header=HEADER, prefix="")
            if options.client_id
            else None
        )

    @property
    def auth(self) -> httpx.Auth:
        """For the transport."""
        return self._renewed or header_key(HEADER, self._secret)

    async def ready(self) -> None:
        """See that there is a token that does not end soon. Raises AuthRejected."""
        if self._renewed is not None:
            await self._renewed.ready()

    async def _fetch(self, before: Token | None) -> Token:
        """By the refresh token, where a person gave one, else by the app's own credentials."""
        if before is not None and before.refresh is not None:
            asked = {"grant_type": "refresh_token", "refresh_token": before.refresh.reveal()}
        else:
            asked = {"grant_type": "client_credentials"}
        return await fetched(self._options, self._secret, self._clock, self._send, asked)


async def fetched(
    options: Options, secret: Secret, clock: Clock, send: Send, asked: Mapping[str, str]
) -> Token:
    """A token for one grant. Raises AuthRejected where it is refused, BadAnswer for another answer."""
    form = {"client_id": options.client_id or "", "client_secret": secret.reveal(), **asked}
    call = Call(
        operation="token",
        method="POST",
        path=PATH,
        safety=Safety.READ,
        headers={"Accept": "application/json"},
        body=urlencode(form).encode(),
        content_type="application/x-www-form-urlencoded",
        pace=(),
        accept=frozenset({400}),
        anonymous=True,
    )
    asked_at = clock.now()
    answer = await send(call)
    if answer.status == 400:
        raise AuthRejected(
            "the shop refuses the client id and secret, or the app is not installed in it (400): look at the app, "
            "or run `entrepot connect`"
        )
    try:
        token = decode(answer.body, type=payloads.Token)
    except msgspec.MsgspecError:
        raise BadAnswer("token: the shop's answer is not a token") from None
    return Token(
        access=Secret(token.access_token),
        ends_at=_end(asked_at, token.expires_in),
        refresh=Secret(token.refresh_token) if token.refresh_token else None,
        scopes=token.scope or "",
    )


def _end(asked_at: datetime, seconds: float | None) -> datetime | None:
    return asked_at + timedelta(seconds=seconds) if seconds is not None and seconds > 0 else None
