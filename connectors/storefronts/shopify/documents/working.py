"""What is done to orders: shipments, deliveries, cancellations, refunds and notes.

Answers of writes name little, so that a read which fails inside them cannot hide that the write was done.
"""

from connectors.storefronts.shopify.documents.document import Document
from connectors.transport import Safety

_PAGE = "pageInfo { hasNextPage endCursor }"
_WORK_LINE = "id remainingQuantity lineItem { id }"
_WORK = f"""
fragment FulfilmentOrderFields on FulfillmentOrder {{
  id status
  assignedLocation {{ name location {{ id }} }}
  fulfillmentHolds {{ reason }}
  lineItems(first: $inner) {{ nodes {{ {_WORK_LINE} }} {_PAGE} }}
}}
"""

FULFILMENT_ORDERS = Document(
    "fulfilment_orders",
    f"""query FulfilmentOrders($id: ID!, $first: Int!, $after: String, $inner: Int!) {{
  order(id: $id) {{
    fulfillmentOrders(first: $first, after: $after) {{ nodes {{ ...FulfilmentOrderFields }} {_PAGE} }}
  }}
}}
{_WORK}""",
    cost=100,
)
MORE_FULFILMENT_ORDER_LINES = Document(
    "fulfilment_orders.lines",
    f"""query FulfilmentOrderLines($id: ID!, $first: Int!, $after: String) {{
  fulfillmentOrder(id: $id) {{ lineItems(first: $first, after: $after) {{ nodes {{ {_WORK_LINE} }} {_PAGE} }} }}
}}""",
    cost=40,
)
FULFIL = Document(
    "fulfil",
    """mutation Fulfil($fulfillment: FulfillmentInput!) {
  fulfillmentCreate(fulfillment: $fulfillment) { fulfillment { id status } userErrors { field message } }
}""",
    Safety.CREATING,
)
MOVE = Document(
    "fulfilment_orders.move",
    f"""mutation MoveFulfilmentOrder(
  $id: ID!, $location: ID!, $lines: [FulfillmentOrderLineItemInput!], $inner: Int!
) {{
  fulfillmentOrderMove(id: $id, newLocationId: $location, fulfillmentOrderLineItems: $lines) {{
    movedFulfillmentOrder {{ ...FulfilmentOrderFields }}
    userErrors {{ field code }}
  }}
}}
{_WORK}""",
    Safety.CREATING,
    cost=60,
)
DELIVER = Document(
    "deliver",
    """mutation Deliver($event: FulfillmentEventInput!) {
  fulfillmentEventCreate(fulfillmentEvent: $event) {
    fulfillmentEvent { id status }
    userErrors { field message }
  }
}""",
    Safety.CREATING,
)
CANCEL = Document(
    "cancel",
    """mutation CancelOrder(
  $id: ID!, $reason: OrderCancelReason!, $notify: Boolean!, $note: String,
  $refund: OrderCancelRefundMethodInput!
) {
  orderCancel(
    orderId: $id, reason: $reason, restock: false, notifyCustomer: $notify, staffNote: $note,
    refundMethod: $refund
  ) {
    job { id done }
    orderCancelUserErrors { field code }
  }
}""",
    Safety.CREATING,
)
BEGIN_EDIT = Document(
    "edit.begin",
    f"""mutation BeginEdit($id: ID!, $first: Int!) {{
  orderEditBegin(id: $id) {{
    calculatedOrder {{
      id
      lineItems(first: $first) {{ nodes {{ id quantity editableQuantity }} {_PAGE} }}
    }}
    userErrors {{ field message }}
  }}
}}""",
    Safety.ABSOLUTE,
    cost=60,
)
"""An edit that is begun changes nothing until it is committed; one that is left lying is forgotten by Shopify."""
EDIT_QUANTITY = Document(
    "edit.quantity",
    """mutation EditQuantity($id: ID!, $line: ID!, $quantity: Int!) {
  orderEditSetQuantity(id: $id, lineItemId: $line, quantity: $quantity, restock: false) {
    calculatedLineItem { id quantity }
    userErrors { field message }
  }
}""",
    Safety.ABSOLUTE,
)
COMMIT_EDIT = Document(
    "edit.commit",
    """mutation CommitEdit($id: ID!, $notify: Boolean!, $note: String) {
  orderEditCommit(id: $id, notifyCustomer: $notify, staffNote: $note) {
    order { id }
    userErrors { field message }
  }
}""",
    Safety.CREATING,
)
REFUND = Document(
    "refund",
    """mutation Refund($input: RefundInput!, $key: String!) {
  refundCreate(input: $input) @idempotent(key: $key) {
    refund {
      id totalRefundedSet { shopMoney { amount currencyCode } }
      transactions(first: 50) {
        nodes { id kind status amountSet { shopMoney { amount currencyCode } } parentTransaction { id } }
        pageInfo { hasNextPage endCursor }
      }
    }
    userErrors { field message }
  }
}""",
    Safety.CREATING,
)
ADD_NOTE = Document(
    "note",
    """mutation NoteOrder($input: OrderInput!) {
  orderUpdate(input: $input) { order { id } userErrors { field message } }
}""",
    Safety.CREATING,
)

WORKING = (
    FULFILMENT_ORDERS, MORE_FULFILMENT_ORDER_LINES, FULFIL, MOVE, DELIVER, CANCEL, BEGIN_EDIT, EDIT_QUANTITY,
    COMMIT_EDIT, REFUND, ADD_NOTE,
)  # fmt: skip
