"""How customers are reached besides through their shop: the mail server, and gateways by Apprise.

Passwords and gateways' addresses (which hold tokens) are references, as an account's secret is.
"""

import re
from dataclasses import dataclass, field
from email.utils import parseaddr
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from config.errors import Placed, Problem, problem_at, shown
from config.jsonschema import NAME_PATTERN
from config.schema import Strict, refused
from config.secrets import SecretRef, secret_ref
from config.yaml import Located, MapNode

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_ADDRESS_ALLOWED = "an address such as orders@example.com, or Green Garden <orders@example.com>"
_PORT_ALLOWED = "a whole number from 1 to 65535"
_NAME = re.compile(NAME_PATTERN)
_HERE = frozenset({"localhost", "127.0.0.1", "[::1]"})


class Security(StrEnum):
    """How the way to the mail server is closed to others."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}


def _host(value: str) -> str:
    if not _HOST.fullmatch(value):
        raise refused(
            f"{shown(value)} is not the name of a host", "a name or address such as smtp.example.com"
        )
    return value


def _port(value: object) -> object:
    text = value.strip() if isinstance(value, str) else ""
    if value is None or isinstance(value, int):
        return value
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise refused(f"{shown(str(value))} is not a port", _PORT_ALLOWED)
    return int(text)


def _address(value: str) -> str:
    if "\n" in value or "\r" in value or not _ADDRESS.fullmatch(parseaddr(value)[1]):
        raise refused(f"{shown(value)} is not a mail address", _ADDRESS_ALLOWED)
    return value


Address = Annotated[str, AfterValidator(_address)]


class MailModel(Strict):
    """The server that mails to customers are given to. Absent: nobody is told anything by mail."""

    host: Annotated[str, AfterValidator(_host)] = Field(description="The server's name or address.")
    port: Annotated[
        int | None,
        BeforeValidator(_port),
        WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 65535}),
    ] = Field(None, description="Absent: 587 with starttls, 465 with tls, 25 with none.")
    security: Security = Field(
        Security.STARTTLS, description="none is for a server on this machine alone: nothing is sent in clear."
    )
    trust: str | None = Field(
        None, min_length=1, description="A PEM file of the authority to trust, instead of the machine's own."
    )
    user: str | None = Field(None, min_length=1, description="Absent: it does not log in.")
    password: str | None = Field(None, description="env:NAME or file:NAME; never the password itself.")
    from_: Address = Field(
        alias="from", description="Whom mails come from: Green Garden <orders@example.com>."
    )
    reply_to: Address | None = Field(None, description="Where answers go; absent: to `from`.")


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The mail server, checked. `trust` is None where the machine's own authorities are trusted."""

    host: str
    port: int
    security: Security
    trust: Path | None
    user: str | None
    password: SecretRef | None
    sender: str
    reply_to: str | None
    place: Placed = field(repr=False)

    @property
    def on_this_machine(self) -> bool:
        """Whether nothing that it is given leaves this machine by this way."""
        return self.host in _HERE


def mail_settings(
    model: MailModel, node: Located, folder: Path, problems: list[Problem]
) -> MailSettings | None:
    """From the bound model and its place; `folder` is that of the file. What is wrong is added to the problems."""
    before = len(problems)
    password = None
    if model.password is not None:
        password = secret_ref(node.find("password"), model.password, problems)
    if (model.user is None) != (model.password is None):
        missing = "password" if model.password is None else "user"
        problems.append(
            problem_at(node, node.path, f"a login needs {missing} too", allowed="user and password")
        )
    if model.security is Security.NONE and model.host not in _HERE:
        place = node.find("security")
        what = "without encryption anybody on the way could read what customers are told"
        problems.append(
            problem_at(place, place.path, what, allowed="starttls, tls; none for localhost alone")
        )
    trust = None if model.trust is None else (folder / Path(model.trust).expanduser()).resolve()
    if trust is not None and not trust.is_file():
        place = node.find("trust")
        problems.append(problem_at(place, place.path, f"there is no file {shown(str(model.trust))}"))
    if len(problems) > before:
        return None
    return MailSettings(
        model.host,
        model.port or PORTS[model.security],
        model.security,
        trust,
        model.user,
        password,
        model.from_,
        model.reply_to,
        node,
    )


def gateways(node: Located | None, problems: list[Problem]) -> dict[str, SecretRef]:
    """The gateways of `apprise:` by name. What is wrong is added to the problems."""
    found: dict[str, SecretRef] = {}
    if not isinstance(node, MapNode):
        return found
    for key, value in node:
        if not _NAME.fullmatch(key.text):
            allowed = "a small letter, then at most 31 of a-z, 0-9, - and _"
            what = f"{shown(key.text)} cannot name a gateway"
            problems.append(problem_at(key, key.path, what, allowed=allowed))
            continue
        text = node.text(key.text)
        ref = None if text is None else secret_ref(value, text, problems)
        if ref is not None:
            found[key.text] = ref
    return found
