"""The content of products: texts, options and pictures."""

from msgspec import Struct

from connectors.storefronts.vendure.payloads.catalogue import VariantHead
from connectors.storefronts.vendure.payloads.common import Camel, Coded, Result


class Asset(Struct, frozen=True):
    """A picture by its file name."""

    id: str
    name: str


class Option(Struct, frozen=True):
    """One value of an option group."""

    id: str
    code: str


class OptionGroup(Struct, frozen=True):
    """What variants of a product differ by."""

    id: str
    code: str
    options: list[Option] = []


class ListedOption(Struct, frozen=True):
    """A variant's value of one option group."""

    code: str
    name: str
    group: Coded


class ListedVariant(Struct, frozen=True):
    """A variant's content."""

    id: str
    sku: str
    name: str
    options: list[ListedOption] = []
    assets: list[Asset] = []


class ListedProduct(Camel, frozen=True):
    """A product's content."""

    id: str
    slug: str
    name: str
    description: str
    assets: list[Asset]
    option_groups: list[OptionGroup]
    variants: list[ListedVariant]


class ListedProductData(Struct, frozen=True):
    """The answer to `listings.product`."""

    product: ListedProduct | None


class ListedItem(Struct, frozen=True):
    """A variant with its product's content."""

    id: str
    product: ListedProduct


class ProductMade(Camel, frozen=True):
    """The answer to `listings.create_product`."""

    create_product: ListedProduct


class OptionsMade(Camel, frozen=True):
    """The answer to `listings.create_options`."""

    create_product_option_group: OptionGroup


class VariantsMade(Camel, frozen=True):
    """The answer to `listings.create_variant`."""

    create_product_variants: list[VariantHead | None]


class Uploaded(Camel, frozen=True):
    """The answer to `listings.upload`."""

    create_assets: list[Result]
