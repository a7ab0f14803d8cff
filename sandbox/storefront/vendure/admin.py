"""The Admin API: every operation that a connector needs, on the shop's books."""

from collections.abc import Callable
from importlib.resources import files
from typing import Any

from sandbox.storefront import cancelling, fulfilling, refunding, till
from sandbox.storefront.goods import Asset
from sandbox.storefront.money import rounded
from sandbox.storefront.refusals import Refused, Rejected, not_found
from sandbox.storefront.vendure import permissions
from sandbox.storefront.vendure.graphql.execution import FieldFault, Resolvers
from sandbox.storefront.vendure.graphql.schema import parse_schema
from sandbox.storefront.vendure.lists import Getter, Page, page
from sandbox.storefront.vendure.pictures import Upload, asset_of
from sandbox.storefront.vendure.reads import (
    READS,
    Bag,
    Call,
    channel,
    current_user,
    find_product,
    location,
    product_getters,
    refusal,
    stock_level,
)

MOST = 1000
"""The largest page of a list query."""

_texts = files("sandbox.storefront.vendure") / "schemas"
SCHEMA = parse_schema(
    (_texts / "common.graphql").read_text(), (_texts / "admin.graphql").read_text(), permissions.ENUM
)

Arguments = dict[str, Any]
Deed = Callable[[Arguments, Call], Any]


def guarded(deed: Deed) -> Callable[[Any, Arguments, Call], Any]:
    """The deed for administrators only, its refusals as answers and its errors as GraphQL errors."""

    def resolve(_: Any, arguments: Arguments, call: Call) -> Any:
        call.forbid_strangers()
        return answered(deed, arguments, call)

    return resolve


def answered(deed: Deed, arguments: Arguments, call: Call) -> Any:
    """What the deed gives, with refusals and errors in GraphQL's terms."""
    try:
        return deed(arguments, call)
    except Refused as refused:
        return refusal(refused)
    except Rejected as rejected:
        raise FieldFault(str(rejected), rejected.code) from None


def _listed(items: list[Any]) -> Page:
    return Page(items, len(items))


def _variant_getters(call: Call) -> dict[str, Getter]:
    tariff = call.shop.tariff
    return {
        "productId": lambda v: v.product.id,
        "price": lambda v: rounded(tariff.net(v.price)),
        "priceWithTax": lambda v: rounded(tariff.gross(v.price)),
        "currencyCode": lambda _: call.shop.terms.currency,
        "stockOnHand": lambda v: v.on_hand,
        "stockAllocated": lambda v: v.allocated,
        "trackInventory": lambda v: v.track,
        "stockLevel": stock_level,
    }


def _order_getters() -> dict[str, Getter]:
    return {
        "type": lambda _: "Regular",
        "state": lambda order: str(order.state),
        "customerLastName": lambda order: order.customer.last_name if order.customer else None,
        "transactionId": lambda order: [p.transaction_id for p in order.payments],
    }


def _variants(arguments: Arguments, call: Call) -> Page:
    variants = call.shop.catalogue.live_variants()
    if arguments.get("productId") is not None:
        variants = [v for v in variants if v.product.id == arguments["productId"]]
    return page(variants, arguments.get("options"), call.most, _variant_getters(call))


def _variant(arguments: Arguments, call: Call) -> Any:
    variant = call.shop.catalogue.variants.get(arguments["id"])
    return None if variant is None or variant.deleted or variant.product.deleted else variant


def _products(arguments: Arguments, call: Call) -> Page:
    products = call.shop.catalogue.live_products()
    return page(products, arguments.get("options"), call.most, product_getters(call.shop))


def _orders(arguments: Arguments, call: Call) -> Page:
    orders = list(call.shop.orders.values())
    return page(orders, arguments.get("options"), call.most, _order_getters())


def _settings(_: Arguments, call: Call) -> Bag:
    server = Bag(
        "ServerConfig",
        {
            "permitted_asset_types": ["image/*", "video/*", "audio/*", ".pdf"],
            "money_strategy_precision": call.shop.terms.precision,
        },
    )
    facts = {
        "id": "1",
        "created_at": call.shop.opened_at,
        "updated_at": call.shop.opened_at,
        "available_languages": ["en"],
        "track_inventory": True,
        "out_of_stock_threshold": 0,
        "server_config": server,
    }
    return Bag("GlobalSettings", facts)


def _log_in(_: Any, arguments: Arguments, call: Call) -> Bag:
    session = call.door.log_in(arguments["username"], arguments["password"])
    if session is None:
        message = "The provided credentials are invalid"
        return refusal(Refused("InvalidCredentialsError", "INVALID_CREDENTIALS_ERROR", message))
    call.opened = call.session = session
    call.administrator = True
    return current_user(call)


def _log_out(_: Any, __: Arguments, call: Call) -> Bag:
    if call.session:
        call.door.log_out(call.session.token)
    return Bag("Success", {"success": True})


def _fulfil(arguments: Arguments, call: Call) -> Any:
    given = arguments["input"]
    handler = given["handler"]
    words = {each["name"]: each["value"] for each in handler["arguments"]}
    return fulfilling.fulfil(call.shop, given["lines"], handler["code"], words)


def _cancel(arguments: Arguments, call: Call) -> Any:
    given = arguments["input"]
    return cancelling.cancel(
        call.shop,
        given["orderId"],
        given.get("lines"),
        shipping=bool(given.get("cancelShipping")),
        reason=given.get("reason"),
    )


def _note(arguments: Arguments, call: Call) -> Any:
    given = arguments["input"]
    return refunding.add_note(call.shop, given["id"], given["note"], given["isPublic"])


def _move_order(arguments: Arguments, call: Call) -> Any:
    raise cancelling.refuse_transition(call.shop.order(arguments["id"]), arguments["state"])


def _update_products(arguments: Arguments, call: Call) -> list[Any]:
    return [call.shop.catalogue.update_product(change) for change in arguments["input"]]


def _assets(arguments: Arguments, call: Call) -> list[Any]:
    made: list[Any] = []
    for given in arguments["input"]:
        upload = given["file"]
        if not isinstance(upload, Upload):
            raise Rejected('Variable "$input" got invalid value; Upload value invalid.', "BAD_USER_INPUT")
        try:
            made.append(asset_of(call.shop, upload))
        except Refused as refused:
            made.append(refusal(refused))
    return made


def _asset(arguments: Arguments, call: Call) -> Asset | None:
    return call.shop.catalogue.assets.get(arguments["id"])


def _deleted() -> Bag:
    return Bag("DeletionResponse", {"result": "DELETED", "message": None})


def _delete_products(arguments: Arguments, call: Call) -> list[Bag]:
    for each in arguments["ids"]:
        call.shop.catalogue.delete_product(each)
    return [_deleted() for _ in arguments["ids"]]


def _delete_product(arguments: Arguments, call: Call) -> Bag:
    call.shop.catalogue.delete_product(arguments["id"])
    return _deleted()


def _delete_variants(arguments: Arguments, call: Call) -> list[Bag]:
    for each in arguments["ids"]:
        call.shop.catalogue.delete_variant(each)
    return [_deleted() for _ in arguments["ids"]]


def _delete_variant(arguments: Arguments, call: Call) -> Bag:
    call.shop.catalogue.delete_variant(arguments["id"])
    return _deleted()


def _make_key(_: Arguments, call: Call) -> Bag:
    key = call.door.make_key()
    return Bag("CreateApiKeyResult", {"api_key": key.secret, "entity_id": key.id})


def _rotate_key(arguments: Arguments, call: Call) -> Bag:
    key = call.door.rotate_key(arguments["id"])
    if key is None:
        raise not_found("ApiKey", arguments["id"])
    return Bag("RotateApiKeyResult", {"api_key": key.secret})


def _drop_keys(arguments: Arguments, call: Call) -> list[Bag]:
    for each in arguments["ids"]:
        if not call.door.drop_key(each):
            raise not_found("ApiKey", each)
    return [_deleted() for _ in arguments["ids"]]


_QUERIES: dict[str, Deed] = {
    "asset": _asset,
    "assets": lambda a, call: page(list(call.shop.catalogue.assets.values()), a.get("options"), MOST, {}),
    "channels": lambda _, call: _listed([channel(call.shop)]),
    "globalSettings": _settings,
    "order": lambda a, call: call.shop.orders.get(a["id"]),
    "orders": _orders,
    "product": lambda a, call: find_product(call.shop, a, shoppers=False),
    "productOptionGroups": lambda a, call: page(
        list(call.shop.catalogue.groups.values()), a.get("options"), MOST, {}
    ),
    "productVariant": _variant,
    "productVariants": _variants,
    "products": _products,
    "shippingMethods": lambda _, call: _listed(list(call.shop.shipping_methods)),
    "stockLocation": lambda a, call: location(call.shop) if a["id"] == "1" else None,
    "stockLocations": lambda _, call: _listed([location(call.shop)]),
}
_MUTATIONS: dict[str, Deed] = {
    "addFulfillmentToOrder": _fulfil,
    "addNoteToOrder": _note,
    "addOptionGroupToProduct": lambda a, call: call.shop.catalogue.add_group(
        a["productId"], a["optionGroupId"]
    ),
    "cancelOrder": _cancel,
    "createApiKey": _make_key,
    "createAssets": _assets,
    "createProduct": lambda a, call: call.shop.catalogue.create_product(a["input"]),
    "createProductOption": lambda a, call: call.shop.catalogue.create_option(a["input"]),
    "createProductOptionGroup": lambda a, call: call.shop.catalogue.create_group(a["input"]),
    "createProductVariants": lambda a, call: call.shop.catalogue.create_variants(a["input"]),
    "deleteApiKeys": _drop_keys,
    "deleteProduct": _delete_product,
    "deleteProductVariant": _delete_variant,
    "deleteProductVariants": _delete_variants,
    "deleteProducts": _delete_products,
    "refundOrder": lambda a, call: refunding.refund(call.shop, a["input"]),
    "rotateApiKey": _rotate_key,
    "settlePayment": lambda a, call: till.settle(call.shop, a["id"]),
    "settleRefund": lambda a, call: refunding.settle_refund(
        call.shop, a["input"]["id"], a["input"]["transactionId"]
    ),
    "transitionFulfillmentToState": lambda a, call: fulfilling.move_fulfilment(
        call.shop, a["id"], a["state"]
    ),
    "transitionOrderToState": _move_order,
    "updateProduct": lambda a, call: call.shop.catalogue.update_product(a["input"]),
    "updateProductVariant": lambda a, call: call.shop.catalogue.update_variants([a["input"]])[0],
    "updateProductVariants": lambda a, call: call.shop.catalogue.update_variants(a["input"]),
    "updateProducts": _update_products,
}
RESOLVERS: Resolvers = {
    **READS,
    **{("Query", name): guarded(deed) for name, deed in _QUERIES.items()},
    **{("Mutation", name): guarded(deed) for name, deed in _MUTATIONS.items()},
    ("Mutation", "login"): _log_in,
    ("Mutation", "logout"): _log_out,
}
