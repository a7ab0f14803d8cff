"""What chats read as a message at their incoming webhooks, and how they say no in a good answer.

Sources: api.slack.com/messaging/webhooks; discord.com/developers/docs/resources/webhook; open.dingtalk.com (custom
robots); developer.work.weixin.qq.com (group robots); open.feishu.cn (custom bots).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class ChatForm(StrEnum):
    """The shape of a message."""

    TEXT = "text"
    """Slack, Mattermost, Rocket.Chat, Google Chat"""
    DISCORD = "discord"
    DINGTALK = "dingtalk"
    WECOM = "wecom"
    FEISHU = "feishu"


_LONGEST = 1_900
"""Characters: Discord takes 2,000, the others more, but for WeCom, which takes 2,048 bytes of UTF-8."""
_TOO_MANY = {
    ChatForm.DINGTALK: frozenset({"130101"}),
    ChatForm.WECOM: frozenset({"45009"}),
    ChatForm.FEISHU: frozenset({"11232", "9499"}),
}
"""The codes of a rate limit, from the vendors' documents; none of them was seen from a real chat."""
_CODES = {ChatForm.DINGTALK: "errcode", ChatForm.WECOM: "errcode", ChatForm.FEISHU: "code"}


def body(form: ChatForm, said: str, ending: str) -> Mapping[str, Any]:
    """The JSON that the chat reads: `said` cut to what the chat takes, and `ending` as it is."""
    text = f"{_cut(form, said, ending)}\n{ending}"
    match form:
        case ChatForm.TEXT:
            return {"text": text}
        case ChatForm.DISCORD:
            return {"content": text, "allowed_mentions": {"parse": []}}
        case ChatForm.DINGTALK | ChatForm.WECOM:
            return {"msgtype": "text", "text": {"content": text}}
        case ChatForm.FEISHU:
            return {"msg_type": "text", "content": {"text": text}}


def _cut(form: ChatForm, said: str, ending: str) -> str:
    def size(text: str) -> int:
        return len(text.encode()) if form is ChatForm.WECOM else len(text)

    room = _LONGEST - size(f"\n{ending}")
    if size(said) <= room:
        return said
    kept = max(0, room - size("…"))
    short = said.encode()[:kept].decode(errors="ignore") if form is ChatForm.WECOM else said[:kept]
    return f"{short}…"


def objection(form: ChatForm, answer: object) -> str:
    """What the chat says against a message in the JSON of a 200: a number, no text of theirs; "" where nothing."""
    code = _code(form, answer)
    return f"code {code}"[:40] if code else ""


def asks_to_wait(form: ChatForm, answer: object) -> bool:
    """Whether a chat says in the JSON of a 200 that messages come too fast: this one was not taken."""
    return _code(form, answer) in _TOO_MANY.get(form, ())


def _code(form: ChatForm, answer: object) -> str:
    """Of an answer that is a no; else ""."""
    if form not in _CODES or not isinstance(answer, Mapping):
        return ""
    code = answer.get(_CODES[form], 0)
    return "" if code in (0, "0", None) else str(code)
