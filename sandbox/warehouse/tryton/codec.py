"""Values on the wire: decimals, dates and durations are objects that name their class."""

import base64
import binascii
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from sandbox.warehouse.tryton.errors import Broken


def encode(value: object) -> object:
    """A value of the books as JSON can hold it; a reference pair becomes "model,id"."""
    match value:
        case datetime():
            moment = value.astimezone(UTC)
            parts = ("year", "month", "day", "hour", "minute", "second", "microsecond")
            return {"__class__": "datetime", **{part: getattr(moment, part) for part in parts}}
        case date():
            return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}
        case timedelta():
            return {"__class__": "timedelta", "seconds": value.total_seconds()}
        case Decimal():
            return {"__class__": "Decimal", "decimal": str(value)}
        case (str() as model, int() as row_id):
            return f"{model},{row_id}"
        case _:
            return value


def revive(value: dict[str, object]) -> object:
    """The object hook that turns class-naming objects back into values."""
    numbers = {key: part for key, part in value.items() if isinstance(part, int)}
    match value.get("__class__"):
        case "date":
            return date(numbers["year"], numbers["month"], numbers["day"])
        case "datetime":
            parts = ("year", "month", "day", "hour", "minute", "second", "microsecond")
            return datetime(*[numbers[part] for part in parts], tzinfo=UTC)  # type: ignore[misc,arg-type]
        case "timedelta":
            return timedelta(seconds=float(str(value["seconds"])))
        case "Decimal":
            return Decimal(str(value["decimal"]))
        case _:
            return value


def read_json(text: str | bytes) -> object:
    """Parse JSON with values revived; raises ValueError."""
    try:
        return json.loads(text, object_hook=revive)
    except (KeyError, TypeError, InvalidOperation) as error:
        raise ValueError(str(error)) from None


def read_base64(text: str) -> object:
    """Parse the base64 of JSON, as headers and query parameters carry it."""
    try:
        return read_json(base64.urlsafe_b64decode(text).decode())
    except (ValueError, binascii.Error) as error:
        raise Broken(str(error)) from None
