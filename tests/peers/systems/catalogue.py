"""What the shops and the warehouse hold before a test adds its own: known SKUs, and the awkward ones."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Variant:
    """A sellable variant; `price` in units and hundredths of the shop's currency, as its CSV wants it."""

    sku: str
    price: str
    units: int
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Product:
    name: str
    variants: tuple[Variant, ...]
    option_groups: tuple[str, ...] = ()


UNKNOWN_TO_WAREHOUSE = "GHOST-1"
LISTED_TWICE = "TWIN-1"

PRODUCTS = (
    Product(
        "Laptop",
        (
            Variant("LT-8-256", "1299.00", 100, ("8GB", "256")),
            Variant("LT-16-256", "1499.00", 50, ("16GB", "256")),
        ),
        ("RAM", "Disk"),
    ),
    Product("Mug", (Variant("MUG-1", "9.90", 500),)),
    Product(
        "Shirt",
        tuple(Variant(f"SHIRT-{size}", "19.90", 200, (size,)) for size in ("S", "M", "L")),
        ("Size",),
    ),
    *(Product(f"Product {n:04d}", (Variant(f"SKU-{n:04d}", "10.00", 100),)) for n in range(5)),
    Product("Twin in the window", (Variant(LISTED_TWICE, "5.00", 20),)),
    Product("Twin on the shelf", (Variant(LISTED_TWICE, "5.50", 20),)),
    Product("Ghost", (Variant(UNKNOWN_TO_WAREHOUSE, "1.00", 10),)),
    Product("Capital", (Variant("CASE-1", "3.00", 30),)),
    Product("Small", (Variant("case-1", "3.00", 30),)),
    Product("Two zeros", (Variant("00123", "4.00", 30),)),
    Product("One zero", (Variant("0123", "4.00", 30),)),
)

WAREHOUSE_ONLY = tuple(f"SKU-{n:04d}" for n in range(5, 130))

HEADINGS = (
    "name,slug,description,assets,facets,optionGroups,optionValues,sku,price,taxCategory,stockOnHand,"
    "trackInventory,variantAssets,variantFacets"
)


def shop_csv() -> str:
    """The catalogue for Vendure's importer: a product's cells are empty from its second variant on."""
    rows = [HEADINGS]
    for product in PRODUCTS:
        slug = product.name.lower().replace(" ", "-")
        for n, variant in enumerate(product.variants):
            head = (product.name, slug, f"{product.name} for tests") if n == 0 else ("", "", "")
            groups = "|".join(product.option_groups) if n == 0 else ""
            cells = (*head, "", "", groups, "|".join(variant.options), variant.sku, variant.price)
            rows.append(",".join((*cells, "Standard Tax", str(variant.units), "true", "", "")))
    return "\n".join(rows) + "\n"


def warehouse_stock() -> dict[str, int]:
    """Units by SKU in the main warehouse at the start."""
    known = {
        v.sku: v.units for product in PRODUCTS for v in product.variants if v.sku != UNKNOWN_TO_WAREHOUSE
    }
    return known | dict.fromkeys(WAREHOUSE_ONLY, 100)
