"""Reading the JSON body of a request."""

import json

from starlette.requests import Request

from sandbox.courier.karrio.checks import Invalid
from sandbox.courier.records import Json


async def body(request: Request) -> Json:
    """The body as an object; an empty body is an empty object. Raises Invalid for broken JSON."""
    raw = await request.body()
    if not raw:
        return {}
    try:
        given = json.loads(raw)
    except ValueError as error:
        raise Invalid(f"JSON parse error - {error}", code="parse_error") from None
    if not isinstance(given, dict):
        raise Invalid("non_field_errors: Invalid data. Expected a dictionary.")
    return given


def texts(value: object) -> list[str]:
    """A list of texts, or none."""
    return [str(part) for part in value] if isinstance(value, list) else []


def text(value: object) -> str | None:
    """A text, or null."""
    return str(value) if value is not None else None


def mapping(value: object) -> Json:
    """An object, or an empty one."""
    return value if isinstance(value, dict) else {}
