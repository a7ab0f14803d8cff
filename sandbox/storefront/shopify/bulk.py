"""Bulk operations: one query run by the shop itself a moment later, its result a file of JSON lines (`sheaf`).

A connection's records are lines of their own, with `__parentId` where they stand below another; the other fields
of a record stay in its line. Grouped, children follow their parent; else all parents come first, which the real
server may do as well.
"""

import asyncio
import collections
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.storefront.shopify.acts import Act, Args
from sandbox.storefront.shopify.answers import Made, Refusal, payload, stamp
from sandbox.storefront.shopify.books import ShopifyShop
from sandbox.storefront.shopify.calls import Call
from sandbox.storefront.shopify.lists import Connection, connection
from sandbox.storefront.shopify.names import gid, inside
from sandbox.storefront.shopify.search import matching
from sandbox.storefront.shopify.sheaf import Sheaf
from sandbox.storefront.vendure.graphql.execution import Resolvers
from sandbox.storefront.vendure.graphql.nodes import Document, Field, Operation, Selection, Spread
from sandbox.storefront.vendure.graphql.schema import Kind, Schema
from sandbox.storefront.vendure.graphql.syntax import parse_document
from sandbox.storefront.vendure.graphql.tokens import SyntaxFault
from sandbox.storefront.vendure.graphql.validation import faults_of

LONGEST_QUERY = 65_535
MOST_AT_ONCE = 5
MOST_CONNECTIONS = 5
DEEPEST = 2

_PIECE = 200
"""Root records that are worked on at a time."""
_DONE = object()

Run = Callable[[Document, Operation, Call], tuple[dict[str, Any] | None, list[Any]]]
"""Executes a query whole: its data, and what went wrong."""


@dataclass(slots=True)
class Bulk:
    """One bulk operation."""

    id: str
    query: str
    grouped: bool
    created_at: datetime
    begins_at: datetime
    status: str = "CREATED"
    completed_at: datetime | None = None
    error: str | None = None
    rows: int = 0
    roots: int = 0
    size: int | None = None
    url: str | None = None
    partial: str | None = None

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self.status in ("CREATED", "RUNNING", "CANCELING")


@dataclass(slots=True)
class BulkDesk:
    """The shop's bulk operations and their files; `lever` is run, fail or partial."""

    shop: ShopifyShop
    schema: Schema
    run: Run
    operations: dict[str, Bulk] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    lever: str = "run"
    _task: "asyncio.Task[None] | None" = None

    def look(self, operation: Bulk) -> Bulk:
        """An operation as it is now."""
        if operation.status == "CREATED" and operation.begins_at <= self.shop.clock.now():
            operation.status = "RUNNING"
        return operation

    def begin(self, query: str, grouped: bool, call: Call) -> Bulk:
        """Put a query to work; raises Refusal."""
        document, operation = self._checked(query)
        running = [gid("BulkOperation", each.id) for each in self.operations.values() if each.running]
        if len(running) >= MOST_AT_ONCE:
            text = "A bulk query operation for this app and shop is already in progress: "
            raise Refusal(text + ", ".join(running) + ".", code="OPERATION_IN_PROGRESS")
        now = self.shop.clock.now()
        made = Bulk(self.shop.numbers.next("bulk"), query, grouped, now, now)
        self.operations[made.id] = made
        whole = Call(call.shop, call.door, call.base, call.memory, call.desk, whole=True)
        made.begins_at = self.shop.agenda.later(self.shop.pace.bulk / 2, lambda: None)
        self.shop.agenda.later(self.shop.pace.bulk, lambda: self._finish(made, document, operation, whole))
        return made

    def _checked(self, query: str) -> tuple[Document, Operation]:
        size = len(query.encode())
        if size > LONGEST_QUERY:
            text = f"Query is too large ({size} bytes; maximum is {LONGEST_QUERY} bytes)"
            raise Refusal(text, "query", code="INVALID")
        try:
            document = parse_document(query)
        except SyntaxFault as fault:
            raise Refusal(f"Invalid bulk query: {fault}", "query", code="INVALID") from None
        if faults := faults_of(self.schema, document):
            raise Refusal(f"Invalid bulk query: {faults[0].message}", "query", code="INVALID")
        operation = document.operations[0]
        counts = list(_depths(self.schema, document, operation))
        if not counts:
            raise Refusal("Bulk queries must contain at least one connection.", "query", code="INVALID")
        if len(counts) > MOST_CONNECTIONS:
            text = f"Bulk queries cannot contain more than {MOST_CONNECTIONS} connections."
            raise Refusal(text, "query", code="INVALID")
        if max(counts) > DEEPEST:
            text = f"Bulk queries cannot contain connections with a nesting depth greater than {DEEPEST}."
            raise Refusal(text, "query", code="INVALID")
        return document, operation

    def _finish(self, made: Bulk, document: Document, operation: Operation, call: Call) -> None:
        """Do the work: what is small at once, what is large by and by, so that others are served meanwhile."""
        pieces = self._pieces(made, document, operation, call)
        if next(pieces, _DONE) is _DONE:
            return
        try:
            self._task = asyncio.get_running_loop().create_task(_by_and_by(pieces))
        except RuntimeError:
            collections.deque(pieces, maxlen=0)

    def _pieces(self, made: Bulk, document: Document, operation: Operation, call: Call) -> Iterator[None]:
        sheaf, at, several = Sheaf(), 0, not self._is_one_list(operation)
        while made.status != "CANCELING":
            call.window = None if several else (at, at + _PIECE)
            data, errors = self.run(document, operation, call)
            at += _PIECE
            if errors or sheaf.add(data or {}) < _PIECE or several:
                self._end(made, sheaf, bool(errors), call.base)
                return
            yield
        made.status, made.completed_at = "CANCELED", self.shop.clock.now()

    def _is_one_list(self, operation: Operation) -> bool:
        """Whether the query asks for one list and nothing else, so that it can be worked on by pieces."""
        root = operation.selections[0]
        if len(operation.selections) > 1 or not isinstance(root, Field):
            return False
        return self.schema.kinds["QueryRoot"].fields[root.name].type.base.endswith("Connection")

    def _end(self, made: Bulk, sheaf: Sheaf, failed: bool, base: str) -> None:
        made.completed_at = self.shop.clock.now()
        if failed or self.lever == "fail":
            made.status, made.error = "FAILED", "INTERNAL_SERVER_ERROR"
        else:
            self._write(made, sheaf, base)
        self.shop.announce("BULK_OPERATIONS_FINISH", made)

    def _write(self, made: Bulk, sheaf: Sheaf, base: str) -> None:
        if self.lever == "partial":
            sheaf.halve()
        text, rows = sheaf.bound(made.grouped)
        token = secrets.token_hex(14)
        made.rows, made.roots, made.size = rows, len(sheaf.blocks), len(text)
        self.files[token] = text
        url = f"{base}/bulk/{token}.jsonl" if rows else None
        if self.lever == "partial":
            made.status, made.error, made.partial = "FAILED", "TIMEOUT", url
        else:
            made.status, made.url = "COMPLETED", url


async def _by_and_by(pieces: Iterator[None]) -> None:
    for _ in pieces:
        await asyncio.sleep(0)


def _depths(schema: Schema, document: Document, operation: Operation) -> Iterator[int]:
    """How deep each connection of a query lies, from 1."""

    def walk(kind: Kind, selections: tuple[Selection, ...], depth: int) -> Iterator[int]:
        for selection in selections:
            if isinstance(selection, Field):
                declared = kind.fields.get(selection.name)
                if declared is None or selection.selections is None:
                    continue
                inner = schema.kinds[declared.type.base]
                deeper = depth + inner.name.endswith("Connection")
                if deeper > depth:
                    yield deeper
                yield from walk(inner, selection.selections, deeper)
            elif isinstance(selection, Spread):
                fragment = document.fragments[selection.name]
                yield from walk(schema.kinds[fragment.on], fragment.selections, depth)
            else:
                on = schema.kinds[selection.on] if selection.on else kind
                yield from walk(on, selection.selections, depth)

    return walk(schema.kinds["QueryRoot"], operation.selections, 0)


# --- the API ------------------------------------------------------------------------------------------------


def run_query(arguments: Args, call: Call) -> Made:
    """`bulkOperationRunQuery`."""
    made = call.desk.bulk.begin(arguments["query"], arguments.get("groupObjects", False), call)
    return payload(bulk_operation=made)


def cancel(arguments: Args, call: Call) -> Made:
    """`bulkOperationCancel`: one that runs ends soon, without a file."""
    desk: BulkDesk = call.desk.bulk
    found = desk.operations.get(inside("BulkOperation", arguments["id"]))
    if found is None:
        raise Refusal("Bulk operation does not exist", "id")
    if not found.running:
        word = found.status.lower()
        error = Refusal(f"A bulk operation cannot be canceled when it is {word}").shown()
        return payload([error], bulk_operation=found)
    found.status = "CANCELING"
    return payload(bulk_operation=found)


def _find(_: Any, arguments: Args, call: Call) -> Bulk | None:
    desk: BulkDesk = call.desk.bulk
    found = desk.operations.get(inside("BulkOperation", arguments["id"]))
    return None if found is None else desk.look(found)


def _current(_: Any, arguments: Args, call: Call) -> Bulk | None:
    desk: BulkDesk = call.desk.bulk
    if arguments.get("type", "QUERY") != "QUERY" or not desk.operations:
        return None
    return desk.look(list(desk.operations.values())[-1])


def _all(_: Any, arguments: Args, call: Call) -> Connection:
    desk: BulkDesk = call.desk.bulk
    getters = {
        "id": lambda b: int(b.id),
        "status": lambda b: b.status,
        "operation_type": lambda b: "query",
        "created_at": lambda b: b.created_at,
    }
    known = [desk.look(each) for each in desk.operations.values()]
    found, notes = matching(arguments.get("query"), known, getters, "bulkOperations")
    call.notes += notes
    return connection(call, found, arguments, by=lambda b: b.created_at)


ACTS: dict[str, Act] = {"bulkOperationRunQuery": run_query, "bulkOperationCancel": cancel}
VIEW: Resolvers = {
    ("QueryRoot", "bulkOperation"): _find,
    ("QueryRoot", "bulkOperations"): _all,
    ("QueryRoot", "currentBulkOperation"): _current,
    ("BulkOperation", "completedAt"): lambda b, _, __: stamp(b.completed_at),
    ("BulkOperation", "createdAt"): lambda b, _, __: stamp(b.created_at),
    ("BulkOperation", "errorCode"): lambda b, _, __: b.error,
    ("BulkOperation", "fileSize"): lambda b, _, __: None if b.size is None else str(b.size),
    ("BulkOperation", "id"): lambda b, _, __: gid("BulkOperation", b.id),
    ("BulkOperation", "objectCount"): lambda b, _, __: str(b.rows),
    ("BulkOperation", "partialDataUrl"): lambda b, _, __: b.partial,
    ("BulkOperation", "rootObjectCount"): lambda b, _, __: str(b.roots),
    ("BulkOperation", "type"): lambda _, __, ___: "QUERY",
}
