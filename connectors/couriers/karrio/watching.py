"""Asks for parcels: each number by itself, several at a time, and one number's trouble is its own."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from connectors.contract import (
    AuthRejected,
    BadAnswer,
    Deadline,
    Done,
    Outcome,
    Refused,
    Rejected,
    Retry,
    Throttled,
    Unavailable,
)
from connectors.couriers.karrio.booking import no
from connectors.couriers.karrio.client import Client
from connectors.couriers.karrio.tracking import report
from sync.domain.clock import Clock
from sync.domain.tracking import TrackingReport

FRESH = timedelta(minutes=1)
"""Karrio asks the carrier at most once in this time; until then the watched number is only read."""


class Watch:
    """Remembers when each number was last asked for, as long as the process lives."""

    def __init__(self, client: Client, clock: Clock, zone: ZoneInfo, *, live: bool = False) -> None:
        self._client = client
        self._live = live
        self._clock = clock
        self._zone = zone
        self._asked: dict[str, datetime] = {}

    async def track(
        self, parcels: Sequence[tuple[str, str]], deadline: Deadline
    ) -> Mapping[str, Outcome[TrackingReport]]:
        """Keyed by number. Raises only where the credentials are refused, or nobody answered at all."""
        self._forget()
        unique = {number: carrier for carrier, number in parcels}
        found = await asyncio.gather(
            *(self._ask(carrier, number, deadline) for number, carrier in unique.items()),
            return_exceptions=True,
        )
        answers: dict[str, Outcome[TrackingReport]] = {}
        failures = [each for each in found if isinstance(each, BaseException)]
        for number, each in zip(unique, found, strict=True):
            if isinstance(each, AuthRejected) or (isinstance(each, BaseException) and not _is_passing(each)):
                raise each
            answers[number] = _later(each) if isinstance(each, BaseException) else each
        if failures and len(failures) == len(found):
            raise failures[0]
        return answers

    async def _ask(self, carrier: str, number: str, deadline: Deadline) -> Outcome[TrackingReport]:
        now = self._clock.now()
        if self._live:
            answer = await self._client.ask_carrier(carrier, number, deadline)
        elif number in self._asked:
            answer = await self._client.tracker(number, deadline)
        else:
            answer = await self._client.watch(carrier, number, deadline)
            if answer.status < 400:
                self._asked[number] = now
        if answer.status == 404:
            return Retry("the courier does not know the number yet")
        if answer.status == 424:
            return Retry("the carrier does not answer Karrio")
        if answer.status >= 400:
            return no(answer, "Karrio refuses to watch the number")
        try:
            read = self._client.read_live if self._live else self._client.read_tracker
            return Done(echo=report(read(answer), self._zone))
        except (BadAnswer, Refused) as error:
            return Rejected(str(error), mendable=False)

    def _forget(self) -> None:
        old = self._clock.now() - FRESH
        self._asked = {number: at for number, at in self._asked.items() if at > old}


def _is_passing(error: BaseException) -> bool:
    return isinstance(error, Throttled | Unavailable)


def _later(error: BaseException) -> Retry:
    after = error.retry_after if isinstance(error, Throttled | Unavailable) else None
    return Retry(str(error), after)
