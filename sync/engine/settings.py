"""The engine's own figures, each with its unit. They are not in `entrepot.yaml`: no operator should need them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from sync.flows.names import FlowName


@dataclass(frozen=True, slots=True)
class Backoff:
    """Growing waits after failures in a row: doubled each time, at most `cap_seconds`, with jitter."""

    first_seconds: float = 2.0
    cap_seconds: float = 600.0

    def wait(self, attempts: int, chance: Random) -> timedelta:
        """Before the next try after `attempts` failures: from half the exponential wait to the whole."""
        whole = min(self.cap_seconds, self.first_seconds * 2.0 ** min(max(attempts - 1, 0), 40))
        return timedelta(seconds=whole * (0.5 + 0.5 * chance.random()))


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Bounds of the engine."""

    passes_at_once: int = 16
    tick_seconds: float = 0.5
    """How often the due keys are looked for; a schedule with shorter intervals makes it shorter."""
    beat_seconds: float = 2.0
    """How often account leases are renewed, and shops asked that are not known yet."""
    lease_seconds: float = 60.0
    pass_limit_seconds: float = 600.0
    """A pass that takes longer is stopped and counts as failed."""
    fresh_seconds: float = 30.0
    """How long a flow waits for another one to be fresh."""
    first_looks_seconds: float = 300.0
    """How long after it went live a shop's first push waits for what other systems have not told yet."""
    identity_seconds: float = 30.0
    doubt_seconds: float = 1.0
    """How long after a refusal of credentials the shop is asked who it is."""
    drain_seconds: float = 30.0
    trigger_seconds: float = 5.0
    """How long a stop lets what a trigger started come to its end."""
    reload_poll_seconds: float = 3.0
    lay_seconds: float = 1.0
    """How often rules that could not be laid on what is stored are tried again."""
    watch_seconds: float = 10.0
    """How often it is looked what observed accounts would be told."""
    clock_look_seconds: float = 10.0
    """How often it is looked whether a vendor's clock is far from ours."""
    subscription_look_seconds: float = 5.0
    """How often it is looked whether a vendor is to be asked if it still tells us."""
    deadline_look_seconds: float = 5.0
    """How often it is looked whether what waits for a person is due."""
    telling_look_seconds: float = 5.0
    """How often people are told of what waits for them; each hears of one thing at most."""
    backup_look_seconds: float = 10.0
    """How often it is looked whether a backup is due."""
    retention_look_seconds: float = 60.0
    """How often it is looked whether personal data are to be erased."""
    outage_told_after: int = 5
    """Failures in a row after which an account that does not answer becomes an issue."""
    backoff: Backoff = Backoff()


def intervals(schedule: Mapping[str, timedelta]) -> dict[FlowName, float]:
    """Seconds between two passes of each flow, from the `schedule:` of `entrepot.yaml`."""
    return {flow: schedule[flow.value].total_seconds() for flow in FlowName}
