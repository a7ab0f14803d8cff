"""How a shop says no: politely, as an answer that the caller must read, or as an error.

A `Refused` carries the name that Vendure gives to the case and its facts; a `Rejected` is an error of the
request itself; an `Internal` is a fault that the real server shows raw.
"""


class Refused(Exception):
    """The shop understood and declines; `typename` and `facts` go into the answer."""

    def __init__(self, typename: str, code: str, message: str, **facts: object) -> None:
        super().__init__(message)
        self.typename = typename
        self.code = code
        self.facts = facts


class Rejected(Exception):
    """The request cannot stand; `code` is GraphQL's word for why, None where the server gives none."""

    def __init__(self, message: str, code: str | None = "USER_INPUT_ERROR") -> None:
        super().__init__(message)
        self.code = code


def not_found(kind: str, id: str) -> Rejected:
    """What the server says about an id that does not exist."""
    return Rejected(f'No {kind} with the id "{id}" could be found', "ENTITY_NOT_FOUND")


def broken_foreign_key() -> Rejected:
    """The raw database error that an unknown location or asset gives."""
    return Rejected("FOREIGN KEY constraint failed", None)


def no_lines() -> Refused:
    """Nothing was chosen."""
    return Refused(
        "EmptyOrderLineSelectionError",
        "EMPTY_ORDER_LINE_SELECTION_ERROR",
        "At least one OrderLine must be specified",
    )


def wrong_order_state(error: str, from_state: str, to_state: str) -> Refused:
    """An order cannot move so."""
    return Refused(
        "OrderStateTransitionError",
        "ORDER_STATE_TRANSITION_ERROR",
        f'Cannot transition Order from "{from_state}" to "{to_state}"',
        transition_error=error,
        from_state=from_state,
        to_state=to_state,
    )
