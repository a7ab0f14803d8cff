"""Gateways by Apprise: the extra gives notices to a real server on loopback, and nothing of a URL is told."""

import json
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from connectors.contract import Deadline, Done, Rejected, Unavailable, Unknown
from connectors.contract.notifier import Needs, Notice
from connectors.notifiers.gateways import Gateway, is_installed
from sync.domain.people import plain_phone
from tests.mail.gateway import Listener, listening

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what Apprise itself imports
AT = datetime(2026, 6, 11, 12, 0, tzinfo=UTC)


def notice(**changed: Any) -> Notice:
    given = {"key": "k", "at": AT, "text": "订单 7 已送达", "subject": "订单 7", "phone": "+86 138-0013 8000"}
    return Notice(**(given | changed))


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    async with listening() as found:
        yield found


async def give(url: str, note: Notice) -> object:
    return await Gateway("sms", url).send(note, Deadline.after(10))


def test_what_a_gateway_needs_is_what_its_url_has_a_place_for() -> None:
    assert Gateway("a", "sms://x/{phone}").needs is Needs.PHONE
    assert Gateway("a", "mailx://x/{email}").needs is Needs.MAIL
    assert Gateway("a", "chat://x").needs is Needs.NOTHING


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("+86 138-0013 8000", "+8613800138000"),
        ("0049 (30) 555-0101", "+49305550101"),
        ("030 5550101", "0305550101"),
        ("12", ""),
        ("call me", ""),
        ("1" * 16, ""),
    ],
)
def test_a_number_is_digits_alone(written: str, plain: str) -> None:
    assert plain_phone(written) == plain


def test_a_customers_number_and_address_cannot_change_where_a_gateway_leads() -> None:
    gateway = Gateway("sms", "sms://user:token@host.example/{phone}?to={email}&mode=plain")
    evil = notice(phone="+49 30 5550101/../{email}", email="a@b.c/../?mode=other&x=1#{phone}")
    url = gateway.address(evil)
    assert url is not None
    parts = urlsplit(url)
    assert (parts.netloc, parts.path) == ("user:token@host.example", "/%2B49305550101")
    assert parts.query == "to=a%40b.c%2F..%2F%3Fmode%3Dother%26x%3D1%23%7Bphone%7D&mode=plain"
    assert parts.fragment == ""


async def test_a_customer_without_a_number_is_not_told_and_the_gateway_is_not_called(
    listener: Listener,
) -> None:
    told = await give(f"json://127.0.0.1:{listener.port}/{{phone}}", notice(phone="call me"))
    assert isinstance(told, Rejected)
    assert listener.heard == []


async def test_a_notice_reaches_the_gateway_in_its_own_words(listener: Listener) -> None:
    pytest.importorskip("apprise")
    told = await give(f"json://127.0.0.1:{listener.port}/{{phone}}", notice())
    assert isinstance(told, Done)
    (path, body) = listener.heard[0]
    assert unquote(path) == "/+8613800138000"
    assert (json.loads(body)["title"], json.loads(body)["message"]) == ("订单 7", "订单 7 已送达")


async def test_a_no_may_come_after_it_was_told_and_is_unknown(listener: Listener) -> None:
    pytest.importorskip("apprise")
    listener.status = 500
    told = await give(f"json://127.0.0.1:{listener.port}/", notice())
    assert isinstance(told, Unknown)
    assert "127.0.0.1" not in told.reason


async def test_a_url_that_apprise_does_not_know_is_about_the_way_and_is_not_shown() -> None:
    pytest.importorskip("apprise")
    with pytest.raises(Unavailable) as refusal:
        await give("nosuch://hunter2@host", notice())
    assert "hunter2" not in str(refusal.value)


async def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    assert not is_installed()
    with pytest.raises(Unavailable, match=r"pip install 'entrepot\[apprise\]'"):
        await give("json://127.0.0.1:1/", notice())
