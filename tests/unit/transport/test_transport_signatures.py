"""Webhook signatures: HMAC over the very bytes, in the vendor's writing, and not too old."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import digest

import pytest

from connectors.transport import Encoding, Secret, is_fresh, is_signed

BODY = '{"order": "é"}'.encode()
KEY = Secret("hook-key")
RIGHT = digest(b"hook-key", BODY, sha256)


@pytest.mark.parametrize(
    ("signature", "encoding"),
    [
        (RIGHT.hex(), Encoding.HEX),
        (RIGHT.hex().upper(), Encoding.HEX),
        ("sha256=" + RIGHT.hex(), Encoding.HEX),
        (b64encode(RIGHT).decode(), Encoding.BASE64),
    ],
)
def test_the_right_signature_is_taken_in_each_writing(signature: str, encoding: Encoding) -> None:
    assert is_signed(KEY, BODY, signature, encoding=encoding)


@pytest.mark.parametrize("signature", ["", "zz", RIGHT.hex()[:-2], RIGHT.hex()[:-1] + "é", "0" * 64])
@pytest.mark.parametrize("encoding", list(Encoding))
def test_another_signature_is_not(signature: str, encoding: Encoding) -> None:
    assert not is_signed(KEY, BODY, signature, encoding=encoding)


def test_a_changed_byte_of_the_body_is_seen() -> None:
    assert not is_signed(KEY, BODY + b" ", RIGHT.hex())


def test_an_empty_secret_signs_nothing() -> None:
    assert not is_signed(Secret(""), BODY, digest(b"", BODY, sha256).hex())


def test_an_old_delivery_is_not_fresh() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    assert is_fresh(now - timedelta(minutes=5), now)
    assert not is_fresh(now - timedelta(minutes=5, seconds=1), now)
