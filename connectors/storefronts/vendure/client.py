"""The only place that talks to the Admin API: credentials, and what an answer's errors mean.

Vendure tells its errors in four ways (HTTP 400; `errors` in a 200; members of a union; 500 with nothing).
The first two and the last end here, as errors of the contract; union members are the operations' own.
Texts name the operation and the vendor's code, never its message, which may hold a buyer's data.

A session that has ended and an account without a permission both answer FORBIDDEN. So after the first one
there is one new log-in for all waiting calls; only a fresh session that is forbidden too lacks the
permission, and only a refused log-in or key is AuthRejected.
"""

import json
from collections.abc import Mapping, Sequence
from typing import TypeVar

import httpx
import msgspec

from connectors.contract import AuthRejected, BadAnswer, Deadline, Limits, Refused, Unavailable
from connectors.storefronts.vendure import documents, payloads
from connectors.storefronts.vendure.documents import Document
from connectors.storefronts.vendure.options import Options
from connectors.transport import (
    Answer,
    Call,
    Refreshable,
    Safety,
    Secret,
    Setup,
    Transport,
    Uncertain,
    decode,
)
from connectors.transport.auth import header_key

T = TypeVar("T")

_FORBIDDEN = frozenset({"FORBIDDEN", "UNAUTHENTICATED"})
_INTERNAL = frozenset({"", "INTERNAL_SERVER_ERROR"})
NOT_GRAPHQL = "the shop's answer is not GraphQL: check url and admin_path"
_SESSION_HEADER = "vendure-auth-token"


class ShopFailed(Unavailable):
    """The shop answered one request with an internal error of its own; others may pass."""


class Reply:
    """An answer without errors."""

    def __init__(self, answer: Answer, data: msgspec.Raw, document: Document) -> None:
        self.answer = answer
        self.data = data
        self._document = document

    def read(self, shape: type[T]) -> T:
        """Its data in `shape`. Raises BadAnswer; for a creating call Uncertain, since it was done."""
        try:
            return decode(self.data, type=shape)
        except msgspec.ValidationError as error:
            raise self._unlike(str(error)) from None

    def result(self, root: str) -> payloads.Result:
        """The union member under `root`, as `read`."""
        try:
            member = payloads.named(root, self.data)
        except (msgspec.ValidationError, KeyError) as error:
            raise self._unlike(str(error)) from None
        if member is None:
            raise self._unlike(f"{root} is null")
        return member

    def _unlike(self, why: str) -> Exception:
        text = f"{self._document.operation}: the shop's answer is not as described: {why}"
        if self._document.safety is Safety.CREATING:
            return Uncertain(text)
        return BadAnswer(text, sample=self.answer.body)


class Client:
    """One account's way to its shop."""

    def __init__(self, setup: Setup, options: Options, limits: Limits) -> None:
        self._options = options
        self._secret = setup.secret
        self._session = Refreshable(self._log_in) if options.username is not None else None
        self._transport: Transport = setup.transport(options.server, limits, auth=self._credentials())

    async def close(self) -> None:
        """Let the connections go."""
        await self._transport.close()

    async def send(
        self,
        document: Document,
        variables: Mapping[str, object],
        deadline: Deadline,
        files: Sequence[tuple[str, bytes, str]] = (),
    ) -> Reply:
        """Run one document. `files` are (name, bytes, type) for `variables.input[n].file`.

        Raises the errors of the contract; ShopFailed for an internal error of the shop; for a creating
        document Uncertain wherever it may have been done.
        """
        generation = await self._session.ready() if self._session else 0
        answer = await self._call(document, variables, deadline, files)
        if self._session is not None and _forbidden(answer):
            await self._session.renew(generation)
            answer = await self._call(document, variables, deadline, files)
        if _forbidden(answer):
            raise await self._no_permission(document, deadline)
        return _judged(document, answer)

    async def _call(
        self,
        document: Document,
        variables: Mapping[str, object],
        deadline: Deadline,
        files: Sequence[tuple[str, bytes, str]] = (),
        *,
        anonymous: bool = False,
    ) -> Answer:
        query = {"query": document.text, "variables": variables}
        call = Call(
            operation=document.operation,
            method="POST",
            path=self._options.admin_path,
            safety=document.safety,
            headers=self._headers(),
            body=None if files else msgspec.json.encode(query),
            files=_multipart(query, files) if files else None,
            accept=frozenset({400, 401, 403}),
            anonymous=anonymous,
        )
        try:
            return await self._transport.send(call, deadline)
        except BadAnswer as error:
            if document.safety is Safety.CREATING:
                raise Uncertain(str(error)) from None
            raise

    def _headers(self) -> dict[str, str]:
        headers = {"apollo-require-preflight": "true"}
        if self._options.channel:
            headers["vendure-token"] = self._options.channel
        return headers

    def _credentials(self) -> httpx.Auth:
        return self._session or header_key("vendure-api-key", self._secret)

    async def _log_in(self) -> Secret:
        variables = {"username": self._options.username, "password": self._secret.reveal()}
        answer = await self._call(documents.LOGIN, variables, Deadline.after(30), anonymous=True)
        member = _judged(documents.LOGIN, answer).result("login")
        if member.error_code is not None:
            raise AuthRejected(
                f"the shop refuses the user name or the password ({vendor_code(member.error_code)})"
            )
        token = answer.headers.get(_SESSION_HEADER, "")
        if not token:
            raise AuthRejected(
                "the shop gives out no session token: `authOptions.tokenMethod` must include 'bearer'"
            )
        return Secret(token)

    async def _no_permission(self, document: Document, deadline: Deadline) -> Exception:
        """A key is asked for what every valid one may read: `me` is no such thing, it wants a log-in."""
        if self._session is None and _forbidden(await self._call(documents.SETTINGS, {}, deadline)):
            return AuthRejected("the shop refuses the API key, or `authOptions.tokenMethod` lacks 'api-key'")
        return Refused(
            f"{document.operation}: the account's role in the shop lacks a permission (see the README)",
            code="FORBIDDEN",
        )


def _multipart(
    query: Mapping[str, object], files: Sequence[tuple[str, bytes, str]]
) -> list[tuple[str, tuple[str | None, bytes, str]]]:
    """The GraphQL multipart request specification: operations, map, then the files by number."""
    places = {str(n): [f"variables.input.{n}.file"] for n in range(len(files))}
    parts: list[tuple[str, tuple[str | None, bytes, str]]] = [
        ("operations", (None, msgspec.json.encode(query), "application/json")),
        ("map", (None, json.dumps(places).encode(), "application/json")),
    ]
    parts += [(str(n), file) for n, file in enumerate(files)]
    return parts


def _envelope(answer: Answer) -> payloads.Envelope | None:
    try:
        return decode(answer.body, type=payloads.Envelope)
    except msgspec.MsgspecError:
        return None


def _forbidden(answer: Answer) -> bool:
    """Whether the root was refused: a forbidden field further down comes after the effect."""
    if answer.status in (401, 403):
        return True
    envelope = _envelope(answer)
    return envelope is not None and any(
        error.extensions.code in _FORBIDDEN and len(error.path or ()) <= 1 for error in envelope.errors
    )


def _judged(document: Document, answer: Answer) -> Reply:
    creating = document.safety is Safety.CREATING
    envelope = _envelope(answer)
    if envelope is None:
        raise _unreadable(document, answer, NOT_GRAPHQL)
    if envelope.errors:
        raise _error(document, envelope.errors[0], creating)
    if bytes(envelope.data) == b"null":
        raise _unreadable(document, answer, "the shop answered without data")
    return Reply(answer, envelope.data, document)


def _unreadable(document: Document, answer: Answer, why: str) -> Exception:
    text = f"{document.operation}: {why}"
    if document.safety is not Safety.CREATING:
        if answer.body.startswith(b"{") and why == NOT_GRAPHQL:
            return Unavailable(f"{document.operation}: the shop's answer breaks off")
        return BadAnswer(text, sample=answer.body)
    return Refused(text, code=str(answer.status)) if answer.status >= 400 else Uncertain(text)


def _error(document: Document, error: payloads.GraphError, creating: bool) -> Exception:
    code = vendor_code(error.extensions.code)
    text = f"{document.operation}: the shop refuses it ({code or 'no code'})"
    if creating and len(error.path or ()) > 1:
        return Uncertain(f"{document.operation}: done perhaps, but its answer failed ({code or 'no code'})")
    if code in _INTERNAL:
        failed = f"{document.operation}: the shop failed inside ({code or 'no code'})"
        return Uncertain(failed) if creating else ShopFailed(failed)
    return Refused(text, code=code)


def vendor_code(text: str) -> str:
    """A vendor's code as it may be shown: anything that does not look like one is left out."""
    return text if text.isascii() and text.replace("_", "").isalnum() and len(text) < 64 else ""
