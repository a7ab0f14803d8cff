"""What is asked of orders. All money in the shop's own currency, which is the one that its books are kept in."""

from connectors.storefronts.shopify.documents.document import Document

_PAGE = "pageInfo { hasNextPage endCursor }"
_MONEY = "{ shopMoney { amount currencyCode } }"
_TAX = f"taxLines {{ channelLiable priceSet {_MONEY} }}"
_LINE = f"""
fragment LineFields on LineItem {{
  id sku title variantTitle quantity currentQuantity unfulfilledQuantity requiresShipping isGiftCard
  variant {{ id }}
  originalUnitPriceSet {_MONEY}
  originalTotalSet {_MONEY}
  discountAllocations {{ allocatedAmountSet {_MONEY} }}
  {_TAX}
}}
"""
_FULFILMENT_LINE = """
fragment FulfilmentLineFields on FulfillmentLineItem { id quantity lineItem { id } }
"""
_FULFILMENT = f"""
fragment FulfilmentFields on Fulfillment {{
  id status displayStatus createdAt deliveredAt
  trackingInfo(first: 50) {{ number company url }}
  fulfillmentLineItems(first: $inner) {{ nodes {{ ...FulfilmentLineFields }} {_PAGE} }}
}}
{_FULFILMENT_LINE}"""
_TRANSACTION = """
fragment TransactionFields on OrderTransaction {
  id kind status gateway createdAt
  amountSet { shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }
  parentTransaction { id }
}
"""
_ORDER = f"""
fragment OrderFields on Order {{
  id name createdAt processedAt updatedAt cancelledAt closed test currencyCode presentmentCurrencyCode
  displayFinancialStatus displayFulfillmentStatus taxesIncluded dutiesIncluded note tags discountCodes email phone
  totalPriceSet {_MONEY}
  totalTaxSet {_MONEY}
  totalTipReceivedSet {_MONEY}
  originalTotalDutiesSet {_MONEY}
  originalTotalAdditionalFeesSet {_MONEY}
  customer {{
    firstName lastName displayName
    defaultEmailAddress {{ emailAddress }} defaultPhoneNumber {{ phoneNumber }}
  }}
  shippingAddress {{
    name company address1 address2 city province provinceCode zip countryCodeV2 phone
  }}
  lineItems(first: $inner) {{ nodes {{ ...LineFields }} {_PAGE} }}
  shippingLines(first: 20, includeRemovals: true) {{
    nodes {{ code title isRemoved discountedPriceSet {_MONEY} {_TAX} }}
    {_PAGE}
  }}
  transactions(first: $list) {{ ...TransactionFields }}
  refunds(first: $list) {{
    id note createdAt
    totalRefundedSet {_MONEY}
    transactions(first: $inner) {{ nodes {{ ...TransactionFields }} {_PAGE} }}
  }}
  fulfillments(first: $list) {{ ...FulfilmentFields }}
}}
{_LINE}{_TRANSACTION}{_FULFILMENT}"""
_SORTED = "orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT)"

ORDERS = Document(
    "orders",
    f"""query Orders($first: Int!, $after: String, $query: String, $inner: Int!, $list: Int!) {{
  {_SORTED} {{ nodes {{ ...OrderFields }} {_PAGE} }}
}}
{_ORDER}""",
    cost=400,
)
ORDER_HEADS = Document(
    "orders.heads",
    f"""query OrderHeads($first: Int!, $after: String, $query: String) {{
  {_SORTED} {{ nodes {{ id updatedAt }} {_PAGE} }}
}}""",
    cost=50,
)
ORDER = Document(
    "order",
    f"""query Order($id: ID!, $inner: Int!, $list: Int!) {{
  order(id: $id) {{ ...OrderFields }}
}}
{_ORDER}""",
    cost=200,
)
MORE_LINES = Document(
    "order.lines",
    f"""query OrderLines($id: ID!, $first: Int!, $after: String) {{
  order(id: $id) {{ lineItems(first: $first, after: $after) {{ nodes {{ ...LineFields }} {_PAGE} }} }}
}}
{_LINE}""",
    cost=60,
)
MORE_FULFILMENT_LINES = Document(
    "order.fulfilment_lines",
    f"""query FulfilmentLines($id: ID!, $first: Int!, $after: String) {{
  fulfillment(id: $id) {{
    fulfillmentLineItems(first: $first, after: $after) {{ nodes {{ ...FulfilmentLineFields }} {_PAGE} }}
  }}
}}
{_FULFILMENT_LINE}""",
    cost=40,
)
MORE_REFUND_TRANSACTIONS = Document(
    "order.refund_transactions",
    f"""query RefundTransactions($id: ID!, $first: Int!, $after: String) {{
  refund(id: $id) {{
    transactions(first: $first, after: $after) {{ nodes {{ ...TransactionFields }} {_PAGE} }}
  }}
}}
{_TRANSACTION}""",
    cost=40,
)
NOTE = Document(
    "note.read",
    """query OrderNote($id: ID!) {
  order(id: $id) { id note }
}""",
    cost=5,
)

ORDER_READS = (
    ORDERS, ORDER_HEADS, ORDER, MORE_LINES, MORE_FULFILMENT_LINES, MORE_REFUND_TRANSACTIONS, NOTE,
)  # fmt: skip
