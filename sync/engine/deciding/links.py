"""Signed addresses of decisions. Each is one person's, for one thing, until a moment, and decides once.

The signature is an HMAC by the key of the blind indexes, which never rotates, over all that the link stands for; so
no part of it can be taken for another link, and the database alone makes none. A form is signed too, with what the
page showed: it decides what was seen, or nothing.
"""

import hmac
from dataclasses import dataclass
from hashlib import sha256

from sync.domain.clock import to_micros
from sync.store.hold_links import Link
from sync.store.sealing import Sealer

PATH = "/decide"


def signature(sealer: Sealer, link: Link) -> str:
    """32 hexadecimal digits."""
    return _mac(sealer, "decision link", _facts(link))


def address(base: str, sealer: Sealer, link: Link) -> str:
    """What the person opens. `base` is `webhooks.url` of entrepot.yaml."""
    return f"{base}{PATH}/{link.id}/{signature(sealer, link)}"


def is_signed(sealer: Sealer, link: Link | None, given: str) -> bool:
    """In the same time whether there is such a link or not."""
    right = _mac(sealer, "decision link", ["none"]) if link is None else signature(sealer, link)
    same = hmac.compare_digest(given.encode(), right.encode())
    return same and link is not None


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page showed: how many of what a guard keeps back (else 0), and a digest of all that stood there."""

    count: int
    digest: str

    @classmethod
    def of(cls, count: int, *shown: object) -> "Seen":
        """From everything that the page says."""
        return cls(count, sha256(repr(shown).encode()).hexdigest()[:32])


def form_token(sealer: Sealer, link: Link, seen: Seen) -> str:
    """What a page's form bears."""
    mac = _mac(sealer, "decision form", [*_facts(link), str(seen.count), seen.digest])
    return f"{seen.count}.{seen.digest}.{mac}"


def seen_of(sealer: Sealer, link: Link, token: str) -> Seen | None:
    """What the page of this form showed; None where the token is not one that we gave for this link."""
    count, _, rest = token.partition(".")
    digest = rest.partition(".")[0]
    seen = Seen(int(count) if count.isascii() and count.isdigit() and len(count) < 10 else 0, digest)
    same = hmac.compare_digest(token.encode(), form_token(sealer, link, seen).encode())
    return seen if same else None


def _facts(link: Link) -> list[str]:
    return [link.id, link.hold_id, link.person, str(to_micros(link.expires_at))]


def _mac(sealer: Sealer, purpose: str, facts: list[str]) -> str:
    return sealer.digest(purpose, "\0".join(facts).encode()).hex()
