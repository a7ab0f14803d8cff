"""Records of a Shopify shop, as its answers have them, for tests that need no shop."""

import json
from collections.abc import Iterable
from typing import Any

import msgspec

from connectors.storefronts.shopify import payloads

AT = "2026-03-01T10:00:00Z"


def bag(amount: str, currency: str = "EUR") -> dict[str, Any]:
    return {"shopMoney": {"amount": amount, "currencyCode": currency}}


def tax(amount: str, currency: str = "EUR", *, marketplace: bool = False) -> dict[str, Any]:
    return {"channelLiable": marketplace, "priceSet": bag(amount, currency)}


def nodes(records: Iterable[Any], *, more: bool = False) -> dict[str, Any]:
    return {"nodes": list(records), "pageInfo": {"hasNextPage": more, "endCursor": "c1" if more else None}}


def line(number: int, total: str, **changes: Any) -> dict[str, Any]:
    """A line of one unit that costs `total`."""
    currency = changes.pop("currency", "EUR")
    units = changes.pop("units", 1)
    return {
        "id": f"gid://shopify/LineItem/{number}",
        "sku": f"SKU-{number}",
        "title": f"Thing {number}",
        "variantTitle": None,
        "quantity": units,
        "currentQuantity": units,
        "unfulfilledQuantity": units,
        "requiresShipping": True,
        "isGiftCard": False,
        "variant": {"id": f"gid://shopify/ProductVariant/{number}"},
        "originalUnitPriceSet": bag(total, currency),
        "originalTotalSet": bag(total, currency),
        "discountAllocations": [],
        "taxLines": [],
    } | changes


def tip_line(total: str) -> dict[str, Any]:
    """A tip as Shopify lists it among the lines."""
    return line(99, total, sku=None, variant=None, requiresShipping=False, title="Tip")


def discount(amount: str) -> dict[str, Any]:
    return {"allocatedAmountSet": bag(amount)}


def shipping(amount: str, currency: str = "EUR", **changes: Any) -> dict[str, Any]:
    return {
        "code": "standard",
        "title": "Standard",
        "isRemoved": False,
        "discountedPriceSet": bag(amount, currency),
        "taxLines": [],
    } | changes


def transaction(number: int, kind: str, amount: str, **changes: Any) -> dict[str, Any]:
    parent = changes.pop("parent", None)
    there = changes.pop("there", None)
    money = bag(amount)
    money["presentmentMoney"] = (
        {"amount": there[0], "currencyCode": there[1]} if there else money["shopMoney"]
    )
    return {
        "id": f"gid://shopify/OrderTransaction/{number}",
        "kind": kind,
        "status": "SUCCESS",
        "gateway": "bogus",
        "createdAt": AT,
        "amountSet": money,
        "parentTransaction": {"id": f"gid://shopify/OrderTransaction/{parent}"} if parent else None,
    } | changes


def refund(number: int, *transactions: dict[str, Any], note: str = "") -> dict[str, Any]:
    amount = sum(float(each["amountSet"]["shopMoney"]["amount"]) for each in transactions)
    return {
        "id": f"gid://shopify/Refund/{number}",
        "note": note,
        "createdAt": AT,
        "totalRefundedSet": bag(f"{amount:.2f}"),
        "transactions": nodes(transactions),
    }


def fulfilment(
    number: int, units: dict[int, int], *tracking: str, status: str = "SUCCESS", **changes: Any
) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/Fulfillment/{number}",
        "status": status,
        "displayStatus": "FULFILLED",
        "createdAt": AT,
        "deliveredAt": None,
        "trackingInfo": [{"number": each, "company": "DHL", "url": None} for each in tracking],
        "fulfillmentLineItems": nodes(
            {
                "id": f"gid://shopify/FulfillmentLineItem/{number}{id}",
                "quantity": count,
                "lineItem": {"id": f"gid://shopify/LineItem/{id}"},
            }
            for id, count in units.items()
        ),
    } | changes


def order_record(total: str, *lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An order of these lines; `carried` are its shipping lines, `currency` its money."""
    currency = changes.pop("currency", "EUR")
    return {
        "id": "gid://shopify/Order/1",
        "name": "#1001",
        "createdAt": AT,
        "processedAt": AT,
        "updatedAt": AT,
        "cancelledAt": None,
        "closed": False,
        "test": False,
        "currencyCode": currency,
        "presentmentCurrencyCode": currency,
        "displayFinancialStatus": "PAID",
        "displayFulfillmentStatus": "UNFULFILLED",
        "taxesIncluded": False,
        "dutiesIncluded": False,
        "note": None,
        "tags": [],
        "discountCodes": [],
        "email": "ada@example.com",
        "phone": None,
        "totalPriceSet": bag(total, currency),
        "totalTaxSet": None,
        "totalTipReceivedSet": bag("0.0", currency),
        "originalTotalDutiesSet": None,
        "originalTotalAdditionalFeesSet": None,
        "customer": {"firstName": "Ada", "lastName": None, "displayName": "Ada"},
        "shippingAddress": {
            "name": "Ada",
            "address1": "Street 1",
            "address2": "",
            "city": "Köln",
            "zip": "50667",
            "countryCodeV2": "DE",
        },
        "lineItems": nodes(lines),
        "shippingLines": nodes(changes.pop("carried", ())),
        "transactions": changes.pop("paid", []),
        "refunds": changes.pop("refunds", []),
        "fulfillments": changes.pop("sent", []),
    } | changes


def order(total: str, *lines: dict[str, Any], **changes: Any) -> payloads.Order:
    return msgspec.json.decode(json.dumps(order_record(total, *lines, **changes)), type=payloads.Order)


HERE = "gid://shopify/Location/1"
SHOP = {
    "shop": {
        "id": "gid://shopify/Shop/1",
        "name": "Canary",
        "myshopifyDomain": "canary.myshopify.com",
        "currencyCode": "EUR",
        "taxesIncluded": True,
    },
    "locations": nodes([{"id": HERE, "name": "Main", "isActive": True, "createdAt": AT}]),
}
"""The answer to `shop`: one location."""
