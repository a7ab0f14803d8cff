"""The only place that talks to the REST API: its addresses, the credentials, and what a refusal means.

WooCommerce refuses with real statuses and `{"code", "message", "data"}`. The code goes on; the message may hold
a buyer's data and goes nowhere. Two statuses do not mean what they say: a refund that is refused comes as 500
with an integer for `data`, and a key that may only read gets 401.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from connectors.contract import BadAnswer, Deadline, Limits, Refused, Unavailable
from connectors.storefronts.woocommerce import payloads
from connectors.storefronts.woocommerce.options import Options
from connectors.storefronts.woocommerce.signing import Credentials
from connectors.transport import (
    Answer,
    Call,
    Safety,
    Setup,
    Transport,
    Uncertain,
    decode,
    segment,
)

T = TypeVar("T")
Params = Sequence[tuple[str, str]]

NOT_WOOCOMMERCE = (
    "the answer is not WooCommerce's: check url, and that the shop's permalinks are not the plain ones"
)
V3 = "wc/v3"
_REFUSALS = frozenset({400, 404, 409, 410, 413, 422})
_OWN_CODE = "woocommerce_rest_"

encode = msgspec.json.encode


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
        if not why and self.answer.body.lstrip().startswith((b"{", b"[")):
            return Unavailable(f"{operation}: the shop's answer breaks off")
        return BadAnswer(f"{operation}: {why or NOT_WOOCOMMERCE}", sample=self.answer.body)


class Client:
    """One account's way to its shop."""

    def __init__(self, setup: Setup, options: Options, limits: Limits) -> None:
        home = options.home if options.signed else None
        auth = Credentials(setup.secret, home, setup.clock)
        self._transport: Transport = setup.transport(options.server, limits, auth=auth)

    async def close(self) -> None:
        """Let the connections go."""
        await self._transport.close()

    async def send(self, request: Request, deadline: Deadline) -> Reply:
        """Run one request.

        Raises the errors of the contract (Refused with WooCommerce's code); ShopFailed where an absolute write
        made the shop fail; for a creating request Uncertain wherever it may have been done.
        """
        writes = request.safety is not Safety.READ
        call = Call(
            operation=request.operation,
            method=request.method,
            path=request.path,
            safety=request.safety,
            params=request.params,
            body=None if request.body is None else encode(request.body),
            accept=_REFUSALS | ({500} if writes else frozenset()),
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


def path(*segments: str, under: str = V3) -> str:
    """A path below the REST API, each segment quoted whole. Raises Refused."""
    return "/".join(["wp-json", under, *(segment(each) for each in segments)])


def get(operation: str, *segments: str, params: Params = (), under: str = V3) -> Request:
    """A reading request."""
    return Request(operation, "GET", path(*segments, under=under), params=params)


def put(operation: str, *segments: str, body: object) -> Request:
    """An absolute write of one record."""
    return Request(operation, "PUT", path(*segments), Safety.ABSOLUTE, body=body)


def batch(operation: str, *segments: str, body: object, safety: Safety = Safety.ABSOLUTE) -> Request:
    """Several writes at once; absolute ones, unless it creates."""
    return Request(operation, "POST", path(*segments, "batch"), safety, body=body)


def make(operation: str, *segments: str, body: object, under: str = V3) -> Request:
    """A creating write."""
    return Request(operation, "POST", path(*segments, under=under), Safety.CREATING, body=body)


def _refused(request: Request, answer: Answer) -> Exception:
    operation = request.operation
    body = _body(answer)
    code = vendor_code(body.code) if body is not None else ""
    if answer.status == 500 and not (request.safety is Safety.CREATING and code.startswith(_OWN_CODE)):
        if request.safety is Safety.CREATING:
            return Uncertain(f"{operation}: the shop failed inside (500)")
        return ShopFailed(f"{operation}: the shop failed inside (500)")
    if answer.status == 413:
        return Refused(f"{operation}: the shop finds the request too large", code=code or "too_large")
    if body is None:
        return Refused(f"{operation}: {NOT_WOOCOMMERCE} ({answer.status})", code=str(answer.status))
    return Refused(f"{operation}: the shop refuses it ({code or answer.status})", code=code)


def _body(answer: Answer) -> payloads.Body | None:
    try:
        return decode(answer.body, type=payloads.Body)
    except msgspec.MsgspecError:
        return None


def vendor_code(text: str) -> str:
    """A vendor's code as it may be shown: anything that does not look like one is left out."""
    plain = text.replace("_", "").replace("-", "")
    return text if text.isascii() and plain.isalnum() and len(text) < 80 else ""
