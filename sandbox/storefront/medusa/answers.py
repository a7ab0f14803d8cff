"""How this shop says no: a status, and a body with `type` and `message`."""

from typing import Any


class No(Exception):
    """A refusal as the API gives it; `body` is the whole answer."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(body.get("message", ""))
        self.status = status
        self.body = body


def _no(status: int, type: str, message: str) -> No:
    return No(status, {"type": type, "message": message})


def invalid(message: str) -> No:
    """The request does not fit."""
    return _no(400, "invalid_data", message)


def not_allowed(message: str) -> No:
    """The request fits, and cannot be done as things stand."""
    return _no(400, "not_allowed", message)


def missing(message: str) -> No:
    """There is no such thing."""
    return _no(404, "not_found", message)


def unauthorised(message: str) -> No:
    """A log-in that failed."""
    return _no(401, "unauthorized", message)


def nobody() -> No:
    """A call without valid credentials: no type, unlike every other refusal."""
    return No(401, {"message": "Unauthorized"})


def too_large() -> No:
    """A body over the limit."""
    return No(413, {"message": "request entity too large", "type": "unknown_error"})


def fault() -> No:
    """What the server says of its own faults."""
    body = {"code": "unknown_error", "type": "unknown_error", "message": "An unknown error occurred."}
    return No(500, body)


def too_little() -> No:
    """A cart asks for more than there is."""
    body = {
        "code": "insufficient_inventory",
        "type": "not_allowed",
        "message": "Some variant does not have the required inventory",
    }
    return No(400, body)
