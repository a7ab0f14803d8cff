"""What came back under one customer return of Tryton, in figures. Pure: no I/O, no clock.

A return has incoming moves (from the customer to the input zone) and, once it is received, inventory moves
that put the goods away. Only moves that are done count. For each SKU:

- received: the units of its incoming moves. People set them to what came before they press Receive.
- good and restocked: put away in the storage zone.
- damaged and scrapped: put away in a location of type lost and found, such as a waste location.
- damaged or wrong, but kept: put away on the shelf that the account's options name for it, or in a place up to
  two levels below it. Nothing is told of what is on the quarantine shelf: nobody has looked at it yet.
- wrong: an incoming move whose origin is another incoming move of the return brought another good than that one
  expected. It counts as received and wrong under the SKU that was expected, not under its own.

What is not put away yet is not inspected. Where goods went afterwards (an internal shipment, back to the buyer
or to the supplier) Tryton does not tie to the return, so it is not told.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from connectors.contract import BadAnswer, ReturnReceipt
from connectors.warehouse.tryton import reference as references
from connectors.warehouse.tryton.return_payloads import BackMove, ComingBack, Spot
from connectors.warehouse.tryton.translate import whole
from sync.domain.clock import to_micros
from sync.domain.receipts import Condition, Disposal, Tally

K = TypeVar("K")

DONE = "done"
OVER = frozenset({"received", "done", "cancelled"})
"""The states in which nothing more arrives under a return: Tryton lets nobody add to it."""
_MOVE = "stock.move,"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What it says of a unit that it was put away in a place."""

    condition: Condition | None = None
    disposal: Disposal | None = None


GOOD = Meaning(Condition.GOOD, Disposal.RESTOCKED)
WASTE = Meaning(Condition.DAMAGED, Disposal.SCRAPPED)


@dataclass(frozen=True, slots=True)
class Shelves:
    """The places that the options name, by Tryton's ids."""

    named: Mapping[int, Meaning] = field(default_factory=dict)

    def meaning(self, spot: Spot) -> Meaning:
        """Of the place itself, else of the one above it, else of its type. Nothing for other types."""
        place: Spot | None = spot
        while place is not None:
            if (said := self.named.get(place.id)) is not None:
                gone = spot.type == "lost_found" and said.condition is not None
                return replace(said, disposal=Disposal.SCRAPPED) if gone else said
            place = place.parent
        return {"storage": GOOD, "lost_found": WASTE}.get(spot.type, Meaning())


@dataclass(frozen=True, slots=True)
class _Good:
    """The SKU that a move counts under, and whether it brought another good than that."""

    sku: str
    wrong: bool = False


class _Sheet:
    """The counts while they are added up."""

    def __init__(self) -> None:
        self.received: dict[str, int] = {}
        self.conditions: dict[str, dict[Condition, int]] = {}
        self.disposed: dict[str, dict[Disposal, int]] = {}

    def put_away(self, good: _Good, units: int, meaning: Meaning) -> None:
        """Units of a good in a place of this meaning."""
        condition = Condition.WRONG if good.wrong and meaning.condition else meaning.condition
        if condition is not None:
            _add(self.conditions.setdefault(good.sku, {}), condition, units)
        if meaning.disposal is not None:
            _add(self.disposed.setdefault(good.sku, {}), meaning.disposal, units)

    def tallies(self, as_of: int) -> dict[str, Tally]:
        """By SKU."""
        skus = dict.fromkeys((*self.received, *self.conditions, *self.disposed))
        return {
            sku: Tally(
                as_of,
                self.received.get(sku, 0),
                self.conditions.get(sku, {}),
                self.disposed.get(sku, {}),
            )
            for sku in skus
        }


def return_receipt(back: ComingBack, raw: bytes, shelves: Shelves) -> tuple[ReturnReceipt, ...]:
    """The totals so far of one return; nothing where it says nothing.

    An announced draft is told with 0 received. Nothing is told of an unannounced return that was never
    received, nor of one without products of ours. `as_of` is the return's own time of change: a move changes
    its state only with its return. BadAnswer where there is no time, or a part of a unit.
    """
    stamp = back.write_date or back.create_date
    if stamp is None:
        raise BadAnswer("a return came without a time", sample=raw)
    announcement, tracking = references.read(back.reference)
    tallies = _counted(back, shelves).tallies(to_micros(stamp.at()))
    if not tallies or (announcement is None and not _was_received(back)):
        return ()
    told = ReturnReceipt(
        external_id=str(back.id),
        reference=announcement,
        tallies=tallies,
        at=stamp.at(),
        complete=back.state in OVER,
        tracking=tracking,
        raw=raw,
    )
    return (told,)


def _was_received(back: ComingBack) -> bool:
    """Tryton keeps a move's date of effect when it is cancelled, and drops it when it becomes a draft."""
    return any(move.state == DONE or move.effective_date is not None for move in back.incoming_moves)


def _counted(back: ComingBack, shelves: Shelves) -> _Sheet:
    goods = _goods(back.incoming_moves)
    sheet = _Sheet()
    for move in back.incoming_moves:
        if (good := goods.get(move.id)) is not None:
            _add(sheet.received, good.sku, whole(move.internal_quantity) if move.state == DONE else 0)
    at_once = back.warehouse_input == back.warehouse_storage
    by_product = _by_product(back.incoming_moves, goods)
    for move in back.incoming_moves if at_once else back.inventory_moves:
        source = move.id if at_once else _origin(move)
        good = goods.get(source) if source in goods else by_product.get(move.product.id, _own(move))
        if good is not None and move.state == DONE:
            sheet.put_away(good, whole(move.internal_quantity), shelves.meaning(move.to_location))
    return sheet


def _goods(incoming: Sequence[BackMove]) -> dict[int, _Good]:
    """What each incoming move counts as; products without a code are not stock of ours."""
    known = {move.id: move for move in incoming}
    found = {}
    for move in incoming:
        expected = known.get(_origin(move))
        wrong = expected is not None and expected.product.id != move.product.id
        good = _own(expected if expected is not None and wrong else move)
        if good is not None:
            found[move.id] = replace(good, wrong=wrong)
    return found


def _by_product(incoming: Iterable[BackMove], goods: Mapping[int, _Good]) -> dict[int, _Good]:
    """For moves that people split by hand, which name no origin: a good that was expected goes first."""
    found: dict[int, _Good] = {}
    for move in incoming:
        good = goods.get(move.id)
        if good is not None and (move.product.id not in found or not good.wrong):
            found[move.product.id] = good
    return found


def _own(move: BackMove) -> _Good | None:
    return _Good(move.product.code) if move.product.code else None


def _origin(move: BackMove) -> int:
    """The id of the move that this one stems from; 0 where it stems from none."""
    name = move.origin or ""
    number = name.removeprefix(_MOVE)
    return int(number) if name != number and number.isdecimal() else 0


def _add(counts: dict[K, int], key: K, units: int) -> None:
    counts[key] = counts.get(key, 0) + units
