"""Returns, exchanges and claims as the Admin API shows them; unknown fields are ignored."""

from datetime import datetime
from decimal import Decimal

import msgspec

ACTIVE = frozenset({"pending", "requested"})
"""A change of an order in one of these states keeps every other one off."""


class Reason(msgspec.Struct, frozen=True):
    """Why something comes back, from the shop's own list."""

    value: str
    label: str = ""


class ReturnItem(msgspec.Struct, frozen=True):
    """Units of an order line. After a second receipt `received_quantity` is what that one alone brought."""

    item_id: str
    quantity: int
    received_quantity: int = 0
    damaged_quantity: int = 0
    reason: Reason | None = None


class ReturnLabel(msgspec.Struct, frozen=True):
    """Under which number a parcel comes back."""

    tracking_number: str = ""


class ReturnFulfilment(msgspec.Struct, frozen=True):
    """A parcel that comes back."""

    id: str
    canceled_at: datetime | None = None
    labels: list[ReturnLabel] | None = None


class Return(msgspec.Struct, frozen=True):
    """Goods that come back, by themselves or for an exchange or a claim. `open`: staff still work it out."""

    id: str
    order_id: str
    status: str
    created_at: datetime
    updated_at: datetime
    display_id: int | None = None
    exchange_id: str | None = None
    claim_id: str | None = None
    location_id: str | None = None
    created_by: str | None = None
    canceled_at: datetime | None = None
    items: list[ReturnItem] | None = None
    fulfillments: list[ReturnFulfilment] | None = None


class SentLine(msgspec.Struct, frozen=True):
    """The order line that goods which go out instead became."""

    variant_id: str | None = None
    variant_sku: str | None = None


class SentItem(msgspec.Struct, frozen=True):
    """Units that go out instead, or (of a claim, `is_additional_item` false) that were not what was ordered."""

    quantity: int
    item_id: str
    is_additional_item: bool | None = None
    reason: str | None = None
    item: SentLine | None = None


class Swap(msgspec.Struct, frozen=True):
    """An exchange or a claim; `type` (replace, refund) and `claim_items` are a claim's alone."""

    id: str
    order_id: str
    created_at: datetime
    updated_at: datetime
    display_id: int | None = None
    return_id: str | None = None
    canceled_at: datetime | None = None
    created_by: str | None = None
    type: str = ""
    additional_items: list[SentItem] | None = None
    claim_items: list[SentItem] | None = None

    @property
    def outbound(self) -> list[SentItem]:
        """What goes out."""
        return [each for each in self.additional_items or () if each.is_additional_item is not False]

    @property
    def complained(self) -> list[SentItem]:
        """What a claim complains of and does not bring back."""
        return [each for each in self.claim_items or () if not each.is_additional_item]


class Head(msgspec.Struct, frozen=True):
    """What every row of the three lists has."""

    id: str
    updated_at: datetime


class Returns(msgspec.Struct, frozen=True):
    """A page of `returns`, each as it came."""

    returns: list[msgspec.Raw]


class Exchanges(msgspec.Struct, frozen=True):
    """A page of `exchanges`, each as it came."""

    exchanges: list[msgspec.Raw]


class Claims(msgspec.Struct, frozen=True):
    """A page of `claims`, each as it came."""

    claims: list[msgspec.Raw]


class OneReturn(msgspec.Struct, frozen=True):
    """One return, as it came."""

    return_: msgspec.Raw = msgspec.field(name="return")


class OneExchange(msgspec.Struct, frozen=True):
    """One exchange, as it came."""

    exchange: msgspec.Raw


class OneClaim(msgspec.Struct, frozen=True):
    """One claim, as it came."""

    claim: msgspec.Raw


class ActionDetails(msgspec.Struct, frozen=True):
    """The order line that an action is about, and how many of it."""

    reference_id: str | None = None
    quantity: Decimal | None = None


class Action(msgspec.Struct, frozen=True):
    """One step of a change."""

    action: str
    details: ActionDetails | None = None


class Change(msgspec.Struct, frozen=True):
    """A change of an order: staff's, or ours by its note."""

    status: str
    change_type: str | None = None
    return_id: str | None = None
    internal_note: str | None = None
    actions: list[Action] | None = None


class Changes(msgspec.Struct, frozen=True):
    """All changes of an order."""

    order_changes: list[Change]


class Started(msgspec.Struct, frozen=True):
    """The answer to beginning a receipt."""

    return_: Head = msgspec.field(name="return")
