"""Refunds against a gateway with books of its own: answers get lost, people refund by hand, backups come back."""

from collections import Counter

from walking import Machine, holds, law, start, step

from sync.domain.ledger import Due, Ledger, RefundState, ShopRefund, balanced, told
from sync.domain.prorating import PaidLine, Part, Wanted
from sync.domain.refunds import done, found, let_go, not_there, owe, refused, restored, see, send

PLANNED, UNKNOWN, DONE, REFUSED, WITHDRAWN = RefundState
LINES = {"l1": PaidLine("l1", 3, Part(1000, 190, 90, 50)), "l2": PaidLine("l2", 1, Part(500))}
PAID = 1650
OUTCOMES = ("answered", "answer lost", "never arrived", "refused", "crash before the call")
CASES = ("c1", "c2")


class Gateway:
    """The truth: every call that reached it moved money. `marked`: its books show our keys."""

    def __init__(self, marked: bool) -> None:
        self.marked = marked
        self.ours: dict[str, tuple[str, int]] = {}
        self.staff: dict[str, tuple[int, int]] = {}
        self.calls: Counter[str] = Counter()

    def refund(self, key: str, amount: int) -> None:
        self.calls[key] += 1
        self.ours[key] = (f"g{len(self.ours)}", amount)

    @property
    def total(self) -> int:
        return sum(amount for _, amount in self.ours.values()) + sum(
            amount for amount, _ in self.staff.values()
        )


class Money(Machine):
    """Customer, staff, gateway, crash and restore in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger("shop/1", "EUR", PAID, LINES)
        self.gateway = Gateway(marked=True)
        self.backup = self.ledger
        self.asked = {"c1": 0, "c2": 0}
        self.clock = 0
        self.old: list[ShopRefund] = []
        self.careful = True

    @start(marked=[True, False])
    def a_kind_of_gateway(self, marked: bool) -> None:
        self.gateway = Gateway(marked)

    @step(case=CASES, units=range(4), allowance=[0, 0, 200], less=[0, 50])
    def a_case_is_owed(self, case: str, units: int, allowance: int, less: int) -> None:
        wanted = (
            {"l1": Wanted(units, allowance=allowance), "l2": Wanted(min(units, 1))}
            if units + allowance
            else {}
        )
        self.ledger = owe(self.ledger, case, wanted, less).ledger
        self.asked[case] = max(self.asked[case], self.ledger.dues[case].amount)

    @step(outcome=OUTCOMES, place=range(4))
    def the_daemon_sends(self, outcome: str, place: int) -> None:
        planned = sorted(key for key, one in self.ledger.refunds.items() if one.state == PLANNED)
        if not planned:
            return
        self.classes.add(outcome)
        key = planned[place % len(planned)]
        self.ledger = send(self.ledger, key)
        self._nobody_gave_it_already(self.ledger.refunds[key].case)
        if outcome == "refused":
            self.ledger = refused(self.ledger, key, "no")
        if outcome in ("answered", "answer lost"):
            self.gateway.refund(key, self.ledger.refunds[key].amount)
        if outcome == "answered":
            self.ledger = done(self.ledger, key, *self.gateway.ours[key])

    def _nobody_gave_it_already(self, case: str) -> None:
        """What staff gave since the only case came up, and we besides, is no more than it is owed."""
        due = self.ledger.dues[case]
        if len(self.ledger.dues) == 1:
            self.classes.add("staff first" if self._staff_since(due) else "alone")
            assert self.ledger.ours(UNKNOWN, DONE, case=case) + self._staff_since(due) <= due.amount

    def _staff_since(self, due: Due) -> int:
        seen = self.ledger.shop
        return sum(seen[id].amount for id in self.gateway.staff if id in seen and id not in due.before)

    @step(place=range(8))
    def it_is_looked_up_or_a_person_who_was_asked_says_what_happened(self, place: int) -> None:
        unknown = sorted(key for key, one in self.ledger.refunds.items() if one.state == UNKNOWN)
        if unknown:
            self._learn(unknown[place % len(unknown)])

    def _learn(self, key: str) -> None:
        if key in self.gateway.ours:
            self.ledger = done(self.ledger, key, *self.gateway.ours[key])
        else:
            self.ledger = not_there(self.ledger, key)

    @step(place=range(8))
    def a_person_lets_a_refused_one_go(self, place: int) -> None:
        no = sorted(key for key, one in self.ledger.refunds.items() if one.state == REFUSED)
        if no:
            self.ledger = let_go(self.ledger, no[place % len(no)])

    @step(id=["s1", "s2"], amount=range(0, 900, 7))
    def staff_refund_by_hand(self, id: str, amount: int) -> None:
        """The same id again: it failed, or was corrected. They mind what the books show as left, most of the time."""
        self.clock += 1
        others = self.gateway.total - self.gateway.staff.get(id, (0, 0))[0]
        if self.careful and others + amount > PAID:
            amount = max(0, PAID - others)
        self.careful = not self.careful
        self.gateway.staff[id] = (amount, self.clock)

    @step()
    def the_shop_is_read(self) -> None:
        self.classes.add("read")
        for id, (amount, as_of) in self.gateway.staff.items():
            self.old.append(ShopRefund(id, amount, as_of))
            self.ledger = see(self.ledger, self.old[-1])
        for key, (id, amount) in self.gateway.ours.items():
            if self.gateway.marked:
                _, _, case, _, n = key.split("/")
                self.ledger = found(self.ledger, case, int(n), id, amount)
            self.ledger = see(self.ledger, ShopRefund(id, amount, 0))

    @step(place=range(8))
    def an_old_page_is_read_again(self, place: int) -> None:
        """It was read before, or is older than what was read: it says nothing new."""
        if self.old:
            before = self.ledger
            self.ledger = see(self.ledger, self.old[place % len(self.old)])
            assert self.ledger == before

    @step()
    def a_backup_is_made(self) -> None:
        self.backup = self.ledger

    @step()
    def the_backup_is_put_back(self) -> None:
        """Nothing is sent before the shop was read and what is open was looked up."""
        if not self.gateway.marked:
            return
        if self.backup != self.ledger:
            self.classes.add("restored")
        self.ledger = restored(self.backup)
        self.the_shop_is_read()
        for key in [key for key, one in self.ledger.refunds.items() if one.state == UNKNOWN]:
            self._learn(key)

    @step()
    def everything_is_settled(self) -> None:
        self.the_shop_is_read()
        for _ in range(9):
            for key in [key for key, one in self.ledger.refunds.items() if one.state == UNKNOWN]:
                self._learn(key)
            for key in [key for key, one in self.ledger.refunds.items() if one.state == PLANNED]:
                if self.ledger.refunds[key].state == PLANNED:
                    self.ledger = send(self.ledger, key)
                    self.gateway.refund(key, self.ledger.refunds[key].amount)
        self.the_shop_is_read()
        assert not [one for one in self.ledger.refunds.values() if one.state in (PLANNED, UNKNOWN)]
        assert self.ledger.given == self.gateway.total, "the books of both agree"
        over = self.gateway.total - PAID
        assert self.ledger.excess == max(0, over), "nothing beyond the payment is hidden"
        if over > 0:
            self.classes.add("excess")
            assert told(self.ledger)
        ours = sum(amount for _, amount in self.gateway.ours.values())
        staff = sum(amount for amount, _ in self.gateway.staff.values())
        owed = sum(due.amount for due in self.ledger.dues.values())
        if not any(one.state == REFUSED for one in self.ledger.refunds.values()) and over < 0:
            assert ours + staff >= owed, "who is owed money got it"

    @law
    def our_refunds_are_never_more_than_was_paid(self) -> None:
        assert sum(amount for _, amount in self.gateway.ours.values()) <= PAID
        assert self.ledger.ours(DONE, UNKNOWN, PLANNED) <= PAID

    @law
    def with_peoples_refunds_it_is_more_only_by_what_is_told(self) -> None:
        counted = self.ledger.people + self.ledger.ours(DONE, UNKNOWN, PLANNED)
        assert counted <= PAID + self.ledger.excess + self.ledger.at_risk
        assert (self.ledger.excess + self.ledger.at_risk == 0) or told(self.ledger)

    @law
    def each_refund_has_one_effect(self) -> None:
        assert all(times == 1 for times in self.gateway.calls.values())

    @law
    def no_case_gets_more_from_us_than_it_was_ever_owed(self) -> None:
        for case, most in self.asked.items():
            got = sum(amount for key, (_, amount) in self.gateway.ours.items() if f"/{case}/" in key)
            assert got <= most

    @law
    def balanced_is_balanced(self) -> None:
        assert balanced(self.ledger) == self.ledger


def test_any_interleaving_keeps_the_laws_of_money() -> None:
    holds(Money, (*OUTCOMES, "restored", "excess", "alone", "staff first"))
