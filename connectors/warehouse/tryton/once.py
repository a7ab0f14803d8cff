"""One record per reference: looked up before it is made, since Tryton takes any number with the same one."""

from collections.abc import Awaitable, Callable

from connectors.contract import BadAnswer, Deadline, Done, Outcome, Rejected, Unknown
from connectors.transport import Uncertain
from connectors.warehouse.tryton.client import Client
from connectors.warehouse.tryton.payloads import Domain, Incoming, Json, decoded, rows
from connectors.warehouse.tryton.translate import refusal

FIELDS = ("state", "reference")
WORDS = {
    "stock.shipment.in": "delivery",
    "stock.shipment.out.return": "return",
    "stock.shipment.internal": "transfer",
}
Build = Callable[[], Awaitable[dict[str, Json]]]


class Once:
    """A record of `model` that bears our reference."""

    def __init__(self, client: Client, model: str, reference: str) -> None:
        self._client = client
        self._model = model
        self._reference = reference.strip()
        self.what = f"{WORDS[model]} {reference}"

    async def make(self, build: Build, deadline: Deadline) -> Outcome[None]:
        """Done with its id, whether it was there or is made now."""
        made = await self.record(build, deadline)
        return Done(str(made.id)) if isinstance(made, Incoming) else made

    async def record(self, build: Build, deadline: Deadline) -> Incoming | Rejected | Unknown:
        """The record itself. Rejected where several bear the reference, or Tryton refuses a new one."""
        answer = await self._client.search(self._model, self.domain(), FIELDS, deadline)
        found = [one for one in rows(answer.body, Incoming) if self.fits(one)]
        alive = [one for one in found if one.state != "cancelled"]
        if len(alive) > 1:
            reason = f"{self.what}: Tryton has {len(alive)} with this reference; cancel all but one of them"
            return Rejected(reason, code="duplicate_reference")
        if found:
            return alive[0] if alive else found[-1]
        return await self._create(await build(), deadline)

    def domain(self) -> Domain:
        """What is looked up."""
        return [["reference", "=", self._reference]]

    def fits(self, found: Incoming) -> bool:
        """Whether a record that was looked up is the one that is meant."""
        return True

    async def _create(self, record: dict[str, Json], deadline: Deadline) -> Incoming | Rejected | Unknown:
        try:
            answer = await self._client.create(self._model, record, FIELDS, deadline)
        except Uncertain:
            return Unknown(f"{self.what}: no answer came from Tryton")
        if answer.status >= 400:
            return refusal(answer.status, answer.body, self.what)
        try:
            return decoded(answer.body, Incoming)
        except BadAnswer as error:
            return Unknown(f"{self.what}: {error}")
