"""The only place that talks to the Admin API: its addresses, the credentials, and what a refusal means.

Medusa refuses with real statuses and `{"type", "message"}` (trap 8). The type goes on as the code; the
message may hold a buyer's data and goes nowhere. A secret key goes as HTTP Basic (its user, no password):
it can be revoked alone, does not end, and needs no log-in; the server rejects it as Bearer. A user's
password is exchanged for a token that ends after a day and is fetched again when it is refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import httpx
import msgspec

from connectors.contract import AuthRejected, BadAnswer, Deadline, Limits, Refused, Unavailable
from connectors.storefronts.medusa import payloads
from connectors.storefronts.medusa.options import Options
from connectors.transport import (
    Answer,
    Call,
    Refreshable,
    Safety,
    Secret,
    Setup,
    Transport,
    Uncertain,
    basic,
    decode,
    segment,
)

T = TypeVar("T")
Params = Sequence[tuple[str, str]]

NOT_MEDUSA = "the answer is not Medusa's: check url"
_REFUSALS = frozenset({400, 403, 404, 409, 413, 422})
_ENCODER = msgspec.json.Encoder(decimal_format="number")

encode = _ENCODER.encode
"""JSON with decimals as numbers, digit by digit."""


class ShopFailed(Unavailable):
    """The shop answered one write with an internal error of its own; others may pass."""


@dataclass(frozen=True, slots=True)
class Request:
    """One operation: its name in metrics, and the way to it below the server."""

    operation: str
    method: str
    path: str
    safety: Safety = Safety.READ
    params: Params = field(default=(), repr=False)
    body: object = field(default=None, repr=False)
    anonymous: bool = False


class Reply:
    """An answer that the shop gave with success."""

    def __init__(self, answer: Answer, request: Request) -> None:
        self.answer = answer
        self._request = request

    def read(self, shape: type[T]) -> T:
        """Its body in `shape`. Raises BadAnswer or Unavailable; for a creating call Uncertain: it was done."""
        try:
            return decode(self.answer.body, type=shape)
        except msgspec.ValidationError as error:
            raise self._unlike(f"the shop's answer is not as described: {error}") from None
        except msgspec.DecodeError:
            raise self._unlike("") from None

    def _unlike(self, why: str) -> Exception:
        operation = self._request.operation
        if self._request.safety is Safety.CREATING:
            return Uncertain(f"{operation}: {why or 'the answer breaks off'}")
        if not why and self.answer.body.startswith(b"{"):
            return Unavailable(f"{operation}: the shop's answer breaks off")
        return BadAnswer(f"{operation}: {why or NOT_MEDUSA}", sample=self.answer.body)


class Client:
    """One account's way to its shop."""

    def __init__(self, setup: Setup, options: Options, limits: Limits) -> None:
        self._options = options
        self._secret = setup.secret
        self._transport: Transport = setup.transport(options.server, limits, auth=self._credentials())

    async def close(self) -> None:
        """Let the connections go."""
        await self._transport.close()

    async def send(self, request: Request, deadline: Deadline) -> Reply:
        """Run one request.

        Raises the errors of the contract (Refused with Medusa's type as its code); ShopFailed where an
        absolute write made the shop fail; for a creating request Uncertain wherever it may have been done.
        """
        accept = _REFUSALS | ({500} if request.safety is Safety.ABSOLUTE else frozenset())
        call = Call(
            operation=request.operation,
            method=request.method,
            path=request.path,
            safety=request.safety,
            params=request.params,
            body=None if request.body is None else encode(request.body),
            accept=accept | ({401} if request.anonymous else frozenset()),
            anonymous=request.anonymous,
        )
        try:
            answer = await self._transport.send(call, deadline)
        except BadAnswer as error:
            if request.safety is Safety.CREATING:
                raise Uncertain(str(error)) from None
            raise
        if answer.status >= 300:
            raise _refused(request, answer)
        return Reply(answer, request)

    def _credentials(self) -> httpx.Auth:
        return Refreshable(self._log_in) if self._options.email is not None else basic_key(self._secret)

    async def _log_in(self) -> Secret:
        body = {"email": self._options.email, "password": self._secret.reveal()}
        request = Request("log_in", "POST", "auth/user/emailpass", Safety.READ, body=body, anonymous=True)
        try:
            reply = await self.send(request, Deadline.after(30))
        except Refused as error:
            raise AuthRejected(
                f"the shop refuses the e-mail address or the password ({error.code})"
            ) from None
        return Secret(reply.read(payloads.Token).token)


def basic_key(secret: Secret) -> httpx.Auth:
    """HTTP Basic: the key is the user, the password is empty."""
    return basic(secret.reveal(), Secret(""))


def path(*segments: str) -> str:
    """A path below the Admin API, each segment quoted whole. Raises Refused."""
    return "/".join(["admin", *(segment(each) for each in segments)])


def get(operation: str, *segments: str, params: Params = ()) -> Request:
    """A reading request."""
    return Request(operation, "GET", path(*segments), params=params)


def put(operation: str, *segments: str, body: Mapping[str, object], params: Params = ()) -> Request:
    """An absolute write (Medusa's method is POST throughout)."""
    return Request(operation, "POST", path(*segments), Safety.ABSOLUTE, params, body)


def make(operation: str, *segments: str, body: Mapping[str, object], params: Params = ()) -> Request:
    """A creating write."""
    return Request(operation, "POST", path(*segments), Safety.CREATING, params, body)


def _refused(request: Request, answer: Answer) -> Exception:
    if answer.status == 500:
        return ShopFailed(f"{request.operation}: the shop failed inside (500)")
    if answer.status == 413:
        return Refused(f"{request.operation}: the shop finds the request too large", code="too_large")
    try:
        code = vendor_code(decode(answer.body, type=payloads.Body).type)
    except msgspec.MsgspecError:
        return Refused(f"{request.operation}: {NOT_MEDUSA} ({answer.status})", code=str(answer.status))
    if answer.status == 403:
        return Refused(f"{request.operation}: the shop's user or key lacks a permission", code="forbidden")
    return Refused(f"{request.operation}: the shop refuses it ({code or answer.status})", code=code)


def vendor_code(text: str) -> str:
    """A vendor's code as it may be shown: anything that does not look like one is left out."""
    return text if text.isascii() and text.replace("_", "").isalnum() and len(text) < 64 else ""
