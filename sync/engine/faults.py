"""What an exception of a pass means: patience, an outage, refused credentials, or a fault of somebody's.

Its text must be safe to store and to log: the contract's errors are written for people, and of any other
exception only its type and place are told, for its message may hold a buyer's name.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from connectors.contract import AuthRejected, BadAnswer, ConnectorError, Throttled, Unavailable
from sync.engine.machine import machine_fault, told
from sync.store.interrupted import collided

DATABASE = "database"
"""What our own store is called where an outage is told."""


class Ending(StrEnum):
    """How a pass ended: the `outcome` label of the metric."""

    DONE = "done"
    MORE = "more"
    FAILED = "failed"
    THROTTLED = "throttled"
    LOST = "lost"
    """Another process has the lease: nothing was written."""


class Fault(StrEnum):
    """Whose fault a failed pass is."""

    PATIENCE = "patience"
    """The vendor asked us to come later."""
    OUTAGE = "outage"
    """The vendor does not answer."""
    CREDENTIALS = "credentials"
    MACHINE = "machine"
    """Our disk or database."""
    FLOW = "flow"
    """Anything else: an answer that nobody foresaw, or an error of ours."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One judged exception."""

    fault: Fault
    text: str
    retry_after: timedelta | None = None
    sample: bytes = b""
    """The answer that did not fit, to be kept sealed."""

    @property
    def ending(self) -> Ending:
        """The outcome label."""
        return Ending.THROTTLED if self.fault is Fault.PATIENCE else Ending.FAILED


def judge(error: Exception, place: str) -> Verdict:
    """`place` is where the database lies, for the sentence about a fault of the machine."""
    if collided(error):
        return Verdict(
            Fault.PATIENCE, "another pass worked on the same rows; this one is run again", _COLLISION
        )
    machine = machine_fault(error, place)
    if machine is not None:
        return Verdict(Fault.MACHINE, machine)
    if isinstance(error, ExceptionGroup):
        return _gravest(error, place)
    if isinstance(error, Throttled):
        return Verdict(Fault.PATIENCE, str(error), error.retry_after)
    if isinstance(error, Unavailable):
        return Verdict(Fault.OUTAGE, str(error), error.retry_after)
    if isinstance(error, AuthRejected):
        return Verdict(Fault.CREDENTIALS, str(error))
    if isinstance(error, BadAnswer):
        return Verdict(Fault.FLOW, str(error), sample=error.sample)
    if isinstance(error, ConnectorError):
        return Verdict(Fault.FLOW, str(error))
    return Verdict(Fault.FLOW, told(error))


_GRAVEST_FIRST = (Fault.MACHINE, Fault.CREDENTIALS, Fault.FLOW, Fault.OUTAGE, Fault.PATIENCE)


def _gravest(group: ExceptionGroup[Exception], place: str) -> Verdict:
    """The gravest counts, so that no error of ours hides behind an outage; the longest wait asked for is kept."""
    verdicts = [judge(error, place) for error in group.exceptions]
    waits = [verdict.retry_after for verdict in verdicts if verdict.retry_after is not None]
    gravest = min(verdicts, key=lambda verdict: _GRAVEST_FIRST.index(verdict.fault))
    return replace(gravest, retry_after=max(waits, default=None))


_COLLISION = timedelta(seconds=1)
