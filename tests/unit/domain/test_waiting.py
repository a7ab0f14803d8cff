"""Who may decide what, and what chats read."""

import pytest

from sync.domain.chats import ChatForm, body, objection
from sync.domain.confirm import HoldWanted
from sync.domain.lifecycle import Release
from sync.domain.money import Money
from sync.domain.waiting import Decider, Topic, readable

LIN = Decider(
    "lin", frozenset({"service"}), frozenset({Topic.ORDER}), (Money(10_000, "EUR"), Money(500, "JPY"))
)


@pytest.mark.parametrize(
    ("topic", "owner", "value", "why"),
    [
        (Topic.ORDER, "", None, ""),
        (Topic.ORDER, "service", None, ""),
        (Topic.ORDER, "lin", None, ""),
        (Topic.ORDER, "ops", None, "this is for ops"),
        (Topic.RETURN, "", None, "lin does not decide on returns"),
        (Topic.ORDER, "", Money(10_000, "EUR"), ""),
        (Topic.ORDER, "", Money(10_001, "EUR"), "100.01 EUR is more than lin may decide (100.00 EUR)"),
        (Topic.ORDER, "", Money(501, "JPY"), "501 JPY is more than lin may decide (500 JPY)"),
        (Topic.ORDER, "", Money(1, "USD"), "lin has no limit in USD"),
    ],
)
def test_a_person_decides_what_is_theirs_within_their_limits(
    topic: Topic, owner: str, value: Money | None, why: str
) -> None:
    assert LIN.refused(topic, owner, value) == why


@pytest.mark.parametrize("topic", [Topic.REFUND, Topic.PURCHASE])
def test_money_of_which_nobody_knows_how_much_is_beyond_every_limit(topic: Topic) -> None:
    limited = Decider("max", decides=frozenset({topic}), up_to=(Money(5_000, "EUR"),))
    assert limited.refused(topic, "", None) == "what it is worth is not known, and max has a limit"
    assert Decider("max", decides=frozenset({topic})).refused(topic, "", None) == ""


def test_without_limits_a_person_decides_whatever_it_is_worth() -> None:
    free = Decider("max", decides=frozenset({Topic.ORDER}))
    assert free.refused(Topic.ORDER, "", Money(10**9, "USD")) == ""


@pytest.mark.parametrize(
    ("release", "owner", "quiet", "asks"),
    [
        (Release.MANUAL, "", False, True),
        (Release.AUTOMATIC, "", False, False),
        (Release.AUTOMATIC, "service", False, True),
        (Release.MANUAL, "service", True, False),
    ],
)
def test_a_person_is_asked_of_what_does_not_end_by_itself_or_has_an_owner(
    release: Release, owner: str, quiet: bool, asks: bool
) -> None:
    assert HoldWanted("r", "w", "t", release=release, owner=owner, quiet=quiet).asks is asks


@pytest.mark.parametrize(
    ("form", "wanted"),
    [
        (ChatForm.TEXT, {"text": "hi\nlink"}),
        (ChatForm.DISCORD, {"content": "hi\nlink", "allowed_mentions": {"parse": []}}),
        (ChatForm.DINGTALK, {"msgtype": "text", "text": {"content": "hi\nlink"}}),
        (ChatForm.WECOM, {"msgtype": "text", "text": {"content": "hi\nlink"}}),
        (ChatForm.FEISHU, {"msg_type": "text", "content": {"text": "hi\nlink"}}),
    ],
)
def test_each_chat_reads_its_own_form(form: ChatForm, wanted: dict[str, object]) -> None:
    assert body(form, "hi", "link") == wanted


@pytest.mark.parametrize("form", list(ChatForm))
def test_a_message_is_never_longer_than_a_chat_takes(form: ChatForm) -> None:
    told = str(body(form, "x" * 5_000, "https://link"))
    assert 1_880 <= len(told.encode()) < 2_000
    assert "…\\nhttps://link" in told


@pytest.mark.parametrize(
    ("form", "answer", "against"),
    [
        (ChatForm.TEXT, {"errcode": 1}, ""),
        (ChatForm.DINGTALK, {"errcode": 0, "errmsg": "ok"}, ""),
        (ChatForm.DINGTALK, {"errcode": 310000, "errmsg": "keywords not in content"}, "code 310000"),
        (ChatForm.WECOM, {"errcode": 45009}, "code 45009"),
        (ChatForm.FEISHU, {"StatusCode": 0, "code": 0}, ""),
        (ChatForm.FEISHU, {"code": 19021, "msg": "sign match fail"}, "code 19021"),
        (ChatForm.FEISHU, ["nothing of the kind"], ""),
    ],
)
def test_a_no_in_a_good_answer_is_seen(form: ChatForm, answer: object, against: str) -> None:
    assert objection(form, answer) == against


def test_a_rule_is_read_without_the_id_of_the_line_that_it_is_about() -> None:
    assert readable("missing 01a21c43-7ff8-7000-92c0-9045c5cc578c TEE-12") == "missing TEE-12"
    assert readable("doubt 01a21c43-7ff8-7000-92c0-9045c5cc578c") == "doubt"
    assert readable("price over 500 EUR") == "price over 500 EUR"
