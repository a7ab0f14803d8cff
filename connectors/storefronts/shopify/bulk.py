"""Bulk operations: begin one, take up one that runs, look how far it is.

An app may run few at once. One of ours that runs already with the same query is taken up: it is the one whose
answer was lost, or whose id was not stored. Where another one is in the way, the sweep goes page by page
instead.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto

from connectors.contract import Deadline, Refused, Throttled
from connectors.storefronts.shopify import documents, payloads
from connectors.storefronts.shopify.jsonl import checked
from connectors.storefronts.shopify.shop import Places, Shop
from connectors.transport import Uncertain

LOOKS = (0.2, 0.5, 1.0, 2.0, 3.0)
"""Seconds between the looks of one call."""
LOOK_AGAIN = timedelta(seconds=15)
_UNDER_WAY = frozenset({"CREATED", "RUNNING", "CANCELING"})


class Course(Enum):
    """How an operation ended."""

    WHOLE = auto()
    PART = auto()
    """It failed or was cancelled; what it had found until then may be there."""
    GONE = auto()
    """Expired, or forgotten."""


@dataclass(frozen=True, slots=True)
class Result:
    """An operation's end. `link` is None where it found nothing."""

    course: Course
    link: str | None


class Bulk:
    """The bulk operations of one shop."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def begin(self, places: Places, deadline: Deadline) -> str | None:
        """The id of an operation that reads the whole catalogue; None where none can run now."""
        query = documents.catalogue_query(places.location, places.publication)
        try:
            reply = await self._shop.client.send(documents.RUN, {"query": query}, deadline)
            result = reply.read(payloads.RunData).bulk_operation_run_query
        except Uncertain:
            return await self._running(query, deadline)
        except Refused:
            return None
        if result is not None and result.bulk_operation is not None and not result.user_errors:
            return result.bulk_operation.id
        return await self._running(query, deadline)

    async def _running(self, query: str, deadline: Deadline) -> str | None:
        variables = {"query": "operation_type:query"}
        reply = await self._shop.client.send(documents.RUNNING, variables, deadline)
        found = reply.read(payloads.OperationsData).bulk_operations.nodes
        same = [each for each in found if each.status in _UNDER_WAY and each.query.split() == query.split()]
        return same[0].id if same else None

    async def result(self, operation: str, deadline: Deadline) -> Result:
        """Its end. Raises Throttled while it runs: that is no failure, it is looked at again later."""
        for wait in (*LOOKS, None):
            variables = {"id": operation}
            reply = await self._shop.client.send(documents.OPERATION, variables, deadline)
            found = reply.read(payloads.OperationData).bulk_operation
            if found is None or found.status not in _UNDER_WAY:
                return self._ended(found)
            if wait is None or wait * 2 > deadline.left():
                break
            await asyncio.sleep(wait)
        raise Throttled("the shop still prepares the bulk operation's result", retry_after=LOOK_AGAIN)

    def _ended(self, found: payloads.Operation | None) -> Result:
        if found is None or found.status == "EXPIRED":
            return Result(Course.GONE, None)
        course = Course.WHOLE if found.status == "COMPLETED" else Course.PART
        link = found.url or found.partial_data_url
        return Result(course, checked(link, self._shop.options.url) if link else None)
