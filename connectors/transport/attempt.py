"""One attempt at a call: its turn under the pace, the breaker's leave, the exchange, and what they tell.

What comes out is an Answer with any status, or an error that says what can be done: `Again` where nothing
was sent or a repeat is harmless, Uncertain for a creating call that may have reached the vendor.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import httpx

from connectors.contract import AuthRejected, BadAnswer, Deadline, Limits, Refused, Throttled, Unavailable
from connectors.contract.lanes import current_lane
from connectors.transport.breaker import Breaker, BreakerOpen, BreakerPolicy
from connectors.transport.call import Answer, Call, Files, Part, Safety, Uncertain
from connectors.transport.exchange import Exchange, NoAnswer, NotSent
from connectors.transport.gauges import CallGauges
from connectors.transport.pace import NoSlot, Pace, Slot
from connectors.transport.retry import Again
from connectors.transport.vendor_clock import VendorClock
from connectors.transport.verdict import OUT, http_date
from sync.domain.clock import Clock
from sync.telemetry.logs import Outages, logger

T = TypeVar("T")


@dataclass(slots=True)
class _Watch:
    """Whether the vendor is out, by the exchange under way; None where that tells nothing of it."""

    out: bool | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """The right to send one request; `probe` says that it tries a vendor that was out."""

    slot: Slot
    probe: bool


class Attempts:
    """Everything that the attempts of one account share."""

    def __init__(
        self,
        *,
        account: str,
        gauges: CallGauges,
        client: httpx.AsyncClient,
        limits: Limits,
        clock: Clock,
        breaker: BreakerPolicy,
        vendor_clock: VendorClock,
        traced: bool,
    ) -> None:
        self._account = account
        self._client = client
        self._clock = clock
        self._vendor_clock = vendor_clock
        self._exchange = Exchange(client, limits.answer_bytes, limits.total_seconds, traced)
        self._gauges = gauges
        self._breaker = Breaker(breaker, _loop_time, gauges.breaker_open)
        self._outages = Outages(logger("connectors.transport"), clock)
        self.pace = Pace(limits.pace, concurrency=limits.concurrency)

    async def turn(self, call: Call, deadline: Deadline) -> Turn:
        """Wait for the call's turn. Raises Throttled (none in time) or Unavailable (the breaker is open).

        Each turn is used for one `once`.
        """
        self._leave(self._breaker.check, call)
        begun = _loop_time()
        try:
            with self._gauges.waiting():
                slot = await self.pace.acquire(call.pace, current_lane(), deadline.at)
        except NoSlot as error:
            wait = timedelta(seconds=error.wait)
            raise Throttled(
                f"{self.label(call)}: waits for the vendor's rate limit", retry_after=wait
            ) from None
        self._gauges.waited(_loop_time() - begun)
        try:
            return Turn(slot, self._leave(self._breaker.admit, call))
        except Unavailable:
            slot.unsent()
            raise

    async def once(
        self, turn: Turn, call: Call, url: httpx.URL, auth: httpx.Auth | None, deadline: Deadline
    ) -> Answer:
        """Send it once and read the answer, whatever its status.

        Raises Again, AuthRejected or Refused (it cannot be written as HTTP), BadAnswer, Uncertain.
        """
        label = self.label(call)
        begun, begun_at = _loop_time(), self._clock.now()
        try:
            with self._watched(turn.probe) as watch:
                received = await self._exchange.run(
                    self._request(call, url), auth, accept=call.accept, left=deadline.left()
                )
                watch.out = received.status in OUT and received.status not in call.accept
        except NotSent as error:
            turn.slot.unsent()
            raise Again(Unavailable(f"{label}: {error}")) from None
        except NoAnswer as error:
            raise _no_answer(call, f"{label}: {error}") from None
        except BadAnswer as error:
            raise _bad_answer(call, f"{label}: {error}") from None
        except (Refused, AuthRejected) as error:
            raise type(error)(f"{label}: {error}") from None
        finally:
            turn.slot.answered()
            self._gauges.took(call.operation, _loop_time() - begun)
        self._vendor_clock.note(received.headers, begun_at, self._clock.now())
        vendor_date = http_date(received.headers.get("date"))
        return Answer(received.status, received.headers, received.body, begun_at, vendor_date)

    def label(self, call: Call) -> str:
        """How messages name a call."""
        return f"{self._account}: {call.operation}"

    def down(self, why: str) -> None:
        """A call was given up for want of the vendor: told once, until it answers again."""
        self._outages.failed(self._account, why)

    @contextmanager
    def _watched(self, probe: bool) -> Iterator[_Watch]:
        """Tell the breaker, and the log where it is over, what the exchange inside says of the vendor."""
        watch = _Watch()
        try:
            yield watch
        except (NotSent, NoAnswer) as error:
            watch.out = None if isinstance(error, NoAnswer) and error.ours else True
            raise
        except BadAnswer:
            watch.out = False
            raise
        finally:
            if watch.out is None:
                self._breaker.gave_up(probe)
            elif watch.out:
                self._breaker.failed(probe)
            else:
                self._breaker.succeeded()
                self._outages.fine(self._account)

    def _leave(self, ask: Callable[[], T], call: Call) -> T:
        try:
            return ask()
        except BreakerOpen as rest:
            wait = timedelta(seconds=rest.wait)
            message = f"{self.label(call)}: not called, since the last calls failed"
            raise Unavailable(message, retry_after=wait) from None

    def _request(self, call: Call, url: httpx.URL) -> httpx.Request:
        headers = dict(call.headers)
        if call.body is not None:
            headers["Content-Type"] = call.content_type
        if call.params:
            url = url.copy_merge_params(list(call.params))
        try:
            return self._client.build_request(
                call.method, url, headers=headers, content=call.body, files=_parts(call.files)
            )
        except UnicodeEncodeError:
            raise Refused("a header holds characters that HTTP does not allow", mendable=False) from None


def _no_answer(call: Call, message: str) -> Exception:
    return Uncertain(message) if call.safety is Safety.CREATING else Again(Unavailable(message))


def _bad_answer(call: Call, message: str) -> Exception:
    return Uncertain(message) if call.safety is Safety.CREATING else BadAnswer(message)


def _parts(files: Files | None) -> list[tuple[str, Part]] | None:
    if files is None:
        return None
    return list(files.items()) if isinstance(files, Mapping) else list(files)


def _loop_time() -> float:
    return asyncio.get_running_loop().time()
