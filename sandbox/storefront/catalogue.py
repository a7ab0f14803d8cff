"""The shop's catalogue and its changes, as its administrators make them.

A batch of variants is changed whole or not at all. A batch of products is not: what came before a bad id
stays changed (seen on the real server).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.storefront.goods import Asset, Option, OptionGroup, Product, Variant
from sandbox.storefront.refusals import Rejected, broken_foreign_key, not_found

LOCATION = "1"
"""The id of a shop's only stock location."""

Change = dict[str, Any]
"""A checked input object, its keys as the client wrote them."""


@dataclass(slots=True)
class Catalogue:
    """Everything listed; `stock_set` and `price_set` are told of each change that took place."""

    now: Callable[[], datetime]
    stock_set: Callable[[Variant], None]
    price_set: Callable[[Variant], None]
    currency: str
    products: dict[str, Product] = field(default_factory=dict)
    variants: dict[str, Variant] = field(default_factory=dict)
    assets: dict[str, Asset] = field(default_factory=dict)
    groups: dict[str, OptionGroup] = field(default_factory=dict)
    options: dict[str, Option] = field(default_factory=dict)
    slugs: set[str] = field(default_factory=set)
    _products: list[Product] | None = None
    _variants: list[Variant] | None = None

    def product(self, id: str) -> Product:
        """A product that is not deleted."""
        product = self.products.get(id)
        if product is None or product.deleted:
            raise not_found("Product", id)
        return product

    def variant(self, id: str) -> Variant:
        """A variant that is not deleted, nor its product."""
        variant = self.variants.get(id)
        if variant is None or variant.deleted or variant.product.deleted:
            raise not_found("ProductVariant", id)
        return variant

    def live_products(self) -> list[Product]:
        """All products that are not deleted, by id."""
        if self._products is None:
            self._products = [product for product in self.products.values() if not product.deleted]
        return self._products

    def live_variants(self) -> list[Variant]:
        """All variants that are not deleted, by id."""
        if self._variants is None:
            self._variants = [v for v in self.variants.values() if not v.deleted and not v.product.deleted]
        return self._variants

    def _listing_changed(self) -> None:
        self._products = self._variants = None

    # --- products ---------------------------------------------------------------------------------------

    def create_product(self, change: Change) -> Product:
        """List a new product; a slug that is taken gets a number."""
        text = change["translations"][0]
        now = _second(self.now())
        product = Product(
            id=str(len(self.products) + 1),
            name=text.get("name") or "",
            slug=self._free_slug(text.get("slug") or ""),
            description=text.get("description") or "",
            created_at=now,
            updated_at=now,
            enabled=change.get("enabled") is not False,
        )
        self._dress(product, change)
        self.products[product.id] = product
        self._listing_changed()
        return product

    def update_product(self, change: Change) -> Product:
        """Change one product; keys that are absent, or null, leave theirs alone."""
        product = self.product(change["id"])
        self._dress(product, change)
        if change.get("enabled") is not None:
            product.enabled = change["enabled"]
        for text in change.get("translations") or ():
            if text["languageCode"] != product.language_code:
                continue
            product.name = _or(text.get("name"), product.name)
            product.description = _or(text.get("description"), product.description)
            if text.get("slug") not in (None, product.slug):
                product.slug = self._free_slug(text["slug"])
        product.updated_at = self.now()
        return product

    def _dress(self, target: Product | Variant, change: Change) -> None:
        wanted = change.get("assetIds")
        featured = change.get("featuredAssetId")
        ids = [*(wanted or ()), *([featured] if featured else ())]
        if any(each not in self.assets for each in ids):
            raise broken_foreign_key()
        if wanted is not None:
            target.assets = [self.assets[each] for each in wanted]
        if featured is not None:
            target.featured_asset = self.assets[featured]

    def _free_slug(self, wanted: str) -> str:
        slug = re.sub(r"[^\w]+", "-", wanted.lower()).strip("-")
        free, number = slug, 1
        while slug and free in self.slugs:
            number += 1
            free = f"{slug}-{number}"
        self.slugs.add(free)
        return free

    def delete_product(self, id: str) -> None:
        """Take a product out of every list, with its variants."""
        self.product(id).deleted = True
        self._listing_changed()

    def delete_variant(self, id: str) -> None:
        """Take a variant out of every list."""
        self.variant(id).deleted = True
        self._listing_changed()

    # --- options ----------------------------------------------------------------------------------------

    def create_group(self, change: Change) -> OptionGroup:
        """Make an option group with its options."""
        now = _second(self.now())
        name = change["translations"][0].get("name") or ""
        group = OptionGroup(str(len(self.groups) + 1), change["code"], name, now, now)
        self.groups[group.id] = group
        for option in change.get("options") or ():
            self._option(group, option)
        return group

    def create_option(self, change: Change) -> Option:
        """Add an option to a group."""
        group = self.groups.get(change["productOptionGroupId"])
        if group is None:
            raise not_found("ProductOptionGroup", change["productOptionGroupId"])
        return self._option(group, change)

    def _option(self, group: OptionGroup, change: Change) -> Option:
        now = _second(self.now())
        name = change["translations"][0].get("name") or ""
        option = Option(str(len(self.options) + 1), change["code"], name, group, now, now)
        group.options.append(option)
        self.options[option.id] = option
        return option

    def add_group(self, product_id: str, group_id: str) -> Product:
        """Say that a product's variants differ by this group."""
        product = self.product(product_id)
        if group_id not in self.groups:
            raise not_found("ProductOptionGroup", group_id)
        product.option_groups.append(self.groups[group_id])
        return product

    # --- variants ---------------------------------------------------------------------------------------

    def create_variants(self, changes: list[Change]) -> list[Variant]:
        """List new variants: all, or none when one cannot be."""
        prepared = [(self.product(change["productId"]), self._chosen(change), change) for change in changes]
        return [self._create_variant(product, options, change) for product, options, change in prepared]

    def _chosen(self, change: Change) -> tuple[Option, ...]:
        product = self.product(change["productId"])
        ids = change.get("optionIds") or []
        chosen = tuple(self.options[each] for each in ids if each in self.options)
        if {option.group.id for option in chosen} != {group.id for group in product.option_groups}:
            groups = ", ".join(group.code for group in product.option_groups)
            raise Rejected(
                f"ProductVariant optionIds must include one optionId from each of the groups: {groups}"
            )
        choices = frozenset(option.id for option in chosen)
        twin = next((v for v in product.variants if not v.deleted and v.choices == choices), None)
        if twin and chosen:
            raise Rejected(f"A ProductVariant with the selected options already exists: {twin.name}")
        _check_stock(change)
        return chosen

    def _create_variant(self, product: Product, options: tuple[Option, ...], change: Change) -> Variant:
        now = _second(self.now())
        variant = Variant(
            id=str(len(self.variants) + 1),
            product=product,
            sku=change["sku"],
            name=change["translations"][0].get("name") or product.name,
            price=change.get("price") or 0,
            created_at=now,
            updated_at=now,
            stock_moved_at=now,
            options=options,
            enabled=change.get("enabled") is not False,
        )
        self.variants[variant.id] = variant
        self._listing_changed()
        product.variants.append(variant)
        self._apply(variant, change)
        return variant

    def update_variants(self, changes: list[Change]) -> list[Variant]:
        """Change variants in the order given: all, or none when one cannot be; each is given back once."""
        for change in changes:
            self.variant(change["id"])
            _check_stock(change)
            for price in change.get("prices") or ():
                if price.get("currencyCode", self.currency) != self.currency:
                    raise Rejected(f"The currency {price['currencyCode']} is not available in this channel")
            for asset in change.get("assetIds") or ():
                if asset not in self.assets:
                    raise broken_foreign_key()
        touched = [self.variant(change["id"]) for change in changes]
        for variant, change in zip(touched, changes, strict=True):
            self._update_variant(variant, change)
        return list({variant.id: variant for variant in touched}.values())

    def _update_variant(self, variant: Variant, change: Change) -> None:
        self._dress(variant, change)
        variant.enabled = _or(change.get("enabled"), variant.enabled)
        variant.sku = _or(change.get("sku"), variant.sku)
        for text in change.get("translations") or ():
            variant.name = _or(text.get("name"), variant.name)
        prices = [change.get("price"), *(entry["price"] for entry in change.get("prices") or ())]
        for price in prices:
            if price is not None:
                variant.price = price
                self.price_set(variant)
        self._apply(variant, change)
        variant.updated_at = self.now()

    def _apply(self, variant: Variant, change: Change) -> None:
        variant.track = _or(change.get("trackInventory"), variant.track)
        variant.threshold = _or(change.get("outOfStockThreshold"), variant.threshold)
        variant.global_threshold = _or(change.get("useGlobalOutOfStockThreshold"), variant.global_threshold)
        figures = [
            change.get("stockOnHand"),
            *(level["stockOnHand"] for level in change.get("stockLevels") or ()),
        ]
        for figure in figures:
            if figure is not None:
                variant.on_hand = figure
                variant.stock_moved_at = _second(self.now())
                self.stock_set(variant)


def _check_stock(change: Change) -> None:
    """Negative figures are refused through `stockOnHand`, but stored through `stockLevels`."""
    if (change.get("stockOnHand") or 0) < 0:
        raise Rejected("stockOnHand cannot be a negative value")
    for level in change.get("stockLevels") or ():
        if level["stockLocationId"] != LOCATION:
            raise broken_foreign_key()


def _or(given: Any, kept: Any) -> Any:
    return kept if given is None else given


def _second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
