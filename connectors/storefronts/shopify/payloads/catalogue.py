"""Products, variants and what they hold."""

from datetime import datetime
from decimal import Decimal

from msgspec import Raw, Struct, field

from connectors.storefronts.shopify.payloads.common import Camel, Id, Nodes, UserError


class Quantity(Struct, frozen=True):
    """One of a level's quantities, by its name: available, committed."""

    name: str
    quantity: int


class Level(Camel, frozen=True):
    """What one location holds of an item."""

    quantities: list[Quantity]
    is_active: bool = True

    def named(self, name: str) -> int | None:
        """The quantity of this name; None where the shop does not tell it."""
        return next((each.quantity for each in self.quantities if each.name == name), None)


class Item(Camel, frozen=True):
    """The stock-keeping side of a variant. `inventory_level` is null where the location never had it."""

    id: str
    tracked: bool
    inventory_level: Level | None = None


class Image(Struct, frozen=True):
    """A picture's address."""

    url: str


class Preview(Struct, frozen=True):
    """The picture of a medium; null while Shopify still makes it."""

    image: Image | None = None


class Medium(Struct, frozen=True):
    """A picture, film or model of a product."""

    preview: Preview | None = None
    id: str = ""
    status: str = "READY"

    @property
    def url(self) -> str | None:
        """Its picture's address."""
        return self.preview.image.url if self.preview and self.preview.image else None

    @property
    def in_work(self) -> bool:
        """Whether Shopify still makes it: nobody can tell yet which it is."""
        return self.url is None and self.status in ("UPLOADED", "PROCESSING")


class Product(Camel, frozen=True):
    """What all variants of a product share."""

    id: str
    title: str
    description_html: str
    status: str
    updated_at: datetime
    has_only_default_variant: bool
    published_on_publication: bool | None = None
    media: Nodes[Medium] = field(default_factory=lambda: Nodes([]))


class VariantFields(Camel, frozen=True):
    """A variant without its product."""

    id: str
    title: str
    price: Decimal
    updated_at: datetime
    inventory_item: Item
    sku: str | None = None
    barcode: str | None = None
    compare_at_price: Decimal | None = None
    inventory_policy: str = "DENY"


class VariantProduct(Struct, frozen=True):
    """The product that a variant of a list belongs to."""

    product: Product


class Count(Struct, frozen=True):
    """How many there are."""

    count: int


class VariantsData(Camel, frozen=True):
    """The answer to `variants`; records are decoded one by one. The count comes with a sweep's first page."""

    product_variants: Nodes[Raw]
    product_variants_count: Count | None = None


class InnerVariants(Struct, frozen=True):
    """A product's variants, records as they came."""

    variants: Nodes[Raw]


class ProductsData(Struct, frozen=True):
    """The answer to `products`."""

    products: Nodes[Raw]


class ProductVariantsData(Struct, frozen=True):
    """The answer to `products.variants`; null where the product is gone."""

    product: InnerVariants | None


class StockVariant(Camel, frozen=True):
    """A variant's stock."""

    id: str
    inventory_item: Item


class Owner(Camel, frozen=True):
    """A product's switch."""

    id: str
    status: str
    has_only_default_variant: bool = False
    variants_count: Count | None = None
    published_on_publication: bool | None = None


class OwnedVariant(Struct, frozen=True):
    """A variant with its product's switch."""

    id: str
    product: Owner


class Change(Camel, frozen=True):
    """What a quantity became. Shopify leaves `quantity_after_change` null often."""

    name: str
    delta: int
    quantity_after_change: int | None = None
    item: Id | None = None
    location: Id | None = None


class Changes(Struct, frozen=True):
    """What one write changed; quantities that were so already are left out."""

    changes: list[Change]


class StockResult(Camel, frozen=True):
    """The outcome of a write of quantities."""

    user_errors: list[UserError]
    inventory_adjustment_group: Changes | None = None


class StockWritten(Camel, frozen=True):
    """The answer to `set_stock`."""

    inventory_set_quantities: StockResult | None


class ActivatedResult(Camel, frozen=True):
    """The outcome of putting an item into a location."""

    user_errors: list[UserError]
    inventory_level: Level | None = None


class Activated(Camel, frozen=True):
    """The answer to `activate_stock`."""

    inventory_activate: ActivatedResult | None


class PricedVariant(Camel, frozen=True):
    """A variant's prices after a write."""

    id: str
    price: Decimal
    compare_at_price: Decimal | None = None


class PricesResult(Camel, frozen=True):
    """The outcome of a write of prices."""

    user_errors: list[UserError]
    product_variants: list[PricedVariant] | None = None


class PricesWritten(Camel, frozen=True):
    """The answer to `set_prices`."""

    product_variants_bulk_update: PricesResult | None


class Switched(Struct, frozen=True):
    """A product's status after a write."""

    id: str
    status: str


class StatusResult(Camel, frozen=True):
    """The outcome of a switch."""

    user_errors: list[UserError]
    product: Switched | None = None


class StatusWritten(Camel, frozen=True):
    """The answer to `set_status`."""

    product_update: StatusResult | None


class PlainResult(Camel, frozen=True):
    """The outcome of a mutation of which only the complaints are read."""

    user_errors: list[UserError]


class FoundProduct(Struct, frozen=True):
    """The product that a SKU was found in."""

    id: str
    handle: str


class FoundVariant(Struct, frozen=True):
    """A variant that was found by its SKU."""

    id: str
    product: FoundProduct
    sku: str | None = None


class FoundData(Camel, frozen=True):
    """The answer to `find_sku`."""

    product_variants: Nodes[FoundVariant]


class ListedProduct(Struct, frozen=True):
    """A product's variants and pictures."""

    id: str
    variants: Nodes[Id]
    media: Nodes[Medium] = field(default_factory=lambda: Nodes([]))


class ListedData(Struct, frozen=True):
    """The answer to `listed`."""

    product: ListedProduct | None


class PutResult(Camel, frozen=True):
    """The outcome of making or changing a product."""

    user_errors: list[UserError]
    product: ListedProduct | None = None


class PutProduct(Camel, frozen=True):
    """The answer to `put_product`."""

    product_set: PutResult | None


class StagedParameter(Struct, frozen=True):
    """A field that goes with a file."""

    name: str
    value: str

    def __repr__(self) -> str:
        return f"StagedParameter({self.name!r})"


class StagedTarget(Camel, frozen=True):
    """Where a file may be put (`url`), and where it lies then (`resource_url`)."""

    parameters: list[StagedParameter]
    url: str | None = None
    resource_url: str | None = None

    def __repr__(self) -> str:
        return "StagedTarget(…)"


class StagedResult(Camel, frozen=True):
    """The outcome of asking for places."""

    user_errors: list[UserError]
    staged_targets: list[StagedTarget] | None = None


class Staged(Camel, frozen=True):
    """The answer to `stage_pictures`."""

    staged_uploads_create: StagedResult | None
