"""Gateways for short messages and chats, by Apprise: an extra, imported when the first notice is sent.

The URL of a gateway is a secret. `{phone}` and `{email}` in it become the customer's, quoted, so that neither can
change where it leads. Apprise says whether all went well and nothing else: a no may come after the gateway took the
notice, so it is an unknown outcome.
"""

import asyncio
import logging
import re
from importlib.util import find_spec
from typing import Any
from urllib.parse import quote

from connectors.contract import Deadline, Done, Outcome, Rejected, Unavailable, Unknown
from connectors.contract.notifier import Needs, Notice
from sync.domain.people import plain_phone

_PLACE = re.compile(r"\{(phone|email)\}")
EXTRA = "pip install 'entrepot[apprise]'"


def is_installed() -> bool:
    """Whether the extra is there."""
    return find_spec("apprise") is not None


class Gateway:
    """Gives notices to what one Apprise URL names."""

    def __init__(self, name: str, url: str) -> None:
        self._name = name
        self._url = url

    @property
    def needs(self) -> Needs:
        """What its URL has a place for."""
        if "{phone}" in self._url:
            return Needs.PHONE
        return Needs.MAIL if "{email}" in self._url else Needs.NOTHING

    async def send(self, notice: Notice, deadline: Deadline) -> Outcome[None]:
        """One notice; Apprise keeps its own times."""
        del deadline
        url = self.address(notice)
        if url is None:
            return Rejected("the customer's telephone number is not one", code="phone")
        return await asyncio.to_thread(self._give, url, notice)

    def address(self, notice: Notice) -> str | None:
        """The URL for this customer; None where their telephone number is none."""
        phone = plain_phone(notice.phone)
        if self.needs is Needs.PHONE and not phone:
            return None
        values = {"phone": quote(phone, safe=""), "email": quote(notice.email.strip(), safe="")}
        return _PLACE.sub(lambda found: values[found[1]], self._url)

    async def close(self) -> None:
        """Nothing is kept open."""

    def _give(self, url: str, notice: Notice) -> Outcome[None]:
        apprise = _apprise()
        gateway = apprise.Apprise()
        if not gateway.add(url):
            raise Unavailable(f"the URL of the gateway {self._name} is none that Apprise knows")
        try:
            told = gateway.notify(
                body=notice.text, title=notice.subject, body_format=apprise.NotifyFormat.TEXT
            )
        except Exception as error:  # whatever a plug-in raises: it may have been told before
            return Unknown(f"the gateway {self._name} failed ({type(error).__name__})")
        if told:
            return Done()
        return Unknown(f"the gateway {self._name} says that it did not go well, and not whether it was told")


def _apprise() -> Any:
    """The package, kept from writing to logs: its lines may hold URLs and numbers."""
    try:
        import apprise
    except ImportError:
        raise Unavailable(f"Apprise is not installed: {EXTRA}") from None
    log = logging.getLogger("apprise")
    log.propagate = False
    log.disabled = True
    return apprise
