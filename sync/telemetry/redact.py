"""What may not stand in a log line: secrets, personal data and raw bytes. Pure; logs.py puts it in the chain.

Three nets, since each alone has holes: keys whose names say secret or personal; values of types that
are personal (`Person`, `Address`); and text patterns (known secret values, mail addresses, queries and
credentials in URLs) wherever they turn up, exception texts included.
"""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import PurePath

from sync.domain.people import Address, Person

HIDDEN = "[hidden]"
SHORTEST_SECRET = 4
"""A shorter value is not masked in other text: it would blot out ordinary words."""

_SECRET_WORDS = frozenset(
    {
        "password", "passwd", "passphrase", "pwd", "secret", "secrets", "token", "tokens",
        "authorization", "cookie", "cookies", "signature", "credential", "credentials", "bearer",
        "apikey",
    }
)  # fmt: skip
_PERSONAL_WORDS = frozenset(
    {
        "buyer", "consignee", "recipient", "email", "emails", "mail", "phone", "telephone", "mobile",
        "street", "address", "addresses", "postcode", "zip", "surname", "birthday",
    }
)  # fmt: skip
_PHRASES = frozenset(
    {
        "api_key", "private_key", "secret_key", "access_key", "first_name", "last_name", "full_name",
        "family_name", "given_name", "customer_name", "person_name", "company_name", "postal_code",
        "ship_to",
    }
)  # fmt: skip
_EXCEPTIONS = frozenset({"lease_token", "cursor_token"})
_SPLIT = re.compile(r"[^a-z0-9]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_URL = re.compile(
    r"(?P<scheme>\b[a-z][a-z0-9+.-]*://)(?:[^\s/@'\"]*@)?(?P<rest>[^\s?#'\"]*)(?:[?#][^\s'\"]*)?"
)

_secrets: set[str] = set()


def mask_secret(value: str) -> None:
    """From now on this value is replaced wherever it stands in a log line."""
    if len(value) >= SHORTEST_SECRET:
        _secrets.add(value)


def is_hidden_key(key: str) -> bool:
    """Whether a value under this key is a secret or personal data, by the key's name."""
    words = [word for word in _SPLIT.split(_CAMEL.sub("_", key).lower()) if word]
    name = "_".join(words)
    if name in _EXCEPTIONS:
        return False
    return bool(_SECRET_WORDS.union(_PERSONAL_WORDS).intersection(words)) or any(
        phrase in name for phrase in _PHRASES
    )


def clean_text(text: str) -> str:
    """The text without known secrets, mail addresses, and the credentials and queries of URLs."""
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    if "://" in text:
        text = _URL.sub(r"\g<scheme>\g<rest>", text)
    return _MAIL.sub(HIDDEN, text) if "@" in text else text


def clean(value: object) -> object:
    """The value as a log line may show it: plain types, cleaned; bytes only by their number."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Person | Address):
        return ""
    if isinstance(value, bytes | bytearray | memoryview):
        return f"<{len(value)} bytes>"
    if isinstance(value, Enum):
        return clean(value.value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str | Decimal | PurePath):
        return clean_text(str(value))
    if isinstance(value, Mapping):
        return clean_mapping(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [clean(each) for each in value]
    return clean_text(repr(value))


def clean_mapping(values: Mapping[object, object]) -> dict[str, object]:
    """Each value cleaned; those whose key says secret or personal are hidden whole."""
    return {
        clean_text(str(key)): HIDDEN if is_hidden_key(str(key)) and value else clean(value)
        for key, value in values.items()
    }
