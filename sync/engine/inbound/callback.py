"""Waits on loopback for the one answer that a vendor sends after a person has said yes, and believes no other.

The state is drawn for this one question and compared in constant time: nobody else's answer gets in, and a page of
another site that guesses the port learns nothing.
"""

import asyncio
import hmac
import secrets
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from config import Listen
from sync.engine.listening import Listener

PATH = "/callback"
THANKS = "Thank you. You can close this page; the command goes on by itself."


class Declined(Exception):
    """The vendor's answer is none of ours, or says no; the text says what to do."""


def new_state() -> str:
    """A word that only we and the vendor's answer know."""
    return secrets.token_urlsafe(32)


def answer_of(query: Mapping[str, str], state: str) -> Mapping[str, str]:
    """The vendor's answer. Raises Declined for another state, and where the vendor says no."""
    if not hmac.compare_digest(query.get("state", "").encode(), state.encode()):
        raise Declined(
            "that answer does not belong to this question: begin again, and use the address just printed"
        )
    if "error" in query:
        raise Declined(
            "the vendor says that access was not granted: begin again and say yes there, or ask whoever may"
        )
    return query


def pasted(text: str, state: str) -> Mapping[str, str]:
    """The answer in an address that a person copied from the browser's bar. Raises Declined."""
    query = dict(parse_qsl(urlsplit(text.strip()).query))
    if not query:
        raise Declined(
            "paste the whole address that the browser shows after you said yes; it has a `?` in it"
        )
    return answer_of(query, state)


class Callback(Listener):
    """One answer on a loopback port."""

    def __init__(self, state: str, port: int = 0) -> None:
        self._state = state
        self._answer: asyncio.Future[Mapping[str, str]] = asyncio.get_running_loop().create_future()
        app = Starlette(routes=[Route(PATH, self._receive)])
        mend = "give another one that the vendor's app allows with --port, use --paste"
        super().__init__(Listen("127.0.0.1", port), app, what="callback", key="", mend=mend)

    @property
    def redirect(self) -> str:
        """Where the vendor sends its answer."""
        return f"http://{self.address}{PATH}"

    async def wait(self, seconds: float) -> Mapping[str, str]:
        """The answer. Raises Declined, or TimeoutError where none came."""
        return await asyncio.wait_for(asyncio.shield(self._answer), seconds)

    async def _receive(self, request: Request) -> Response:
        query = dict(request.query_params)
        try:
            answer = answer_of(query, self._state)
        except Declined as error:
            mine = hmac.compare_digest(query.get("state", "").encode(), self._state.encode())
            if mine and not self._answer.done():
                self._answer.set_exception(error)
            return PlainTextResponse(str(error), status_code=400)
        if not self._answer.done():
            self._answer.set_result(answer)
        return PlainTextResponse(THANKS)
