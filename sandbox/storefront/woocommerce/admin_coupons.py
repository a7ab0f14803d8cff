"""The routes of coupons, as far as orders need them."""

from typing import Any

from sandbox.storefront.woocommerce.answers import invalid_id, no, not_one_of, wrong_type
from sandbox.storefront.woocommerce.calls import Body, Call, Reply, made, one
from sandbox.storefront.woocommerce.codes import Code, CodeKind, kept
from sandbox.storefront.woocommerce.links import links
from sandbox.storefront.woocommerce.lists import Listing
from sandbox.storefront.woocommerce.moments import pair
from sandbox.storefront.woocommerce.money import exact, shown
from sandbox.storefront.woocommerce.routes_of import ID, Table

COUPONS: Listing[Code] = Listing(
    lambda code: code.id, lambda code: code.created, lambda code: code.created, posts=True, sorts={}
)
_KINDS = [str(kind) for kind in CodeKind]
_NONE: dict[str, Any] = {
    **dict.fromkeys(("usage_limit", "usage_limit_per_user", "limit_usage_to_x_items")),
    **{name: [] for name in ("product_ids", "excluded_product_ids", "product_categories")},
    **{name: [] for name in ("excluded_product_categories", "email_restrictions", "used_by", "meta_data")},
    **dict.fromkeys(("individual_use", "exclude_sale_items"), False),
}


def _shown(call: Call, code: Code) -> Body:
    digits = call.shop.rules.decimals
    nothing = shown(exact(0), digits)
    return {
        "id": code.id,
        "code": code.code,
        "amount": shown(code.amount, digits),
        "status": "publish",
        **pair(call.shop, "date_created", code.created),
        **pair(call.shop, "date_modified", code.created),
        "discount_type": str(code.kind),
        "description": "",
        **pair(call.shop, "date_expires", None),
        "usage_count": sum(
            each.code is code for order in call.shop.purchases.values() for each in order.coupons
        ),
        "free_shipping": code.free_shipping,
        "minimum_amount": nothing,
        "maximum_amount": nothing,
        **_NONE,
        "_links": links(call.shop.rules, call.api, f"coupons/{code.id}", collection="coupons"),
    }


def _list(call: Call) -> Reply:
    asked = call.query.get("code")
    found = [code for code in call.shop.codes.values() if asked is None or code.code == kept(asked)]
    return COUPONS.reply(call, found, lambda code: _shown(call, code), "coupons")


def _find(call: Call) -> Code:
    code = call.shop.codes.get(call.path["id"])
    if code is None:
        raise invalid_id("shop_coupon", 404)
    return code


def _create(call: Call) -> Reply:
    """A new coupon; a code that is taken is refused."""
    body = call.body
    text, kind, amount = body.get("code"), body.get("discount_type") or CodeKind.CART, body.get("amount", "0")
    if not isinstance(text, str) or not text:
        raise no(400, "rest_missing_callback_param", "Missing parameter(s): code", params=["code"])
    if not isinstance(amount, str):
        raise wrong_type("amount", "string")
    if kind not in _KINDS:
        raise not_one_of("discount_type", _KINDS)
    if any(code.code == kept(text) for code in call.shop.codes.values()):
        raise no(400, "woocommerce_rest_coupon_code_already_exists", "The coupon code already exists")
    code = call.shop.new_code_of(text, CodeKind(kind), exact(amount), body.get("free_shipping") is True)
    return made(call, _shown(call, code), f"coupons/{code.id}")


def _one(call: Call) -> Reply:
    return one(call, _shown(call, _find(call)))


def _drop(call: Call) -> Reply:
    code = _find(call)
    found = _shown(call, code)
    del call.shop.codes[code.id]
    return Reply(found)


ROUTES: Table = {
    "/wc/v3/coupons": {"GET": _list, "POST": _create},
    f"/wc/v3/coupons/{ID}": {"GET": _one, "DELETE": _drop},
}
