"""The pages of a decision: plain HTML for a phone, without script, picture or anything from elsewhere. Pure.

A page holds what the decision needs and nothing of a buyer. It is stored by nobody on its way, found by no search
machine, framed by no other page, and tells no other page its address, which is worth a decision.
"""

import base64
from dataclasses import dataclass
from datetime import datetime, tzinfo
from hashlib import sha256
from html import escape

from sync.domain.waiting import Decider, Language, Topic, Word, readable
from sync.domain.way_back import asks_for_verdict
from sync.engine.deciding.effects import meaning_of
from sync.engine.deciding.queue import Matter
from sync.engine.deciding.texts import deadline_said, say, topic_said
from sync.store.hold_comments import LONGEST

_STYLE = (
    ":root{color-scheme:light dark}"
    "body{font:1.05rem/1.5 system-ui,sans-serif;margin:0 auto;max-width:36rem;padding:1rem}"
    "h1{font-size:1.3rem;margin:.5rem 0}dt{font-size:.85rem;opacity:.75;margin-top:.6rem}dd{margin:0}"
    "table{border-collapse:collapse;width:100%;margin:.4rem 0}td{border-top:1px solid #8886;padding:.4rem .3rem;"
    "vertical-align:top;overflow-wrap:anywhere}td:last-child{text-align:right;white-space:nowrap}"
    "textarea{box-sizing:border-box;font:inherit;width:100%;min-height:5rem}"
    "small{display:block;opacity:.75}.both{display:flex;gap:.8rem;margin-top:1rem}"
    ".both div{flex:1}button{font:inherit;font-weight:600;width:100%;min-height:3rem;border-radius:.5rem;"
    "border:2px solid #555;cursor:pointer}.yes{background:#1a7f37;border-color:#1a7f37;color:#fff}"
    ".no{background:#fff;color:#b42318;border-color:#b42318}"
)
_STYLE_HASH = base64.b64encode(sha256(_STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "interest-cohort=()",
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the page, and by which clock."""

    language: Language = Language.EN
    zone: tzinfo | None = None

    def moment(self, at: datetime) -> str:
        """A time as the page says it, with its zone."""
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M %Z}"


def question(matter: Matter, decider: Decider, reader: Reader, token: str) -> str:
    """What is to be decided, and the form that decides it. `token` is what the form must bear."""
    hold, language = matter.hold, reader.language
    title = f"{topic_said(language, hold.topic)} {hold.about.subject}"
    yes = _button(language, meaning_of(hold), Word.APPROVED, matter.count)
    no = _button(language, meaning_of(hold), Word.REJECTED, matter.count)
    body = (
        f"<p>{escape(say(language, 'asks', name=decider.name))}</p><h1>{escape(title)}</h1>"
        f"<dl>{_facts(matter, reader)}</dl>{_rows(matter, language)}"
        f'<form method="post"><input type="hidden" name="token" value="{escape(token)}">'
        f'<label for="comment">{escape(say(language, "comment"))}</label>'
        f'<textarea id="comment" name="comment" maxlength="{LONGEST}"></textarea>'
        f"<small>{escape(say(language, 'comment_hint'))}</small>{_for_the_buyer(matter, language)}"
        f'<div class="both">{yes}{no}</div></form>'
    )
    return _page(language, title, body)


def _for_the_buyer(matter: Matter, language: Language) -> str:
    """Where a request may be refused, its buyer is told why."""
    hold = matter.hold
    if hold.topic is not Topic.RETURN or not asks_for_verdict(hold.rule):
        return ""
    return (
        f'<label for="reason">{escape(say(language, "told"))}</label>'
        f'<textarea id="reason" name="reason" maxlength="{LONGEST}"></textarea>'
        f"<small>{escape(say(language, 'told_hint'))}</small>"
    )


def _button(language: Language, meaning: str, word: Word, count: int) -> str:
    name, style = ("approve", "yes") if word is Word.APPROVED else ("reject", "no")
    effect = say(language, f"{name}_{meaning}", count=count)
    return (
        f'<div><button class="{style}" name="word" value="{word.value}">{escape(say(language, name))}</button>'
        f"<small>{escape(effect)}</small></div>"
    )


def _facts(matter: Matter, reader: Reader) -> str:
    hold, language = matter.hold, reader.language
    rows: list[tuple[str, str]] = [("rule", readable(hold.rule)), ("reason", hold.reason)]
    if hold.topic is not Topic.ORDER and hold.todo:
        rows.append(("todo", hold.todo))
    if hold.about.value is not None:
        rows.append(("value", str(hold.about.value)))
    if matter.count:
        rows.append(("count", str(matter.count)))
    if hold.topic is Topic.ORDER:
        rows.append(("stock", say(language, "parked" if hold.keep_stock else "locked")))
    rows.append(("since", reader.moment(hold.opened_at)))
    if hold.due_at is not None:
        rows.append(("due", reader.moment(hold.due_at)))
        if hold.at_deadline is not None:
            rows.append(("at_deadline", deadline_said(language, hold.at_deadline)))
    return "".join(f"<dt>{escape(say(language, name))}</dt><dd>{escape(value)}</dd>" for name, value in rows)


def _rows(matter: Matter, language: Language) -> str:
    if not matter.rows:
        return ""
    rows = "".join(
        f"<tr><td>{escape(row.name)}</td><td>{escape(row.code)}</td><td>{escape(row.said)}</td></tr>"
        for row in matter.rows
    )
    more = f"<p>{escape(say(language, 'more', count=matter.more))}</p>" if matter.more else ""
    return f"<h2>{escape(say(language, 'rows'))}</h2><table>{rows}</table>{more}"


def done(word: Word, subject: str, language: Language) -> str:
    """What came of it."""
    title = say(language, f"done_{word.value}")
    said = say(language, "thanks", subject=subject)
    return _page(language, title, f"<h1>{escape(title)}</h1><p>{escape(said)}</p>")


def refusal(name: str, language: Language, /, **facts: object) -> str:
    """Why nothing was decided."""
    title, why = say(language, name), say(language, f"{name}_why", **facts)
    return _page(language, title, f"<h1>{escape(title)}</h1><p>{escape(why)}</p>")


def _page(language: Language, title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="{language.value}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="robots" content="noindex,nofollow">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>{body}</main></body></html>"
    )
