"""People are told in their chat, over real HTTP: once each, with a link that decides, and never of more than theirs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from config import Listen
from config.secrets import SecretRef, Source
from config.yaml import ScalarNode
from connectors.contract import Refused
from mappings.people import Chat, Colleague, Staff
from sync.domain.chats import ChatForm
from sync.domain.lifecycle import Release
from sync.domain.waiting import Decider, Word
from sync.engine.deciding import chats
from sync.engine.deciding.telling import TRIED_LONG, Telling, Voice
from sync.engine.listening import Listener
from sync.store import hold_links, holds, issues
from sync.store.hold_links import LinkState
from tests.integration.deciding.bench import LARGE, LIN, MAX, Bench


@dataclass
class Room:
    """A chat's incoming webhook on loopback: what it was told, and what it answers."""

    told: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    answers: list[Response] = field(default_factory=list)
    address: str = ""
    meanwhile: Callable[[], Awaitable[None]] | None = None
    """What happens before it answers."""

    async def hear(self, request: Request) -> Response:
        self.told.append((request.url.path, await request.json()))
        if self.meanwhile is not None:
            await self.meanwhile()
        return self.answers.pop(0) if self.answers else JSONResponse({"errcode": 0})


@dataclass
class Teller:
    """The errand with its room, and who is in it."""

    bench: Bench
    room: Room
    folder: Path
    base: str | None
    staff: Staff
    telling: Telling = field(init=False)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """A process starts."""
        voice = lambda: Voice(self.staff, self.base, self.folder, UTC)  # noqa: E731
        self.telling = Telling(self.bench.store, self.bench.clock, voice)

    def person(self, decider: Decider, form: ChatForm = ChatForm.TEXT) -> Colleague:
        """Told at a path of their own."""
        path = self.folder / f"chat-{decider.name}"
        path.touch(0o600)
        path.write_text(f"http://{self.room.address}/{decider.name}/secret-part")
        place = ScalarNode("people.yaml", 1, 1, "people", "", quoted=False)
        return Colleague(decider, Chat(form, SecretRef(Source.FILE, path.name, place)))

    async def look(self, times: int = 1) -> None:
        for _ in range(times):
            await self.telling.look()

    @property
    def heard(self) -> list[str]:
        """Whom was told something."""
        return [path.split("/")[1] for path, _ in self.room.told]

    async def states(self, hold: str) -> dict[str, LinkState]:
        async with self.bench.store.read() as tx:
            return {one.person: one.state for one in await hold_links.of(tx, hold)}

    async def issues(self) -> list[str]:
        async with self.bench.store.read() as tx:
            return [one.key for one in await issues.list_open(tx, kind="people.untold")]


@pytest.fixture
async def teller(bench: Bench, tmp_path: Path) -> AsyncIterator[Teller]:
    room = Room()
    app = Starlette(routes=[Route("/{rest:path}", room.hear, methods=["POST"])])
    listener = Listener(Listen("127.0.0.1", 0), app, what="chat", key="")
    listener.bind()
    await listener.start()
    room.address = listener.address or ""
    made = Teller(bench, room, tmp_path, f"http://{bench.receiver.address}", Staff())
    made.staff = Staff((made.person(LIN), made.person(MAX)))
    bench.staff = made.staff
    yield made
    await listener.stop()


async def test_each_person_is_told_once_of_what_is_theirs(teller: Teller) -> None:
    mine = await teller.bench.held_order()
    await teller.bench.held_order(replace(LARGE, owner="ops"), "1002")
    await teller.look(5)
    assert sorted(teller.heard) == ["lin", "max"]
    text = dict(teller.room.told)["/lin/secret-part"]["text"]
    assert "Order shop/1001 waits for your decision: rule large." in text
    assert await teller.states(mine) == {"lin": LinkState.TOLD}


async def test_the_link_of_the_message_decides(teller: Teller) -> None:
    id = await teller.bench.held_order()
    await teller.look()
    link = teller.room.told[0][1]["text"].rpartition("Look and decide: ")[2]
    assert link.startswith(teller.base or "x")
    await teller.bench.decide(link)
    assert (await teller.bench.hold(id)).word is Word.APPROVED


async def test_what_ends_by_itself_or_is_nobodys_here_is_not_told(teller: Teller) -> None:
    await teller.bench.held_order(replace(LARGE, quiet=True))
    await teller.bench.held_order(replace(LARGE, owner="", release=Release.AUTOMATIC), "1002")
    await teller.bench.held_order(replace(LARGE, owner="somebody else"), "1003")
    await teller.look(2)
    assert teller.heard == []


async def test_what_was_decided_before_the_message_left_is_not_told(teller: Teller) -> None:
    first, second = await teller.bench.held_order(), await teller.bench.held_order(number="1002")
    await teller.look()
    assert teller.heard == ["lin"]
    async with teller.bench.store.write() as tx:
        await holds.close(tx, second, "cause gone")
    await teller.look(3)
    assert teller.heard == ["lin"]
    assert (await teller.states(first), await teller.states(second)) == (
        {"lin": LinkState.TOLD},
        {"lin": LinkState.WITHDRAWN},
    )


async def test_what_is_handed_on_is_told_to_its_new_owner(teller: Teller) -> None:
    id = await teller.bench.held_order()
    await teller.look()
    async with teller.bench.store.write() as tx:
        await holds.assign(tx, id, "ops")
    await teller.look(2)
    assert teller.heard == ["lin", "max"]


async def test_what_comes_back_before_it_was_told_is_told(teller: Teller) -> None:
    first, second = await teller.bench.held_order(), await teller.bench.held_order(number="1002")
    await teller.look()
    assert teller.heard == ["lin"]
    async with teller.bench.store.write() as tx:
        await holds.assign(tx, second, "elsewhere")
    await teller.look()
    assert await teller.states(second) == {"lin": LinkState.WITHDRAWN}
    async with teller.bench.store.write() as tx:
        await holds.assign(tx, first, "elsewhere")
        await holds.assign(tx, second, "lin")
    await teller.look(2)
    assert teller.heard == ["lin", "lin"]
    link = teller.room.told[1][1]["text"].rpartition("Look and decide: ")[2]
    await teller.bench.decide(link)
    assert (await teller.bench.hold(second)).word is Word.APPROVED


async def test_a_link_that_ended_before_it_was_told_is_made_anew(teller: Teller) -> None:
    id = await teller.bench.held_order()
    path = teller.folder / "chat-lin"
    right = path.read_text()
    path.write_text("http://127.0.0.1:9/lin")
    await teller.look()
    teller.bench.clock.move(timedelta(days=8))
    path.write_text(right)
    await teller.look(2)
    await teller.bench.decide(teller.room.told[0][1]["text"].rpartition("Look and decide: ")[2])
    assert (await teller.bench.hold(id)).word is Word.APPROVED


async def test_a_chat_that_cannot_be_reached_is_tried_again(teller: Teller) -> None:
    id = await teller.bench.held_order()
    path = teller.folder / "chat-lin"
    right = path.read_text()
    path.write_text("http://127.0.0.1:9/lin")
    await teller.look()
    assert await teller.states(id) == {"lin": LinkState.QUEUED}
    path.write_text(right)
    await teller.look()
    assert teller.heard == [], "not before its wait is over"
    teller.bench.clock.move(timedelta(seconds=11))
    await teller.look()
    assert teller.heard == ["lin"]


async def test_what_was_surely_not_said_is_tried_as_long_as_it_waits_and_is_an_issue_meanwhile(
    teller: Teller,
) -> None:
    id = await teller.bench.held_order()
    path = teller.folder / "chat-lin"
    right = path.read_text()
    path.write_text("http://127.0.0.1:9/lin")
    for tries in range(50):
        assert await teller.issues() == (["people.untold:lin"] if tries >= TRIED_LONG else [])
        await teller.look()
        teller.bench.clock.move(timedelta(minutes=31))
    assert await teller.states(id) == {"lin": LinkState.QUEUED}
    path.write_text(right)
    await teller.look(2)
    assert await teller.states(id) == {"lin": LinkState.TOLD}
    assert await teller.issues() == []


@pytest.mark.parametrize("status", [429, 503])
async def test_a_chat_that_asks_to_wait_is_obeyed(teller: Teller, status: int) -> None:
    id = await teller.bench.held_order()
    teller.room.answers = [Response(status_code=status, headers={"Retry-After": "90"})]
    await teller.look()
    teller.bench.clock.move(timedelta(seconds=80))
    await teller.look()
    assert len(teller.heard) == 1
    teller.bench.clock.move(timedelta(seconds=11))
    await teller.look()
    assert len(teller.heard) == 2
    assert await teller.states(id) == {"lin": LinkState.TOLD}


async def test_a_chat_that_asks_to_wait_in_a_good_answer_is_told_later(teller: Teller) -> None:
    teller.staff = Staff((teller.person(LIN, ChatForm.WECOM),))
    id = await teller.bench.held_order(replace(LARGE, reason="理由" * 2_000))
    teller.room.answers = [JSONResponse({"errcode": 45009})]
    await teller.look()
    assert await teller.states(id) == {"lin": LinkState.QUEUED}
    teller.bench.clock.move(timedelta(minutes=1))
    await teller.look()
    assert await teller.states(id) == {"lin": LinkState.TOLD}
    link = teller.room.told[1][1]["text"]["content"].rpartition("Look and decide: ")[2]
    await teller.bench.decide(link)
    assert (await teller.bench.hold(id)).word is Word.APPROVED


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Response(status_code=404), LinkState.REFUSED),
        (Response(status_code=302, headers={"Location": "/elsewhere"}), LinkState.REFUSED),
        (Response(status_code=500), LinkState.UNKNOWN),
        (JSONResponse({"errcode": 310000}), LinkState.REFUSED),
    ],
)
async def test_what_a_chat_refuses_or_leaves_open_is_an_issue_and_not_said_again(
    teller: Teller, answer: Response, state: LinkState
) -> None:
    teller.staff = Staff((teller.person(LIN, ChatForm.DINGTALK),))
    id = await teller.bench.held_order()
    teller.room.answers = [answer]
    await teller.look(3)
    teller.bench.clock.move(timedelta(days=1))
    await teller.look(3)
    assert len(teller.heard) == 1
    assert await teller.states(id) == {"lin": state}
    assert await teller.issues() == ["people.untold:lin"]
    await teller.bench.held_order(number="1002")
    await teller.look(2)
    assert len(teller.heard) == 2
    assert await teller.issues() == ["people.untold:lin"], "the first one is not known of for that"
    async with teller.bench.store.write() as tx:
        await holds.close(tx, id, "ann")
    await teller.look()
    assert await teller.issues() == []


async def test_a_process_that_died_while_it_sent_does_not_say_it_again(teller: Teller) -> None:
    id = await teller.bench.held_order()
    async with teller.bench.store.write() as tx:
        await hold_links.make(tx, id, "lin", timedelta(days=7))
        (link,) = await hold_links.of(tx, id)
        assert await hold_links.begin(tx, link.id)
    teller.restart()
    await teller.look(3)
    assert teller.heard == []
    assert await teller.states(id) == {"lin": LinkState.UNKNOWN}
    assert await teller.issues() == ["people.untold:lin"]


async def test_a_message_whose_outcome_could_not_be_written_is_an_issue_at_the_next_look(
    teller: Teller,
) -> None:
    id = await teller.bench.held_order()
    store = teller.bench.store

    async def renamed(before: str, after: str) -> None:
        async with store.write() as tx:
            await tx.exec(f"ALTER TABLE {before} RENAME TO {after}")

    teller.room.meanwhile = lambda: renamed("hold_link", "out_of_reach")
    with pytest.raises(DBAPIError):
        await teller.look()
    await renamed("out_of_reach", "hold_link")
    assert await teller.states(id) == {"lin": LinkState.SENDING}
    teller.room.meanwhile = None
    await teller.look(2)
    assert teller.heard == ["lin"]
    assert await teller.states(id) == {"lin": LinkState.UNKNOWN}
    assert await teller.issues() == ["people.untold:lin"]


async def test_two_that_look_at_once_say_it_once(teller: Teller) -> None:
    await teller.bench.held_order()
    await teller.look()
    await teller.bench.held_order(number="1002")
    await asyncio.gather(teller.look(), teller.look(), teller.look())
    assert len(teller.heard) == 2


async def test_without_an_address_for_links_nobody_is_told_and_an_issue_says_so(teller: Teller) -> None:
    await teller.bench.held_order()
    teller.base, base = None, teller.base
    await teller.look(2)
    assert (teller.heard, await teller.issues()) == ([], ["people.untold:address"])
    teller.base = base
    await teller.look()
    assert (teller.heard, await teller.issues()) == (["lin"], [])


@pytest.mark.parametrize(
    ("url", "inside", "may"),
    [
        ("https://chat.example.com/hooks/x", False, True),
        ("http://chat.example.com/hooks/x", False, False),
        ("https://10.0.0.7/hooks/x", False, False),
        ("https://169.254.169.254/latest", False, False),
        ("https://[fd00::1]/x", False, False),
        ("https://mattermost/hooks/x", False, False),
        ("https://mattermost.internal/hooks/x", False, False),
        ("https://10.0.0.7/hooks/x", True, True),
        ("http://mattermost:8065/hooks/x", True, True),
        ("http://127.0.0.1:8065/hooks/x", False, True),
        ("https://user:s3cr@chat.example.com/x", False, False),
        ("ftp://chat.example.com/x", False, False),
        ("no address", False, False),
    ],
)
def test_a_chat_is_called_at_a_public_address_unless_it_is_said_to_run_inside(
    url: str, inside: bool, may: bool
) -> None:
    if may:
        chats.checked(url, inside=inside)
        return
    with pytest.raises(Refused) as refused:
        chats.checked(url, inside=inside)
    assert "hooks" not in str(refused.value) and "s3cr" not in str(refused.value)
