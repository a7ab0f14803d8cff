"""The one way from a connector to its vendor: paced, timed, retried where that is safe, and told.

`send` gives an Answer or raises an error of the contract. A creating call that may have reached the vendor
and has no usable answer raises Uncertain: it is never repeated here. Texts of errors name the account and
the operation, never a URL, a parameter, a header or a body.
"""

from collections.abc import Callable

import httpx

from connectors.contract import (
    AuthRejected,
    BadAnswer,
    ConnectorError,
    Deadline,
    Limits,
    Throttled,
    Unavailable,
)
from connectors.transport.attempt import Attempts
from connectors.transport.auth import Refreshable
from connectors.transport.breaker import BreakerPolicy
from connectors.transport.call import Answer, Call, Safety, Uncertain
from connectors.transport.gauges import CallGauges
from connectors.transport.pace import Pace
from connectors.transport.place import Place, new_client
from connectors.transport.retry import Again, Patience, repeating
from connectors.transport.vendor_clock import VendorClock
from connectors.transport.verdict import DONE_OR_ELSEWHERE, retry_after, verdict
from sync.domain.clock import Clock

Judge = Callable[[Answer], None]
"""Looks at every answer that is accepted; raises an error of the contract where a 200 says no."""

LONGEST_PAUSE = 60.0
"""Seconds that a throttled key rests at most where the vendor does not say how long."""

_PATIENCE = Patience()
_BREAKER = BreakerPolicy()


class _Session:
    """The credentials of one `send`: a token that can be renewed is renewed once, then believed refused."""

    def __init__(self, auth: httpx.Auth | None) -> None:
        self.auth = auth
        self._generation = 0
        self._may_renew = isinstance(auth, Refreshable)

    async def ready(self) -> None:
        """See that there is a token before a turn is taken: fetching one is a call itself."""
        if isinstance(self.auth, Refreshable):
            self._generation = await self.auth.ready()

    async def renewed(self) -> bool:
        """Whether another token was got, so that the call may be tried again."""
        if not self._may_renew or not isinstance(self.auth, Refreshable):
            return False
        self._may_renew = False
        await self.auth.renew(self._generation)
        return True


class Transport:
    """The requests of one account. Close it when the account is closed."""

    def __init__(
        self,
        *,
        account: str,
        connector: str,
        base_url: str,
        limits: Limits,
        clock: Clock,
        auth: httpx.Auth | None = None,
        judge: Judge | None = None,
        http: httpx.AsyncBaseTransport | None = None,
        patience: Patience = _PATIENCE,
        breaker: BreakerPolicy = _BREAKER,
        vendor_clock: VendorClock | None = None,
    ) -> None:
        self._account = account
        self._place = Place(base_url)
        self._clock = clock
        self._auth = auth
        self._judge = judge
        self._patience = patience
        self._client = new_client(self._place, limits, http)
        self._gauges = CallGauges(account, connector)
        self._attempts = Attempts(
            account=account,
            gauges=self._gauges,
            client=self._client,
            limits=limits,
            clock=clock,
            breaker=breaker,
            vendor_clock=vendor_clock or VendorClock(),
            traced=http is None or isinstance(http, httpx.AsyncHTTPTransport),
        )
        self._throttled_in_a_row = 0

    @property
    def pace(self) -> Pace:
        """For a judge that follows the vendor's own word about its rates (`pause`, `change`)."""
        return self._attempts.pace

    async def send(self, call: Call, deadline: Deadline) -> Answer:
        """The answer, if its status is 2xx or in `call.accept` and the judge lets it pass.

        Raises Throttled, Unavailable, AuthRejected, Refused, BadAnswer; for a creating call Uncertain.
        """
        url = self._place.url(call.path, self._attempts.label(call))
        session = _Session(None if call.anonymous else self._auth)
        try:
            async for attempt in repeating(self._patience, deadline):
                with attempt:
                    answer = await self._attempt(call, url, deadline, session)
        except Again as again:
            if isinstance(again.error, Unavailable):
                self._attempts.down(str(again.error))
            raise again.error from None
        return answer

    async def close(self) -> None:
        """Let the connections go."""
        await self._client.aclose()

    async def _attempt(self, call: Call, url: httpx.URL, deadline: Deadline, session: _Session) -> Answer:
        await session.ready()
        turn = await self._attempts.turn(call, deadline)
        with self._gauges.counted(call.operation):
            answer = await self._attempts.once(turn, call, url, session.auth, deadline)
            objection = self._objection(call, answer)
            if objection is not None:
                raise await self._consequence(call, objection, answer, session)
        self._throttled_in_a_row = 0
        return answer

    def _objection(self, call: Call, answer: Answer) -> ConnectorError | None:
        if not (200 <= answer.status < 300 or answer.status in call.accept):
            wait = retry_after(answer.headers, self._clock.now())
            return verdict(answer.status, self._attempts.label(call), wait)
        try:
            if self._judge is not None:
                self._judge(answer)
        except ConnectorError as error:
            return error
        return None

    async def _consequence(
        self, call: Call, error: ConnectorError, answer: Answer, session: _Session
    ) -> Exception:
        """What to raise for an answer that says no: the same, Again, or Uncertain."""
        if isinstance(error, Throttled):
            return Again(error, self._rest(call, error))
        if isinstance(error, AuthRejected):
            return Again(error) if await session.renewed() else error
        vague = isinstance(error, Unavailable | BadAnswer) or answer.status in DONE_OR_ELSEWHERE
        if vague and call.safety is Safety.CREATING:
            return Uncertain(str(error))
        if isinstance(error, Unavailable):
            return Again(error, error.retry_after.total_seconds() if error.retry_after else 0.0)
        return error

    def _rest(self, call: Call, error: Throttled) -> float:
        """Pause the call's pace keys, for the longer of the vendor's word and our own.

        Returns the seconds to wait besides, where the call has no key.
        """
        self._throttled_in_a_row += 1
        ours = min(self._patience.throttled * 2 ** min(self._throttled_in_a_row - 1, 10), LONGEST_PAUSE)
        seconds = max(ours, error.retry_after.total_seconds() if error.retry_after else 0.0)
        self.pace.pause(call.pace, seconds)
        return 0.0 if call.pace else seconds
