"""Who is calling: REST keys, by Basic auth where TLS is, by OAuth 1.0a signatures anywhere.

Every comparison of secrets and signatures takes constant time. A key that is not known at all is nobody.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import quote, unquote

from sandbox.clock import Clock
from sandbox.storefront.woocommerce.answers import unauthenticated

WINDOW = 15 * 60
"""Seconds by which a signed call's clock may be off."""
_NEEDED = ("consumer_key", "timestamp", "nonce", "signature", "signature_method")
_DIGESTS = {"HMAC-SHA1": hashlib.sha1, "HMAC-SHA256": hashlib.sha256}


class Permission(StrEnum):
    """What a key may do."""

    READ = "read"
    WRITE = "write"
    BOTH = "read_write"


@dataclass(frozen=True, slots=True)
class Key:
    """A REST key; the secret is shown nowhere."""

    key: str
    secret: str = field(repr=False)
    permission: Permission = Permission.BOTH

    def may(self, verb: str) -> None:
        """Refuse a verb beyond the key's permission: 401, as the real server has it."""
        reads = verb in ("GET", "HEAD", "OPTIONS")
        if reads and self.permission is Permission.WRITE:
            raise unauthenticated("The API key provided does not have read permissions.")
        if not reads and self.permission is Permission.READ:
            raise unauthenticated("The API key provided does not have write permissions.")


@dataclass(frozen=True, slots=True)
class Keys:
    """One key of each permission."""

    full: Key
    reader: Key
    writer: Key


def new_key(permission: Permission) -> Key:
    """A key that nobody can guess."""
    return Key(f"ck_{secrets.token_hex(20)}", f"cs_{secrets.token_hex(20)}", permission)


@dataclass(frozen=True, slots=True)
class Knock:
    """A request as far as it says who calls; `url` is under the shop's home, without its query."""

    verb: str
    url: str
    pairs: tuple[tuple[str, str], ...]
    authorization: str
    tls: bool
    api: bool = True


class Door:
    """Knows the shop's keys, and the signatures that were used."""

    def __init__(self, clock: Clock, full: Key | None = None) -> None:
        self.keys = Keys(
            full or new_key(Permission.BOTH), new_key(Permission.READ), new_key(Permission.WRITE)
        )
        self._clock = clock
        self._known = {each.key: each for each in (self.keys.full, self.keys.reader, self.keys.writer)}
        self._nonces: dict[tuple[str, str], float] = {}

    def who(self, knock: Knock) -> Key | None:
        """The key that a request was made with, None where it has none. Raises No when it is wrong."""
        if not knock.api:
            return None
        if knock.tls and (key := self._basic(knock)) is not None:
            return key
        return self._signed(knock)

    def _basic(self, knock: Knock) -> Key | None:
        asked = dict(knock.pairs)
        user, secret = asked.get("consumer_key", ""), asked.get("consumer_secret", "")
        scheme, _, given = knock.authorization.partition(" ")
        if not (user and secret) and scheme.lower() == "basic":
            user, secret = _unpacked(given)
        known = self._known.get(user)
        if known is None or not secret:
            return None
        if not hmac.compare_digest(known.secret.encode(), secret.encode()):
            raise unauthenticated("Consumer secret is invalid.")
        return known

    def _signed(self, knock: Knock) -> Key | None:
        said = oauth_words(knock)
        if not any(said.values()):
            return None
        if missing := [f"oauth_{name}" for name in _NEEDED if not said.get(f"oauth_{name}")]:
            word = "parameters" if len(missing) > 1 else "parameter"
            raise unauthenticated(f"Missing OAuth {word} {', '.join(missing)}")
        known = self._known.get(said["oauth_consumer_key"])
        if known is None:
            raise unauthenticated("Consumer key is invalid.")
        self._check_signature(knock, said, known)
        self._check_freshness(said)
        return known

    def _check_signature(self, knock: Knock, said: Mapping[str, str], known: Key) -> None:
        method = said["oauth_signature_method"]
        if method not in _DIGESTS:
            raise unauthenticated("Invalid signature - signature method is invalid.")
        words = {name: value for name, value in said.items() if name != "oauth_signature"}
        asked = [(k, v) for k, v in knock.pairs if not k.startswith("oauth_")]
        expected = signature(knock.verb, knock.url, [*as_php(asked), *words.items()], known.secret, method)
        given = said["oauth_signature"].replace(" ", "+")
        if not hmac.compare_digest(expected.encode(), given.encode()):
            raise unauthenticated("Invalid signature - provided signature does not match.")

    def _check_freshness(self, said: Mapping[str, str]) -> None:
        now = self._clock.seconds()
        stamp = said["oauth_timestamp"]
        if not stamp.isdigit() or abs(now - int(stamp)) > WINDOW:
            raise unauthenticated("Invalid timestamp.")
        used = (said["oauth_consumer_key"], said["oauth_nonce"])
        if used in self._nonces:
            raise unauthenticated("Invalid nonce - nonce has already been used.")
        self._nonces = {name: at for name, at in self._nonces.items() if now - at <= WINDOW}
        self._nonces[used] = now


def _unpacked(given: str) -> tuple[str, str]:
    try:
        user, _, secret = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return user, secret


def oauth_words(knock: Knock) -> dict[str, str]:
    """The OAuth parameters of a request: from its address, or from its header."""
    scheme, _, rest = knock.authorization.partition(" ")
    if scheme.lower() == "oauth":
        parts = (part.strip().partition("=") for part in rest.split(","))
        return {
            unquote(name): unquote(value.strip('"')) for name, _, value in parts if name.startswith("oauth_")
        }
    return {name: value for name, value in knock.pairs if name.startswith("oauth_")}


def as_php(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Parameters as PHP hands them on: `include[]` twice becomes `include[0]` and `include[1]`.

    A client signs what it sent, so a list that is repeated breaks the signature; one with commas does not.
    """
    counts: dict[str, int] = {}
    found: dict[str, str] = {}
    for name, value in pairs:
        key = name
        if name.endswith("[]"):
            number = counts.get(name, 0)
            counts[name] = number + 1
            key = f"{name[:-2]}[{number}]"
        found[key] = value
    return list(found.items())


def signature(
    verb: str, url: str, parameters: Iterable[tuple[str, str]], secret: str, method: str = "HMAC-SHA256"
) -> str:
    """An OAuth 1.0a signature (RFC 5849, 3.4) over a call without token."""
    pairs = sorted((_quoted(name), _quoted(value)) for name, value in parameters)
    query = "&".join(f"{name}={value}" for name, value in pairs)
    text = "&".join((verb.upper(), _quoted(url), _quoted(query)))
    digest = hmac.new(f"{secret}&".encode(), text.encode(), _DIGESTS[method]).digest()
    return base64.b64encode(digest).decode()


def _quoted(text: str) -> str:
    return quote(text, safe="~-._")
