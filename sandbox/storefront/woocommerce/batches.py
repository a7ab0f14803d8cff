"""A batch: every item by itself, in its place. Over the limit nothing is done at all.

No item is held against the schema, so that null stays null: and what is null is to WordPress as if it were not there.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from sandbox.storefront.woocommerce.answers import No, too_many
from sandbox.storefront.woocommerce.calls import Body, Call, Reply

MOST = 100


def batch(
    call: Call,
    *,
    create: Callable[[Call, Body], Body],
    update: Callable[[Call, int, Body], Body],
    delete: Callable[[Call, int], Body],
) -> Reply:
    """Create, update, delete; what fails is told in place, with id 0 for what was never made."""
    parts = {name: _rows(call.body, name) for name in ("create", "update", "delete")}
    if sum(len(rows) for rows in parts.values()) > MOST:
        raise too_many(MOST)
    found: dict[str, list[Body]] = {}
    if parts["create"]:
        found["create"] = [_try(0, partial(create, call, row)) for row in parts["create"]]
    if parts["update"]:
        rows = [(_id(row.get("id")), row) for row in parts["update"] if isinstance(row, dict)]
        found["update"] = [_try(id, partial(update, call, id, row)) for id, row in rows]
    if parts["delete"]:
        ids = [_id(each) for each in parts["delete"]]
        found["delete"] = [_try(id, partial(delete, call, id)) for id in ids]
    return Reply(found or [])


def _rows(body: Body, name: str) -> list[Any]:
    rows = body.get(name)
    return [_told(row) for row in rows] if isinstance(rows, list) else []


def _told(row: Any) -> Any:
    return {name: value for name, value in row.items() if value is not None} if isinstance(row, dict) else row


def _id(given: object) -> int:
    return int(str(given)) if str(given).isdigit() else 0


def _try(id: int, act: Callable[[], Body]) -> Body:
    try:
        return act()
    except No as no:
        return {"id": id, "error": no.body}
