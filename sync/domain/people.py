"""Buyers and addresses. They are personal data: their text form says nothing, so that no log can leak it."""

import re
import unicodedata
from dataclasses import dataclass

_BETWEEN = re.compile(r"[\s,;.]+")


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """A buyer as the shop gave it; any part may be missing, and a platform may give tokens only."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    token: str | None = None
    """The platform's own token for a masked buyer (such as Taobao's oaid)."""

    def __repr__(self) -> str:
        return "Person(…)"


@dataclass(frozen=True, slots=True, repr=False)
class Address:
    """Where a parcel goes. `country` is ISO 3166-1 alpha-2; the rest is the shop's own text."""

    name: str | None = None
    company: str | None = None
    street: tuple[str, ...] = ()
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None
    phone: str | None = None
    email: str | None = None

    def __repr__(self) -> str:
        return "Address(…)"

    @property
    def deliverable(self) -> bool:
        """Whether a courier could use it at all: a street, a city and a country."""
        return bool(any(self.street) and self.city and self.country)

    @property
    def consignee(self) -> str | None:
        """Who and where, in one spelling: two addresses with the same are the same door and the same person.

        Capitals, widths, full stops, commas and the way the street is laid on lines do not count; a telephone does,
        since people of one name live in one house. None where a courier could not use it or nobody is named.
        """
        if not self.deliverable or not (self.name or self.company):
            return None
        said = (
            self.name,
            self.company,
            " ".join(line for line in self.street if line),
            self.city,
            self.region,
            self.postal_code,
            self.country,
        )
        return "\x1f".join((*map(_spelling, said), plain_phone(self.phone or "")))


def _spelling(text: str | None) -> str:
    return _BETWEEN.sub(" ", unicodedata.normalize("NFKC", text or "").casefold()).strip()


def plain_phone(text: str) -> str:
    """A telephone number as gateways take it: digits alone, with + in front where it had one (or 00); "" for none."""
    digits = "".join(sign for sign in text if sign.isascii() and sign.isdigit())
    international = text.strip().startswith("+") or digits.startswith("00")
    digits = digits.removeprefix("00")
    if not _FEWEST <= len(digits) <= _MOST:
        return ""
    return f"+{digits}" if international else digits


_FEWEST, _MOST = 5, 15
