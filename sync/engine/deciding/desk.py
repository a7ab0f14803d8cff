"""Decisions by link, over HTTP: `GET /decide/LINK/SIGNATURE` shows, `POST` decides.

    rate ─► signature ─► used? expired? ─► still waits? still this person's? ─► page
                                                                     POST: ─► what was seen? ─► decide ─► page

GET and HEAD change nothing, so that a chat's preview decides nothing. All of it is looked at again in the transaction
that decides; two at once, and one of them is told that it was late. A page of another site has no form of ours: the
form's token is signed for the link and for what stood on the page.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from urllib.parse import parse_qs

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from mappings.people import Staff
from sync.domain.ids import AccountId
from sync.domain.waiting import Decider, Language, Via, Word
from sync.engine.deciding import links, pages, queue
from sync.engine.deciding.deciding import Done, checked, decide
from sync.engine.deciding.effects import By, DecisionRefused
from sync.engine.deciding.links import Seen
from sync.engine.deciding.pages import Reader
from sync.engine.deciding.queue import Matter
from sync.engine.deciding.texts import say
from sync.engine.inbound.gate import Rate
from sync.engine.machine import told
from sync.flows.names import FlowName
from sync.store import hold_comments, hold_links, holds
from sync.store.database import Store, Tx
from sync.store.hold_links import Link
from sync.telemetry import metrics
from sync.telemetry.logs import logger

MOST_BYTES = 65_536
"""A comment and a reason of 2,000 characters, each of twelve bytes as a form writes it, and the token."""
PER_SECOND, BURST = 20.0, 200.0
SLOWEST_SECONDS = 20.0
_log = logger("engine.deciding")


class Refusal(Exception):
    """Nothing is decided: which page says so, with which status, and what it is counted as."""

    def __init__(
        self, name: str, status: int, language: Language = Language.EN, *, counted: str = "", **facts: object
    ) -> None:
        super().__init__(name)
        self.name, self.status, self.language, self.facts = name, status, language, facts
        self.counted = counted or name


@dataclass(frozen=True, slots=True)
class House:
    """What is in force now: it changes with a reload."""

    staff: Staff
    zone: tzinfo


class DecisionDesk:
    """Serves the links. `house` gives what is in force, `hint` wakes a flow after a decision."""

    def __init__(
        self, store: Store, house: Callable[[], House], hint: Callable[[AccountId, FlowName], None]
    ) -> None:
        self._store = store
        self._house = house
        self._hint = hint
        self._rate = Rate(PER_SECOND, BURST)
        self.slowest = SLOWEST_SECONDS
        self.routes = [Route(f"{links.PATH}/{{link}}/{{signature}}", self._serve, methods=["GET", "POST"])]

    async def _serve(self, request: Request) -> Response:
        try:
            if self._rate.wait(asyncio.get_running_loop().time()):
                raise Refusal("many", 429, counted="too many")
            shown = await (self._decide(request) if request.method == "POST" else self._show(request))
        except Refusal as error:
            metrics.DECISION_PAGES.labels(error.counted).inc()
            text = pages.refusal(error.name, error.language, **error.facts)
            return HTMLResponse(text, error.status, headers=pages.HEADERS)
        except Exception as error:
            metrics.DECISION_PAGES.labels("not stored").inc()
            _log.warning("a decision's page could not be served", why=told(error))
            return HTMLResponse(pages.refusal("failed", Language.EN), 503, headers=pages.HEADERS)
        return HTMLResponse(shown, headers=pages.HEADERS)

    async def _show(self, request: Request) -> str:
        async with self._store.read() as tx:
            link, decider, matter = await self._opened(tx, request)
        reader = self._reader(decider)
        token = links.form_token(self._store.sealer, link, _seen(matter))
        metrics.DECISION_PAGES.labels("shown").inc()
        return pages.question(matter, decider, reader, token)

    def _reader(self, decider: Decider | None) -> Reader:
        return Reader(Language.EN if decider is None else decider.language, self._house().zone)

    async def _opened(self, tx: Tx, request: Request) -> tuple[Link, Decider, Matter]:
        """What the link stands for. Raises Refusal."""
        link = await hold_links.get(tx, request.path_params["link"])
        signed = links.is_signed(tx.sealer, link, request.path_params["signature"])
        if link is None or not signed:
            raise Refusal("forged", 404)
        decider = self._house().staff.find(link.person)
        reader = self._reader(decider)
        hold = await holds.get(tx, link.hold_id)
        if link.used_at is not None or hold is None:
            raise Refusal("used", 410, reader.language, said=_said(hold, reader))
        if link.expires_at <= tx.clock.now():
            raise Refusal("expired", 410, reader.language, until=reader.moment(link.expires_at))
        if not hold.waits:
            raise Refusal("over", 410, reader.language, said=_said(hold, reader))
        unknown = f"{link.person} is no longer among those who decide"
        refused = unknown if decider is None else decider.refused(hold.topic, hold.owner, hold.about.value)
        if decider is None or refused:
            raise Refusal("refused", 403, reader.language, said=refused)
        return link, decider, await queue.matter(tx, hold)

    async def _decide(self, request: Request) -> str:
        form = await self._form(request)
        word, comment = form.get("word", ""), form.get("comment", "").strip()
        reason = form.get("reason", "").strip()
        async with self._store.write() as tx:
            link, decider, matter = await self._opened(tx, request)
            language = decider.language
            seen = links.seen_of(tx.sealer, link, form.get("token", ""))
            if seen is None or word not in list(Word) or _from_elsewhere(request):
                raise Refusal("bad", 400, language, counted="refused")
            if max(len(comment), len(reason)) > hold_comments.LONGEST:
                raise Refusal("long", 400, language, counted="refused", most=hold_comments.LONGEST)
            if seen.digest != _seen(matter).digest:
                raise Refusal("changed", 409, language)
            done = await self._taken(tx, link, decider, Word(word), seen, comment, reason)
        for account, flow in sorted(done.wake):
            self._hint(account, flow)
        metrics.DECISION_PAGES.labels("decided").inc()
        return pages.done(done.word, done.hold.about.subject, language)

    async def _taken(
        self, tx: Tx, link: Link, decider: Decider, word: Word, seen: Seen, comment: str, reason: str
    ) -> Done:
        """The link is used up and the decision written, or neither."""
        by = By(decider.name, Via.LINK, decider, seen.count or None, reason)
        try:
            if not await hold_links.use(tx, link.id):
                raise Refusal("used", 410, decider.language, said="")
            return await decide(tx, link.hold_id, word, by, checked(comment) if comment else "")
        except DecisionRefused as error:
            raise Refusal("over", 410, decider.language, said=str(error)) from None

    async def _form(self, request: Request) -> dict[str, str]:
        """The fields of a form. Raises Refusal for what is none of ours: nothing of it is looked at."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/x-www-form-urlencoded":
            raise Refusal("bad", 415, counted="refused")
        parts, size = [], 0
        try:
            async with asyncio.timeout(self.slowest):
                async for part in request.stream():
                    size += len(part)
                    if size > MOST_BYTES:
                        raise Refusal("bad", 413, counted="too large")
                    parts.append(part)
        except (TimeoutError, ClientDisconnect):
            raise Refusal("failed", 408, counted="too slow") from None
        try:
            found = parse_qs(b"".join(parts).decode("ascii"), max_num_fields=10, errors="strict")
        except ValueError:
            raise Refusal("bad", 400, counted="refused") from None
        return {name: values[0] for name, values in found.items()}


def _from_elsewhere(request: Request) -> bool:
    """Whether a browser says that another site's page sent the form. Old browsers say nothing."""
    return request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")


def _seen(matter: Matter) -> Seen:
    """All that a decision rests on. Of what a guard keeps back only the count: its moves change by the second."""
    hold = matter.hold
    if matter.count:
        return Seen.of(matter.count, hold.rule)
    return Seen.of(0, hold.rule, hold.reason, hold.about.value, hold.keep_stock, matter.rows, matter.more)


def _said(hold: holds.Hold | None, reader: Reader) -> str:
    if hold is None or hold.word is None or hold.decided_at is None:
        return say(reader.language, "said_gone") if hold is not None and not hold.open else ""
    at = reader.moment(hold.decided_at)
    return say(reader.language, f"said_{hold.word.value}", who=hold.decided_by, at=at)
