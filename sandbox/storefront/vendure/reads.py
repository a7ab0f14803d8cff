"""How the fields that both APIs share are read from the shop's books."""

from dataclasses import dataclass
from typing import Any

from sandbox.storefront.books import Shop
from sandbox.storefront.catalogue import LOCATION
from sandbox.storefront.goods import Asset, Product, Variant
from sandbox.storefront.money import rounded
from sandbox.storefront.orders import Fulfilment, FulfilmentLine, Line, Order, Payment, Refund
from sandbox.storefront.particulars import Coupon, ShippingMethod
from sandbox.storefront.refusals import Refused
from sandbox.storefront.states import AFTER_FULFILMENT, AFTER_ORDER, AFTER_PAYMENT
from sandbox.storefront.vendure.graphql.execution import FieldFault, Resolvers
from sandbox.storefront.vendure.lists import Page, page
from sandbox.storefront.vendure.permissions import ALL
from sandbox.storefront.vendure.sessions import Doorkeeper, Session

CHANNEL_CODE = "__default_channel__"


@dataclass(slots=True)
class Call:
    """One request: which shop, who asks, and which files came along."""

    shop: Shop
    door: Doorkeeper
    session: Session | None
    administrator: bool
    most: int
    opened: Session | None = None

    def forbid_strangers(self) -> None:
        """Stop anyone who is not an administrator."""
        if not self.administrator:
            raise FieldFault("You are not currently authorized to perform this action", "FORBIDDEN")


@dataclass(frozen=True, slots=True)
class Bag:
    """An object that exists only in an answer; its fields are read by name."""

    typename: str
    facts: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        try:
            return self.facts[name]
        except KeyError:
            raise AttributeError(name) from None


def refusal(refused: Refused) -> Bag:
    """A polite no as the answer's union member."""
    facts = {"error_code": refused.code, "message": str(refused), **refused.facts}
    if refused.typename == "InvalidCredentialsError":
        facts["authentication_error"] = str(refused)
    return Bag(refused.typename, facts)


_NAMES: dict[type, str] = {
    Order: "Order",
    Payment: "Payment",
    Refund: "Refund",
    Fulfilment: "Fulfillment",
    Asset: "Asset",
    Product: "Product",
    Variant: "ProductVariant",
}


def typename(value: Any) -> str:
    """The object type of a value that stands for a union or an interface."""
    return value.typename if isinstance(value, Bag) else _NAMES[type(value)]


def channel(shop: Shop) -> Bag:
    """The shop's only channel."""
    terms = shop.terms
    return Bag(
        "Channel",
        {
            "id": "1",
            "created_at": shop.opened_at,
            "updated_at": shop.opened_at,
            "code": CHANNEL_CODE,
            "token": f"channel-{shop.name}",
            "default_language_code": "en",
            "available_language_codes": ["en"],
            "currency_code": terms.currency,
            "default_currency_code": terms.currency,
            "available_currency_codes": [terms.currency],
            "track_inventory": True,
            "out_of_stock_threshold": 0,
            "prices_include_tax": terms.prices_include_tax,
        },
    )


def location(shop: Shop) -> Bag:
    """The shop's only stock location."""
    return Bag(
        "StockLocation",
        {
            "id": LOCATION,
            "created_at": shop.opened_at,
            "updated_at": shop.opened_at,
            "name": "Default Stock Location",
            "description": "The default stock location",
        },
    )


def current_user(call: Call) -> Bag:
    """The administrator, as they see themselves."""
    own = channel(call.shop)
    facts = {"id": "1", "token": own.token, "code": own.code, "permissions": ALL}
    seen = Bag("CurrentUserChannel", facts)
    return Bag("CurrentUser", {"id": "1", "identifier": call.door.username, "channels": [seen]})


def _me(_: Any, __: dict[str, Any], call: Call) -> Bag:
    call.forbid_strangers()
    if call.session is None:  # an API key has no user of its own
        raise FieldFault("You are not currently authorized to perform this action", "FORBIDDEN")
    return current_user(call)


# --- goods ------------------------------------------------------------------------------------------------


def product_getters(shop: Shop) -> dict[str, Any]:
    """How products are filtered: a product has the SKUs of all its variants."""
    return {"sku": lambda product: [variant.sku for variant in product.variants]}


def find_product(shop: Shop, arguments: dict[str, Any], shoppers: bool) -> Product | None:
    """A product by id or slug; shoppers do not see what is switched off."""
    if arguments.get("id") is not None:
        found = shop.catalogue.products.get(arguments["id"])
    else:
        slug = arguments.get("slug")
        found = next((p for p in shop.catalogue.live_products() if p.slug == slug), None)
    if found is None or found.deleted or (shoppers and not found.enabled):
        return None
    return found


def _tax_rate(_: Any, __: dict[str, Any], call: Call) -> Bag:
    return Bag("TaxRate", {"id": "1", "name": "Standard Tax Europe", "value": call.shop.terms.tax_rate})


def stock_level(variant: Variant) -> str:
    """What a shopper is told of a variant's stock."""
    if variant.saleable < 1:
        return "OUT_OF_STOCK"
    return "LOW_STOCK" if variant.saleable <= 2 else "IN_STOCK"


def _texts(value: Product | Variant, name: str) -> list[Bag]:
    facts = {
        "id": value.id,
        "created_at": value.created_at,
        "updated_at": value.updated_at,
        "language_code": value.language_code,
        "name": value.name,
    }
    if isinstance(value, Product):
        facts |= {"slug": value.slug, "description": value.description}
    return [Bag(name, facts)]


# --- orders -----------------------------------------------------------------------------------------------


def _shuffled(order: Order, _: dict[str, Any], call: Call) -> list[Line]:
    """The lines in no particular order: no two answers need agree."""
    lines = list(order.lines)
    call.shop.random.shuffle(lines)
    return lines


def _taxes(order: Order, _: dict[str, Any], call: Call) -> list[Bag]:
    goods = {
        "description": "Standard Tax Europe",
        "tax_rate": call.shop.terms.tax_rate,
        "tax_base": order.sub_total,
        "tax_total": order.sub_total_with_tax - order.sub_total,
    }
    sent = {"description": "shipping tax", "tax_rate": 0, "tax_base": order.shipping, "tax_total": 0}
    return [Bag("OrderTaxSummary", facts) for facts in ([goods, sent] if order.shipping_lines else [goods])]


def _promotions(order: Order, _: dict[str, Any], call: Call) -> list[Bag]:
    return [] if order.active else [_promotion(coupon, call.shop) for coupon in order.coupons]


def _promotion(coupon: Coupon, shop: Shop) -> Bag:
    facts = {"id": coupon.id, "created_at": shop.opened_at, "updated_at": shop.opened_at}
    return Bag("Promotion", facts | {"coupon_code": coupon.code, "name": coupon.name, "enabled": True})


def _fulfilment_lines(line: Line, _: dict[str, Any], __: Call) -> list[FulfilmentLine]:
    return [part for f in line.order.fulfillments for part in f.lines if part.order_line is line]


def _history(order: Order, arguments: dict[str, Any], call: Call) -> Page:
    return page(order.notes, arguments.get("options"), call.most, {})


def quote(method: ShippingMethod) -> Bag:
    """A way to send, as a shopper is offered it."""
    facts = {"id": method.id, "code": method.code, "name": method.name, "description": method.description}
    return Bag("ShippingMethodQuote", facts | {"price": method.price, "price_with_tax": method.price})


READS: Resolvers = {
    ("Query", "activeChannel"): lambda _, __, call: channel(call.shop),
    ("Query", "me"): _me,
    ("Product", "variants"): lambda p, _, call: [
        v for v in p.variants if not v.deleted and (call.administrator or v.enabled)
    ],
    ("Product", "translations"): lambda p, _, __: _texts(p, "ProductTranslation"),
    ("Product", "channels"): lambda _, __, call: [channel(call.shop)],
    ("ProductVariant", "productId"): lambda v, _, __: v.product.id,
    ("ProductVariant", "price"): lambda v, _, call: rounded(call.shop.tariff.net(v.price)),
    ("ProductVariant", "priceWithTax"): lambda v, _, call: rounded(call.shop.tariff.gross(v.price)),
    ("ProductVariant", "currencyCode"): lambda _, __, call: call.shop.terms.currency,
    ("ProductVariant", "prices"): lambda v, _, call: [
        Bag("ProductVariantPrice", {"currency_code": call.shop.terms.currency, "price": v.price})
    ],
    ("ProductVariant", "stockLevel"): lambda v, _, __: stock_level(v),
    ("ProductVariant", "taxRateApplied"): _tax_rate,
    ("ProductVariant", "taxCategory"): lambda _, __, ___: Bag(
        "TaxCategory", {"id": "1", "name": "Standard Tax", "is_default": True}
    ),
    ("ProductVariant", "translations"): lambda v, _, __: _texts(v, "ProductVariantTranslation"),
    ("ProductVariant", "channels"): lambda _, __, call: [channel(call.shop)],
    ("ProductVariant", "trackInventory"): lambda v, _, __: v.track,
    ("ProductVariant", "stockOnHand"): lambda v, _, __: v.on_hand,
    ("ProductVariant", "stockAllocated"): lambda v, _, __: v.allocated,
    ("ProductVariant", "outOfStockThreshold"): lambda v, _, __: v.threshold,
    ("ProductVariant", "useGlobalOutOfStockThreshold"): lambda v, _, __: v.global_threshold,
    ("ProductVariant", "stockLevels"): lambda v, _, __: [v],
    ("StockLevel", "updatedAt"): lambda v, _, __: v.stock_moved_at,
    ("StockLevel", "stockLocationId"): lambda _, __, ___: LOCATION,
    ("StockLevel", "stockOnHand"): lambda v, _, __: v.on_hand,
    ("StockLevel", "stockAllocated"): lambda v, _, __: v.allocated,
    ("StockLevel", "stockLocation"): lambda _, __, call: location(call.shop),
    ("Order", "type"): lambda _, __, ___: "Regular",
    ("Order", "lines"): _shuffled,
    ("Order", "surcharges"): lambda _, __, ___: [],
    ("Order", "taxSummary"): _taxes,
    ("Order", "promotions"): _promotions,
    ("Order", "history"): _history,
    ("Order", "channels"): lambda _, __, call: [channel(call.shop)],
    ("Order", "nextStates"): lambda order, _, __: AFTER_ORDER[order.state],
    ("OrderLine", "featuredAsset"): lambda line, _, __: line.product_variant.featured_asset,
    ("OrderLine", "discountedUnitPrice"): lambda line, _, __: line.unit_price,
    ("OrderLine", "discountedUnitPriceWithTax"): lambda line, _, __: line.unit_price_with_tax,
    ("OrderLine", "discountedLinePrice"): lambda line, _, __: line.line_price,
    ("OrderLine", "discountedLinePriceWithTax"): lambda line, _, __: line.line_price_with_tax,
    ("OrderLine", "taxLines"): lambda line, _, __: [
        Bag("TaxLine", {"description": "Standard Tax Europe", "tax_rate": line.tax_rate})
    ],
    ("OrderLine", "fulfillmentLines"): _fulfilment_lines,
    ("Payment", "nextStates"): lambda payment, _, __: AFTER_PAYMENT[payment.state],
    ("Fulfillment", "nextStates"): lambda f, _, __: AFTER_FULFILMENT[f.state],
    ("Fulfillment", "summary"): lambda f, _, __: f.lines,
}
