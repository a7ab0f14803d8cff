"""How this shop says no: a status, and a body with `code`, `message` and `data`."""

from collections.abc import Mapping
from typing import Any


class No(Exception):
    """A refusal as the API gives it; `body` is the whole answer."""

    def __init__(self, status: int, body: dict[str, Any], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(str(body.get("message", "")))
        self.status = status
        self.body = body
        self.headers = dict(headers or {})


def no(status: int, code: str, message: str, **data: Any) -> No:
    """A refusal whose `data` holds the status and more."""
    return No(status, {"code": code, "message": message, "data": {"status": status, **data}})


def invalid(name: str, message: str, code: str = "rest_invalid_param", *, data: Any = None) -> No:
    """A parameter that does not fit: `message` says why, `code` is the kind of fault."""
    details = {name: {"code": code, "message": message, "data": data}}
    return no(
        400,
        "rest_invalid_param",
        f"Invalid parameter(s): {name}",
        params={name: message},
        details=details,
    )


def wrong_type(name: str, kind: str, *, under: str | None = None) -> No:
    """A parameter of another type than its schema's; `under` is the parameter that holds it."""
    text = f"{name} is not of type {kind}."
    return invalid(under or name, text, "rest_invalid_type", data={"param": name})


def not_one_of(name: str, allowed: list[str], *, under: str | None = None) -> No:
    """A parameter beside its enumeration."""
    text = f"{name} is not one of {', '.join(allowed[:-1])}, and {allowed[-1]}."
    return invalid(under or name, text, "rest_not_in_enum")


def invalid_id(kind: str, status: int) -> No:
    """There is no such thing."""
    return no(status, f"woocommerce_rest_{kind}_invalid_id", "Invalid ID.")


def no_route() -> No:
    """No such address, or not with this verb."""
    return no(404, "rest_no_route", "No route was found matching the URL and request method.")


def unauthenticated(message: str) -> No:
    """Credentials that were looked at and are wrong."""
    return no(401, "woocommerce_rest_authentication_error", message)


_FORBIDDEN = {
    "view": "Sorry, you cannot view this resource.",
    "list": "Sorry, you cannot list resources.",
    "create": "Sorry, you are not allowed to create resources.",
    "edit": "Sorry, you are not allowed to edit this resource.",
    "delete": "Sorry, you are not allowed to delete this resource.",
    "batch": "Sorry, you are not allowed to batch manipulate this resource.",
}


def nobody(verb: str, pattern: str, *, one: bool) -> No:
    """What a caller without a key is told."""
    if pattern.endswith("/batch"):
        what = "batch"
    elif verb == "GET":
        what = "view" if one else "list"
    elif verb == "DELETE":
        what = "delete"
    else:
        what = "edit" if one else "create"
    return no(401, f"woocommerce_rest_cannot_{what.replace('list', 'view')}", _FORBIDDEN[what])


def bad_json() -> No:
    """A body that cannot be read."""
    return no(
        400,
        "rest_invalid_json",
        "Invalid JSON body passed.",
        json_error_code=4,
        json_error_message="Syntax error",
    )


def not_an_object() -> No:
    """A body that is JSON, and no object."""
    return no(400, "rest_invalid_param", "Invalid parameter(s): body")


def too_many(limit: int) -> No:
    """A batch over its limit, of which nothing is done."""
    text = f"Unable to accept more than {limit} items for this request."
    return no(413, "woocommerce_rest_request_entity_too_large", text)


def refund_failed(message: str, *, code: str = "cannot_create_order_refund", data: int = 500) -> No:
    """A refund that cannot be: status 500 whatever the reason, and an integer as `data`, as the real one has it."""
    return No(500, {"code": f"woocommerce_rest_{code}", "message": message, "data": data})


def taken_sku(sku: str, by: int) -> No:
    """A SKU that something in the shop bears already."""
    return no(
        400,
        "product_invalid_sku",
        "Invalid or duplicated SKU.",
        resource_id=by,
        unique_sku=f"{sku}-1",
    )


def trashed_sku(sku: str) -> No:
    """A SKU that something in the trash holds."""
    text = f"The product with SKU ({sku}) you are trying to insert is already present in the lookup table"
    return no(400, "woocommerce_rest_product_not_created", text)
