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
"""Characters: Discord takes 2,000, the others more."""


def body(form: ChatForm, text: str) -> Mapping[str, Any]:
    """The JSON that the chat reads."""
    said = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    match form:
        case ChatForm.TEXT:
            return {"text": said}
        case ChatForm.DISCORD:
            return {"content": said, "allowed_mentions": {"parse": []}}
        case ChatForm.DINGTALK | ChatForm.WECOM:
            return {"msgtype": "text", "text": {"content": said}}
        case ChatForm.FEISHU:
            return {"msg_type": "text", "content": {"text": said}}


def objection(form: ChatForm, answer: object) -> str:
    """What the chat says against a message in the JSON of a 200: a number, no text of theirs; "" where nothing."""
    if not isinstance(answer, Mapping):
        return ""
    names = {ChatForm.DINGTALK: "errcode", ChatForm.WECOM: "errcode", ChatForm.FEISHU: "code"}
    code = answer.get(names[form], 0) if form in names else 0
    return "" if code in (0, "0", None) else f"code {code}"[:40]
