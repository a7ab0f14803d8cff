"""Request bodies: what must be there, of which kind, and what must not."""

from typing import Any

from sandbox.storefront.medusa.answers import invalid

Body = dict[str, Any]


def known(body: Body, *names: str) -> None:
    """Refuse keys that the route does not know."""
    if unknown := [name for name in body if name not in names]:
        raise invalid(f"Invalid request: Unrecognized fields: '{', '.join(unknown)}'")


def text(body: Body, name: str, path: str = "") -> str:
    """A text that must be there."""
    value = body.get(name)
    if not isinstance(value, str):
        raise invalid(f"Invalid request: Field '{path}{name}' is required")
    return value


def number(body: Body, name: str, path: str = "", *, least: float | None = 0, above: bool = False) -> float:
    """A number that must be there, and not too small."""
    value = body.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise invalid(f"Invalid request: Field '{path}{name}' is required")
    if least is not None and (value <= least if above else value < least):
        raise invalid(
            f"Invalid request: Value for field '{path}{name}' too small, expected at least: '{least:g}'"
        )
    return value


def rows(body: Body, name: str, *, least: int = 0) -> list[Body]:
    """A list of objects; absent is empty."""
    value = body.get(name, [])
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise invalid(
            f"Invalid request: Expected type: 'array' for field '{name}', got: '{type(value).__name__}'"
        )
    if len(value) < least:
        raise invalid(f"Invalid request: Value for field '{name}' too small, expected at least: '{least}'")
    return value


def labels(body: Body) -> list[dict[str, str]]:
    """The labels of a shipment: each needs its number and both addresses."""
    names = ("tracking_number", "tracking_url", "label_url")
    return [
        {name: text(row, name, f"labels, {n}, ") for name in names}
        for n, row in enumerate(rows(body, "labels"))
    ]
