"""Buyers and addresses. They are personal data: their text form says nothing, so that no log can leak it."""

from dataclasses import dataclass


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


def plain_phone(text: str) -> str:
    """A telephone number as gateways take it: digits alone, with + in front where it had one (or 00); "" for none."""
    digits = "".join(sign for sign in text if sign.isascii() and sign.isdigit())
    international = text.strip().startswith("+") or digits.startswith("00")
    digits = digits.removeprefix("00")
    if not _FEWEST <= len(digits) <= _MOST:
        return ""
    return f"+{digits}" if international else digits


_FEWEST, _MOST = 5, 15
