"""A mail server on loopback that keeps what it is given, and misbehaves where it is told to.

It speaks enough of SMTP (RFC 5321, 3207, 4954) for a real client, over TLS where it has a certificate.
"""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(slots=True)
class Given:
    """One mail as it came."""

    sender: str
    recipient: str
    content: bytes

    @property
    def mail(self) -> EmailMessage:
        """It, read by Python's own reader."""
        return cast(EmailMessage, message_from_bytes(self.content, policy=policy.default))


@dataclass(slots=True)
class PostOffice:
    """The server. `mails` are those that it took, `commands` the words it heard."""

    port: int = 0
    mails: list[Given] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    context: ssl.SSLContext | None = None
    """With a certificate: it offers STARTTLS."""
    login: tuple[str, str] | None = None
    recipients: dict[str, str] = field(default_factory=dict)
    """What it answers to a recipient instead of a yes."""
    at_data: str = ""
    """What it answers to DATA instead; `drop` ends the conversation there."""
    at_end: str = ""
    """What it answers to a content; `drop` takes the mail and answers nothing."""
    international: bool = False

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One conversation."""
        with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            await _Talk(self, reader, writer).run()
        writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()


@dataclass(slots=True)
class _Talk:
    office: PostOffice
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    sender: str = ""
    recipient: str = ""
    inside: bool = False

    async def say(self, line: str) -> None:
        self.writer.write(f"{line}\r\n".encode())
        await self.writer.drain()

    async def run(self) -> None:
        await self.say("220 test.example ESMTP")
        while line := (await self.reader.readline()).decode("utf-8", "replace").rstrip("\r\n"):
            word = line.split(" ", 1)[0].upper()
            self.office.commands.append(word)
            if word == "QUIT" or not await self.answer(word, line):
                return

    async def answer(self, word: str, line: str) -> bool:
        office = self.office
        match word:
            case "EHLO":
                offers = ["test.example", "8BITMIME", *(["SMTPUTF8"] if office.international else [])]
                if office.context is not None and not self.inside:
                    offers.append("STARTTLS")
                if office.login is not None:
                    offers.append("AUTH PLAIN")
                for one in offers[:-1]:
                    await self.say(f"250-{one}")
                await self.say(f"250 {offers[-1]}")
            case "STARTTLS" if office.context is not None:
                await self.say("220 go on")
                await self.writer.start_tls(office.context)
                self.inside = True
            case "AUTH":
                given = base64.b64decode(line.rsplit(maxsplit=1)[-1]).decode().split("\0")[1:]
                right = office.login is not None and tuple(given) == office.login
                await self.say("235 welcome" if right else f"535 5.7.8 {given} is wrong")
            case "MAIL":
                self.sender = line[line.index("<") + 1 : line.index(">")]
                await self.say("250 ok")
            case "RCPT":
                self.recipient = line[line.index("<") + 1 : line.index(">")]
                await self.say(office.recipients.get(self.recipient, "250 ok"))
            case "DATA":
                return await self.take()
            case _:
                await self.say("502 what?")
        return True

    async def take(self) -> bool:
        office = self.office
        if office.at_data == "drop":
            return False
        if office.at_data:
            await self.say(office.at_data)
            return True
        await self.say("354 go on")
        content = (await self.reader.readuntil(b"\r\n.\r\n")).removesuffix(b".\r\n")
        content = b"\r\n".join(line.removeprefix(b".") for line in content.split(b"\r\n"))
        if office.at_end in ("", "drop"):
            office.mails.append(Given(self.sender, self.recipient, content))
        if office.at_end == "drop":
            return False
        await self.say(office.at_end or "250 2.0.0 taken")
        return True


@asynccontextmanager
async def opened(office: PostOffice | None = None, *, tls: bool = False) -> AsyncIterator[PostOffice]:
    """It listens. With `tls` the conversation begins inside its certificate's TLS."""
    office = office or PostOffice()
    within = office.context if tls else None
    server = await asyncio.start_server(office.talk, "127.0.0.1", 0, ssl=within)
    office.port = server.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        server.close()
        await server.wait_closed()


def self_made(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A certificate for 127.0.0.1 that nobody has signed but itself: the server's context, and the PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "post office")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, private = folder / "authority.pem", folder / "private.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, private)
    return context, pem
