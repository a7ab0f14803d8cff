"""Mail given to a real server on loopback: what arrives, what is refused, and what nobody knows."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract import AuthRejected, Deadline, Done, Outcome, Rejected, Retry, Unavailable, Unknown
from connectors.contract.notifier import Notice
from connectors.notifiers.letters import BadAddress, letter, message_id
from connectors.notifiers.mail import Mail, MailServer, Wrapping
from tests.mail.post_office import PostOffice, opened, self_made

AT = datetime(2026, 6, 11, 12, 0, tzinfo=UTC)
SENDER = "Green Garden <orders@green.example>"
LILEI = "lilei@example.cn"


def notice(**changed: Any) -> Notice:
    given: dict[str, Any] = {
        "key": "message:delivered:1:mail",
        "at": AT,
        "text": "Your order 7 is there.",
        "subject": "Order 7",
        "language": "en",
        "email": LILEI,
    }
    return Notice(**(given | changed))


async def give(office: PostOffice, note: Notice, **changed: Any) -> Outcome[None]:
    given: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": office.port,
        "wrapping": Wrapping.NONE,
        "sender": SENDER,
    }
    return await Mail(MailServer(**(given | changed))).send(note, Deadline.after(5))


@pytest.mark.parametrize(
    ("language", "subject", "text"),
    [
        ("zh", "订单 7 已送达", "您的订单 7 已送达。\n谢谢！"),
        ("en", "Order 7 is there", "Your order 7 is there.\n.\n..a line of dots\nThank you."),
    ],
)
async def test_a_mail_arrives_as_it_was_written(language: str, subject: str, text: str) -> None:
    async with opened() as office:
        sent = await give(
            office,
            notice(language=language, subject=subject, text=text),
            reply_to="Help <help@green.example>",
        )
        assert isinstance(sent, Done)
    (given,) = office.mails
    assert (given.sender, given.recipient) == ("orders@green.example", LILEI)
    mail = given.mail
    assert mail["Subject"] == subject
    assert mail["From"] == SENDER
    assert mail["To"] == LILEI
    assert mail["Reply-To"] == "Help <help@green.example>"
    assert mail["Content-Language"] == language
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == AT
    assert mail.get_content().splitlines() == text.splitlines()
    assert given.content.isascii()


async def test_every_try_has_the_same_message_id_and_another_notice_another_one() -> None:
    async with opened() as office:
        for key in ("a", "a", "b"):
            await give(office, notice(key=key))
    ids = [given.mail["Message-ID"] for given in office.mails]
    assert ids[0] == ids[1] == message_id("a", SENDER) != ids[2]
    assert ids[0].endswith("@green.example>")


@pytest.mark.parametrize(
    ("answer", "outcome"), [("550 5.1.1 no such user lilei", Rejected), ("450 4.2.0 lilei, later", Retry)]
)
async def test_a_refused_recipient_is_told_without_the_servers_words(answer: str, outcome: type) -> None:
    async with opened(PostOffice(recipients={LILEI: answer})) as office:
        told = await give(office, notice())
    assert isinstance(told, outcome)
    assert isinstance(told, Rejected | Retry)
    assert "lilei" not in told.reason
    assert answer[:9] in told.reason
    assert office.mails == []


async def test_no_answer_to_the_content_is_unknown_for_it_may_have_been_taken() -> None:
    async with opened(PostOffice(at_end="drop")) as office:
        assert isinstance(await give(office, notice()), Unknown)
    assert len(office.mails) == 1


@pytest.mark.parametrize(("answer", "outcome"), [("451 4.3.0 later", Retry), ("554 5.7.1 spam", Rejected)])
async def test_an_answer_to_the_content_says_that_it_was_not_taken(answer: str, outcome: type) -> None:
    async with opened(PostOffice(at_end=answer)) as office:
        assert isinstance(await give(office, notice()), outcome)
    async with opened(PostOffice(at_data=answer)) as office:
        assert isinstance(await give(office, notice()), outcome)


async def test_a_server_that_goes_away_before_the_content_has_surely_taken_nothing() -> None:
    async with opened(PostOffice(at_data="drop")) as office:
        with pytest.raises(Unavailable, match="before it took anything"):
            await give(office, notice())
    with pytest.raises(Unavailable, match="cannot be reached"):
        await give(office, notice())


@pytest.mark.parametrize("wrapping", [Wrapping.STARTTLS, Wrapping.TLS])
async def test_a_self_made_certificate_is_given_nothing_unless_it_is_trusted(
    wrapping: Wrapping, tmp_path: Path
) -> None:
    context, pem = self_made(tmp_path)
    async with opened(PostOffice(context=context), tls=wrapping is Wrapping.TLS) as office:
        with pytest.raises(Unavailable, match="is not trusted"):
            await give(office, notice(), wrapping=wrapping)
        assert not {"MAIL", "RCPT", "DATA", "AUTH"} & set(office.commands)
        assert isinstance(await give(office, notice(), wrapping=wrapping, trust=pem), Done)
        with pytest.raises(Unavailable, match="is not trusted"):
            await give(office, notice(), wrapping=wrapping, trust=pem, host="localhost")
    assert len(office.mails) == 1


async def test_a_server_without_encryption_is_given_nothing_where_it_is_asked_for() -> None:
    async with opened() as office:
        with pytest.raises(Unavailable, match="does not offer"):
            await give(office, notice(), wrapping=Wrapping.STARTTLS, user="shop", password="hunter2")
    assert office.commands == ["EHLO", "QUIT"]


async def test_a_login_that_is_refused_is_about_the_way_and_its_password_is_not_told() -> None:
    async with opened(PostOffice(login=("shop", "right"))) as office:
        with pytest.raises(AuthRejected) as refusal:
            await give(office, notice(), user="shop", password="hunter2")
        assert "hunter2" not in str(refusal.value)
        assert isinstance(await give(office, notice(), user="shop", password="right"), Done)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "a@b@c",
        "a b@example.com",
        "a@example.com\r\nBcc: x@example.com",
        "<a@example.com>",
        "a@",
        "a,b@c.d",
    ],
)
async def test_what_is_no_address_is_refused_and_not_shown(address: str) -> None:
    async with opened() as office:
        told = await give(office, notice(email=address))
    assert isinstance(told, Rejected)
    assert not address or address not in told.reason
    assert "MAIL" not in office.commands


async def test_letters_beyond_ascii_go_where_the_server_takes_them() -> None:
    async with opened() as office:
        assert isinstance(await give(office, notice(email="li@bücher.example")), Done)
        assert office.mails[0].recipient == "li@xn--bcher-kva.example"
        assert isinstance(await give(office, notice(email="李雷@example.cn")), Rejected)
        office.international = True
        assert isinstance(await give(office, notice(email="李雷@example.cn")), Done)
    assert office.mails[1].recipient == "李雷@example.cn"


HEADERS = [
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Type", "Content-Transfer-Encoding",
    "MIME-Version",
]  # fmt: skip


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=60))
@settings(deadline=None)
def test_no_text_adds_a_header_or_a_recipient(subject: str, text: str, email: str) -> None:
    try:
        mailed = letter(
            notice(subject=subject, text=text, email=f"{email}@example.com", language=""), SENDER, None
        )
    except BadAddress:
        mailed = letter(notice(subject=subject, text=text, language=""), SENDER, None)
    head = mailed.content.split(b"\r\n\r\n", 1)[0].decode("utf-8")
    lines = [line for line in head.split("\r\n") if not line.startswith((" ", "\t"))]
    assert sorted(line.partition(":")[0] for line in lines) == sorted(HEADERS)
    assert head.count("@example.") == 1
