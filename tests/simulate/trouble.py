"""Outages, faults, tight limits and wrong clocks, each switched on and off; and how often each has struck."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from sandbox.faults import Fault
from tests.simulate.clocks import Clocks
from tests.simulate.schedule import Event, Kind
from tests.simulate.world import World

_FEW: dict[str, dict[str, Any]] = {
    Fault.SLOW: {"times": 2, "seconds": 0.002},
    Fault.HUGE: {"times": 3},
    Fault.EXPIRE: {"times": 4, "rate": 0.03},
    Fault.DELAY: {"seconds": 0.2},
}
"""What takes real time at every stroke strikes less often; no shop forgets a fresh login again and again."""


@dataclass(slots=True)
class Trouble:
    """What is wrong now. `struck` are the strokes so far, by kind."""

    world: World
    clocks: Clocks
    struck: Counter[str] = field(default_factory=Counter)
    _active: dict[int, Event] = field(default_factory=dict)

    async def turn(self, event: Event) -> None:
        """Switch what the event names on, or off where it is over."""
        if event.over:
            self._active.pop(event.number, None)
        else:
            self._active[event.number] = event
        match event.kind:
            case Kind.OUTAGE | Kind.FAULT:
                await self._set_rules(event.system)
            case Kind.LIMIT:
                await self._set_limit(event)
            case _:
                await self.clocks.wrong(event.system, 0 if event.over else event.figure)
                self.struck["clock off"] += not event.over

    async def end(self) -> None:
        """Nothing is wrong any more."""
        for event in list(self._active.values()):
            await self.turn(event.end())
        await self._gather()

    async def _set_rules(self, system: str) -> None:
        await self._gather()
        rules: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for event in self._active.values():
            if event.system == system and event.kind is Kind.OUTAGE:
                rules[system].insert(0, {"kind": Fault.OUTAGE, "rate": 1.0})
            elif event.system == system and event.kind is Kind.FAULT:
                rules[system].append({"kind": event.what, "rate": event.figure, **_FEW.get(event.what, {})})
        await self.world.act("PUT", "/faults", {system: rules[system]})

    async def _set_limit(self, event: Event) -> None:
        if event.over:
            told = (await self.world.act("GET", "/limits")).get(event.system)
            self.struck["limit"] += told["refused"] if told else 0
        given = {"shape": event.what, "calls": int(event.figure), "seconds": 1.0}
        await self.world.act("PUT", "/limits", {event.system: None if event.over else given})

    async def _gather(self) -> None:
        """Count the strokes of the rules in force, whose counts begin anew when they are set."""
        told = await self.world.act("GET", "/faults")
        for system, rules in told.items():
            for rule in rules:
                self.struck[rule["kind"]] += rule["hits"]
            kept = [
                {key: rule[key] for key in ("kind", "rate", "times", "seconds")}
                | ({"times": rule["times"] - rule["hits"]} if rule["times"] is not None else {})
                for rule in rules
            ]
            if rules:
                await self.world.act("PUT", "/faults", {system: kept})
