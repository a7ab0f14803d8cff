"""What the shop's refusals mean, in our words: its own may name a buyer and are not repeated. Pure."""

from connectors.contract import Rejected

_WORDS = {
    "woocommerce_rest_product_invalid_id": "the shop has no such product",
    "woocommerce_rest_product_variation_invalid_id": "the shop has no such variation",
    "woocommerce_rest_invalid_product_id": "the shop has no such product, or it is a variation of another",
    "woocommerce_rest_shop_order_invalid_id": "the shop has no such order",
    "woocommerce_rest_order_invalid_id": "the shop has no such order",
    "woocommerce_rest_cannot_create_order_refund": "the shop refuses the refund: it is more than is left, or "
    "the payment gateway cannot give money back by itself (then say refund_by_gateway: false)",
    "woocommerce_rest_invalid_order_refund": "the shop finds the refund's amount wrong",
    "product_invalid_sku": "another product has this SKU (case and accents do not count)",
    "woocommerce_rest_product_not_created": "a product in the trash (or one made at this moment) "
    "holds this SKU: delete that one for good",
    "product_invalid_global_unique_id": "another product has this GTIN",
    "rest_invalid_param": "the shop finds a value wrong",
    "woocommerce_rest_cannot_edit": "the key's user may not change it",
    "woocommerce_rest_cannot_create": "the key's user may not make it",
    "woocommerce_rest_cannot_batch": "the key's user may not change several at once",
    "woocommerce_product_image_upload_error": "the shop could not fetch a picture from its address",
    "woocommerce_rest_request_entity_too_large": "it is larger than the shop takes",
    "too_large": "it is larger than the shop takes",
    "rest_no_route": "the shop has no such route: is WooCommerce switched on?",
}
MISSING = frozenset(code for code in _WORDS if code.endswith(("_invalid_id", "_invalid_product_id")))
"""Refusals that say: there is no such record."""


def refusal(code: str, what: str) -> Rejected:
    """The item's outcome for one of the shop's codes; `what` names the attempt in a few words."""
    return Rejected(f"{what}: {_WORDS.get(code, 'the shop refuses it')}", code=code)


def no_order(order: str) -> Rejected:
    """The outcome where the shop has no such order."""
    return Rejected(f"the shop has no order {order}", code="woocommerce_rest_shop_order_invalid_id")


def no_variant(variant: str) -> Rejected:
    """The item's outcome where the shop has no such product or variation."""
    return Rejected(f"the shop has no product or variation {variant}", code="not_found")


NOT_MANAGED = Rejected(
    "the shop does not count this product's stock, so no quantity counts: switch `Manage stock?` on in its "
    "inventory settings",
    code="NOT_MANAGED",
)
OF_PARENT = Rejected(
    "the variation uses its product's stock, so a quantity of its own has no effect: switch `Manage stock?` on "
    "for the variation",
    code="STOCK_OF_PARENT",
)
