"""What chats are told fits, and its link is whole; a rate limit in a good answer is no refusal."""

import pytest

from sync.domain.chats import ChatForm, asks_to_wait, body, objection

ENDING = "截止时间：2026-03-01 16:00 UTC。\n查看并决定：https://hooks.example.com/decide/01/" + "a" * 64


def told(form: ChatForm, said: str) -> str:
    """The text that the chat shows."""
    content = body(form, said, ENDING)
    match form:
        case ChatForm.TEXT:
            return str(content["text"])
        case ChatForm.DISCORD:
            return str(content["content"])
        case ChatForm.FEISHU:
            return str(content["content"]["text"])
        case _:
            return str(content["text"]["content"])


@pytest.mark.parametrize("said", ["x" * 5_000, "退货" * 2_500, "🎁" * 3_000])
@pytest.mark.parametrize("form", ChatForm)
def test_a_long_reason_is_cut_and_the_link_is_whole(form: ChatForm, said: str) -> None:
    text = told(form, said)
    start, cut, ending = text.partition("…\n")
    assert said.startswith(start) and start and cut
    assert ending == ENDING
    assert len(text.encode()) <= 2_048 if form is ChatForm.WECOM else len(text) <= 2_000


@pytest.mark.parametrize("form", ChatForm)
def test_what_fits_is_told_as_it_is(form: ChatForm) -> None:
    assert told(form, "Order shop/1 waits.") == f"Order shop/1 waits.\n{ENDING}"


@pytest.mark.parametrize(
    ("form", "answer", "against", "waits"),
    [
        (ChatForm.WECOM, {"errcode": 0, "errmsg": "ok"}, "", False),
        (ChatForm.WECOM, {"errcode": 45009}, "code 45009", True),
        (ChatForm.WECOM, {"errcode": 93000}, "code 93000", False),
        (ChatForm.DINGTALK, {"errcode": "130101"}, "code 130101", True),
        (ChatForm.DINGTALK, {"errcode": 310000}, "code 310000", False),
        (ChatForm.FEISHU, {"code": 11232}, "code 11232", True),
        (ChatForm.FEISHU, {"code": 9499}, "code 9499", True),
        (ChatForm.FEISHU, {"code": 19001}, "code 19001", False),
        (ChatForm.TEXT, {"errcode": 45009}, "", False),
        (ChatForm.DISCORD, None, "", False),
    ],
)
def test_a_no_in_a_good_answer_is_a_refusal_unless_it_is_a_rate_limit(
    form: ChatForm, answer: object, against: str, waits: bool
) -> None:
    assert (objection(form, answer), asks_to_wait(form, answer)) == (against, waits)
