"""From the shop's products and variations to what it sells. Pure.

A product without variations is sold as it is. Of one that has some, each variation is sold; where it uses the
product's stock, it has that. Where it has no SKU or GTIN of its own, the shop shows its product's, which is no name
for it: then it has none here. Names hold HTML entities, which are taken out.
"""

import math
from decimal import Decimal, InvalidOperation
from html import unescape

from connectors.storefronts.woocommerce import payloads
from connectors.storefronts.woocommerce.naming import PRODUCT, Name
from connectors.storefronts.woocommerce.translate import moment
from connectors.transport import web_link
from sync.domain.listing import RemoteVariant

_NOT_SOLD_HERE = frozenset({"grouped", "external"})


def has_variations(product: payloads.Product) -> bool:
    """Whether its variations are sold, rather than it."""
    return bool(product.variations) or product.type.startswith("variable")


def is_sold(product: payloads.Product) -> bool:
    """Whether the shop itself sells it (or its variations); `variation` is told by its product."""
    return product.type not in _NOT_SOLD_HERE


def of_product(
    product: payloads.Product, raw: bytes, currency: str | None, includes_tax: bool | None
) -> RemoteVariant:
    """A product that is sold as it is."""
    name = text(product.name)
    return RemoteVariant(
        external_id=str(Name(product.id)),
        product_external_id=f"{PRODUCT}{product.id}",
        sku=product.sku or None,
        title=name,
        gtin=product.global_unique_id or None,
        published=product.status == "publish",
        price=amount(product.price),
        currency=currency,
        price_includes_tax=includes_tax,
        available=available(product),
        product_title=name,
        description=product.description or "",
        pictures=_pictures(product.images),
        updated_at=moment(product.date_modified_gmt),
        raw=raw,
    )


def of_variation(
    variation: payloads.Variation,
    product: payloads.Product,
    raw: bytes,
    currency: str | None,
    includes_tax: bool | None,
) -> RemoteVariant:
    """One variation of a product."""
    own = [variation.image] if variation.image is not None else []
    return RemoteVariant(
        external_id=str(Name(product.id, variation.id)),
        product_external_id=f"{PRODUCT}{product.id}",
        sku=_own(variation.sku, product.sku),
        title=_title(variation, product),
        gtin=_own(variation.global_unique_id, product.global_unique_id),
        published=product.status == "publish" and variation.status in ("publish", True),
        price=amount(variation.price),
        currency=currency,
        price_includes_tax=includes_tax,
        available=available(product if variation.manage_stock == "parent" else variation),
        product_title=text(product.name),
        description=variation.description or product.description or "",
        pictures=_pictures([*own, *(product.images or ())]),
        updated_at=moment(variation.date_modified_gmt),
        raw=raw,
    )


def available(record: payloads.Product | payloads.Variation) -> int | None:
    """Units left; None where the shop does not count them, and 0 where it says that there are none."""
    if record.manage_stock is True:
        return math.floor(record.stock_quantity or 0)
    return 0 if record.stock_status == "outofstock" else None


def amount(text: str | None) -> Decimal | None:
    """A price as the shop shows it; None where it has none."""
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return None


def text(told: str | None) -> str:
    """A name without HTML entities."""
    return unescape(told or "").strip()


def _own(told: str | None, products: str | None) -> str | None:
    """What a variation has for itself; the shop lets no two have the same."""
    return told if told and told != products else None


def _title(variation: payloads.Variation, product: payloads.Product) -> str:
    options = ", ".join(a.option for a in variation.attributes or () if a.option)
    own = text(variation.name) or text(options)
    name = text(product.name)
    return own if own.startswith(name) else f"{name} - {own}" if own else name


def _pictures(pictures: list[payloads.Picture] | None) -> tuple[str, ...]:
    links = [link for picture in pictures or () if (link := web_link(picture.src))]
    return tuple(dict.fromkeys(links))
