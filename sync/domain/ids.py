"""Identifiers: ours are UUIDv7 as text, those of vendors stay the text that the vendor gave.

UUIDv7 (RFC 9562) sorts by creation time, so that indexes grow at one end and a listing by id is a
listing by age.
"""

import secrets
import uuid
from datetime import datetime
from typing import NewType

AccountId = NewType("AccountId", str)
VariantId = NewType("VariantId", str)
OfferId = NewType("OfferId", str)
OrderId = NewType("OrderId", str)
OrderLineId = NewType("OrderLineId", str)
FulfilmentId = NewType("FulfilmentId", str)
ShipmentId = NewType("ShipmentId", str)
ParcelId = NewType("ParcelId", str)
OutboxId = NewType("OutboxId", str)
IssueId = NewType("IssueId", str)

ExternalId = NewType("ExternalId", str)
Sku = NewType("Sku", str)


def new_id(at: datetime) -> str:
    """A fresh UUIDv7 in canonical text, its first 48 bits the milliseconds of `at` (aware UTC)."""
    milliseconds = int(at.timestamp() * 1000) & ((1 << 48) - 1)
    value = (milliseconds << 80) | (0x7 << 76) | (secrets.randbits(12) << 64) | (0b10 << 62)
    return str(uuid.UUID(int=value | secrets.randbits(62)))
