"""One mail to one person of `people`. Their address is a secret like a chat's, and is in no error or log."""

from datetime import datetime, timedelta

from connectors.contract import (
    AuthRejected,
    Deadline,
    Done,
    Outcome,
    Refused,
    Rejected,
    Retry,
    Unavailable,
)
from connectors.contract.notifier import Notice, Notifier
from sync.engine.deciding.chats import Told
from sync.store.hold_links import LinkState

_SECONDS = 30.0
NO_SERVER = "entrepot.yaml does not set up mail"


async def say(
    notifier: Notifier | None, *, key: str, at: datetime, to: str, subject: str, text: str, language: str
) -> Told:
    """Send one mail. Never raises for what the mail server does."""
    if notifier is None:
        return Told(LinkState.QUEUED, NO_SERVER, timedelta())
    notice = Notice(key, at, text, subject, language, to.strip())
    try:
        return _judged(await notifier.send(notice, Deadline.after(_SECONDS)))
    except (Unavailable, AuthRejected, Refused) as error:
        return Told(LinkState.QUEUED, str(error), timedelta())


def _judged(outcome: Outcome[None]) -> Told:
    match outcome:
        case Done():
            return Told(LinkState.TOLD)
        case Rejected(reason=reason):
            return Told(LinkState.REFUSED, reason)
        case Retry(reason=reason, after=after):
            return Told(LinkState.QUEUED, reason, after or timedelta())
        case _:
            return Told(LinkState.UNKNOWN, "the mail server gave no answer to the mail")
