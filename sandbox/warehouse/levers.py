"""The administrator's levers on the dock: what comes back is received as one says.

An act that the books refuse is a Refusal, which the control server answers with 409.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.warehouse.books import Warehouse
from sandbox.warehouse.dock import Found, NoReturn
from sandbox.warehouse.refusals import Refusal
from sandbox.warehouse.rows import CustomerReturn, ShipmentState

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Levers:
    """Acts on one warehouse's returns by hand."""

    warehouse: Warehouse

    def posts(self) -> dict[str, Callable[[Body], Any]]:
        """What can be done, by path."""
        return {"/warehouse/return": self.take_back}

    def gets(self) -> dict[str, Callable[[Body], Any]]:
        """What can be read, by path."""
        return {"/warehouse/returns": lambda _: {"returns": self.warehouse.returns()}}

    def take_back(self, body: Body) -> Body:
        """Let a parcel come back: reference of the announcement; without one, tracking (or null) and lines.

        lines: [{sku, good, damaged, places: {code: units}, wrong: {sku: units}}], or none for all as announced.
        until: received (nobody has looked at the goods yet) or done; one that was received goes on.
        """
        until = ShipmentState(body.get("until", "done"))
        if until not in (ShipmentState.RECEIVED, ShipmentState.DONE):
            raise ValueError("until must be received or done")
        found = None if body.get("lines") is None else [_found(line) for line in body["lines"]]
        row = self._row(body, found)
        if row.state is ShipmentState.DRAFT:
            self.warehouse.dock.receive(row, found)
        if row.state is ShipmentState.RECEIVED and until is ShipmentState.DONE:
            self.warehouse.dock.put_away(row, found)
        return {"return": row.id, "state": row.state.value}

    def _row(self, body: Body, found: list[Found] | None) -> CustomerReturn:
        dock = self.warehouse.dock
        if body.get("return") is not None:
            row = self.warehouse.store.returns.get(int(body["return"]))
            if row is None:
                raise NoReturn(str(body["return"]))
            return row
        if body.get("reference"):
            return dock.announced(str(body["reference"]))
        if not found:
            raise Refusal("a parcel that nobody announced needs lines: what is in it")
        return dock.unannounced(body.get("tracking"), found)


def _found(line: Body) -> Found:
    return Found(
        str(line["sku"]),
        int(line.get("good", 0)),
        int(line.get("damaged", 0)),
        {str(code): int(units) for code, units in (line.get("places") or {}).items()},
        {str(sku): int(units) for sku, units in (line.get("wrong") or {}).items()},
    )
