"""Coupons: codes that take something off an order."""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class CodeKind(StrEnum):
    """What a coupon's amount means."""

    PERCENT = "percent"
    CART = "fixed_cart"
    PRODUCT = "fixed_product"


@dataclass(slots=True)
class Code:
    """A coupon: its amount is per cent, or money off the cart or off each unit."""

    id: int
    code: str
    kind: CodeKind
    amount: Decimal
    free_shipping: bool
    created: datetime


def kept(text: str) -> str:
    """A code as the shop keeps it."""
    return text.strip().lower().replace("&amp;", "&").replace("&", "&amp;")


def asked(text: str) -> str:
    """A code as an order asks for it: what looks like an encoded byte is lost, so such codes are never found."""
    return kept(re.sub(r"%[0-9a-fA-F]{2}", "", text))
