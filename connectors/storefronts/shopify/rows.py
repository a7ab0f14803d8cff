"""The orders of a page as the feeds find their place by them: their moments, and what tells a change.

One that does not fit has no moment of its own; it takes that of the row before it, so that it is passed over like
the others once it was given out.
"""

from collections.abc import Sequence
from zlib import crc32

import msgspec

from connectors.storefronts.shopify import payloads
from connectors.storefronts.shopify.cursors import Row, seconds
from connectors.transport import decode


def rows_of(records: Sequence[msgspec.Raw], begin: int) -> list[Row]:
    """One for each record, in their order; `begin` is the moment at which the page begins."""
    found: list[Row] = []
    moved = begin
    for record in records:
        content = crc32(bytes(record))
        try:
            head = decode(record, type=payloads.OrderHead)
        except msgspec.ValidationError:
            found.append(Row(id_of(record) or f"?{content}", moved, content))
            continue
        moved = seconds(head.updated_at)
        found.append(Row(head.id, moved, content))
    return found


def id_of(record: msgspec.Raw) -> str | None:
    """A record's id, where it has one."""
    try:
        return decode(record, type=payloads.Id).id
    except msgspec.ValidationError:
        return None
