"""The carrier's own books: which labels it sold and what happened to each parcel.

Only people of the world and the carrier's own acts write here. The aggregator has to ask; what is injected
into the aggregator's trackers never reaches this journal.
"""

from datetime import datetime, timedelta
from typing import Protocol

from sandbox.clock import Clock
from sandbox.courier.records import Scan

_VOIDABLE = ("pending", "unknown")


class Book(Protocol):
    """What the books need of the sandbox's ledger."""

    def record(self, system: str, kind: str, **facts: object) -> object:
        """Write down one effect."""


class NotVoidable(Exception):
    """The carrier does not know the number, or already has the parcel."""


class Journal:
    """Scans by tracking number, oldest first, at least a second apart."""

    def __init__(self, ledger: Book, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._scans: dict[str, list[Scan]] = {}
        self._last: dict[str, datetime] = {}

    def sell(self, tracking: str, shipment: str, reference: str | None, *, back: bool = False) -> None:
        """Sell a label; a number that was sold before goes on with the scans that it has.

        `back`: from somebody who got parcels before, to be sent back.
        """
        if tracking not in self._scans:
            self._scans[tracking] = []
            self._write(tracking, "LABEL", "pending", "label bought")
        facts = {"shipment": shipment, "reference": reference, "tracking": tracking}
        self._ledger.record("courier", "label_bought", **facts, **({"back": True} if back else {}))

    def accept(self, tracking: str) -> None:
        """Take on a parcel whose label was sold to someone else, such as a supplier."""
        if tracking not in self._scans:
            self._scans[tracking] = []
            self._write(tracking, "LABEL", "pending", "announced by the sender")

    def void(self, numbers: list[str]) -> None:
        """Take the labels of a shipment back, all or none; raises NotVoidable."""
        for tracking in numbers:
            scans = self._scans.get(tracking)
            if not scans or any(scan.status not in _VOIDABLE for scan in scans):
                raise NotVoidable(f"{tracking} unknown or already picked up")
        for tracking in numbers:
            self._write(tracking, "VOID", "cancelled", "voided")
            self._ledger.record("courier", "label_voided", tracking=tracking)

    def scan(self, tracking: str, status: str, description: str, reason: str | None = None) -> None:
        """Note what happened to a parcel; raises KeyError for a number that was never sold."""
        if tracking not in self._scans:
            raise KeyError(tracking)
        self._write(tracking, status.upper(), status, description, reason)
        self._ledger.record("courier", "scan", tracking=tracking, status=status)
        if status == "delivered":
            self._ledger.record("courier", "delivered", tracking=tracking)

    def scans(self, tracking: str) -> list[Scan] | None:
        """A parcel's scans, or null for an unknown number."""
        return self._scans.get(tracking)

    def numbers(self) -> list[str]:
        """All numbers that were sold."""
        return list(self._scans)

    def _write(
        self, tracking: str, code: str, status: str, description: str, reason: str | None = None
    ) -> None:
        moment = self._clock.now().replace(microsecond=0)
        if (last := self._last.get(tracking)) is not None and moment <= last:
            moment = last + timedelta(seconds=1)
        self._last[tracking] = moment
        self._scans[tracking].append(
            Scan(f"{moment:%Y-%m-%d}", f"{moment:%H:%M:%S}", code, status, description, reason)
        )
