"""Decisions by link, over real HTTP and on both databases: what is shown, what decides, and what is refused."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from mappings.people import Staff
from sync.domain.confirm import HoldWanted
from sync.domain.lifecycle import Release
from sync.domain.waiting import Language, Topic, Via, Word
from sync.engine.deciding.desk import MOST_BYTES
from sync.engine.inbound.gate import Rate
from sync.flows.flow import FlowName
from sync.store import audit, cases, hold_comments, holds
from sync.store.tables import METADATA
from tests.integration.deciding.bench import LARGE, Bench


async def _everything(bench: Bench) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    async with bench.store.read() as tx:
        return {
            name: [tuple(row) for row in await tx.all(sa.select(table))]
            for name, table in sorted(METADATA.tables.items())
        }


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_looking_at_a_link_however_often_changes_nothing(bench: Bench, method: str) -> None:
    path = await bench.link(await bench.held_order())
    before = await _everything(bench)
    for _ in range(3):
        assert (await bench.client.request(method, path)).status_code == 200
    assert await _everything(bench) == before
    assert bench.woken == []


async def test_the_page_shows_what_is_decided_and_nothing_of_the_buyer(bench: Bench) -> None:
    page = (await bench.client.get(await bench.link(await bench.held_order()))).text
    for said in (
        "shop/1001",
        "rule large",
        "hold rule &#x27;large&#x27; applies",
        "19.90 EUR",
        "A mug",
        "2 ×",
    ):
        assert said in page
    assert 'name="viewport"' in page
    for foreign in ("http://", "https://", "<script", "<img", "<link", "src="):
        assert foreign not in page


@pytest.mark.parametrize("path", ["", "x"], ids=["shown", "refused"])
async def test_no_page_is_stored_found_framed_or_tells_its_address(bench: Bench, path: str) -> None:
    answer = await bench.client.get(await bench.link(await bench.held_order()) + path)
    said = answer.headers
    assert said["cache-control"] == "no-store"
    assert said["referrer-policy"] == "no-referrer"
    assert "noindex" in said["x-robots-tag"]
    assert said["x-frame-options"] == "DENY"
    policy = said["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "form-action 'self'" in policy and "frame-ancestors 'none'" in policy


async def test_a_link_decides_once(bench: Bench) -> None:
    id = await bench.held_order()
    path = await bench.link(id)
    token = await bench.token(path)
    first = await bench.send(path, token, comment="Sure.")
    assert first.status_code == 200 and "Approved" in first.text
    again = await bench.send(path, token, "rejected")
    assert again.status_code == 410 and "This link was used" in again.text
    assert (await bench.client.get(path)).status_code == 410
    hold = await bench.hold(id)
    assert (hold.open, hold.word, hold.decided_by, hold.decided_via) == (
        False,
        Word.APPROVED,
        "lin",
        Via.LINK,
    )
    assert bench.woken == [(bench.shop, FlowName.REVIEW)]


@pytest.mark.parametrize("word", ["approved", "rejected"])
async def test_each_decision_is_in_the_audit_trail_with_who_when_and_why(bench: Bench, word: str) -> None:
    id = await bench.held_order()
    await bench.decide(await bench.link(id), word, "The card is stolen.")
    async with bench.store.read() as tx:
        lines = [one for one in await audit.latest(tx) if one.what == f"hold {word}"]
        comments = await hold_comments.of(tx, id)
    (line,) = lines
    assert (line.who, line.at, line.subject) == ("lin", bench.clock.now(), "order shop/1001 (rule large)")
    assert '"via":"link"' in line.data and "hold rule 'large' applies" in line.data
    assert [(one.who, one.text, one.word) for one in comments] == [("lin", "The card is stolen.", Word(word))]
    assert comments[0].id in line.data and "stolen" not in line.data


async def test_what_people_write_is_sealed(bench: Bench) -> None:
    await bench.decide(await bench.link(await bench.held_order()), comment="Ask Mr. Unmistakable")
    assert "Unmistakable" not in str(await _everything(bench))


async def test_a_rejected_order_is_held_on_without_its_stock(bench: Bench) -> None:
    id = await bench.held_order()
    answer = await bench.decide(await bench.link(id), "rejected")
    assert answer.status_code == 200 and "Rejected" in answer.text
    hold = await bench.hold(id)
    assert (hold.open, hold.word, hold.keep_stock) == (True, Word.REJECTED, False)
    async with bench.store.read() as tx:
        case = await cases.load(tx, hold.about.id)
    assert case is not None
    assert list(case.open_holds) == ["rule large"] and case.decided == frozenset()


async def test_a_question_of_any_flow_is_answered_and_its_flow_woken(bench: Bench) -> None:
    id = await bench.question()
    await bench.decide(await bench.link(id), "rejected")
    async with bench.store.read() as tx:
        found = await holds.decided(tx, Topic.PURCHASE, "case-1")
    assert (found["rule large"].word, found["rule large"].who) == (Word.REJECTED, "lin")
    assert not (await bench.hold(id)).open
    assert bench.woken == [(bench.shop, FlowName.ORDERS)]


@pytest.mark.parametrize(
    ("topic", "rule", "asked"),
    [
        (Topic.RETURN, "verdict large", True),
        (Topic.RETURN, "damaged l1 TEE-02", False),
        (Topic.PURCHASE, "verdict large", False),
    ],
)
async def test_a_reason_for_the_buyer_is_asked_for_where_a_request_may_be_refused(
    bench: Bench, topic: Topic, rule: str, asked: bool
) -> None:
    bench.only(decides=frozenset({topic}))
    id = await bench.question(replace(LARGE, rule=rule), topic=topic)
    page = (await bench.client.get(await bench.link(id))).text
    assert 'name="comment"' in page
    assert ('name="reason"' in page) is asked


def _bent(path: str) -> list[str]:
    """A link with one thing of it changed."""
    _, _, link, signature = path.split("/")
    last = "0" if signature[-1] != "0" else "1"
    other = "0" if link[-1] != "0" else "1"
    return [
        f"/decide/{link}/{signature[:-1]}{last}",
        f"/decide/{link}/{signature[:-1]}",
        f"/decide/{link[:-1]}{other}/{signature}",
        f"/decide/{link}/%00",
    ]


async def test_an_altered_link_is_refused(bench: Bench) -> None:
    id = await bench.held_order()
    path = await bench.link(id)
    token = await bench.token(path)
    for bent in _bent(path):
        shown = await bench.client.get(bent)
        assert shown.status_code == 404 and "This link is not valid" in shown.text
        assert "1001" not in shown.text
        assert (await bench.send(bent, token)).status_code == 404
    assert (await bench.hold(id)).waits


async def test_the_signature_of_one_persons_link_opens_no_other(bench: Bench) -> None:
    id = await bench.held_order(replace(LARGE, owner=""))
    mine, other = await bench.link(id), await bench.link(id, "max")
    _, _, link, _ = other.split("/")
    _, _, _, signature = mine.split("/")
    assert (await bench.client.get(f"/decide/{link}/{signature}")).status_code == 404


async def test_the_form_of_one_link_decides_nothing_by_another(bench: Bench) -> None:
    first, second = await bench.held_order(), await bench.held_order(number="1002")
    token = await bench.token(await bench.link(first))
    answer = await bench.send(await bench.link(second), token)
    assert answer.status_code == 400 and "Nothing was decided" in answer.text
    assert (await bench.hold(second)).waits


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"token": "", "word": "approved"}, 400),
        ({"word": "approved"}, 400),
        ({"token": "0.x.y", "word": "approved"}, 400),
        ({"token": "right", "word": "maybe"}, 400),
        ({"token": "right"}, 400),
        ({"token": "right", "word": "approved", "comment": "x" * 2_001}, 400),
        ({"token": "right", "word": "rejected", "reason": "x" * 2_001}, 400),
        ({"token": "right", "word": "approved", "comment": "x" * MOST_BYTES}, 413),
    ],
)
async def test_a_form_that_is_not_ours_decides_nothing(
    bench: Bench, fields: dict[str, str], status: int
) -> None:
    id = await bench.held_order()
    path = await bench.link(id)
    token = await bench.token(path)
    sent = {name: token if value == "right" else value for name, value in fields.items()}
    assert (await bench.client.post(path, data=sent)).status_code == status
    assert (await bench.hold(id)).waits
    assert (await bench.send(path, token)).status_code == 200, "the link is not used up by it"


async def test_another_sites_form_and_other_bodies_decide_nothing(bench: Bench) -> None:
    id = await bench.held_order()
    path = await bench.link(id)
    token = await bench.token(path)
    assert (await bench.send(path, token, sec_fetch_site="cross-site")).status_code == 400
    plain = {"Content-Type": "text/plain"}
    assert (
        await bench.client.post(path, content=f"token={token}&word=approved", headers=plain)
    ).status_code == 415
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
        assert (await bench.client.request(method, path)).status_code == 405
    assert (await bench.hold(id)).waits


async def test_a_link_ends(bench: Bench) -> None:
    id = await bench.held_order()
    path = await bench.link(id, lasts=timedelta(hours=1))
    token = await bench.token(path)
    bench.clock.move(timedelta(hours=1))
    late = await bench.client.get(path)
    assert late.status_code == 410 and "too old" in late.text and "2026-03-01 13:00 UTC" in late.text
    assert (await bench.send(path, token)).status_code == 410
    assert (await bench.hold(id)).waits


async def test_who_may_no_longer_decide_is_refused(bench: Bench) -> None:
    id = await bench.held_order()
    path = await bench.link(id)
    token = await bench.token(path)
    for staff in (Staff(), None):
        if staff is not None:
            bench.staff = staff
        else:
            bench.only(decides=frozenset({Topic.RETURN}))
        assert (await bench.client.get(path)).status_code == 403
        answer = await bench.send(path, token)
        assert answer.status_code == 403 and "not yours to decide" in answer.text
    assert (await bench.hold(id)).waits


async def test_what_is_worth_more_than_a_person_may_decide_is_refused(bench: Bench) -> None:
    id = await bench.held_order(replace(LARGE, owner="ops"))
    assert (await bench.client.get(await bench.link(id, "max"))).status_code == 200
    async with bench.store.write() as tx:
        await cases.set_hold(tx, id, value_minor=10_001)
    shown = await bench.client.get(await bench.link(id, "max"))
    assert shown.status_code == 403 and "more than max may decide" in shown.text


async def test_what_was_decided_elsewhere_or_has_gone_is_told(bench: Bench) -> None:
    id = await bench.held_order(replace(LARGE, owner=""))
    mine, other = await bench.link(id), await bench.link(id, "max")
    token = await bench.token(other)
    await bench.decide(mine)
    late = await bench.send(other, token, "rejected")
    assert late.status_code == 410 and "approved by lin" in late.text
    gone = await bench.question()
    path = await bench.link(gone)
    async with bench.store.write() as tx:
        await holds.close(tx, gone, holds.CAUSE_GONE)
    shown = await bench.client.get(path)
    assert shown.status_code == 410 and "nothing to decide" in shown.text


async def test_what_changed_since_it_was_looked_at_is_not_decided(bench: Bench) -> None:
    id = await bench.held_order()
    path = await bench.link(id)
    token = await bench.token(path)
    async with bench.store.write() as tx:
        await cases.set_hold(tx, id, reason="now it is another matter")
    answer = await bench.send(path, token)
    assert answer.status_code == 409 and "changed meanwhile" in answer.text
    assert (await bench.hold(id)).waits
    assert (await bench.decide(path)).status_code == 200


@pytest.mark.parametrize("people", [("lin", "lin"), ("lin", "max")], ids=["one link", "two links"])
async def test_of_two_that_decide_at_once_one_does(bench: Bench, people: tuple[str, str]) -> None:
    id = await bench.held_order(replace(LARGE, owner=""))
    paths = [await bench.link(id, person) for person in people]
    tokens = [await bench.token(path) for path in paths]
    answers = await asyncio.gather(
        *(
            bench.send(path, token, word)
            for path, token, word in zip(paths, tokens, ("approved", "rejected"), strict=True)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 410]
    async with bench.store.read() as tx:
        written = [one for one in await audit.latest(tx) if one.what.startswith("hold ")]
    assert len(written) == 1
    assert len(bench.woken) == 1


async def test_the_page_speaks_the_persons_language(bench: Bench) -> None:
    bench.only(language=Language.ZH)
    path = await bench.link(await bench.held_order())
    page = (await bench.client.get(path)).text
    assert '<html lang="zh">' in page and "同意" in page
    assert "已拒绝" in (await bench.decide(path, "rejected")).text


async def test_words_of_others_stand_in_the_page_as_text(bench: Bench) -> None:
    evil = HoldWanted(
        '<b onload="x">', "</dd><script>alert(1)</script>", "t", Release.MANUAL, owner="service"
    )
    page = (await bench.client.get(await bench.link(await bench.question(evil)))).text
    assert "<script" not in page and "<b onload" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


async def test_more_than_people_open_is_put_off(bench: Bench) -> None:
    path = await bench.link(await bench.held_order())
    bench.desk._rate = Rate(0.01, 2)
    assert [(await bench.client.get(path)).status_code for _ in range(3)] == [200, 200, 429]
