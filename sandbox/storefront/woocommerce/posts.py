"""What the shop sells: each product, and each variation of one, is a post with an id of the same sequence.

A post's stock and price stand in the shared books' variant, so that the sandbox's shoppers meet the same figures.
The post of a variable product has a variant of its own that nobody can buy: it keeps the stock that is managed there.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sandbox.storefront.catalogue import Catalogue, Change
from sandbox.storefront.goods import Option, Product, Variant


class Kind(StrEnum):
    """What a post is."""

    SIMPLE = "simple"
    VARIABLE = "variable"
    VARIATION = "variation"
    EXTERNAL = "external"
    GROUPED = "grouped"


TRASH = "trash"


@dataclass(slots=True)
class Meta:
    """One entry of a record's own data."""

    id: int
    key: str
    value: Any


@dataclass(slots=True)
class Post:
    """A product or a variation; prices are texts, as they were stored."""

    id: int
    kind: Kind
    product: Product
    variant: Variant
    created: datetime
    modified: datetime
    parent: "Post | None" = None
    status: str = "publish"
    regular_price: str = ""
    sale_price: str = ""
    sale_from: datetime | None = None
    sale_to: datetime | None = None
    managed: bool = False
    backorders: str = "no"
    stock_status: str = "instock"
    attributes: list[dict[str, Any]] = field(default_factory=list)
    categories: list[int] = field(default_factory=list)
    tags: list[int] = field(default_factory=list)
    images: list[dict[str, Any]] = field(default_factory=list)
    meta: list[Meta] = field(default_factory=list)
    words: dict[str, Any] = field(default_factory=dict)
    """Everything that the shop only keeps and shows again: description, weight, dimensions, tax class…"""
    variations: list["Post"] = field(default_factory=list)
    sales: int = 0
    gone: bool = False

    @property
    def sku(self) -> str:
        return self.variant.sku

    @property
    def name(self) -> str:
        """A variation is named by its options."""
        if self.kind is Kind.VARIATION:
            return ", ".join(str(each["option"]) for each in self.attributes)
        return self.product.name

    @property
    def full_name(self) -> str:
        """As an order's line is named."""
        return f"{self.parent.name} - {self.name}" if self.parent is not None else self.name

    @property
    def holder(self) -> "Post | None":
        """Where its stock is counted: itself, its parent, or nowhere."""
        if self.managed:
            return self
        if self.parent is not None and self.parent.managed:
            return self.parent
        return None

    @property
    def quantity(self) -> int | None:
        """The stock shown, None where none is counted."""
        holder = self.holder
        return holder.variant.on_hand - holder.variant.allocated if holder is not None else None

    @property
    def tax_class(self) -> str:
        return str(self.words.get("tax_class") or "")

    @property
    def taxable(self) -> bool:
        return bool(self.words.get("tax_status", "taxable") == "taxable")

    def on_sale(self, now: datetime) -> bool:
        """Whether the sale price holds at that moment."""
        begun = self.sale_from is None or self.sale_from <= now
        return bool(self.sale_price) and begun and (self.sale_to is None or now <= self.sale_to)

    def price(self, now: datetime) -> str:
        """What is asked at that moment, "" where nothing is."""
        return self.sale_price if self.on_sale(now) else self.regular_price

    def settle_stock(self) -> None:
        """Let the stock status follow the count, where there is one."""
        quantity = self.quantity
        if quantity is None or self.holder is None:
            return
        short = "outofstock" if self.holder.backorders == "no" else "onbackorder"
        self.stock_status = "instock" if quantity > 0 else short

    def settle_sale(self) -> None:
        """Publish or hide the shared books' variant."""
        self.variant.enabled = self.status == "publish"


def same_sku(sku: str) -> str:
    """A SKU as the shop's database compares it: without case, accents and outer spaces."""
    parts = unicodedata.normalize("NFD", sku.strip().casefold())
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


class Posts(Catalogue):
    """The shared catalogue, whose ids are those of posts: a simple product and its variant share one."""

    def __init__(
        self,
        now: Callable[[], datetime],
        stock_set: Callable[[Variant], None],
        price_set: Callable[[Variant], None],
        currency: str,
        *,
        next_id: Callable[[], str],
        listed: Callable[[Variant], None],
    ) -> None:
        super().__init__(now, stock_set, price_set, currency)
        self._next_id = next_id
        self._listed = listed

    def create_product(self, change: Change) -> Product:
        """List a new product; a slug that is taken gets a number."""
        text = change["translations"][0]
        now = self.now().replace(microsecond=0)
        product = Product(
            id=self._next_id(),
            name=text.get("name") or "",
            slug=self._free_slug(text.get("slug") or text.get("name") or ""),
            description=text.get("description") or "",
            created_at=now,
            updated_at=now,
            enabled=change.get("enabled") is not False,
        )
        self.products[product.id] = product
        self._listing_changed()
        return product

    def add(self, variant: Variant) -> None:
        """List a variant that was made elsewhere."""
        self.variants[variant.id] = variant
        variant.product.variants.append(variant)
        self._listing_changed()

    def forget(self) -> None:
        """Something was deleted: the lists are made anew."""
        self._listing_changed()

    def _create_variant(self, product: Product, options: tuple[Option, ...], change: Change) -> Variant:
        now = self.now().replace(microsecond=0)
        variant = Variant(
            id=product.id if not product.variants else self._next_id(),
            product=product,
            sku=change["sku"],
            name=change["translations"][0].get("name") or product.name,
            price=change.get("price") or 0,
            created_at=now,
            updated_at=now,
            stock_moved_at=now,
            options=options,
        )
        self.add(variant)
        self._listed(variant)
        self._apply(variant, change)
        return variant


def price_in(post: Post, now: datetime) -> Decimal:
    """What is asked at that moment; nothing where no price is set."""
    return Decimal(post.price(now) or "0")
