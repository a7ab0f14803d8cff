"""The daemon's calls as steps, seen by the gates before the sandbox's servers.

One rule stands at every gate. It reads from the request what is asked and which order or SKU it is about (by
the books of the very system), counts, and strikes at the planned step with a kill. Reads count where they
bring something for the first time: a new order, a supplier's new paper.
"""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

from sandbox.faults import Fault, Rule
from sandbox.supplier.postbox import Postbox
from sandbox.warehouse.rows import ShipmentState
from sandbox.world import World
from tests.crash.shops import READERS, Asked, Names, body_of
from tests.crash.steps import Cut, Point, Step

FAULTS = {
    Cut.BEFORE_EFFECT: Fault.DROP_BEFORE,
    Cut.AFTER_EFFECT: Fault.DROP_AFTER,
    Cut.IN_ANSWER: Fault.DROP_DURING,
}
_WAREHOUSE = re.compile(r"/model/stock\.(shipment\.out(?:\.return)?|package)(?:/(\d+))?(?:/(\w+))?\?")
_RETURNS = "shipment.out.return"
_COURIER = re.compile(r"/v1/(shipments|trackers)(?:/(shp_\w+)/(\w+))?\?")


@dataclass(slots=True)
class Calls:
    """All calls of one run. `points` are still to strike; `pid` is the process that dies, 0 while there is none."""

    world: World
    names: dict[str, str]
    """Orders by number."""
    points: list[Point] = field(default_factory=list)
    struck: list[Point] = field(default_factory=list)
    pid: int = 0
    steps: Counter[tuple[str, str]] = field(default_factory=Counter)
    _about: Names = field(init=False)

    def __post_init__(self) -> None:
        self._about = Names(self.names)

    def rules(self) -> dict[str, list[Rule]]:
        """One rule for each system that a daemon calls."""
        readers: dict[str, Callable[[str], Asked]] = {"warehouse": self._warehouse, "courier": self._courier}
        for name, entrance in self.world.entrances.items():
            readers[f"shop:{name}"] = _bound(partial(READERS[entrance.connector], self._about), entrance.shop)
        for name, postbox in self.world.suppliers.items():
            readers[f"supplier:{name}"] = _bound(self._supplier, postbox)
        return {system: [_Watcher(self, system, reader)] for system, reader in readers.items()}

    def reached(self) -> list[Step]:
        """Every step so far."""
        return [Step(what, key, n + 1) for (what, key), count in self.steps.items() for n in range(count)]

    def hit(self, system: str, asked: Asked) -> Point | None:
        """Count what a call is about; the point that it meets."""
        met = None
        for what, key in sorted(set(asked)):
            self.steps[f"{system}: {what}", key] += 1
            step = Step(f"{system}: {what}", key, self.steps[f"{system}: {what}", key])
            met = met or next((point for point in self.points if point.step == step), None)
        if met is not None:
            self.points.remove(met)
            self.struck.append(met)
        return met

    # --- what a call is about ----------------------------------------------------------------------

    def _warehouse(self, text: str) -> Asked:
        found = _WAREHOUSE.search(text)
        store = self.world.warehouse.store
        if found is not None and found[1] == _RETURNS and not body_of(text) and not found[3]:
            opened = [row for row in store.returns.rows.values() if row.state is not ShipmentState.DRAFT]
            keys = (key for row in opened for key in self._about.named(row.reference or ""))
            yield from self._about.new("read receipts", keys)
        if found is None or not (body_of(text) or found[3]):
            return
        kind, id, act = found[1], found[2], found[3]
        reference = body_of(text)
        if id and kind == "package":
            package = store.packages.rows.get(int(id))
            id = str(package.shipment[1]) if package and package.shipment else ""
        if id:
            table = store.returns if kind == _RETURNS else store.shipments
            row = table.rows.get(int(id))
            reference = row.reference or "" if row else ""
        what = act or ("create" if not found[2] else "write")
        for key in self._about.named(reference):
            yield f"{kind} {what}", key

    def _courier(self, text: str) -> Asked:
        found = _COURIER.search(text)
        if found is None or not body_of(text):
            return
        reference = body_of(text)
        if found[2]:
            shipment = self.world.courier.shipments.get(found[2])
            reference = (shipment.reference or "") if shipment else ""
        elif found[1] == "trackers":
            number = str(json.loads(body_of(text)).get("tracking_number"))
            there = self.world.courier.by_number(number)
            reference = (there.reference or "") if there else ""
        for key in self._about.named(reference):
            yield f"{found[1]} {found[3] or 'create'}", key

    def _supplier(self, text: str, postbox: Postbox) -> Asked:
        name = text.partition("?")[0].rpartition("/")[2]
        if body_of(text):
            what = "cancel" if ",cancel" in text or '"cancel"' in text else "order"
            yield from ((what, key) for key in self._about.named(body_of(text)))
        elif name in postbox.documents and not name.startswith("stock"):
            yield from self._about.new(
                f"read {name}", self._about.named(postbox.documents[name].body.decode())
            )


class _Watcher(Rule):
    """A rule that strikes where a call meets a point, and kills."""

    def __init__(self, calls: Calls, system: str, read: Callable[[str], Asked]) -> None:
        super().__init__(Fault.DROP_BEFORE)
        self._calls = calls
        self._system = system
        self._read = read

    def strikes(self, text: str, random: Random, age: float) -> bool:
        """Whether this call meets a point; counts it."""
        met = self._calls.hit(self._system, self._read(text))
        if met is None:
            return False
        self.kind, self.kill = FAULTS[met.cut], self._calls.pid or None
        return True


def _bound(reader: Callable[[str, Any], Asked], place: Any) -> Callable[[str], Asked]:
    return lambda text: reader(text, place)
