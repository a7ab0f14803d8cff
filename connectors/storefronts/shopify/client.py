"""The only place that talks to the Admin API: its address, its version, its points, and what its errors mean.

Shopify tells its errors in three ways: a status (401, 402, 404, 423), `errors` in a 200, and `userErrors` of a
mutation. The first two end here, as errors of the contract; user errors are the operations' own. Texts name the
operation and Shopify's code, never its message, which may hold a buyer's data. A request that Shopify throttled
did nothing, be it a mutation or not: it waits as long as its own answer says, and is sent again.
"""

import re
from collections.abc import Mapping
from typing import TypeVar

import msgspec

from connectors.contract import BadAnswer, Deadline, Limits, Refused, Throttled, Unavailable
from connectors.storefronts.shopify import payloads
from connectors.storefronts.shopify.budget import Budget
from connectors.storefronts.shopify.documents import Document
from connectors.storefronts.shopify.options import Options
from connectors.storefronts.shopify.session import Session
from connectors.transport import Answer, Call, Safety, Setup, Transport, Uncertain, decode
from sync.telemetry.logs import logger

T = TypeVar("T")
VERSION = "2026-07"
"""Of the Admin API. Shopify serves a version for a year, then answers with its oldest one instead."""
PATH = f"admin/api/{VERSION}/graphql.json"
TOO_DEAR = "MAX_COST_EXCEEDED"
_INTERNAL = frozenset({"", "INTERNAL_SERVER_ERROR", "TIMEOUT"})
_SCOPES = re.compile(r"\b(?:read|write)_[a-z_]{3,40}\b")
_log = logger("connectors.storefronts.shopify")


class ShopFailed(Unavailable):
    """The shop answered one request with an internal error of its own; others may pass."""


class TooDear(Refused):
    """The request costs more points than Shopify takes of one: a smaller page may pass."""


class Reply:
    """An answer without errors."""

    def __init__(self, answer: Answer, data: msgspec.Raw, document: Document) -> None:
        self.answer = answer
        self._data = data
        self._document = document

    def read(self, shape: type[T]) -> T:
        """Its data in `shape`. Raises BadAnswer; for a creating call Uncertain, since it was done."""
        try:
            return decode(self._data, type=shape)
        except msgspec.ValidationError as error:
            raise self.unlike(str(error)) from None

    def unlike(self, why: str) -> Exception:
        """What to raise where the answer does not fit its description."""
        text = f"{self._document.operation}: the shop's answer is not as described: {why}"
        if self._document.safety is Safety.CREATING:
            return Uncertain(text)
        return BadAnswer(text, sample=self.answer.body)


class Client:
    """One account's way to its shop."""

    def __init__(self, setup: Setup, options: Options, limits: Limits) -> None:
        self._account = setup.account
        self._budget = Budget()
        self._told_version = False
        self._session = Session(setup, options, self._fetch)
        self._transport: Transport = setup.transport(
            options.url, limits, auth=self._session.auth, judge=self._judge
        )

    async def close(self) -> None:
        """Let the connections go."""
        await self._transport.close()

    async def send(
        self, document: Document, variables: Mapping[str, object], deadline: Deadline, *, size: int = 0
    ) -> Reply:
        """Run one document. `size` tells requests apart that differ in price by the length of their pages.

        Raises the errors of the contract; ShopFailed for an internal error of the shop, TooDear for a request that
        costs too much; for a creating document Uncertain wherever it may have been done.
        """
        await self._session.ready()
        kind = f"{document.operation} {size}"
        points = self._budget.price(kind, document.cost)
        await self._budget.take(points, deadline)
        try:
            answer = await self._call(document, variables, deadline)
        finally:
            self._budget.give_back(points)
        envelope = _envelope(answer)
        self._budget.learn(kind, envelope.extensions.cost if envelope and envelope.extensions else None)
        return _judged(document, answer, envelope)

    async def _call(self, document: Document, variables: Mapping[str, object], deadline: Deadline) -> Answer:
        call = Call(
            operation=document.operation,
            method="POST",
            path=PATH,
            safety=document.safety,
            headers={"Accept": "application/json"},
            body=msgspec.json.encode({"query": document.text, "variables": variables}),
        )
        try:
            return await self._transport.send(call, deadline)
        except BadAnswer as error:
            if document.safety is Safety.CREATING:
                raise Uncertain(str(error)) from None
            raise

    async def _fetch(self, call: Call) -> Answer:
        return await self._transport.send(call, Deadline.after(30))

    def _judge(self, answer: Answer) -> None:
        """Look at every answer before it is taken: its version, and whether it was throttled."""
        self._note_version(answer)
        envelope = _envelope(answer)
        if envelope is None:
            return
        cost = envelope.extensions.cost if envelope.extensions else None
        self._budget.tell(cost)
        if any(fault.code == "THROTTLED" for fault in envelope.faults):
            raise Throttled(
                f"{self._account}: the shop's rate limit is used up (THROTTLED)",
                retry_after=self._budget.short_by(cost),
            )

    def _note_version(self, answer: Answer) -> None:
        """Say once that the shop answers in another version than the one that was asked for."""
        told = answer.headers.get("x-shopify-api-version", VERSION)
        if told == VERSION or self._told_version:
            return
        self._told_version = True
        _log.warning(
            "the shop answers in another version of its API: look for a newer release of this program",
            account=self._account,
            asked_for=VERSION,
            answered=told if re.fullmatch(r"[a-z0-9-]{1,20}", told) else "?",
        )


def _envelope(answer: Answer) -> payloads.Envelope | None:
    try:
        return decode(answer.body, type=payloads.Envelope)
    except msgspec.MsgspecError:
        return None


def _judged(document: Document, answer: Answer, envelope: payloads.Envelope | None) -> Reply:
    if envelope is None:
        raise _unreadable(document, answer, "the shop's answer is not GraphQL: check the url option")
    if envelope.faults:
        raise _error(document, envelope.faults)
    if bytes(envelope.data) == b"null":
        raise _unreadable(document, answer, "the shop answered without data")
    return Reply(answer, envelope.data, document)


def _unreadable(document: Document, answer: Answer, why: str) -> Exception:
    text = f"{document.operation}: {why}"
    if document.safety is Safety.CREATING:
        return Uncertain(text)
    return BadAnswer(text, sample=answer.body)


def _error(document: Document, faults: list[payloads.GraphError]) -> Exception:
    fault = faults[0]
    code = vendor_code(fault.code)
    named = code or "no code"
    if document.safety is Safety.CREATING and (fault.depth > 1 or code in _INTERNAL):
        return Uncertain(f"{document.operation}: done perhaps, but its answer failed ({named})")
    if code in _INTERNAL:
        return ShopFailed(f"{document.operation}: the shop failed inside ({named})")
    if code == TOO_DEAR:
        return TooDear(
            f"{document.operation}: costs more points than Shopify takes of one request", code=code
        )
    if code == "ACCESS_DENIED":
        return Refused(f"{document.operation}: {_missing(fault)}", code=code)
    return Refused(f"{document.operation}: the shop refuses it ({named})", code=code)


def _missing(fault: payloads.GraphError) -> str:
    text = (fault.extensions.required_access if fault.extensions else None) or ""
    scopes = ", ".join(sorted(set(_SCOPES.findall(text))))
    if scopes:
        return f"the app lacks an access scope: {scopes}"
    return "the app lacks an access scope, or the approval for protected customer data (see the README)"


def vendor_code(text: str) -> str:
    """A vendor's code as it may be shown: anything that does not look like one is left out."""
    return text if text.isascii() and text.replace("_", "").isalnum() and len(text) < 64 else ""
