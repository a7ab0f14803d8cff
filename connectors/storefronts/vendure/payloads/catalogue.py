"""Variants, their stock and prices. Money is an integer at the shop's precision."""

from datetime import datetime

from msgspec import Raw, Struct

from connectors.storefronts.vendure.payloads.common import Camel, RawItems, Settings


class StockLevel(Camel, frozen=True):
    """`stock_on_hand` includes the allocated units; both may be negative."""

    stock_location_id: str
    stock_on_hand: int
    stock_allocated: int


class StockVariant(Camel, frozen=True):
    """A variant's stock and what counts of it. `track_inventory`: TRUE, FALSE or INHERIT."""

    id: str
    track_inventory: str
    out_of_stock_threshold: int
    use_global_out_of_stock_threshold: bool
    stock_levels: list[StockLevel]


class Price(Camel, frozen=True):
    """The price as entered: with or without tax by the channel's setting."""

    currency_code: str
    price: int


class Picture(Struct, frozen=True):
    """An asset by its address."""

    source: str


class VariantProduct(Camel, frozen=True):
    """The product that a variant belongs to."""

    id: str
    name: str
    description: str
    enabled: bool
    assets: tuple[Picture, ...] = ()


class Variant(StockVariant, frozen=True):
    """One sellable variant. `prices` has one entry for each currency of the channel."""

    sku: str
    name: str
    enabled: bool
    updated_at: datetime
    currency_code: str
    price: int
    prices: list[Price]
    product: VariantProduct
    assets: tuple[Picture, ...] = ()


class VariantHead(Struct, frozen=True):
    """As much of a variant as its place in the feed needs."""

    id: str


class VariantsData(Camel, frozen=True):
    """The answer to `products.page`, `stock.read` and `listings.variants`."""

    product_variants: RawItems
    global_settings: Settings


class ChangedProduct(Struct, frozen=True):
    """A product with its variants."""

    id: str
    variants: list[Raw]


class ChangedProducts(Struct, frozen=True):
    """A page of them."""

    items: list[ChangedProduct]


class ProductsData(Camel, frozen=True):
    """The answer to `products.changed`."""

    products: ChangedProducts
    global_settings: Settings


class StockWritten(Camel, frozen=True):
    """The answer to `stock.write`."""

    update_product_variants: list[StockVariant | None]


class PricedVariant(Struct, frozen=True):
    """A variant after its price was set."""

    id: str
    prices: list[Price]


class PricesWritten(Camel, frozen=True):
    """The answer to `prices.write`."""

    update_product_variants: list[PricedVariant | None]


class Switch(Struct, frozen=True):
    """Whether something is on."""

    id: str
    enabled: bool


class SwitchedVariant(Struct, frozen=True):
    """A variant is for sale where both it and its product are on."""

    id: str
    enabled: bool
    product: Switch


class VariantsWritten(Camel, frozen=True):
    """The answer to `variants.write`."""

    update_product_variants: list[SwitchedVariant | None]


class ProductsWritten(Camel, frozen=True):
    """The answer to `products.write`."""

    update_products: list[Switch]
