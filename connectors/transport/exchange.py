"""One request on the wire and its answer, or the two ways in which there is none.

httpx's errors end here: `NotSent` (nothing can have reached the vendor) or `NoAnswer` (it may have). Their
texts are ours, for those of httpx can hold addresses and header values.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from connectors.contract import Refused
from connectors.transport.body import Truncated, read_body


class NotSent(Exception):
    """No connection: nothing left."""


class NoAnswer(Exception):
    """It may have left, and no whole answer came. `ours` says that our own deadline cut it short."""

    def __init__(self, why: str, *, ours: bool = False) -> None:
        super().__init__(why)
        self.ours = ours


@dataclass(frozen=True, slots=True)
class Received:
    """An answer. `body` is empty where the status was not one to read on."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _Trace:
    """Follows httpcore's steps, to know whether a request that timed out had begun to leave."""

    def __init__(self) -> None:
        self.sending = False

    async def __call__(self, step: str, _facts: Mapping[str, object]) -> None:
        self.sending = self.sending or "send_request" in step


@dataclass(frozen=True, slots=True)
class Exchange:
    """How requests of one account are sent. `traced`: the client tells its steps, as httpcore's does."""

    client: httpx.AsyncClient
    answer_bytes: int
    total_seconds: float
    traced: bool

    async def run(
        self, request: httpx.Request, auth: httpx.Auth | None, *, accept: frozenset[int], left: float
    ) -> Received:
        """Send it and read the answer within `left` seconds, and the total of the manifest.

        Raises NotSent, NoAnswer, Refused (it cannot be written as HTTP) or BadAnswer (its body).
        """
        trace = _Trace()
        request.extensions["trace"] = trace
        try:
            async with asyncio.timeout(min(left, self.total_seconds)):
                return await self._answer(request, auth, accept)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
            raise NotSent(_no_connection(error)) from None
        except (httpx.LocalProtocolError, httpx.UnsupportedProtocol, httpx.InvalidURL):
            raise Refused(
                "the request cannot be written as HTTP: check the url option and the secret"
            ) from None
        except TimeoutError:
            if self.traced and not trace.sending:
                raise NotSent("no connection in time") from None
            raise NoAnswer("no whole answer in time", ours=left < self.total_seconds) from None
        except httpx.TimeoutException:
            raise NoAnswer("no answer in time") from None
        except (httpx.TransportError, Truncated):
            raise NoAnswer("the connection broke before the answer was whole") from None

    async def _answer(
        self, request: httpx.Request, auth: httpx.Auth | None, accept: frozenset[int]
    ) -> Received:
        response = await self.client.send(request, auth=auth, stream=True, follow_redirects=False)
        try:
            wanted = response.is_success or response.status_code in accept
            body = await read_body(response, self.answer_bytes) if wanted else b""
        finally:
            await response.aclose()
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Received(response.status_code, headers, body)


def _no_connection(error: Exception) -> str:
    told = str(error).lower()
    if isinstance(error, httpx.ProxyError):
        return "the proxy makes no connection"
    if isinstance(error, httpx.TimeoutException):
        return "no connection in time"
    if "certificate" in told:
        return "its certificate is not trusted"
    if "name or service" in told or "nodename" in told or "name resolution" in told:
        return "its name cannot be resolved"
    return "no connection"
