"""Several cancellations of one order line, in any order with the warehouse and the courier: each piece counts once."""

from dataclasses import dataclass, field, replace

from walking import Machine, holds, law, start, step

from sync.domain.aftersales import (
    Answer,
    AnswerChannel,
    ChannelAnswer,
    Deed,
    Intercept,
    Interception,
    MoneyAt,
    Owe,
    Request,
    RequestKind,
    Situation,
    Standing,
    StopWarehouse,
    Verdict,
)
from sync.domain.cancelled_pieces import Claim, Way, outbound
from sync.domain.custody import Case
from sync.domain.ledger import Ledger
from sync.domain.prorating import PaidLine, Part, Wanted
from sync.domain.refunds import owe
from sync.domain.way_back import Plan, plan

VERDICT = Verdict("rule", Answer.APPROVE, money_at=MoneyAt.FIRST_SCAN)


@dataclass
class Wish:
    """One cancellation."""

    name: str
    pieces: int
    n: int
    standing: Standing = field(default_factory=Standing)
    owed: int = 0

    @property
    def granted(self) -> bool:
        return self.standing.stop_asked or self.standing.answered_as > 0


class Line(Machine):
    """One line; `open` and `with_buyer` and `turned` are where its pieces truly are."""

    def __init__(self) -> None:
        super().__init__()
        self.wishes: list[Wish] = []

    @start(ordered=range(2, 7))
    def an_order(self, ordered: int) -> None:
        self.ordered = self.open = self.most = ordered
        self.with_buyer = self.turned = 0
        self.ledger = Ledger(
            "shop/1", "EUR", 100 * ordered, {"l": PaidLine("l", ordered, Part(100 * ordered))}
        )

    @property
    def stopped(self) -> int:
        return self.ordered - self.open - self.with_buyer - self.turned

    @step(pieces=range(1, 4))
    def the_buyer_cancels(self, pieces: int) -> None:
        if sum(wish.pieces for wish in self.wishes) + pieces <= self.ordered:
            n = len(self.wishes) + 1
            self.wishes.append(Wish(f"c{n}", pieces, n))
            self.classes |= {"several"} if n > 1 else set()

    @step()
    def the_warehouse_ships(self) -> None:
        if self.open and self.with_buyer + self.turned < self.most:
            self.open -= 1
            self.with_buyer += 1

    @step()
    def the_warehouse_stops_what_it_has(self) -> None:
        """Beyond what may leave, by the level that it was asked for."""
        self.open = min(self.open, max(0, self.most - self.with_buyer - self.turned))

    @step()
    def the_warehouse_is_too_late(self) -> None:
        self.with_buyer, self.open = self.with_buyer + self.open, 0

    @step()
    def a_parcel_turns_round(self) -> None:
        if self.with_buyer:
            self.with_buyer -= 1
            self.turned += 1
            self.classes.add("turned")

    @step(which=range(3))
    def a_case_is_looked_at(self, which: int) -> None:
        for wish in self.wishes[which : which + 1]:
            for _ in range(6):
                for deed in self._plan(wish).deeds:
                    self._do(wish, deed)

    def _plan(self, wish: Wish) -> Plan:
        claims = [
            Claim(one.name, one.pieces, one.standing.answered_as, one.n) for one in self.wishes if one.granted
        ]
        stops = sum(one.standing.stops.get("l", 0) for one in self.wishes)
        way = Way(self.most + stops, self.open, self.with_buyer + self.turned, self.turned, 0, {"A": 1})
        return plan(
            Situation(
                Request(wish.name, RequestKind.CANCELLATION, {"l": Wanted(wish.pieces)}),
                VERDICT,
                {"l": outbound(way, claims, wish.name)},
                self.ledger,
                Case(wish.name, wish.name),
                wish.standing,
            )
        )

    def _do(self, wish: Wish, deed: Deed) -> None:
        standing = wish.standing
        if isinstance(deed, StopWarehouse):
            pieces = min(self.most, deed.lines["l"])
            self.most -= pieces
            standing = replace(standing, stop_asked=True, stops={"l": pieces})
        elif isinstance(deed, AnswerChannel):
            last = max(one.standing.answered_as for one in self.wishes)
            standing = replace(standing, answered=deed.answer, answered_as=last + 1)
            self.classes.add(deed.answer.value)
        elif isinstance(deed, Intercept):
            standing = replace(standing, interception=Interception.ASKED)
        elif isinstance(deed, Owe):
            owed = deed.wanted["l"].units if deed.wanted else 0
            assert owed >= wish.owed, "what one is owed is not taken away by another"
            wish.owed = owed
            self.classes |= {"both owed"} if sum(one.owed > 0 for one in self.wishes) > 1 else set()
            self.ledger = owe(self.ledger, wish.name, deed.wanted, deed.less).ledger
        wish.standing = standing

    @law
    def each_piece_is_paid_for_once_and_only_if_it_is_not_with_the_buyer(self) -> None:
        assert sum(wish.owed for wish in self.wishes) <= self.stopped + self.turned

    @law
    def who_is_told_that_all_stopped_has_pieces_that_stopped(self) -> None:
        told = [wish for wish in self.wishes if wish.standing.answered == ChannelAnswer.STOPPED]
        assert sum(wish.pieces for wish in told) <= self.stopped


def test_each_cancellation_of_a_line_has_pieces_of_its_own() -> None:
    holds(Line, ("several", "turned", "both owed", ChannelAnswer.STOPPED.value, ChannelAnswer.TOO_LATE.value))
