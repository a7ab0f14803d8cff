"""Where an account's vendor is, and the client that reaches it and nothing else."""

import ipaddress
import ssl
from functools import cache
from http.cookiejar import Cookie, DefaultCookiePolicy
from urllib.request import Request

import httpx

from connectors.contract import Limits, Refused
from connectors.transport.body import ACCEPT_ENCODING

KEEPALIVE_SECONDS = 1.5
"""Idle connections are dropped before servers do it (gunicorn: 2 s), for a race would lose a request."""
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Place:
    """The base URL of one account. Every request goes to its scheme, host and port."""

    def __init__(self, base_url: str) -> None:
        try:
            url = httpx.URL(base_url)
        except httpx.InvalidURL:
            raise Refused("the url option is not a URL") from None
        if url.scheme not in ("http", "https") or not url.host:
            raise Refused("the url option must begin with http:// or https:// and name a host")
        if url.userinfo:
            raise Refused("the url option must not hold a user or password: use the secret option")
        self._base = url.copy_with(query=None, fragment=None)

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this machine."""
        return self._base.host in _LOOPBACK

    def url(self, path: str, label: str) -> httpx.URL:
        """The whole URL of a call's path. Raises Refused where it would lead to another host."""
        absolute = "://" in path.split("?", 1)[0]
        try:
            url = httpx.URL(path if absolute else str(self._base).rstrip("/") + "/" + path.lstrip("/"))
        except httpx.InvalidURL:
            raise Refused(f"{label}: the address to call is not a URL", mendable=False) from None
        if _origin(url) != _origin(self._base) or url.userinfo:
            raise Refused(f"{label}: the address leads to another host and is not called", mendable=False)
        return url


def is_inner(host: str) -> bool:
    """Whether a host is, by its name or number, one of this machine or of an inner network."""
    if "." not in host.strip(".") and ":" not in host:
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host.endswith((".local", ".internal", ".localhost"))


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return (url.scheme, url.host, url.port or {"http": 80, "https": 443}.get(url.scheme, 0))


@cache
def _trusted() -> ssl.SSLContext:
    return httpx.create_ssl_context()


def new_client(place: Place, limits: Limits, http: httpx.AsyncBaseTransport | None) -> httpx.AsyncClient:
    """HTTP/1.1, no cookies kept, no redirect followed; a proxy from the environment but for loopback."""
    client = httpx.AsyncClient(
        transport=http,
        verify=_trusted(),
        trust_env=not place.is_loopback,
        follow_redirects=False,
        timeout=httpx.Timeout(limits.read_seconds, connect=limits.connect_seconds),
        limits=httpx.Limits(
            max_connections=limits.concurrency + 1,
            max_keepalive_connections=limits.concurrency,
            keepalive_expiry=KEEPALIVE_SECONDS,
        ),
        headers={"User-Agent": "entrepot", "Accept-Encoding": ACCEPT_ENCODING},
    )
    client.cookies.jar.set_policy(_NoCookies())
    return client


class _NoCookies(DefaultCookiePolicy):
    """Requests stand alone: what a vendor wants carried along, its connector carries."""

    def set_ok(self, cookie: Cookie, request: Request) -> bool:
        """Never."""
        return False
