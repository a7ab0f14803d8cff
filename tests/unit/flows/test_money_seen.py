"""What a reading of an order says of its money."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sync.domain.clock import to_micros
from sync.domain.money import Money
from sync.domain.orders import PaymentStatus, RemotePayment, RemoteRefund
from sync.flows.back.looking import seen_of
from tests.integration.store.samples import remote_order

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PART = PaymentStatus.PART_REFUNDED


def given(id: str, minor: int, reason: str = "", at: datetime | None = AT) -> RemoteRefund:
    return RemoteRefund(id, Money(minor, "EUR"), True, at, reason)


def paid(id: str, minor: int, *refunds: RemoteRefund) -> RemotePayment:
    return RemotePayment(id, Money(minor, "EUR"), PART, refunds=refunds)


def test_a_refund_that_goes_back_to_two_payments_counts_whole() -> None:
    card = paid("card", 990, given("re-1", 40, at=AT + timedelta(seconds=1)), given("re-2", 5))
    order = replace(remote_order("1"), payments=(paid("voucher", 1000, given("re-1", 60)), card))
    seen = seen_of(order, 7)
    assert (seen.paid, seen.as_of) == (1990, 7)
    assert seen.refunds == (("re-1", 100, "", to_micros(AT)), ("re-2", 5, "", to_micros(AT)))


def test_a_refund_of_ours_keeps_its_key_when_it_goes_back_to_two_payments() -> None:
    key = "shop/1/ret-1/refund/1"
    ours = (given("re-1", 60, f"late [{key}]", None), given("re-1", 40, f"late [{key}]", None))
    order = replace(remote_order("1"), payments=(paid("voucher", 1000, ours[0]), paid("card", 990, ours[1])))
    assert seen_of(order, 7).refunds == (("re-1", 100, key, None),)
