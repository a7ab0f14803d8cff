"""People who open no terminal are told in their chat, or by mail, of what waits for them: once each, with their link.

    what waits ─► one link for each person who may decide it ─► `sending`, committed ─► chat or mail ─► told

A process that dies while it sends does not know whether the message came, and does not say it again: what waits
stands in the queue and in `issues` all the same.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from pathlib import Path

from config import ConfigError, read_secret
from connectors.contract.notifier import Notifier
from mappings.people import Colleague, Staff
from sync.domain.clock import Clock
from sync.domain.waiting import LINK_LASTS, readable
from sync.engine.deciding import chats, links, mails
from sync.engine.deciding.chats import Told
from sync.engine.deciding.pages import Reader
from sync.engine.deciding.texts import say, topic_said
from sync.store import hold_links, holds, issues
from sync.store.database import Store, Tx
from sync.store.hold_links import Link, LinkState
from sync.store.holds import Hold
from sync.telemetry import metrics
from sync.telemetry.logs import logger
from sync.telemetry.redact import mask_secret

LINKS_A_LOOK, READ_A_LOOK = 100, 500
TRIED_LONG = 6
"""After so many tries, some five minutes, somebody is told that a message does not leave."""
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=10), timedelta(minutes=30)
NO_ADDRESS = "people.untold:address"
_log = logger("engine.deciding")


@dataclass(frozen=True, slots=True)
class Voice:
    """What is in force now. `base`: what people reach our pages by; None where nothing listens or has an address."""

    staff: Staff
    base: str | None
    secrets: Path
    zone: tzinfo
    mail: Notifier | None = None
    """The mail server; None where none is set up."""


class Telling:
    """The errand. Each look says one thing at most to each person: chats allow some twenty messages a minute."""

    def __init__(self, store: Store, clock: Clock, voice: Callable[[], Voice]) -> None:
        self._store = store
        self._clock = clock
        self._voice = voice
        self._looking = asyncio.Lock()

    async def look(self) -> None:
        """Make the links that are missing, and say what is to be said. One look at a time."""
        async with self._looking:
            await self._look()

    async def _look(self) -> None:
        voice = self._voice()
        reached = [one for one in voice.staff.people if one.address is not None]
        await self._recover()
        await self._clear()
        if not await self._has_address(voice, reached):
            return
        await self._make_links(reached)
        async with self._store.read() as tx:
            ready = await hold_links.queued(tx, READ_A_LOOK)
        first: dict[str, Link] = {}
        for link in ready:
            first.setdefault(link.person, link)
        by_name = {one.decider.name: one for one in reached}
        said = (self._say(voice, by_name.get(name), link) for name, link in first.items())
        ended = await asyncio.gather(*said, return_exceptions=True)
        for error in (one for one in ended if isinstance(one, BaseException)):
            raise error

    async def _recover(self) -> None:
        """What was being sent when the program ended or the database was lost: nothing is sent between two looks."""
        async with self._store.read() as tx:
            if not await hold_links.sending(tx):
                return
        async with self._store.write() as tx:
            for link in await hold_links.recover(tx):
                metrics.CHAT_MESSAGES.labels(LinkState.UNKNOWN.value).inc()
                await _raise(tx, link, "what became of the message could not be written down", _LOST)

    async def _clear(self) -> None:
        """Close the issues of people of whose messages none is lost or waits for long any more."""
        async with self._store.read() as tx:
            told = [one for one in await issues.list_open(tx, kind="people.untold") if one.key != NO_ADDRESS]
            untold = await hold_links.untold(tx, TRIED_LONG) if told else frozenset()
        over = [one.key for one in told if one.subject not in untold]
        if over:
            async with self._store.write() as tx:
                await issues.clear_all(tx, over)

    async def _has_address(self, voice: Voice, reached: Sequence[Colleague]) -> bool:
        async with self._store.read() as tx:
            told = await issues.is_open(tx, NO_ADDRESS)
        missing = bool(reached) and voice.base is None
        if missing and not told:
            async with self._store.write() as tx:
                await issues.raise_issue(
                    tx,
                    key=NO_ADDRESS,
                    kind="people.untold",
                    what="nobody is told of what waits: there is no address for links",
                    why="`people` names chats or mails, but entrepot.yaml has no `webhooks: {listen: …, url: …}`",
                    todo="Set both, and let your web server lead the address to the port. See docs/how-to/decide.md",
                )
        elif told and not missing:
            async with self._store.write() as tx:
                await issues.clear(tx, NO_ADDRESS)
        return bool(reached) and not missing

    async def _make_links(self, reached: Sequence[Colleague]) -> None:
        async with self._store.read() as tx:
            wanted = [
                (id, one.decider.name)
                for one in reached
                for id in await hold_links.unlinked(tx, one.decider, LINKS_A_LOOK)
            ]
        if not wanted:
            return
        async with self._store.write() as tx:
            for id, person in wanted:
                hold = await holds.get(tx, id)
                if hold is not None and hold.waits:
                    await hold_links.make(tx, id, person, self._lasts(hold))

    def _lasts(self, hold: Hold) -> timedelta:
        """A link ends with the deadline that decides; one that only tells leaves the question open."""
        if hold.at_deadline is None or hold.due_at is None:
            return LINK_LASTS
        return max(timedelta(), min(LINK_LASTS, hold.due_at - self._clock.now()))

    async def _say(self, voice: Voice, person: Colleague | None, link: Link) -> None:
        words = await self._begun(voice, person, link)
        if words is None or person is None or person.address is None:
            return
        try:
            secret = read_secret(person.address, voice.secrets)
            mask_secret(secret)
        except ConfigError:
            told = Told(LinkState.QUEUED, "the address of the chat or mail cannot be read", timedelta())
        else:
            told = await self._given(voice, person, link, secret, words)
        await self._end(link, told)

    async def _given(self, voice: Voice, person: Colleague, link: Link, secret: str, words: "Words") -> Told:
        if person.chat is not None:
            return await chats.say(person.chat, secret, words.said, words.ending)
        return await mails.say(
            voice.mail,
            key=f"decision:{link.id}",
            at=self._clock.now(),
            to=secret,
            subject=words.subject,
            text=f"{words.said}\n{words.ending}",
            language=person.decider.language.value,
        )

    async def _begun(self, voice: Voice, person: Colleague | None, link: Link) -> "Words | None":
        """Mark it as being sent, and what to say; None where nothing is to be said any more."""
        async with self._store.write() as tx:
            hold = await holds.get(tx, link.hold_id)
            wanted = hold is not None and hold.waits and person is not None and link.used_at is None
            wanted = wanted and link.expires_at > self._clock.now()
            if wanted and hold is not None and person is not None:
                wanted = not person.decider.refused(hold.topic, hold.owner, hold.about.value)
            if not wanted or hold is None or person is None:
                await hold_links.end(tx, link.id, LinkState.WITHDRAWN)
                metrics.CHAT_MESSAGES.labels(LinkState.WITHDRAWN.value).inc()
                return None
            if not await hold_links.begin(tx, link.id):
                return None
            address = links.address(voice.base or "", tx.sealer, link)
        return _message(hold, person, Reader(person.decider.language, voice.zone), address)

    async def _end(self, link: Link, told: Told) -> None:
        attempts = link.attempts + 1
        async with self._store.write() as tx:
            if told.again is not None:
                wait = max(told.again, min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(attempts - 1, 20)))
                await hold_links.end(tx, link.id, LinkState.QUEUED, told.error, wait)
                if attempts >= TRIED_LONG:
                    await _raise(tx, link, f"{told.error}, {attempts} times in a row", _TRIED)
            else:
                await hold_links.end(tx, link.id, told.state, told.error)
                if told.state is not LinkState.TOLD:
                    await _raise(tx, link, told.error, _LOST)
        again = told.again is not None
        metrics.CHAT_MESSAGES.labels("again" if again else told.state.value).inc()
        if told.state is not LinkState.TOLD:
            _log.warning(
                "a message to a person who decides was not taken", person=link.person, why=told.error
            )


_LOST = "It is not said again. This closes itself when all of which they may not know is decided."
_TRIED = "It is tried again every half hour at least. This closes itself when the message has left."


async def _raise(tx: Tx, link: Link, why: str, next: str) -> None:
    await issues.raise_issue(
        tx,
        key=f"people.untold:{link.person}",
        kind="people.untold",
        subject=link.person,
        what=f"{link.person} may not have been told of something that waits",
        why=why,
        todo="See what waits: entrepot holds list; and whether the address of the chat or mail is right. "
        + next,
    )


@dataclass(frozen=True, slots=True, repr=False)
class Words:
    """A message as it is said; the subject is a mail's."""

    subject: str
    said: str
    ending: str
    """By when, and the link."""


def _message(hold: Hold, person: Colleague, reader: Reader, address: str) -> Words:
    language = reader.language
    named = {"topic": topic_said(language, hold.topic), "subject": hold.about.subject}
    said = say(language, "message", **named, rule=readable(hold.rule), reason=hold.reason)
    ending = say(language, "message_link", link=address)
    if hold.due_at is not None:
        ending = f"{say(language, 'message_due', due=reader.moment(hold.due_at))}\n{ending}"
    return Words(say(language, "mail_subject", **named), said, ending)
