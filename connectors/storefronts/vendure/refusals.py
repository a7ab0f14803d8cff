"""What the shop's refusals mean, in our words: its own may name a buyer and are not repeated. Pure."""

from connectors.contract import Rejected
from connectors.storefronts.vendure import payloads

_WORDS = {
    "ITEMS_ALREADY_FULFILLED_ERROR": "its units are in shipments already, or were cancelled",
    "EMPTY_ORDER_LINE_SELECTION_ERROR": "no units were named",
    "INSUFFICIENT_STOCK_ON_HAND_ERROR": "the shop has fewer units on hand than the shipment: raise its stock",
    "INVALID_FULFILLMENT_HANDLER_ERROR": "the shop has no `manual-fulfillment` handler: configure it",
    "CREATE_FULFILLMENT_ERROR": "the shop's fulfilment handler failed",
    "FULFILLMENT_STATE_TRANSITION_ERROR": "the shipment cannot go from its present state to the wanted one",
    "QUANTITY_TOO_GREAT_ERROR": "the line has fewer units than that",
    "MULTIPLE_ORDER_ERROR": "a line belongs to another order",
    "CANCEL_ACTIVE_ORDER_ERROR": "the order is not placed yet",
    "ORDER_STATE_TRANSITION_ERROR": "the order cannot go from its present state to the wanted one",
    "NOTHING_TO_REFUND_ERROR": "nothing was to be refunded",
    "PAYMENT_ORDER_MISMATCH_ERROR": "the payment belongs to another order",
    "REFUND_ORDER_STATE_ERROR": "the order is not paid yet",
    "ALREADY_REFUNDED_ERROR": "it was refunded before",
    "REFUND_AMOUNT_ERROR": "the payment has less left to refund",
    "REFUND_STATE_TRANSITION_ERROR": "the refund cannot be settled in its present state",
    "ILLEGAL_OPERATION": "it is not in a state that allows it",
    "MIME_TYPE_ERROR": "the shop does not take files of that type",
    "ENTITY_NOT_FOUND": "the shop does not know it (in this channel)",
    "USER_INPUT_ERROR": "the shop finds the values wrong",
    "BAD_USER_INPUT": "the shop finds the values wrong",
    "GRAPHQL_VALIDATION_FAILED": "the shop's schema differs: is it Vendure 3?",
    "FORBIDDEN": "the account's role in the shop lacks a permission",
}
_NOT_MENDABLE = frozenset(
    {"MULTIPLE_ORDER_ERROR", "PAYMENT_ORDER_MISMATCH_ERROR", "EMPTY_ORDER_LINE_SELECTION_ERROR"}
)


def refusal(code: str, what: str) -> Rejected:
    """The item's outcome for one of Vendure's codes; `what` names the attempt in a few words."""
    words = _WORDS.get(code, "the shop refuses it")
    return Rejected(f"{what}: {words}", code=code, mendable=code not in _NOT_MENDABLE)


def refused_by(result: payloads.Result, what: str) -> Rejected | None:
    """The outcome where a union's member is an error; None where it is the thing wanted."""
    return None if result.error_code is None else refusal(result.error_code, what)
