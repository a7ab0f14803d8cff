"""Sealing of personal data and raw records, and the keys that do it.

A sealed blob is `key id (2 bytes) | nonce (12) | AES-256-GCM ciphertext`, bound to `table:id:field`: a blob
that was moved to another row or field is refused. Blind indexes (HMAC-SHA256, 16 bytes) let a person be
found by mail or telephone without opening anything; their key never rotates.

A key file (and `ENTREPOT_KEY`) is text: words separated by white space, `#` starts a comment. A word is
`blind:BASE64` (once) or `N:BASE64`, N from 1 to 65535, each of 32 bytes in URL-safe base64. The highest N
seals; all of them open. Rotation adds a higher N and removes the lower one when nothing is sealed with it.
"""

import base64
import binascii
import hmac
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_NONCE_BYTES = 12
_HEAD_BYTES = 2
_INDEX_BYTES = 16


class NoKey(Exception):
    """There is no sealing key: make one with `entrepot keys new`, and keep a copy of it elsewhere."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class BadKey(Exception):
    """The text of a key does not have the form of one. The message never holds the key."""


class WrongKey(Exception):
    """The keys at hand are not those that this database was sealed with."""


class Unsealable(Exception):
    """A sealed value cannot be opened: it was changed, moved to another row, or its key is missing."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The sealing keys by number, and the key of the blind indexes."""

    keys: Mapping[int, bytes] = field(repr=False)
    blind: bytes = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> "KeyRing":
        """From the text of a key file. Raises NoKey where it holds no word, BadKey where a word is wrong."""
        words = [word for line in text.splitlines() for word in line.partition("#")[0].split()]
        if not words:
            raise NoKey
        keys: dict[int, bytes] = {}
        blind: bytes | None = None
        for n, word in enumerate(words, 1):
            name, _, value = word.partition(":")
            if name == "blind" and blind is None:
                blind = _decoded(value, n)
            elif name.isascii() and name.isdigit() and 1 <= int(name) <= 65535 and int(name) not in keys:
                keys[int(name)] = _decoded(value, n)
            else:
                raise BadKey(f"word {n} of the key is neither `blind:…` nor a fresh number and `:…`")
        if blind is None or not keys:
            raise BadKey("the key needs one word `blind:…` and at least one word `1:…`")
        return cls(keys, blind)

    @classmethod
    def load(cls, source: bytes | str | Path | None) -> "KeyRing":
        """From a file's path, or from the text itself (`ENTREPOT_KEY`). None or an absent file is NoKey."""
        if isinstance(source, Path):
            if not source.exists():
                raise NoKey
            source = source.read_bytes()
        if source is None:
            raise NoKey
        try:
            text = source.decode("ascii") if isinstance(source, bytes) else source
        except UnicodeDecodeError:
            raise BadKey("the key holds bytes that are not ASCII text") from None
        return cls.parse(text)

    @property
    def sealing(self) -> int:
        """The number of the key that seals."""
        return max(self.keys)

    def with_new_key(self) -> "KeyRing":
        """The ring with a fresh key that seals from now on; the old ones still open."""
        return KeyRing({**self.keys, self.sealing + 1: secrets.token_bytes(KEY_BYTES)}, self.blind)

    def without_old_keys(self) -> "KeyRing":
        """The ring with the sealing key alone: what older keys sealed can no longer be opened."""
        return KeyRing({self.sealing: self.keys[self.sealing]}, self.blind)

    @property
    def old(self) -> tuple[int, ...]:
        """The numbers of the keys that only open, the oldest first."""
        return tuple(sorted(number for number in self.keys if number != self.sealing))

    def text(self) -> str:
        """The key file's text."""
        words = [
            f"blind:{_encoded(self.blind)}",
            *(f"{n}:{_encoded(k)}" for n, k in sorted(self.keys.items())),
        ]
        return "\n".join(words) + "\n"

    def check_values(self) -> dict[str, str]:
        """By key name, a value that proves possession of the key and tells nothing of it."""
        named = {"blind": self.blind} | {str(n): key for n, key in self.keys.items()}
        return {
            name: hmac.digest(key, b"entrepot key check", "sha256")[:8].hex() for name, key in named.items()
        }


def new_key() -> str:
    """The text of a fresh key file."""
    return KeyRing({1: secrets.token_bytes(KEY_BYTES)}, secrets.token_bytes(KEY_BYTES)).text()


def _encoded(key: bytes) -> str:
    return base64.urlsafe_b64encode(key).decode().rstrip("=")


def _decoded(value: str, n: int) -> bytes:
    try:
        key = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise BadKey(f"word {n} of the key is not URL-safe base64") from None
    if len(key) != KEY_BYTES:
        raise BadKey(f"word {n} of the key has {len(key)} bytes; a key has {KEY_BYTES}")
    return key


class Sealer:
    """Seals and opens with one ring. Cipher objects are made once."""

    def __init__(self, ring: KeyRing) -> None:
        self.renew(ring)

    def renew(self, ring: KeyRing) -> None:
        """Work with this ring from now on: whoever holds this sealer, a transaction too, has the new keys."""
        self.ring = ring
        self.key_id = ring.sealing
        """The number of the key that `seal` uses; stored beside each blob, for rotation."""
        self._ciphers = {number: AESGCM(key) for number, key in ring.keys.items()}

    def seal(self, table: str, id: str, field: str, plain: bytes) -> bytes:
        """The sealed form of `plain` for this field of this row alone."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        cipher = self._ciphers[self.key_id].encrypt(nonce, plain, _place(table, id, field))
        return self.key_id.to_bytes(_HEAD_BYTES, "big") + nonce + cipher

    def open(self, table: str, id: str, field: str, blob: bytes) -> bytes:
        """What was sealed. Raises Unsealable."""
        number = int.from_bytes(blob[:_HEAD_BYTES], "big")
        cipher = self._ciphers.get(number)
        if cipher is None:
            raise Unsealable(
                f"{table}.{field} of {id} is sealed with key {number}, which is not in the key file"
            )
        nonce, sealed = blob[_HEAD_BYTES : _HEAD_BYTES + _NONCE_BYTES], blob[_HEAD_BYTES + _NONCE_BYTES :]
        try:
            return cipher.decrypt(nonce, sealed, _place(table, id, field))
        except (InvalidTag, ValueError):
            raise Unsealable(f"{table}.{field} of {id} was changed, or belongs to another row") from None

    def blind(self, kind: str, value: str) -> bytes:
        """The blind index of a person's `value` (`kind`: email, phone…), equal for equal spellings."""
        normal = unicodedata.normalize("NFKC", value).strip().casefold()
        return self.digest(kind, normal.encode())

    def digest(self, kind: str, value: bytes) -> bytes:
        """The same of bytes as they are."""
        return hmac.digest(self.ring.blind, kind.encode() + b"\0" + value, sha256)[:_INDEX_BYTES]


def _place(table: str, id: str, field: str) -> bytes:
    return f"{table}:{id}:{field}".encode()
