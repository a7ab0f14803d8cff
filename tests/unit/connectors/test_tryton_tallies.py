"""What came back under a customer return of Tryton: its Reference, and its figures, by plain values."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from connectors.contract import BadAnswer, ReturnReceipt
from connectors.warehouse.tryton import reference as references
from connectors.warehouse.tryton.payloads import Moment, MovedProduct
from connectors.warehouse.tryton.return_payloads import BackMove, ComingBack, Day, Spot
from connectors.warehouse.tryton.tallies import WASTE, Meaning, Shelves, return_receipt
from sync.domain.clock import to_micros
from sync.domain.receipts import Condition, Disposal, Tally

AT = datetime(2026, 3, 2, 9, 30, 0, 123456, tzinfo=UTC)
AS_OF = to_micros(AT)
INPUT, STORAGE = 1, 3
STAMP = Moment(2026, 3, 2, 9, 30, 0, 123456)
NONE_NAMED = Shelves()
GOOD, DAMAGED, WRONG = Condition.GOOD, Condition.DAMAGED, Condition.WRONG
RESTOCKED, SCRAPPED = Disposal.RESTOCKED, Disposal.SCRAPPED
ZONE, BIN = Spot(STORAGE, type="storage"), Spot(31, type="storage", parent=Spot(STORAGE, type="storage"))
BIN_BELOW = Spot(311, type="storage", parent=BIN)
TIP = Spot(9, type="lost_found")


def move(
    id: int,
    sku: str | None,
    units: str | int,
    *,
    state: str = "done",
    to: Spot | None = None,
    origin: int | None = None,
    done_on: bool = False,
) -> BackMove:
    product = MovedProduct(sum(map(ord, sku or "?")), sku)
    spot = to or Spot(INPUT, type="storage")
    date = Day(2026, 3, 2) if done_on else None
    return BackMove(
        id, product, spot, Decimal(units), state, f"stock.move,{origin}" if origin else None, date
    )


def back(
    *incoming: BackMove,
    put: tuple[BackMove, ...] = (),
    state: str = "done",
    reference: str | None = "main/1/R1",
    storage: int = STORAGE,
    stamp: Moment | None = STAMP,
) -> ComingBack:
    return ComingBack(
        7, state, INPUT, storage, reference, stamp, None, incoming_moves=incoming, inventory_moves=put
    )


def told(one: ComingBack, shelves: Shelves = NONE_NAMED) -> ReturnReceipt:
    (receipt,) = return_receipt(one, b"{}", shelves)
    return receipt


# --- its Reference ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reference", "tracking"),
    [
        ("main/1/R1", "main/1/R1", None),
        ("main/1/R1 | 0034 0434", "main/1/R1", "0034 0434"),
        (" main/1/R1 ", "main/1/R1", None),
        ("00340434161094", None, "00340434161094"),
        ("", None, None),
        (None, None, None),
    ],
)
def test_a_reference_is_ours_by_its_slash_and_else_a_tracking_number(
    text: str | None, reference: str | None, tracking: str | None
) -> None:
    assert references.read(text) == (reference, tracking)


SOME = st.text(st.characters(codec="ascii", exclude_categories=["C"]), max_size=12)


@given(st.tuples(SOME, SOME).map("/".join).map(str.strip), st.none() | SOME)
def test_what_is_written_is_read_again(reference: str, tracking: str | None) -> None:
    if references.unfit(reference) is not None:
        event("unfit")
        return
    number = " ".join((tracking or "").split()) or None
    assert references.read(references.written(reference, tracking)) == (reference, number)


@pytest.mark.parametrize("reference", ["R-1", "main/1 | 2"])
def test_a_reference_that_could_not_be_told_from_a_number_is_unfit(reference: str) -> None:
    assert references.unfit(reference) is not None


def test_a_reference_is_looked_up_literally() -> None:
    assert references.pattern("a_b/50%\\") == "a\\_b/50\\%\\\\ | %"


# --- its figures --------------------------------------------------------------------------------------------


def test_what_is_received_and_not_put_away_is_not_inspected() -> None:
    receipt = told(
        back(move(1, "MUG", 2), put=(move(2, "MUG", 2, state="draft", to=ZONE),), state="received")
    )
    assert receipt.tallies == {"MUG": Tally(AS_OF, 2)}
    assert (receipt.at, receipt.complete, receipt.reference) == (AT, True, "main/1/R1")


def test_an_announced_draft_has_received_nothing_and_still_expects() -> None:
    receipt = told(back(move(1, "MUG", 2, state="draft"), state="draft"))
    assert receipt.tallies == {"MUG": Tally(AS_OF, 0)}
    assert not receipt.complete


@pytest.mark.parametrize("spot", [ZONE, BIN, BIN_BELOW], ids=["zone", "bin", "bin below"])
def test_what_lies_in_storage_is_good_and_restocked(spot: Spot) -> None:
    receipt = told(back(move(1, "MUG", 2), put=(move(2, "MUG", 2, to=spot, origin=1),)))
    assert receipt.tallies == {"MUG": Tally(AS_OF, 2, {GOOD: 2}, {RESTOCKED: 2})}


def test_what_went_to_waste_is_damaged_and_scrapped() -> None:
    put = (move(2, "MUG", 1, to=ZONE, origin=1), move(3, "MUG", 2, to=TIP))
    receipt = told(back(move(1, "MUG", 3), put=put))
    assert receipt.tallies == {"MUG": Tally(AS_OF, 3, {GOOD: 1, DAMAGED: 2}, {RESTOCKED: 1, SCRAPPED: 2})}


@pytest.mark.parametrize(
    ("meaning", "spot", "conditions", "disposed"),
    [
        (Meaning(DAMAGED), BIN, {DAMAGED: 1}, {}),
        (Meaning(DAMAGED), BIN_BELOW, {DAMAGED: 1}, {}),
        (Meaning(WRONG), BIN, {WRONG: 1}, {}),
        (WASTE, BIN, {DAMAGED: 1}, {SCRAPPED: 1}),
        (Meaning(), BIN, {}, {}),
        (Meaning(WRONG), TIP, {WRONG: 1}, {SCRAPPED: 1}),
        (Meaning(), TIP, {}, {}),
    ],
    ids=["damaged", "below it", "wrong", "scrap", "quarantine", "wrong waste", "quarantine outside"],
)
def test_a_named_shelf_says_what_the_units_on_it_are(
    meaning: Meaning, spot: Spot, conditions: dict[Condition, int], disposed: dict[Disposal, int]
) -> None:
    shelves = Shelves({BIN.id if spot is not TIP else TIP.id: meaning})
    receipt = told(back(move(1, "MUG", 1), put=(move(2, "MUG", 1, to=spot),)), shelves)
    assert receipt.tallies == {"MUG": Tally(AS_OF, 1, conditions, disposed)}


def test_a_place_of_another_kind_says_nothing() -> None:
    put = (move(2, "MUG", 1, to=Spot(8, type="production")),)
    assert told(back(move(1, "MUG", 1), put=put)).tallies == {"MUG": Tally(AS_OF, 1)}


def test_another_good_counts_as_wrong_under_the_one_that_was_expected() -> None:
    incoming = (move(1, "MUG", 1), move(2, "CAP", 2, origin=1))
    put = (
        move(3, "MUG", 1, to=ZONE, origin=1),
        move(4, "CAP", 1, to=ZONE, origin=2),
        move(5, "CAP", 1, to=TIP),
    )
    assert told(back(*incoming, put=put)).tallies == {
        "MUG": Tally(AS_OF, 3, {GOOD: 1, WRONG: 2}, {RESTOCKED: 2, SCRAPPED: 1})
    }


def test_another_good_that_nothing_ties_to_a_line_counts_under_its_own_sku() -> None:
    receipt = told(back(move(1, "MUG", 0), move(2, "CAP", 1), put=(move(3, "CAP", 1, to=ZONE, origin=2),)))
    assert receipt.tallies == {
        "MUG": Tally(AS_OF, 0),
        "CAP": Tally(AS_OF, 1, {GOOD: 1}, {RESTOCKED: 1}),
    }


def test_an_origin_of_the_same_good_or_outside_of_the_return_is_no_mistake() -> None:
    receipt = told(back(move(1, "MUG", 1), move(2, "MUG", 1, origin=1), move(3, "CAP", 1, origin=99)))
    assert {sku: tally.received for sku, tally in receipt.tallies.items()} == {"MUG": 2, "CAP": 1}


def test_a_return_that_goes_straight_into_storage_is_put_away_as_it_arrives() -> None:
    incoming = (move(1, "MUG", 2, to=Spot(INPUT, type="storage")), move(2, "MUG", 1, to=BIN))
    shelves = Shelves({BIN.id: Meaning(DAMAGED)})
    receipt = told(back(*incoming, storage=INPUT), shelves)
    assert receipt.tallies == {"MUG": Tally(AS_OF, 3, {GOOD: 2, DAMAGED: 1}, {RESTOCKED: 2})}


def test_a_cancelled_return_brought_nothing_and_expects_nothing() -> None:
    receipt = told(back(move(1, "MUG", 2, state="cancelled"), state="cancelled"))
    assert receipt.tallies == {"MUG": Tally(AS_OF, 0)}
    assert receipt.complete


def test_an_unannounced_return_is_told_with_its_number_once_it_was_received() -> None:
    receipt = told(back(move(1, "MUG", 1), state="received", reference="JD0002"))
    assert (receipt.reference, receipt.tracking, receipt.tallies["MUG"].received) == (None, "JD0002", 1)


def test_an_unannounced_return_that_was_received_and_cancelled_is_taken_back() -> None:
    cancelled = move(1, "MUG", 1, state="cancelled", done_on=True)
    assert told(back(cancelled, state="cancelled", reference=None)).tallies == {"MUG": Tally(AS_OF, 0)}


@pytest.mark.parametrize(
    "one",
    [
        back(move(1, "MUG", 1, state="cancelled"), state="cancelled", reference=None),
        back(move(1, None, 1), reference=None),
        back(move(1, None, 1)),
        back(),
    ],
    ids=["never received", "no SKU", "announced, no SKU", "empty"],
)
def test_a_return_that_says_nothing_is_not_told(one: ComingBack) -> None:
    assert return_receipt(one, b"", Shelves()) == ()


def test_a_state_of_another_module_leaves_open_whether_more_is_to_come() -> None:
    assert not told(back(move(1, "MUG", 1), state="quality_check")).complete


def test_a_part_of_a_unit_is_no_figure() -> None:
    with pytest.raises(BadAnswer):
        told(back(move(1, "MUG", "1.5")))


def test_a_return_without_a_time_is_no_figure() -> None:
    with pytest.raises(BadAnswer):
        told(back(move(1, "MUG", 1), stamp=None))


@dataclass
class Parcel:
    """A parcel as people put it away; `there` are units by place."""

    there: dict[str, int] = field(default_factory=dict)


PLACES = {"zone": ZONE, "bin": BIN, "tip": TIP}
PARCELS = st.dictionaries(st.sampled_from([*PLACES]), st.integers(0, 5)).map(Parcel)


@given(PARCELS, st.booleans())
def test_what_is_put_away_whole_balances(parcel: Parcel, tied: bool) -> None:
    units = sum(parcel.there.values())
    incoming = [move(1, "MUG", units, origin=None)]
    put = [
        move(n + 10, "MUG", count, to=PLACES[name], origin=1 if tied else None)
        for n, (name, count) in enumerate(parcel.there.items())
    ]
    event("nothing" if not units else "something")
    tally = told(back(*incoming, put=tuple(put)), Shelves({BIN.id: Meaning(DAMAGED)})).tallies["MUG"]
    assert tally.received == tally.inspected == units
    assert tally.gone == units - parcel.there.get("bin", 0)
