"""Whose the shipments are that a shop shows while it is being told of parcels."""

from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from sync.domain.orders import RemoteShipment
from sync.domain.tracking import TrackingStatus
from sync.flows.orders.shown import Said, shipped_elsewhere
from sync.store.cases import StoredCase, StoredLine
from sync.store.parcels import Parcel

LINE, SKU = "L1", "TEE-01"
NEW = RemoteShipment("ful-2", ((LINE, 2),), None, shipped=False)
"""Medusa's fulfilment of two pieces before it has its number."""


def _parcel(id: str, units: int, tracking: str | None = "T-1", told: str | None = None) -> Parcel:
    none: dict[str, Any] = dict.fromkeys(
        (
            *("weight_kg", "courier_id", "booking_external_id", "tracking_url", "status_at", "booked_at"),
            *("labelled_at", "first_scan_at", "delivered_at", "delivery_told_at", "ended_at", "voided_at"),
        )
    )
    return Parcel(
        **none,
        id=id,
        order_id="order",
        fulfilment_id="work",
        external_id=id,
        number=id,
        tracking=tracking,
        carrier="",
        status=TrackingStatus.UNKNOWN,
        left_at=1,
        told_at=2 if told else None,
        told_external_id=told,
        created_at=1,
        lines={("line", SKU): units},
    )


def _case(*shipments: RemoteShipment, parcels: tuple[Parcel, ...]) -> StoredCase:
    line = StoredLine("line", LINE, None, SKU, "Tee", 5, 5, "1.00", 500, {SKU: 1}, None, 0)
    row = SimpleNamespace(shipments=msgspec.json.encode(shipments).decode())
    return StoredCase(row, (line,), (), parcels, (), {}, frozenset(), {})


def _elsewhere(case: StoredCase, *words: Said) -> int:
    return shipped_elsewhere(case, words)["line"]


WORD = Said("p", frozenset({"ful-1"}))


def test_what_a_word_under_way_has_made_is_ours_and_without_the_word_it_is_not() -> None:
    case = _case(NEW, parcels=(_parcel("p", 2),))
    assert (_elsewhere(case, WORD), _elsewhere(case)) == (0, 2)


@pytest.mark.parametrize(
    ("shipment", "why"),
    [
        (RemoteShipment("ful-1", ((LINE, 2),), None, shipped=False), "it was there before"),
        (RemoteShipment("ful-2", ((LINE, 3),), None, shipped=False), "the parcel has not so many"),
        (RemoteShipment("ful-2", ((LINE, 2),), "T-9", shipped=False), "it bears another number"),
        (RemoteShipment("ful-2", ((LINE, 2),), None, shipped=True), "ours would have left with its number"),
        (
            RemoteShipment("ful-2", ((LINE, 2), ("L9", 1)), None, shipped=False),
            "it holds another line besides",
        ),
    ],
)
def test_somebody_elses_stays_theirs(shipment: RemoteShipment, why: str) -> None:
    case = _case(shipment, parcels=(_parcel("p", 2),))
    assert _elsewhere(case, WORD) == dict(shipment.lines)[LINE], why


def test_a_parcel_without_a_number_may_be_shown_as_gone_without_one() -> None:
    gone = RemoteShipment("ful-2", ((LINE, 2),), None, shipped=True)
    assert _elsewhere(_case(gone, parcels=(_parcel("p", 2, None),)), WORD) == 0


def test_a_word_makes_no_more_than_its_parcel_holds() -> None:
    """One parcel may be told in parts, by the places of the shop."""
    part = [RemoteShipment(f"ful-{n}", ((LINE, 1),), None, shipped=False) for n in (2, 3, 4)]
    assert _elsewhere(_case(*part, parcels=(_parcel("p", 2),)), WORD) == 1


def test_each_shipment_is_taken_for_one_parcel() -> None:
    case = _case(NEW, parcels=(_parcel("p", 2), _parcel("q", 2, "T-2")))
    again = RemoteShipment("ful-3", ((LINE, 2),), None, shipped=False)
    both = _case(NEW, again, parcels=case.parcels)
    words = (WORD, Said("q", frozenset({"ful-1"})))
    assert (_elsewhere(case, *words), _elsewhere(both, *words), _elsewhere(both, WORD)) == (0, 0, 2)


def test_a_parcel_that_was_told_takes_nothing_more() -> None:
    told = RemoteShipment("ful-1", ((LINE, 2),), "T-1")
    case = _case(told, NEW, parcels=(_parcel("p", 2, told="ful-1"),))
    assert _elsewhere(case, WORD) == 2
