"""Lists with filters and pages, newest first.

`reference` and `tracking_number` match any part, in any case; a filter that the aggregator does not know is
ignored.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

from starlette.datastructures import QueryParams
from starlette.requests import Request

from sandbox.courier.karrio.checks import Invalid, moment
from sandbox.courier.records import Json, Shipment, ShipmentStatus, Tracker, TrackerStatus

T = TypeVar("T")


def page(request: Request, rows: Iterable[T], shape: Callable[[T], Json]) -> Json:
    """One page of the rows that are given, 20 unless `limit` says otherwise."""
    found = list(rows)
    limit = _number(request.query_params.get("limit"), 20) or 20
    offset = _number(request.query_params.get("offset"), 0)
    after = offset + limit
    return {
        "count": len(found),
        "next": _link(request, limit, after) if after < len(found) else None,
        "previous": _link(request, limit, max(offset - limit, 0)) if offset > 0 else None,
        "results": [shape(row) for row in found[offset:after]],
    }


def shipments(rows: Iterable[Shipment], query: QueryParams) -> list[Shipment]:
    """The shipments that pass the filters, newest first."""
    tests: list[Callable[[Shipment], bool]] = []
    tests += _text(query, "tracking_number", lambda row: row.tracking_number)
    tests += _text(query, "reference", lambda row: row.reference)
    tests += _text(query, "order_id", lambda row: row.order_id)
    tests += _text(query, "keyword", lambda row: " ".join(filter(None, _words(row))))
    tests += _choices(query, "status", [*ShipmentStatus], lambda row: row.status.value)
    tests += _listed(query, "id", lambda row: row.id)
    tests += _listed(query, "carrier_name", lambda row: row.selected.carrier_name if row.selected else "")
    tests += _listed(query, "service", lambda row: row.selected.service if row.selected else "")
    tests += _listed(query, "request_id", lambda row: row.request_id)
    if key := query.get("metadata_key"):
        tests.append(lambda row: key in row.metadata)
    if value := query.get("metadata_value"):
        tests.append(lambda row: value in [str(one) for one in row.metadata.values()])
    if flag := query.get("has_tracker"):
        tests.append(lambda row: (row.tracker is not None) is (flag.lower() == "true"))
    return _newest([row for row in rows if all(test(row) for test in tests)], query)


def trackers(rows: Iterable[Tracker], query: QueryParams) -> list[Tracker]:
    """The trackers that pass the filters, newest first."""
    tests: list[Callable[[Tracker], bool]] = []
    tests += _text(query, "tracking_number", lambda row: row.tracking_number)
    tests += _text(query, "keyword", lambda row: f"{row.tracking_number} {row.id} {row.request_id}")
    tests += _choices(query, "status", [*TrackerStatus], lambda row: row.status)
    tests += _listed(query, "carrier_name", lambda row: row.carrier_name)
    tests += _listed(query, "request_id", lambda row: row.request_id)
    return _newest([row for row in rows if all(test(row) for test in tests)], query)


def _words(row: Shipment) -> list[str | None]:
    return [row.id, row.reference, row.order_id, row.tracking_number]


D = TypeVar("D", Shipment, Tracker)


def _newest(rows: list[D], query: QueryParams) -> list[D]:
    if after := query.get("created_after"):
        start = moment("created_after", after)
        rows = [row for row in rows if row.created_at >= start]
    if before := query.get("created_before"):
        end = moment("created_before", before)
        rows = [row for row in rows if row.created_at <= end]
    return rows[::-1]


def _text(query: QueryParams, name: str, read: Callable[[T], str | None]) -> list[Callable[[T], bool]]:
    wanted = query.get(name, "").lower()
    return [lambda row: wanted in (read(row) or "").lower()] if wanted else []


def _listed(query: QueryParams, name: str, read: Callable[[T], str]) -> list[Callable[[T], bool]]:
    wanted = [part for value in query.getlist(name) for part in value.split(",") if part]
    return [lambda row: read(row) in wanted] if wanted else []


def _choices(
    query: QueryParams, name: str, known: list[str], read: Callable[[T], str]
) -> list[Callable[[T], bool]]:
    for value in query.getlist(name):
        if value not in known:
            raise Invalid(f"{name}: Select a valid choice. {value} is not one of the available choices.")
    return _listed(query, name, read)


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdigit() else default


def _link(request: Request, limit: int, offset: int) -> str:
    url = request.url.include_query_params(limit=limit, offset=offset)
    return str(url if offset else url.remove_query_params("offset"))
