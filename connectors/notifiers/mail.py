"""Mail by SMTP: one conversation a notice, in a thread, with every step's failure told for what it means.

    connect ─ TLS ─ login ─ MAIL ─ RCPT ─ DATA ─ content ─ answer
    └──────── the way is out ────┘   │      │       │         250: done · 4xx: not taken · 5xx: refused
                        refused or not taken       └ no answer: unknown

Until the content's end has left us no server can have taken it. From then on only its answer tells. A server that
offers no encryption, or whose certificate is not trusted, is given nothing.
"""

import asyncio
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.utils import parseaddr
from enum import StrEnum
from pathlib import Path

from connectors.contract import AuthRejected, Deadline, Done, Outcome, Rejected, Retry, Unavailable, Unknown
from connectors.contract.notifier import Needs, Notice
from connectors.notifiers.letters import BadAddress, Mailed, letter

_LONGEST_SECONDS = 60.0
_LEAST_SECONDS = 1.0
_PARTING_SECONDS = 2.0
_DOT = re.compile(rb"(?m)^\.")
_ENHANCED = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")


class Wrapping(StrEnum):
    """How the conversation is encrypted."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True, repr=False)
class MailServer:
    """The server, and whom mails come from. `trust` is a PEM file; without it the machine's own authorities count."""

    host: str
    port: int
    wrapping: Wrapping
    sender: str
    reply_to: str | None = None
    user: str | None = None
    password: str | None = None
    trust: Path | None = None


class Mail:
    """Gives notices to one mail server."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    @property
    def needs(self) -> Needs:
        """A mail address."""
        return Needs.MAIL

    async def send(self, notice: Notice, deadline: Deadline) -> Outcome[None]:
        """One mail. It goes on in its thread if the caller is cancelled: its outcome is unknown then."""
        try:
            mailed = letter(notice, self._server.sender, self._server.reply_to)
        except BadAddress as error:
            return Rejected(str(error), code="address")
        seconds = min(_LONGEST_SECONDS, max(_LEAST_SECONDS, deadline.left()))
        return await asyncio.to_thread(self._give, mailed, seconds)

    async def close(self) -> None:
        """Nothing is kept open."""

    def _give(self, mailed: Mailed, seconds: float) -> Outcome[None]:
        with self._conversation(seconds) as server:
            return self._hand_over(server, mailed)

    @contextmanager
    def _conversation(self, seconds: float) -> Iterator[smtplib.SMTP]:
        """A server that has let us in. What goes wrong before is about the way, and nothing was given."""
        where = f"the mail server {self._server.host}:{self._server.port}"
        try:
            server = self._connect(seconds)
        except ssl.SSLCertVerificationError as error:
            why = error.verify_message or "it cannot be verified"
            raise Unavailable(f"the certificate of {where} is not trusted: {why}") from None
        except (OSError, smtplib.SMTPException) as error:
            raise Unavailable(f"{where} cannot be reached ({type(error).__name__})") from None
        try:
            try:
                self._enter(server)
            except ssl.SSLCertVerificationError as error:
                why = error.verify_message or "it cannot be verified"
                raise Unavailable(f"the certificate of {where} is not trusted: {why}") from None
            except smtplib.SMTPAuthenticationError as error:
                raise AuthRejected(f"{where} refuses the login ({error.smtp_code})") from None
            except smtplib.SMTPNotSupportedError:
                raise Unavailable(
                    f"{where} does not offer what `mail:` asks for: STARTTLS, or a login"
                ) from None
            except (OSError, smtplib.SMTPException) as error:
                raise Unavailable(f"{where} ends the conversation ({type(error).__name__})") from None
            yield server
        finally:
            with suppress(OSError, smtplib.SMTPException):
                if server.sock is not None:
                    server.sock.settimeout(_PARTING_SECONDS)
                server.quit()
            server.close()

    def _connect(self, seconds: float) -> smtplib.SMTP:
        server, name = self._server, parseaddr(self._server.sender)[1].rpartition("@")[2]
        if server.wrapping is Wrapping.TLS:
            context = _context(server.trust)
            return smtplib.SMTP_SSL(
                server.host, server.port, local_hostname=name, timeout=seconds, context=context
            )
        return smtplib.SMTP(server.host, server.port, local_hostname=name, timeout=seconds)

    def _enter(self, smtp: smtplib.SMTP) -> None:
        smtp.ehlo_or_helo_if_needed()
        if self._server.wrapping is Wrapping.STARTTLS:
            smtp.starttls(context=_context(self._server.trust))
            smtp.ehlo()
        if self._server.user is not None and self._server.password is not None:
            smtp.login(self._server.user, self._server.password)

    def _hand_over(self, smtp: smtplib.SMTP, mailed: Mailed) -> Outcome[None]:
        if mailed.international and not smtp.has_extn("smtputf8"):
            return Rejected("the mail server takes no address with letters beyond ASCII", code="smtputf8")
        try:
            refused = self._envelope(smtp, mailed)
            if refused is not None:
                return refused
        except (OSError, smtplib.SMTPException) as error:
            raise Unavailable(
                f"the mail server {self._server.host} went away before it took anything ({type(error).__name__})"
            ) from None
        try:
            smtp.send(_DOT.sub(b"..", mailed.content) + b".\r\n")
            code, said = smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            return Unknown(f"the mail server gave no answer to the mail ({type(error).__name__})")
        return _judged(code, said, "the mail") or Done()

    def _envelope(self, smtp: smtplib.SMTP, mailed: Mailed) -> Outcome[None] | None:
        """Sender, recipient and the wish to send. None where the content is waited for."""
        options = ["SMTPUTF8", "BODY=8BITMIME"] if mailed.international else []
        code, said = smtp.mail(parseaddr(self._server.sender)[1], options)
        if code != 250:
            raise Unavailable(
                f"the mail server {self._server.host} takes no mail from {self._server.sender!r} "
                f"({_code(code, said)})"
            )
        code, said = smtp.rcpt(mailed.recipient)
        if code not in (250, 251):
            return _judged(code, said, "the address") or Retry("an odd answer to the address")
        code, said = smtp.docmd("DATA")
        return None if code == 354 else _judged(code, said, "the mail") or Retry("an odd answer to DATA")


def _context(trust: Path | None) -> ssl.SSLContext:
    """Certificates are verified, with their names; with `trust` by that authority alone."""
    return ssl.create_default_context(cafile=None if trust is None else str(trust))


def _judged(code: int, said: bytes, what: str) -> Outcome[None] | None:
    """What an answer means; None for a yes. A server's words may name the customer: its codes alone are kept."""
    if 200 <= code < 300:
        return None
    if 400 <= code < 500:
        return Retry(f"the mail server does not take {what} now ({_code(code, said)})")
    if 500 <= code < 600:
        return Rejected(f"the mail server refuses {what} ({_code(code, said)})", code=str(code))
    return Unknown(f"the mail server answers {what} oddly ({code})")


def _code(code: int, said: bytes) -> str:
    found = _ENHANCED.search(said.decode("ascii", "replace"))
    return f"{code} {found[0]}" if found else str(code)
