"""The buyers of the tests; none of them is real."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who buys and where it goes; `country` is an ISO 3166 code that the shop ships to (DE, FR, CN, JP)."""

    first_name: str = "Ada"
    last_name: str = "Test"
    email: str = "ada@example.com"
    street: str = "Hauptstr. 1"
    city: str = "Berlin"
    postal_code: str = "10115"
    country: str = "DE"
    phone: str = "+49 30 5550100"

    @property
    def full_name(self) -> str:
        return " ".join(part for part in (self.first_name, self.last_name) if part)


ADA = Buyer()
LI = Buyer("小明", "李", "li@example.com", "南京东路 100 号 🏮", "上海", "200001", "CN", "+86 21 5555 0100")
