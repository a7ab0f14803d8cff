"""One message to one chat. The address is a secret, and is in no error or log.

It is called over https at a public address, unless the admin says that the chat runs inside; `http` is for a chat
inside, or on this machine. No redirect is followed, no cookie kept, and of the answer little is read.
"""

import json
from dataclasses import dataclass
from datetime import timedelta

import httpx

from connectors.contract import Limits, Refused
from connectors.transport.place import Place, is_inner, new_client
from mappings.people import Chat
from sync.domain.chats import asks_to_wait, body, objection
from sync.store.hold_links import LinkState

_LIMITS = Limits(connect_seconds=5.0, read_seconds=10.0, concurrency=1)
_MOST_ANSWER = 65_536
_LONGEST_WAIT = timedelta(hours=1)
_TOO_MANY_WAIT = timedelta(minutes=1)
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a message. `again`: nothing was said, and it may be tried after so long (zero: as we like)."""

    state: LinkState
    error: str = ""
    again: timedelta | None = None


def checked(url: str, *, inside: bool) -> Place:
    """The place of a chat's address. Raises Refused where it may not be called."""
    place = Place(url)
    parts = httpx.URL(url)
    if place.is_loopback:
        return place
    if is_inner(parts.host) and not inside:
        raise Refused("the chat's address is one of an inner network: say `inside: true` if it is meant")
    if parts.scheme != "https" and not inside:
        raise Refused("the chat's address is not one of https")
    return place


async def say(chat: Chat, url: str, said: str, ending: str) -> Told:
    """Send one message, whose ending is never cut. Never raises for what the other side does."""
    try:
        place = checked(url, inside=chat.inside)
    except Refused as error:
        return Told(LinkState.REFUSED, str(error))
    async with new_client(place, _LIMITS, None) as client:
        try:
            content = dict(body(chat.form, said, ending))
            async with client.stream(
                "POST", url, json=content, headers={"Accept-Encoding": "identity"}
            ) as answer:
                return _judged(chat, answer, await _read(answer))
        except _NOT_SENT as error:
            return Told(LinkState.QUEUED, f"it cannot be reached ({type(error).__name__})", timedelta())
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Told(LinkState.UNKNOWN, f"it gave no answer ({type(error).__name__})")


async def _read(answer: httpx.Response) -> bytes:
    found = b""
    async for part in answer.aiter_raw(8_192):
        found += part
        if len(found) > _MOST_ANSWER:
            return b""
    return found


def _judged(chat: Chat, answer: httpx.Response, content: bytes) -> Told:
    status = answer.status_code
    if status in (429, 503):
        return Told(LinkState.QUEUED, f"it asks to wait ({status})", _wait(answer))
    if status >= 500:
        return Told(LinkState.UNKNOWN, f"it answered {status}")
    if status >= 300:
        return Told(LinkState.REFUSED, f"it answered {status}")
    try:
        read = json.loads(content) if content else None
    except (ValueError, RecursionError):
        read = None
    against = objection(chat.form, read)
    if asks_to_wait(chat.form, read):
        return Told(LinkState.QUEUED, f"it asks to wait ({against})", _TOO_MANY_WAIT)
    return Told(LinkState.REFUSED, f"it refused the message ({against})") if against else Told(LinkState.TOLD)


def _wait(answer: httpx.Response) -> timedelta:
    said = answer.headers.get("retry-after", "")
    seconds = int(said) if said.isascii() and said.isdigit() and len(said) < 8 else 0
    return min(timedelta(seconds=seconds), _LONGEST_WAIT)
