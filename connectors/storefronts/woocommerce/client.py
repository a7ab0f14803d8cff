"""The only place that talks to the REST API: its addresses, the credentials, and what a refusal means.

WooCommerce refuses with real statuses and `{"code", "message", "data"}`. The code goes on; the message may hold
a buyer's data and goes nowhere. Three statuses do not mean what they say: a refund that is refused comes as 500
with an integer for `data`, a key that may only read gets 401, and 403 without a code is not the shop's at all, but a
firewall's. A shop that has moved says where to, and is not followed there.

Signatures are made over the address that the shop knows itself by. Where one is refused, the shop's index says what
that is, and the other scheme is tried where a proxy speaks https for it; what is found holds from then on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import httpx
import msgspec

from connectors.contract import (
    AuthRejected,
    BadAnswer,
    ConnectorError,
    Deadline,
    Limits,
    Refused,
    Unavailable,
)
from connectors.storefronts.woocommerce import payloads
from connectors.storefronts.woocommerce.homes import Homes
from connectors.storefronts.woocommerce.options import Options
from connectors.storefronts.woocommerce.reading import decode
from connectors.storefronts.woocommerce.signing import Credentials
from connectors.transport import (
    Answer,
    Call,
    Safety,
    Setup,
    Transport,
    Uncertain,
    segment,
)

T = TypeVar("T")
Params = Sequence[tuple[str, str]]

NOT_WOOCOMMERCE = (
    "the answer is not WooCommerce's: check url, and that the shop's permalinks are not the plain ones"
)
V3 = "wc/v3"
INDEX = "wp-json/"
FIREWALL = "something before the shop keeps us out (403): a firewall or security plugin must let this machine through"
_MOVED = frozenset({301, 302, 303, 307, 308})
_PERHAPS_DONE = frozenset({302, 303})
"""Redirects that a server also sends after it has done what was asked."""
_REFUSALS = frozenset({400, 403, 404, 409, 410, 413, 422}) | _MOVED
_OWN_CODE = "woocommerce_rest_"

encode = msgspec.json.encode


class ShopFailed(Unavailable):
    """The shop answered one write with an internal error of its own; others may pass."""


class NotAllowed(AuthRejected):
    """The key is known, and its user may not do this."""


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
        self._auth = Credentials(setup.secret, options.home if options.signed else None, setup.clock)
        self._homes = Homes(options)
        self._transport: Transport = setup.transport(options.server, limits, auth=self._auth)

    async def close(self) -> None:
        """Let the connections go."""
        await self._transport.close()

    async def send(self, request: Request, deadline: Deadline) -> Reply:
        """Run one request.

        Raises the errors of the contract (Refused with WooCommerce's code); ShopFailed where an absolute write
        made the shop fail; for a creating request Uncertain wherever it may have been done.
        """
        while True:
            signed_over = self._auth.home
            try:
                reply = await self._send(request, deadline)
            except NotAllowed:
                raise
            except AuthRejected:
                if signed_over is None or not await self._another_home(signed_over, deadline):
                    raise
            else:
                self._homes.taken(signed_over)
                return reply

    async def _send(self, request: Request, deadline: Deadline) -> Reply:
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

    async def _another_home(self, refused: str, deadline: Deadline) -> bool:
        """Whether there is another home to sign over than the one that was refused."""
        async with self._homes.asking:
            if self._auth.home != refused:
                return True
            other = await self._homes.after(refused, self._index_home, deadline)
            self._auth.home = other or self._homes.given
            return other is not None

    async def _index_home(self, deadline: Deadline) -> str:
        """The shop's home by its index, which anybody may read; "" where it does not tell."""
        call = Call("home", "GET", INDEX, Safety.READ, params=[("_fields", "home")], anonymous=True)
        try:
            answer = await self._transport.send(call, deadline)
            return decode(answer.body, type=payloads.Home).home
        except (ConnectorError, msgspec.MsgspecError):
            return ""


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
    if answer.status in _MOVED:
        return _moved(request, answer)
    body = _body(answer)
    code = vendor_code(body.code) if body is not None else ""
    if answer.status == 403:
        if body is None:
            return Unavailable(f"{operation}: {FIREWALL}")
        return NotAllowed(
            f"{operation}: the key's user may not do this ({code or 403}): make it a shop manager"
        )
    if answer.status == 500 and not (request.safety is Safety.CREATING and code.startswith(_OWN_CODE)):
        if request.safety is Safety.CREATING:
            return Uncertain(f"{operation}: the shop failed inside (500)")
        return ShopFailed(f"{operation}: the shop failed inside (500)")
    if answer.status == 413:
        return Refused(f"{operation}: the shop finds the request too large", code=code or "too_large")
    if body is None:
        return Refused(f"{operation}: {NOT_WOOCOMMERCE} ({answer.status})", code=str(answer.status))
    return Refused(f"{operation}: the shop refuses it ({code or answer.status})", code=code)


def _moved(request: Request, answer: Answer) -> Exception:
    """Where to, as far as it may be shown: no path and no parameter, which hold the signature."""
    if request.safety is Safety.CREATING and answer.status in _PERHAPS_DONE:
        return Uncertain(f"{request.operation}: the shop redirects ({answer.status}) what was to be made")
    try:
        to = httpx.URL(answer.headers.get("location", ""))
    except httpx.InvalidURL:
        to = httpx.URL()
    place = f" to {to.scheme}://{to.netloc.decode()}" if to.scheme in ("http", "https") and to.host else ""
    return Refused(
        f"{request.operation}: the shop redirects ({answer.status}){place}, which is not followed: say in url "
        "where it is",
        code=str(answer.status),
    )


def _body(answer: Answer) -> payloads.Body | None:
    try:
        return decode(answer.body, type=payloads.Body)
    except msgspec.MsgspecError:
        return None


def vendor_code(text: str) -> str:
    """A vendor's code as it may be shown: anything that does not look like one is left out."""
    plain = text.replace("_", "").replace("-", "")
    return text if text.isascii() and plain.isalnum() and len(text) < 80 else ""
