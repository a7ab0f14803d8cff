"""A notice as a mail: plain text, UTF-8, with a Message-ID made of our key.

Every header is set from a value of one line, and Python's own policy refuses any other, so that nothing in a name or
a text can add a header. A repeat has the same Message-ID: what a mail server's log or a mailbox shows can be told
from another notice.
"""

import re
from dataclasses import dataclass
from datetime import UTC
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import parseaddr
from hashlib import sha256

from connectors.contract.notifier import Notice

_ADDRESS = re.compile(r"[^\s@<>,;:\"\\()\[\]\x00-\x1f\x7f]{1,64}@([^\s@<>,;:\"\\()\[\]\x00-\x1f\x7f]{1,255})")
_LONGEST_LINE = 998


class BadAddress(ValueError):
    """The customer's mail address is none that a mail can be sent to. The text does not show it."""

    def __init__(self) -> None:
        super().__init__("the mail address is not one")


@dataclass(frozen=True, slots=True, repr=False)
class Mailed:
    """A mail as it is given to a server. `international` needs a server with SMTPUTF8."""

    recipient: str
    content: bytes
    international: bool


def message_id(key: str, sender: str) -> str:
    """Of the notice with this key, from this address."""
    domain = parseaddr(sender)[1].rpartition("@")[2]
    return f"<{sha256(key.encode()).hexdigest()[:32]}@{domain}>"


def recipient(email: str) -> str:
    """The address as servers are told it, its domain in ASCII. Raises BadAddress."""
    text = email.strip()
    found = _ADDRESS.fullmatch(text)
    if found is None:
        raise BadAddress
    local, domain = text.rpartition("@")[0], found[1]
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        raise BadAddress from None


def letter(notice: Notice, sender: str, reply_to: str | None) -> Mailed:
    """The mail of a notice. Raises BadAddress."""
    to = recipient(notice.email)
    international = not to.isascii()
    mail = EmailMessage(policy=SMTPUTF8 if international else SMTP)
    try:
        name, own = parseaddr(sender)
        mail["From"] = Address(display_name=name, addr_spec=own)
        mail["To"] = to
        if reply_to is not None:
            name, other = parseaddr(reply_to)
            mail["Reply-To"] = Address(display_name=name, addr_spec=other)
        mail["Subject"] = " ".join(notice.subject.split())[:_LONGEST_LINE]
        mail["Date"] = notice.at.astimezone(UTC)
        mail["Message-ID"] = message_id(notice.key, sender)
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(notice.text, cte="base64" if not notice.text.isascii() else None)
        if notice.language:
            mail["Content-Language"] = notice.language
        return Mailed(to, mail.as_bytes(), international)
    except (ValueError, IndexError):
        raise BadAddress from None
