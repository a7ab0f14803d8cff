"""What comes after the sale: refunds, returns, and edits of placed orders."""

TEXT = """
enum RefundLineItemRestockType { RETURN CANCEL LEGACY_RESTOCK NO_RESTOCK }
enum OrderAdjustmentDiscrepancyReason {
  RESTOCK DAMAGE CUSTOMER REFUND_DISCREPANCY FULL_RETURN_BALANCING_ADJUSTMENT PENDING_REFUND_DISCREPANCY
}
enum OrderAdjustmentInputDiscrepancyReason { RESTOCK DAMAGE CUSTOMER OTHER }
enum ReturnStatus { CANCELED CLOSED OPEN REQUESTED DECLINED }
enum ReturnReason {
  SIZE_TOO_SMALL SIZE_TOO_LARGE UNWANTED NOT_AS_DESCRIBED WRONG_ITEM DEFECTIVE STYLE COLOR OTHER UNKNOWN
}
enum ReturnProcessingStatusFilterInput { PROCESSED PROCESSABLE }
enum ReverseFulfillmentOrderStatus { CANCELED CLOSED OPEN }
enum ReverseFulfillmentOrderDispositionType { RESTOCKED PROCESSING_REQUIRED NOT_RESTOCKED MISSING }
enum ReturnDeclineReason { RETURN_PERIOD_ENDED FINAL_SALE OTHER }

type RefundLineItem {
  id: ID
  lineItem: LineItem!
  location: Location
  priceSet: MoneyBag!
  quantity: Int!
  restockType: RefundLineItemRestockType!
  restocked: Boolean!
  subtotalSet: MoneyBag!
  totalTaxSet: MoneyBag!
}
type RefundShippingLine implements Node {
  id: ID!
  shippingLine: ShippingLine!
  subtotalAmountSet: MoneyBag!
  taxAmountSet: MoneyBag!
}
type OrderAdjustment implements Node {
  amountSet: MoneyBag!
  id: ID!
  reason: OrderAdjustmentDiscrepancyReason
  taxAmountSet: MoneyBag!
}
type Refund implements LegacyInteroperability & Node {
  createdAt: DateTime
  id: ID!
  legacyResourceId: UnsignedInt64!
  note: String
  order: Order!
  orderAdjustments(%P): OrderAdjustmentConnection!
  processedAt: DateTime!
  refundLineItems(%P): RefundLineItemConnection!
  refundShippingLines(%P): RefundShippingLineConnection!
  return: Return
  totalRefundedSet: MoneyBag!
  transactions(%P): OrderTransactionConnection!
  updatedAt: DateTime!
}
input RefundLineItemInput {
  lineItemId: ID!
  quantity: Int!
  restockType: RefundLineItemRestockType
  locationId: ID
}
input ShippingRefundInput { amount: Money fullRefund: Boolean }
input OrderTransactionInput {
  amount: Money!
  gateway: String!
  kind: OrderTransactionKind!
  orderId: ID!
  parentId: ID
}
input RefundInput {
  currency: CurrencyCode
  orderId: ID!
  note: String
  notify: Boolean
  shipping: ShippingRefundInput
  processedAt: DateTime
  refundLineItems: [RefundLineItemInput!]
  transactions: [OrderTransactionInput!]
  discrepancyReason: OrderAdjustmentInputDiscrepancyReason
  allowOverRefunding: Boolean = false
}
type RefundCreatePayload { order: Order refund: Refund userErrors: [UserError!]! }

interface ReturnLineItemType implements Node {
  customerNote: String
  id: ID!
  processableQuantity: Int!
  processedQuantity: Int!
  quantity: Int!
  refundableQuantity: Int!
  refundedQuantity: Int!
  returnReason: ReturnReason!
  returnReasonDefinition: ReturnReasonDefinition
  returnReasonNote: String!
  unprocessedQuantity: Int!
}
type ReturnLineItem implements Node & ReturnLineItemType {
  customerNote: String
  fulfillmentLineItem: FulfillmentLineItem!
  id: ID!
  processableQuantity: Int!
  processedQuantity: Int!
  quantity: Int!
  refundableQuantity: Int!
  refundedQuantity: Int!
  returnReason: ReturnReason!
  returnReasonDefinition: ReturnReasonDefinition
  returnReasonNote: String!
  unprocessedQuantity: Int!
}
type ReturnReasonDefinition implements Node { deleted: Boolean! handle: String! id: ID! name: String! }
type ReturnDecline { note: String reason: ReturnDeclineReason! }
type Return implements Node {
  closedAt: DateTime
  createdAt: DateTime!
  decline: ReturnDecline
  exchangeLineItems(
    %P, includeRemovedItems: Boolean = false, processingStatus: ReturnProcessingStatusFilterInput
  ): ExchangeLineItemConnection!
  id: ID!
  name: String!
  order: Order!
  refunds(%P): RefundConnection!
  requestApprovedAt: DateTime
  returnLineItems(%P): ReturnLineItemTypeConnection!
  reverseFulfillmentOrders(%P): ReverseFulfillmentOrderConnection!
  status: ReturnStatus!
  totalQuantity: Int!
}
type ExchangeLineItem implements Node {
  id: ID!
  lineItems: [LineItem!]
  processableQuantity: Int!
  processedQuantity: Int!
  quantity: Int!
  unprocessedQuantity: Int!
  variantId: ID
}
type ReverseFulfillmentOrder implements Node {
  id: ID!
  lineItems(%P): ReverseFulfillmentOrderLineItemConnection!
  order: Order
  reverseDeliveries(%P): ReverseDeliveryConnection!
  status: ReverseFulfillmentOrderStatus!
}
type ReverseFulfillmentOrderLineItem implements Node {
  dispositions: [ReverseFulfillmentOrderDisposition!]!
  fulfillmentLineItem: FulfillmentLineItem
  id: ID!
  totalQuantity: Int!
}
type ReverseFulfillmentOrderDisposition implements Node {
  createdAt: DateTime!
  id: ID!
  location: Location
  quantity: Int!
  type: ReverseFulfillmentOrderDispositionType!
}
type ReverseDelivery implements Node {
  deliverable: ReverseDeliveryDeliverable
  id: ID!
  reverseFulfillmentOrder: ReverseFulfillmentOrder!
}
union ReverseDeliveryDeliverable = ReverseDeliveryShippingDeliverable
type ReverseDeliveryShippingDeliverable { tracking: ReverseDeliveryTrackingV2 }
type ReverseDeliveryTrackingV2 { carrierName: String number: String url: URL }
input ReverseFulfillmentOrderDisposeInput {
  reverseFulfillmentOrderLineItemId: ID!
  quantity: Int!
  locationId: ID
  dispositionType: ReverseFulfillmentOrderDispositionType!
}
type ReverseFulfillmentOrderDisposePayload {
  reverseFulfillmentOrderLineItems: [ReverseFulfillmentOrderLineItem!]
  userErrors: [ReturnUserError!]!
}
enum ReturnErrorCode {
  INTERNAL_ERROR BLANK GREATER_THAN INVALID LESS_THAN_OR_EQUAL_TO TOO_BIG INVALID_STATE NOT_EDITABLE NOT_FOUND
}
type ReturnUserError implements DisplayableError { code: ReturnErrorCode field: [String!] message: String! }
input ReturnRequestLineItemInput {
  fulfillmentLineItemId: ID!
  quantity: Int!
  returnReason: ReturnReason
  customerNote: String
}
input ReturnRequestInput { orderId: ID! returnLineItems: [ReturnRequestLineItemInput!]! }
input ReturnApproveRequestInput { id: ID! notifyCustomer: Boolean = false unprocessed: Boolean = false }
input ReturnDeclineRequestInput {
  id: ID!
  declineReason: ReturnDeclineReason!
  notifyCustomer: Boolean = false
  declineNote: String
}
type ReturnRequestPayload { return: Return userErrors: [ReturnUserError!]! }
type ReturnApproveRequestPayload { return: Return userErrors: [ReturnUserError!]! }
type ReturnDeclineRequestPayload { return: Return userErrors: [ReturnUserError!]! }
type ReturnClosePayload { return: Return userErrors: [ReturnUserError!]! }
type ReturnCancelPayload { return: Return userErrors: [ReturnUserError!]! }

type OrderEditSession implements Node { id: ID! }
type CalculatedLineItem {
  editableQuantity: Int!
  editableQuantityBeforeChanges: Int!
  id: ID!
  originalUnitPriceSet: MoneyBag!
  quantity: Int!
  restockable: Boolean!
  restocking: Boolean!
  sku: String
  title: String!
  variant: ProductVariant
  variantTitle: String
}
type CalculatedOrder implements Node {
  addedLineItems(%P): CalculatedLineItemConnection!
  id: ID!
  lineItems(%P, query: String): CalculatedLineItemConnection!
  originalOrder: Order!
  subtotalLineItemsQuantity: Int!
  subtotalPriceSet: MoneyBag
  totalOutstandingSet: MoneyBag!
  totalPriceSet: MoneyBag!
}
type OrderEditBeginPayload {
  calculatedOrder: CalculatedOrder
  orderEditSession: OrderEditSession
  userErrors: [UserError!]!
}
type OrderEditSetQuantityPayload {
  calculatedLineItem: CalculatedLineItem
  calculatedOrder: CalculatedOrder
  orderEditSession: OrderEditSession
  userErrors: [UserError!]!
}
type OrderEditCommitPayload { order: Order successMessages: [String!] userErrors: [UserError!]! }

extend type QueryRoot {
  refund(id: ID!): Refund
  return(id: ID!): Return
  reverseFulfillmentOrder(id: ID!): ReverseFulfillmentOrder
}
extend type Mutation {
  orderEditBegin(id: ID!): OrderEditBeginPayload
  orderEditSetQuantity(
    id: ID!, lineItemId: ID!, quantity: Int!, restock: Boolean
  ): OrderEditSetQuantityPayload
  orderEditCommit(id: ID!, notifyCustomer: Boolean, staffNote: String): OrderEditCommitPayload
  refundCreate(input: RefundInput!): RefundCreatePayload
  returnRequest(input: ReturnRequestInput!): ReturnRequestPayload
  returnApproveRequest(input: ReturnApproveRequestInput!): ReturnApproveRequestPayload
  returnDeclineRequest(input: ReturnDeclineRequestInput!): ReturnDeclineRequestPayload
  returnClose(id: ID!): ReturnClosePayload
  returnCancel(id: ID!): ReturnCancelPayload
  reverseFulfillmentOrderDispose(
    dispositionInputs: [ReverseFulfillmentOrderDisposeInput!]!
  ): ReverseFulfillmentOrderDisposePayload
}
"""
