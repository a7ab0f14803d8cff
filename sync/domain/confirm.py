"""What must be right before an order may go on: totals that add up, an address, money, known SKUs.

Each failed check is a hold with its reason and what a person can do. Rules of the admins' YAML add theirs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sync.domain.lifecycle import Release
from sync.domain.money import Money, agree, total
from sync.domain.orders import OrderStatus, PaymentStatus
from sync.domain.waiting import Word


@dataclass(frozen=True, slots=True)
class HoldWanted:
    """A reason to wait. `todo` is for the person who reads the issue; none is raised for a `quiet` one."""

    rule: str
    reason: str
    todo: str
    release: Release = Release.AUTOMATIC
    keep_stock: bool = True
    owner: str = ""
    within: timedelta | None = None
    quiet: bool = False
    at_deadline: Word | None = None
    """What is decided when nobody did `within` that time; None: it is told, and goes on waiting."""

    @property
    def asks(self) -> bool:
        """Whether a person's decision is wanted: not for what ends by itself and belongs to nobody."""
        return not self.quiet and (self.release is Release.MANUAL or bool(self.owner))


@dataclass(frozen=True, slots=True)
class OrderCheck:
    """The facts that the checks look at. `unbound` are (line title or SKU, reason)."""

    status: OrderStatus
    payment: PaymentStatus
    currency: str
    account_currency: str | None
    total: Money
    line_totals: tuple[Money, ...]
    shipping: Money
    adjustments: Money
    deliverable: bool
    masked: bool
    unbound: tuple[tuple[str, str], ...]
    duplicate_of: str | None
    cancel_asked: bool
    wanted_units: int


def checks(order: OrderCheck) -> tuple[HoldWanted, ...]:
    """All holds that the order itself gives reason for, in the order in which a person would look."""
    if order.wanted_units == 0:
        return ()
    found = (
        _unknown_sku(order),
        _unpaid(order),
        _refunded(order),
        _totals(order),
        _currency(order),
        _address(order),
        _duplicate(order),
        _cancel_asked(order),
    )
    return tuple(hold for hold in found if hold is not None)


def totals_agree(charged: Money, lines: Sequence[Money], shipping: Money, adjustments: Money) -> bool:
    """Whether lines, shipping and adjustments make the total, within one minor unit for each rounded part."""
    parts = total(lines, charged.currency) + shipping + adjustments
    return agree(parts, charged, parts=len(lines) + 1)


def _unknown_sku(order: OrderCheck) -> HoldWanted | None:
    if not order.unbound:
        return None
    named = "; ".join(f"{title}: {reason}" for title, reason in order.unbound[:5])
    more = f" and {len(order.unbound) - 5} more" if len(order.unbound) > 5 else ""
    return HoldWanted(
        "unknown sku",
        f"{len(order.unbound)} line(s) cannot be matched to a SKU: {named}{more}",
        "Give the listing a SKU that a warehouse knows, or add an override to mappings/skus.yaml; "
        "the order goes on by itself then.",
    )


def _unpaid(order: OrderCheck) -> HoldWanted | None:
    if order.payment.good and order.status != OrderStatus.PENDING:
        return None
    if order.payment == PaymentStatus.REFUNDED:
        return None
    return HoldWanted(
        "not paid",
        f"the shop says {order.status.value}, payment {order.payment.value}",
        "Nothing: it goes on when the shop says that it is paid.",
        within=timedelta(hours=24),
        quiet=True,
    )


def _refunded(order: OrderCheck) -> HoldWanted | None:
    if order.payment != PaymentStatus.REFUNDED:
        return None
    return HoldWanted(
        "refunded",
        "the money was given back, yet the lines are not cancelled",
        "Cancel the lines in the shop, or release the order to ship it all the same.",
        release=Release.MANUAL,
    )


def _totals(order: OrderCheck) -> HoldWanted | None:
    if totals_agree(order.total, order.line_totals, order.shipping, order.adjustments):
        return None
    parts = total(order.line_totals, order.currency) + order.shipping + order.adjustments
    return HoldWanted(
        "totals differ",
        f"lines, shipping and adjustments make {parts}, the shop charged {order.total}",
        "Compare the order in the shop; release it if the charge is right.",
        release=Release.MANUAL,
    )


def _currency(order: OrderCheck) -> HoldWanted | None:
    if order.account_currency is None or order.account_currency == order.currency:
        return None
    return HoldWanted(
        "currency",
        f"the order is in {order.currency}, the account is set to {order.account_currency}",
        "Correct `currency` of the account in entrepot.yaml, or release the order.",
        release=Release.MANUAL,
    )


def _address(order: OrderCheck) -> HoldWanted | None:
    if order.deliverable or order.masked:
        return None
    return HoldWanted(
        "no address",
        "the address lacks a street, a city or a country",
        "Complete the address in the shop; the order goes on by itself then.",
    )


def _duplicate(order: OrderCheck) -> HoldWanted | None:
    if order.duplicate_of is None:
        return None
    return HoldWanted(
        "looks doubled",
        f"the same buyer placed the same lines for the same total within a minute as {order.duplicate_of}",
        "Ask the buyer; cancel one in the shop, or release it.",
        release=Release.MANUAL,
    )


def _cancel_asked(order: OrderCheck) -> HoldWanted | None:
    if not order.cancel_asked:
        return None
    return HoldWanted(
        "cancel asked",
        "the buyer asked to cancel and the shop waits for an answer",
        "Nothing, if the warehouse can stop it; else answer the buyer.",
    )
