"""What the shop's refusals mean, in our words: its own may name a buyer and are not repeated. Pure."""

from connectors.contract import Rejected

_WORDS = {
    "not_found": "the shop does not know it",
    "not_allowed": "it is not in a state that allows it",
    "invalid_data": "the shop finds the values wrong, or its state does not allow it",
    "duplicate_error": "the shop has it already",
    "conflict": "the shop works on it at this moment",
    "too_large": "it is larger than the shop takes",
    "forbidden": "the shop's user or key lacks a permission",
}


def refusal(code: str, what: str) -> Rejected:
    """The item's outcome for one of Medusa's types; `what` names the attempt in a few words."""
    return Rejected(f"{what}: {_WORDS.get(code, 'the shop refuses it')}", code=code)


def no_order(order: str) -> Rejected:
    """The outcome where the shop has no such order."""
    return Rejected(f"the shop has no order {order}", code="not_found")
