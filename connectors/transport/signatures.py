"""Webhook signatures, checked in constant time over the bytes as they came."""

import binascii
import hmac
from base64 import b64decode
from datetime import datetime, timedelta
from enum import Enum

from connectors.transport.secret import Secret


class Encoding(Enum):
    """How a vendor writes the signature."""

    HEX = "hex"
    BASE64 = "base64"


def is_signed(
    secret: Secret, body: bytes, signature: str, *, digest: str = "sha256", encoding: Encoding = Encoding.HEX
) -> bool:
    """Whether `signature` is the HMAC of `body` under `secret`.

    A prefix such as `sha256=` is taken off. False for an empty secret, and for what cannot be decoded.
    """
    text = signature.strip().removeprefix(f"{digest}=")
    try:
        given = bytes.fromhex(text) if encoding is Encoding.HEX else b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return False
    right = hmac.digest(secret.reveal().encode(), body, digest)
    return bool(secret) and hmac.compare_digest(given, right)


def is_fresh(sent_at: datetime, now: datetime, within: timedelta = timedelta(minutes=5)) -> bool:
    """Whether a signed time is near enough to ours that the delivery is no replay of an old one."""
    return abs(now - sent_at) <= within
