"""What the shop's products and variations are to us."""

import json
from decimal import Decimal

import msgspec

from connectors.storefronts.woocommerce import payloads, shelf

PRODUCT = {
    "id": 13,
    "type": "variable",
    "status": "publish",
    "name": "Tea &amp; Co &#8211; Shirt",
    "sku": "TEE",
    "price": "12",
    "manage_stock": True,
    "stock_quantity": 7,
    "description": "<p>soft</p>",
    "images": [{"id": 1, "src": "https://shop.example/a.jpg", "name": "a"}],
    "variations": [14],
}
VARIATION = {
    "id": 14,
    "status": "publish",
    "name": "S",
    "sku": "TEE-S",
    "price": "14",
    "manage_stock": "parent",
    "stock_quantity": 7,
    "description": "",
    "image": {"id": 2, "src": "https://shop.example/s.jpg"},
    "attributes": [{"name": "Size", "option": "S"}],
}


def product(**other: object) -> payloads.Product:
    return msgspec.json.decode(json.dumps({**PRODUCT, **other}), type=payloads.Product)


def variation(**other: object) -> payloads.Variation:
    return msgspec.json.decode(json.dumps({**VARIATION, **other}), type=payloads.Variation)


def test_a_variation_is_named_and_titled_by_its_product() -> None:
    one = shelf.of_variation(variation(), product(), b"", "EUR", True)
    assert (one.external_id, one.product_external_id) == ("13:14", "product:13")
    assert (one.title, one.product_title) == ("Tea & Co – Shirt - S", "Tea & Co – Shirt")


def test_a_variation_without_a_name_has_its_options() -> None:
    one = shelf.of_variation(variation(name=None), product(), b"", "EUR", None)
    assert one.title.endswith(" - S")


def test_a_variation_may_use_its_product_s_stock() -> None:
    assert shelf.of_variation(variation(), product(stock_quantity=9), b"", None, None).available == 9


def test_a_variation_without_a_sku_or_gtin_of_its_own_has_none_though_it_shows_its_product_s() -> None:
    """The shop shows the product's, so that all its variations would be one SKU."""
    shown = variation(sku="TEE", global_unique_id="4006381333931")
    one = shelf.of_variation(shown, product(global_unique_id="4006381333931"), b"", None, None)
    assert (one.sku, one.gtin) == (None, None)
    own = shelf.of_variation(variation(global_unique_id="4006381333931"), product(), b"", None, None)
    assert (own.sku, own.gtin) == ("TEE-S", "4006381333931")


def test_a_variation_s_own_picture_comes_first() -> None:
    one = shelf.of_variation(variation(), product(), b"", None, None)
    assert one.pictures == ("https://shop.example/s.jpg", "https://shop.example/a.jpg")


def test_a_variation_is_up_only_with_its_product() -> None:
    assert not shelf.of_variation(variation(), product(status="draft"), b"", None, None).published
    assert not shelf.of_variation(variation(status="private"), product(), b"", None, None).published


def test_stock_that_is_not_counted_is_unknown_and_not_0() -> None:
    uncounted = product(manage_stock=False, stock_quantity=None, stock_status="instock")
    assert shelf.of_product(uncounted, b"", None, None).available is None


def test_uncounted_stock_that_the_shop_calls_out_is_0() -> None:
    out = product(manage_stock=False, stock_quantity=None, stock_status="outofstock")
    assert shelf.of_product(out, b"", None, None).available == 0


def test_a_product_without_a_price_has_none() -> None:
    assert shelf.of_product(product(price=""), b"", None, None).price is None
    assert shelf.of_product(product(price="9.90"), b"", None, None).price == Decimal("9.90")


def test_grouped_and_external_products_are_not_sold_here() -> None:
    assert [shelf.is_sold(product(type=kind)) for kind in ("simple", "grouped", "external")] == [
        True,
        False,
        False,
    ]
