"""What the shop's refusals mean, in our words: its own may name a buyer and are not repeated. Pure.

Many user errors have no code. Those texts of Shopify that were recorded are known by a piece of them.
"""

from collections.abc import Sequence

from connectors.contract import Rejected
from connectors.storefronts.shopify.client import vendor_code
from connectors.storefronts.shopify.payloads import UserError

_WORDS = {
    "RESOURCE_NOT_FOUND": "the shop does not know it",
    "NOT_FOUND": "the shop does not know it",
    "INVALID_VARIABLE": "the shop finds a value wrong",
    "INVALID_FIELD_ARGUMENTS": "the shop finds a value wrong",
    "MAX_INPUT_SIZE_EXCEEDED": "it has more than 250 parts, and Shopify takes no more at once",
    "BAD_REQUEST": "the shop finds the request wrong",
    "undefinedField": "the shop's API differs from the version that was asked for",
    "ACCESS_DENIED": "the app lacks an access scope (see the README)",
    "INVALID": "it is not in a state that allows it",
    "INVALID_STATE": "it is not in a state that allows it",
    "INVALID_INPUT": "the shop finds a value wrong",
    "GREATER_THAN_OR_EQUAL_TO": "a value is below what the shop allows",
    "NEGATIVE_PRICE_VALUE": "a price is below 0",
    "PRODUCT_DOES_NOT_EXIST": "the product is gone",
    "PRODUCT_VARIANT_DOES_NOT_EXIST": "the variant is gone",
    "PRODUCT_SUSPENDED": "Shopify has suspended the product",
    "INVALID_INVENTORY_ITEM": "the variant's stock item is gone",
    "INVALID_LOCATION": "the location is gone or closed",
    "NON_MUTABLE_INVENTORY_ITEM": "its quantity is made of other items (a bundle)",
    "INVALID_QUANTITY_NEGATIVE": "a quantity is below 0",
    "INVALID_QUANTITY_TOO_HIGH": "a quantity is more than the shop can hold",
    "HANDLE_NOT_UNIQUE": "another product has the same handle",
    "PRODUCT_VARIANTS_LIMIT": "the product has too many variants",
    "NO_REFUND_PERMISSION": "the app may not refund",
    "INTERNAL_ERROR": "the shop failed inside",
    "HELD": "the fulfilment is on hold",
    "WRONG_QUANTITY": "it has fewer units left to ship than that",
    "SEVERAL_LOCATIONS": "its units are assigned to several locations",
    "SEVERAL_ORDERS": "its lines belong to several orders",
    "OUTSTANDING_FULFILMENTS": "units of it have left, or are on their way out",
    "REFUND_TOO_MUCH": "the payment has less left to refund",
    "TAKEN": "it is there already",
    "ADDRESS": "Shopify sends to https addresses only, and not to its own or to internal ones",
    "LOCKED": "it cannot be changed any more",
}
_TEXTS = (
    ("idempotency key cannot be used with different", "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"),
    ("previous attempt", "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED"),
    ("does not exist", "NOT_FOUND"),
    ("invalid fulfillment order line item quantity", "WRONG_QUANTITY"),
    ("must be assigned to a single location", "SEVERAL_LOCATIONS"),
    ("must belong to the same order", "SEVERAL_ORDERS"),
    ("outstanding fulfillments", "OUTSTANDING_FULFILMENTS"),
    ("on hold", "HELD"),
    ("unfulfillable status", "INVALID_STATE"),
    ("more than", "REFUND_TOO_MUCH"),
    ("exceed", "REFUND_TOO_MUCH"),
    ("has already been taken", "TAKEN"),
    ("already active at the location", "ALREADY_STOCKED"),
    ("address protocol", "ADDRESS"),
    ("internal domain", "ADDRESS"),
    ("cannot be edited", "LOCKED"),
    ("cannot be refunded", "INVALID_STATE"),
)


def code_of(errors: Sequence[UserError]) -> str:
    """The code of the first complaint: Shopify's own, or ours for a text of it that is known; "" else."""
    first = errors[0]
    if first.code:
        return vendor_code(first.code)
    text = first.message.lower()
    return next((code for piece, code in _TEXTS if piece in text), "")


def refusal(code: str, what: str) -> Rejected:
    """The item's outcome for a code; `what` names the attempt in a few words."""
    words = _WORDS.get(code, "the shop refuses it")
    shown = f" ({code})" if code and code not in _WORDS else ""
    return Rejected(f"{what}: {words}{shown}", code=code, mendable=code not in ("SEVERAL_ORDERS",))


def refused_by(errors: Sequence[UserError], what: str) -> Rejected | None:
    """The outcome where a mutation complains; None where it does not."""
    return refusal(code_of(errors), what) if errors else None


def no_order(order: str) -> Rejected:
    """The outcome where the shop has no such order."""
    return Rejected(f"the shop has no order {order}", code="NOT_FOUND")


def no_variant(variant: str) -> Rejected:
    """The outcome where the shop has no such variant."""
    return Rejected(f"the shop has no variant {variant}", code="NOT_FOUND")
