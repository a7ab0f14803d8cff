"""Vendure's documents and refusals, as the scripts use them."""

from typing import Any

import httpx

from tests.peers.books.vendure import ORDER
from tests.peers.parity.sides import Shop

VARIANT = """
  id sku name price priceWithTax currencyCode enabled trackInventory createdAt updatedAt
  stockLevels{id stockLocationId stockOnHand stockAllocated}
  product{id name slug description enabled assets{id} featuredAsset{id} createdAt updatedAt}
"""
WHOLE_ORDER = """
  id code state active orderPlacedAt createdAt updatedAt currencyCode couponCodes totalQuantity
  customer{id firstName lastName emailAddress phoneNumber}
  shippingAddress{fullName company streetLine1 streetLine2 city province postalCode country countryCode phoneNumber}
  billingAddress{fullName company streetLine1 streetLine2 city province postalCode countryCode phoneNumber}
  shippingLines{id shippingMethod{id code name} price priceWithTax discountedPriceWithTax}
  lines{
    id quantity orderPlacedQuantity unitPrice unitPriceWithTax discountedUnitPriceWithTax
    proratedUnitPriceWithTax proratedLinePriceWithTax linePriceWithTax taxRate productVariant{id sku name}
  }
  discounts{description amount amountWithTax}
  surcharges{description sku priceWithTax}
  subTotal subTotalWithTax shipping shippingWithTax total totalWithTax
  payments{id method amount state transactionId createdAt refunds{id state total reason transactionId createdAt}}
  fulfillments{id state method trackingCode createdAt updatedAt lines{orderLineId quantity}}
"""
PAGE = f"query($o:ProductVariantListOptions!){{productVariants(options:$o){{totalItems items{{{VARIANT}}}}}}}"
UPDATE = "mutation($i:[UpdateProductVariantInput!]!){updateProductVariants(input:$i){id price stockLevels{stockOnHand}}}"
FULFIL = """mutation($i:FulfillOrderInput!){addFulfillmentToOrder(input:$i){
  __typename ... on ErrorResult{errorCode message} ... on Fulfillment{id state method trackingCode lines{orderLineId quantity}}}}"""
MOVE = """mutation($i:ID!,$s:String!){transitionFulfillmentToState(id:$i,state:$s){
  __typename ... on ErrorResult{errorCode message} ... on Fulfillment{id state}}}"""
CANCEL = f"""mutation($i:CancelOrderInput!){{cancelOrder(input:$i){{
  __typename ... on ErrorResult{{errorCode message}} ... on Order{{{ORDER}}}}}}}"""
REFUND = """mutation($i:RefundOrderInput!){refundOrder(input:$i){
  __typename ... on ErrorResult{errorCode message} ... on Refund{id state total reason transactionId}}}"""
SETTLE = """mutation($i:SettleRefundInput!){settleRefund(input:$i){
  __typename ... on ErrorResult{errorCode message} ... on Refund{id state total transactionId}}}"""


def result(response: httpx.Response) -> Any:
    """The only field's value."""
    (value,) = response.json()["data"].values()
    return value


def code_of(response: httpx.Response) -> str:
    """Vendure's own name for a refusal, in whichever of its three ways it came; "" for none."""
    body = response.json()
    if errors := body.get("errors"):
        return str(errors[0].get("extensions", {}).get("code", "no code"))
    value = result(response)
    return str(value.get("errorCode", "")) if isinstance(value, dict) else ""


def placed_order(shop: Shop, lines: dict[str, int]) -> str:
    with shop.visitor() as shopper:
        return shopper.buy(lines).id


def handler(method: str, tracking: str) -> dict[str, Any]:
    arguments = [{"name": "method", "value": method}, {"name": "trackingCode", "value": tracking}]
    return {"code": "manual-fulfillment", "arguments": arguments}
