"""What a log line shows, and what it never does."""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import httpx
import pytest

from connectors.transport import Secret
from sync.domain.clock import SetClock
from sync.domain.people import Address, Person
from sync.domain.tracking import TrackingStatus
from sync.telemetry.logs import LogForm, Outages, bound, logger, mask_secret, set_up_logs

ADA = Person(name="Ada Lovelace", email="ada@example.com", phone="+44 20 7946 0000")
HOME = Address(name="Ada Lovelace", street=("12 St James's Square",), city="London", country="GB")


class Lines(StringIO):
    """What was written."""

    @property
    def all(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]

    @property
    def last(self) -> dict[str, Any]:
        return self.all[-1]


@pytest.fixture
def lines() -> Iterator[Lines]:
    there = Lines()
    set_up_logs(LogForm.JSON, "DEBUG", there)
    yield there
    logging.getLogger().handlers = []


log = logger("sync.test")


def test_a_line_says_what_when_where_and_how_grave(lines: Lines) -> None:
    log.warning("order held", order="A-1", units=3)
    line = lines.last
    assert (line["event"], line["level"], line["logger"]) == ("order held", "warning", "sync.test")
    assert (line["order"], line["units"]) == ("A-1", 3)
    assert datetime.fromisoformat(line["timestamp"]).tzinfo is not None


def test_an_order_is_followed_through_every_line(lines: Lines) -> None:
    with bound(account="shop", flow="orders", run="r1"), bound(order="A-1"):
        log.info("reserved")
        logging.getLogger("some.library").error("lost")
    log.info("after")
    assert [each.get("order") for each in lines.all] == ["A-1", "A-1", None]
    assert lines.all[1]["account"] == "shop"


@pytest.mark.parametrize(
    "key",
    [
        "password", "api_key", "apiKey", "access_token", "Authorization", "X-Secret", "set-cookie",
        "buyer", "email", "buyerEmail", "phone_number", "ship_to", "shipping_address", "street",
        "postal_code", "first_name", "person_name", "recipient",
    ],
)  # fmt: skip
def test_a_key_that_says_secret_or_personal_is_hidden(lines: Lines, key: str) -> None:
    log.info("x", **{key: "Ada"}, deep={"list": [{key: "Ada"}]})
    assert "Ada" not in lines.getvalue()
    assert lines.last[key] == "[hidden]"


@pytest.mark.parametrize(
    "key", ["key", "order", "account", "lease_token", "sku", "carrier", "name", "status"]
)
def test_a_key_of_our_own_trade_is_shown(lines: Lines, key: str) -> None:
    log.info("x", **{key: "A-1"})
    assert lines.last[key] == "A-1"


def test_people_and_addresses_render_empty_wherever_they_are(lines: Lines) -> None:
    @dataclass
    class Order:
        number: str
        person: Person
        raw: bytes = field(repr=False)

    log.info("x", who=ADA, where=[HOME], deal={"order": Order("A-1", ADA, b"Ada")})
    assert (lines.last["who"], lines.last["where"]) == ("", [""])
    assert not {"Ada", "London", "James"} & set(lines.getvalue().replace("'", " ").split())


def test_bytes_are_never_printed(lines: Lines) -> None:
    log.info("x", raw=b"Ada Lovelace", more=[bytearray(b"Ada")])
    assert (lines.last["raw"], lines.last["more"]) == ("<12 bytes>", ["<3 bytes>"])


def test_a_known_secret_is_masked_anywhere(lines: Lines) -> None:
    mask_secret("hunter2-hunter2")
    Secret("s3same-open")
    try:
        raise ValueError("refused hunter2-hunter2")
    except ValueError:
        log.exception("said hunter2-hunter2", deep=[{"s3same-open": "x s3same-open y"}])
    logging.getLogger("some.library").error("got %s", "hunter2-hunter2")
    assert "hunter2" not in lines.getvalue()
    assert "s3same" not in lines.getvalue()


def test_mail_addresses_and_the_queries_and_users_of_urls_are_taken_out(lines: Lines) -> None:
    log.info("mail to ada@example.com", url="https://bob:pw@shop.test/admin?email=ada&x=1#top")
    assert lines.last["event"] == "mail to [hidden]"
    assert lines.last["url"] == "https://shop.test/admin"


def test_an_exception_is_told_by_type_text_and_place_without_locals(lines: Lines) -> None:
    def inner() -> None:
        private = "Ada Lovelace"
        raise KeyError(len(private))

    try:
        try:
            inner()
        except KeyError as error:
            raise RuntimeError("the pass failed") from error
    except RuntimeError:
        log.exception("failed")
    told = lines.last["exception"]
    assert told.startswith("RuntimeError: the pass failed at ")
    assert "; because of KeyError: 12 at " in told
    assert "Ada" not in lines.getvalue()


def test_values_of_our_own_types_are_shown_plainly(lines: Lines) -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    log.info("x", at=at, price=Decimal("9.90"), status=TrackingStatus.DELIVERED, none=None, yes=True)
    line = lines.last
    assert (line["at"], line["price"], line["status"]) == (at.isoformat(), "9.90", "delivered")
    assert (line["none"], line["yes"]) == (None, True)


async def test_the_http_library_never_logs_an_address(lines: Lines) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200))
    async with httpx.AsyncClient(transport=transport) as client:
        await client.get("http://shop.test/orders?email=ada@example.com")
    assert lines.getvalue() == ""


@pytest.mark.parametrize("library", ["httpx", "apscheduler", "uvicorn", "alembic"])
def test_libraries_speak_from_warning_on_and_in_our_form(lines: Lines, library: str) -> None:
    set_up_logs(LogForm.JSON, "DEBUG", lines)
    logging.getLogger(library).info("chatter")
    logging.getLogger(library + ".deep").warning("trouble at http://x.test/?q=1")
    assert [each["event"] for each in lines.all] == ["trouble at http://x.test/"]


def test_lines_below_the_level_are_left_out() -> None:
    there = Lines()
    set_up_logs(LogForm.JSON, "WARNING", there)
    log.info("quiet")
    log.error("loud")
    assert [each["event"] for each in there.all] == ["loud"]


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(ValueError, match="LOUD"):
        set_up_logs(LogForm.JSON, "LOUD")


def test_the_console_form_is_for_people_and_hides_the_same() -> None:
    there = StringIO()
    set_up_logs(LogForm.CONSOLE, "INFO", there)
    log.info("order held", order="A-1", buyer="Ada")
    assert "order held" in there.getvalue()
    assert "A-1" in there.getvalue()
    assert "Ada" not in there.getvalue()


def test_an_outage_is_told_once_and_its_end_once_with_its_length(lines: Lines) -> None:
    clock = SetClock(datetime(2026, 3, 2, tzinfo=UTC))
    outages = Outages(log, clock)
    assert [outages.failed("shop", "no connection") for _ in range(3)] == [True, False, False]
    clock.move(timedelta(minutes=5))
    assert [outages.fine("shop") for _ in range(3)] == [True, False, False]
    assert [each["event"] for each in lines.all] == ["out", "back"]
    assert lines.last["out_for_seconds"] == 300
