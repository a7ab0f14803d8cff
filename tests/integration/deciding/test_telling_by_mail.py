"""People who have no chat are told by mail, by a real mail server on loopback: once each, with a link that decides."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from config.secrets import SecretRef, Source
from config.yaml import ScalarNode
from connectors.contract.notifier import Notifier
from connectors.notifiers.mail import Mail, MailServer, Wrapping
from mappings.people import Colleague, Staff
from sync.domain.waiting import Decider, Language, Word
from sync.engine.deciding.telling import Telling, Voice
from sync.store import hold_links, issues
from sync.store.hold_links import LinkState
from tests.integration.deciding.bench import LARGE, LIN, MAX, Bench
from tests.mail.post_office import PostOffice, opened

ADDRESSES = {"lin": "lin@staff.example", "max": "max@staff.example"}


@dataclass
class Post:
    """The errand with its mail server, and who is told."""

    bench: Bench
    office: PostOffice
    folder: Path
    staff: Staff = field(default_factory=Staff)
    notifier: Notifier | None = None

    def __post_init__(self) -> None:
        base = f"http://{self.bench.receiver.address}"
        voice = lambda: Voice(self.staff, base, self.folder, UTC, self.notifier)  # noqa: E731
        self.telling = Telling(self.bench.store, self.bench.clock, voice)

    def person(self, decider: Decider) -> Colleague:
        """Told at an address of their own, which is a secret."""
        path = self.folder / f"mail-{decider.name}"
        path.touch(0o600)
        path.write_text(ADDRESSES[decider.name] + "\n")
        place = ScalarNode("people.yaml", 1, 1, "people", "", quoted=False)
        return Colleague(decider, mail=SecretRef(Source.FILE, path.name, place))

    async def look(self, times: int = 1) -> None:
        for _ in range(times):
            await self.telling.look()

    @property
    def heard(self) -> list[str]:
        """Who was sent a mail."""
        return [given.recipient for given in self.office.mails]

    def text(self, n: int = 0) -> str:
        return str(self.office.mails[n].mail.get_content())

    async def states(self, hold: str) -> dict[str, LinkState]:
        async with self.bench.store.read() as tx:
            return {one.person: one.state for one in await hold_links.of(tx, hold)}

    async def issues(self) -> list[issues.Issue]:
        async with self.bench.store.read() as tx:
            return list(await issues.list_open(tx, kind="people.untold"))


@pytest.fixture
async def post(bench: Bench, tmp_path: Path) -> AsyncIterator[Post]:
    async with opened() as office:
        made = Post(bench, office, tmp_path)
        server = MailServer("127.0.0.1", office.port, Wrapping.NONE, "Entrepot <entrepot@shop.example>")
        made.notifier = Mail(server)
        made.staff = Staff((made.person(LIN), made.person(MAX)))
        bench.staff = made.staff
        yield made


async def test_each_person_is_mailed_once_with_subject_deadline_and_link_and_the_link_decides(
    post: Post,
) -> None:
    id = await post.bench.held_order(replace(LARGE, within=timedelta(hours=4)))
    await post.bench.held_order(replace(LARGE, owner="ops"), "1002")
    await post.look(5)
    assert sorted(post.heard) == sorted(ADDRESSES.values())
    (mail,) = [given.mail for given in post.office.mails if given.recipient == ADDRESSES["lin"]]
    assert mail["Subject"] == "Order shop/1001 waits for your decision"
    text = str(mail.get_content())
    assert "Order shop/1001 waits for your decision: rule large." in text
    assert "Decide by 2026-03-01 16:00" in text
    link = text.strip().rpartition("Look and decide: ")[2]
    await post.bench.decide(link)
    assert (await post.bench.hold(id)).word is Word.APPROVED


async def test_a_mail_is_in_the_language_of_the_person(post: Post) -> None:
    post.staff = Staff((post.person(replace(LIN, language=Language.ZH)),))
    await post.bench.held_order()
    await post.look()
    assert post.office.mails[0].mail["Subject"] == "订单 shop/1001 等待您的决定"
    assert "查看并决定：http" in post.text()


async def test_a_mail_server_that_is_out_is_tried_again(post: Post) -> None:
    id = await post.bench.held_order()
    post.office.at_data = "drop"
    await post.look()
    assert await post.states(id) == {"lin": LinkState.QUEUED}
    post.office.at_data = ""
    post.bench.clock.move(timedelta(seconds=11))
    await post.look()
    assert post.heard == [ADDRESSES["lin"]]
    assert await post.states(id) == {"lin": LinkState.TOLD}


@pytest.mark.parametrize(("answer", "state"), [("no", LinkState.REFUSED), ("drop", LinkState.UNKNOWN)])
async def test_a_mail_that_is_refused_or_gets_no_answer_is_an_issue_and_not_sent_again(
    post: Post, answer: str, state: LinkState
) -> None:
    id = await post.bench.held_order()
    if answer == "no":
        post.office.recipients = {ADDRESSES["lin"]: f"550 5.1.1 {ADDRESSES['lin']} is unknown"}
    post.office.at_end = "drop" if answer == "drop" else ""
    await post.look(3)
    post.bench.clock.move(timedelta(days=1))
    await post.look(3)
    assert await post.states(id) == {"lin": state}
    assert len(post.heard) == (1 if answer == "drop" else 0)
    (issue,) = await post.issues()
    assert issue.key == "people.untold:lin"


async def test_no_log_and_no_issue_has_the_address_of_a_person_who_decides(
    post: Post, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    await post.bench.held_order()
    post.office.recipients = {ADDRESSES["lin"]: f"550 5.1.1 {ADDRESSES['lin']} is unknown"}
    await post.look(2)
    (issue,) = await post.issues()
    out, error = capfd.readouterr()
    assert "staff.example" not in out + error + caplog.text + issue.what + issue.why + issue.todo
    assert "staff.example" not in repr(post.staff)


async def test_without_a_mail_server_the_mail_waits(post: Post) -> None:
    id = await post.bench.held_order()
    post.notifier, later = None, post.notifier
    await post.look()
    assert await post.states(id) == {"lin": LinkState.QUEUED}
    post.notifier = later
    post.bench.clock.move(timedelta(seconds=11))
    await post.look()
    assert post.heard == [ADDRESSES["lin"]]
