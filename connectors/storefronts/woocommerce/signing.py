"""The credentials of a request: Basic over https, a signature over http (OAuth 1.0a, HMAC-SHA256, RFC 5849).

WooCommerce signs over the home URL that it is configured with, whatever address the request came to, and over the
parameters as PHP unpacks them: each is quoted once, and the whole text once more. A nonce is used once, also where a
request is repeated. A signature lives for 15 minutes: where the shop's clock is further from
ours than that, its refusal shows the time, and the request is signed once more by it.
"""

import hmac
import secrets
from base64 import b64encode
from collections.abc import Generator, Iterable
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import quote

import httpx

from connectors.contract import AuthRejected
from connectors.transport import Secret, basic
from sync.domain.clock import Clock

METHOD = "HMAC-SHA256"
API = "wp-json/"
UNAUTHORISED = 401
APART = timedelta(minutes=5)
"""Clocks that differ by more are worth another signature."""


class Credentials(httpx.Auth):
    """Puts the key pair on each request. A secret that is no pair is told at the first call."""

    def __init__(self, secret: Secret, home: str | None, clock: Clock) -> None:
        """`home` None: HTTP Basic."""
        self._secret = secret
        self.home = home
        """What signatures are made over; another may be found to be the right one."""
        self._clock = clock
        self._ahead = timedelta(0)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign the request. Raises AuthRejected."""
        key, password = pair(self._secret)
        if self.home is None:
            yield from basic(key, password).auth_flow(request)
            return
        plain = request.url
        request.url = self._signed(request.method, plain, key, password)
        answer = yield request
        off = self._off(answer)
        if answer.status_code == UNAUTHORISED and abs(off - self._ahead) > APART:
            self._ahead = off
            request.url = self._signed(request.method, plain, key, password)
            yield request

    def _signed(self, method: str, url: httpx.URL, key: str, password: Secret) -> httpx.URL:
        params = {
            "oauth_consumer_key": key,
            "oauth_nonce": secrets.token_hex(16),
            "oauth_signature_method": METHOD,
            "oauth_timestamp": str(int((self._clock.now() + self._ahead).timestamp())),
        }
        said = [*url.params.multi_items(), *params.items()]
        address = signed_address(self.home or "", url.raw_path.partition(b"?")[0].decode())
        params["oauth_signature"] = signature(method, address, said, password)
        return url.copy_merge_params(params)

    def _off(self, answer: httpx.Response) -> timedelta:
        """How far the shop's clock is ahead of ours by this answer; as before where it does not tell."""
        try:
            told = parsedate_to_datetime(answer.headers.get("date", ""))
        except ValueError:
            return self._ahead
        return (told if told.tzinfo else told.replace(tzinfo=UTC)) - self._clock.now()


def pair(secret: Secret) -> tuple[str, Secret]:
    """The consumer key and the consumer secret. Raises AuthRejected."""
    key, colon, password = secret.reveal().strip().partition(":")
    if not (colon and key and password):
        raise AuthRejected("the secret must be the consumer key and secret with a colon between: ck_…:cs_…")
    if not (key + password).isascii() or not (key + password).isprintable():
        raise AuthRejected("the secret holds characters that cannot stand in a header, such as a line break")
    return key, Secret(password)


def signed_address(home: str, path: str) -> str:
    """The address as the shop sees it: its own home, then what comes from `wp-json` on."""
    _, found, rest = path.partition("/" + API)
    return f"{home}/{API}{rest}" if found else f"{home}{path}"


def signature(method: str, address: str, params: Iterable[tuple[str, str]], password: Secret) -> str:
    """Base64 of the HMAC over method, address and all parameters of the query."""
    told = sorted((_quoted(name), _quoted(value)) for name, value in params)
    query = "&".join(f"{name}={value}" for name, value in told)
    text = "&".join(_quoted(part) for part in (method.upper(), address, query))
    key = f"{password.reveal()}&".encode()
    return b64encode(hmac.digest(key, text.encode(), "sha256")).decode()


def _quoted(text: str) -> str:
    return quote(text, safe="~")
