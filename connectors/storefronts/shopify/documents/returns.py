"""What is asked of returns, and what is done to them.

Shopify has no list of returns but each order's own: a page of orders gives their returns' ids alone, and each is then
read by itself, since whole ones inside a page of orders would cost more points than one request may.
"""

from connectors.storefronts.shopify.documents.document import Document
from connectors.transport import Safety

_PAGE = "pageInfo { hasNextPage endCursor }"
_LINE = """
fragment ReturnLineFields on ReturnLineItemType {
  id quantity returnReasonNote customerNote returnReasonDefinition { handle name }
  ... on ReturnLineItem { fulfillmentLineItem { lineItem { id } } }
}
"""
_REVERSE_LINE = """
fragment ReverseLineFields on ReverseFulfillmentOrderLineItem {
  id totalQuantity
  fulfillmentLineItem { lineItem { id variant { id } } }
  dispositions { type quantity }
}
"""
_EXCHANGE = "id quantity variantId lineItems { id quantity }"

RETURNS = Document(
    "returns",
    f"""query OrdersWithReturns($first: Int!, $after: String, $query: String, $inner: Int!) {{
  orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {{
    nodes {{ id updatedAt returnStatus returns(first: $inner) {{ nodes {{ id status }} {_PAGE} }} }}
    {_PAGE}
  }}
}}""",
    cost=60,
)
MORE_RETURNS = Document(
    "returns.more",
    f"""query OrderReturns($id: ID!, $first: Int!, $after: String) {{
  order(id: $id) {{ returns(first: $first, after: $after) {{ nodes {{ id status }} {_PAGE} }} }}
}}""",
    cost=20,
)
RETURN = Document(
    "return",
    f"""query Return($id: ID!, $lines: Int!, $list: Int!) {{
  return(id: $id) {{
    id name status createdAt closedAt order {{ id updatedAt }}
    returnLineItems(first: $lines) {{ nodes {{ ...ReturnLineFields }} {_PAGE} }}
    exchangeLineItems(first: $lines) {{ nodes {{ {_EXCHANGE} }} {_PAGE} }}
    reverseFulfillmentOrders(first: $list) {{
      nodes {{
        id status
        lineItems(first: $lines) {{ nodes {{ ...ReverseLineFields }} {_PAGE} }}
        reverseDeliveries(first: $list) {{
          nodes {{ deliverable {{ ... on ReverseDeliveryShippingDeliverable {{ tracking {{ number }} }} }} }}
          {_PAGE}
        }}
      }}
      {_PAGE}
    }}
  }}
}}
{_LINE}{_REVERSE_LINE}""",
    cost=300,
)
MORE_RETURN_LINES = Document(
    "return.lines",
    f"""query ReturnLines($id: ID!, $first: Int!, $after: String) {{
  return(id: $id) {{ returnLineItems(first: $first, after: $after) {{ nodes {{ ...ReturnLineFields }} {_PAGE} }} }}
}}
{_LINE}""",
    cost=60,
)
MORE_EXCHANGE_LINES = Document(
    "return.exchange_lines",
    f"""query ExchangeLines($id: ID!, $first: Int!, $after: String) {{
  return(id: $id) {{ exchangeLineItems(first: $first, after: $after) {{ nodes {{ {_EXCHANGE} }} {_PAGE} }} }}
}}""",
    cost=20,
)
MORE_REVERSE_LINES = Document(
    "return.reverse_lines",
    f"""query ReverseLines($id: ID!, $first: Int!, $after: String) {{
  reverseFulfillmentOrder(id: $id) {{
    lineItems(first: $first, after: $after) {{ nodes {{ ...ReverseLineFields }} {_PAGE} }}
  }}
}}
{_REVERSE_LINE}""",
    cost=60,
)
APPROVE_RETURN = Document(
    "return.approve",
    """mutation ApproveReturn($input: ReturnApproveRequestInput!) {
  returnApproveRequest(input: $input) { return { id status } userErrors { field code } }
}""",
    Safety.CREATING,
)
DECLINE_RETURN = Document(
    "return.decline",
    """mutation DeclineReturn($input: ReturnDeclineRequestInput!) {
  returnDeclineRequest(input: $input) { return { id status } userErrors { field code } }
}""",
    Safety.CREATING,
)
DISPOSE = Document(
    "return.dispose",
    """mutation DisposeReturned($inputs: [ReverseFulfillmentOrderDisposeInput!]!) {
  reverseFulfillmentOrderDispose(dispositionInputs: $inputs) {
    reverseFulfillmentOrderLineItems { id }
    userErrors { field code }
  }
}""",
    Safety.CREATING,
)
CLOSE_RETURN = Document(
    "return.close",
    """mutation CloseReturn($id: ID!) {
  returnClose(id: $id) { return { id status } userErrors { field code } }
}""",
    Safety.CREATING,
)

RETURNED = (
    RETURNS, MORE_RETURNS, RETURN, MORE_RETURN_LINES, MORE_EXCHANGE_LINES, MORE_REVERSE_LINES, APPROVE_RETURN,
    DECLINE_RETURN, DISPOSE, CLOSE_RETURN,
)  # fmt: skip
