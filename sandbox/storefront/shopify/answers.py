"""What answers are made of beside the books' own records: objects by name, user errors, connections' pages."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.storefront.shopify.amounts import figure
from sandbox.storefront.shopify.books import ShopifyShop

PAYLOAD = "Payload"
"""What mutations answer: whatever is not told of is null."""


@dataclass(frozen=True, slots=True)
class Made:
    """An object that exists only in an answer; its fields are read by their names in snake case."""

    typename: str
    facts: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        try:
            return self.facts[name]
        except KeyError:
            if self.typename == PAYLOAD:
                return None
            raise AttributeError(name) from None


class Refusal(Exception):
    """A mutation is declined: its answer carries user errors. `code` is left out where the type has none."""

    def __init__(self, message: str, *field: str, code: str | None = None) -> None:
        super().__init__(message)
        self.field = list(field) or None
        self.code = code

    def shown(self) -> Made:
        """The error as the answer has it."""
        return user_error(str(self), self.field, self.code)


def user_error(message: str, field: list[str] | None, code: str | None = None) -> Made:
    """One user error."""
    return Made("UserError", {"message": message, "field": field, "code": code})


def payload(errors: list[Made] | None = None, **facts: Any) -> Made:
    """What a mutation answers."""
    return Made(PAYLOAD, {"user_errors": errors or [], **facts})


def bag(shop: ShopifyShop, minor: int) -> Made:
    """An amount in the shop's currency, which is the buyer's as well."""
    money = money_of(shop, minor)
    return Made("MoneyBag", {"shop_money": money, "presentment_money": money})


def money_of(shop: ShopifyShop, minor: int) -> Made:
    """An amount with its currency."""
    facts = {"amount": figure(minor, shop.terms.precision), "currency_code": shop.terms.currency}
    return Made("MoneyV2", facts)


def stamp(moment: datetime | None) -> str | None:
    """A moment as the API writes it: UTC, whole seconds."""
    if moment is None:
        return None
    return moment.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def count_of(number: int, limit: int | None = None) -> Made:
    """A count; beyond the limit only the limit is told."""
    over = limit is not None and number > limit
    facts = {"count": limit if over else number, "precision": "AT_LEAST" if over else "EXACT"}
    return Made("Count", facts)
