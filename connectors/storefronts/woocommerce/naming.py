"""The names of products and variations: `12` is a product that is sold as it is, `13:14` variation 14 of 13.

A variation can be written only by way of its product, so its name holds both. `product:13` names a product as
a whole, with all its variations. Pure.
"""

from dataclasses import dataclass

PRODUCT = "product:"


@dataclass(frozen=True, slots=True)
class Name:
    """What an external id names: a product, or one of its variations."""

    product: int
    variation: int | None = None

    @property
    def id(self) -> int:
        """The record's own id."""
        return self.product if self.variation is None else self.variation

    @property
    def group(self) -> tuple[str, ...]:
        """The way to the batch route that writes it."""
        if self.variation is None:
            return ("products",)
        return ("products", str(self.product), "variations")

    def __str__(self) -> str:
        return str(self.product) if self.variation is None else f"{self.product}:{self.variation}"


def parse(external_id: str) -> Name | None:
    """None where it is not one of these names."""
    product, colon, variation = external_id.removeprefix(PRODUCT).partition(":")
    if not _is_id(product) or (colon and not _is_id(variation)):
        return None
    if colon and external_id.startswith(PRODUCT):
        return None
    return Name(int(product), int(variation) if colon else None)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19 and int(text) > 0
