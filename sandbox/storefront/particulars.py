"""The small things that an order is made of: who, where to, how, and what makes it cheaper."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Something that changes what a line or the shipping costs; amounts as prices are listed."""

    source: str
    type: str
    description: str
    amount: int


@dataclass(frozen=True, slots=True)
class Discount:
    """A reduction as the API shows it."""

    adjustment_source: str
    type: str
    description: str
    amount: int
    amount_with_tax: int


@dataclass(slots=True)
class Customer:
    """Who bought."""

    id: str
    first_name: str
    last_name: str
    email_address: str
    phone_number: str | None
    created_at: datetime
    updated_at: datetime
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """Where to; what was not given is None."""

    full_name: str | None = None
    company: str | None = None
    street_line1: str | None = None
    street_line2: str | None = None
    city: str | None = None
    province: str | None = None
    postal_code: str | None = None
    country: str | None = None
    country_code: str | None = None
    phone_number: str | None = None


@dataclass(frozen=True, slots=True)
class ShippingMethod:
    """A way to send, its price without tax on it."""

    id: str
    code: str
    name: str
    price: int
    created_at: datetime
    updated_at: datetime
    description: str = ""
    fulfillment_handler_code: str = "manual-fulfillment"


@dataclass(slots=True)
class Note:
    """One entry of an order's history."""

    id: str
    type: str
    data: dict[str, Any]
    is_public: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Coupon:
    """A code that reduces an order."""

    id: str
    code: str
    name: str
    percent: int
    free_shipping: bool = False
