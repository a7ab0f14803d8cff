"""A customer, a shop, its staff, a warehouse, a courier, a gateway and crashes in any order, each with true books."""

from collections import Counter
from dataclasses import replace

from walking import Machine, holds, law, start, step

from sync.domain.aftersales import (
    Announce,
    Answer,
    AnswerChannel,
    ChannelAnswer,
    Charge,
    Deed,
    Dispose,
    GoodsAt,
    Instead,
    Intercept,
    Interception,
    LetBack,
    MakeLabel,
    MoneyAt,
    Outbound,
    Owe,
    Request,
    RequestKind,
    Reserve,
    Ship,
    Situation,
    Standing,
    StopWarehouse,
    Verdict,
)
from sync.domain.custody import Case, advise, approve, expect, figures, joined, take_in
from sync.domain.ledger import Ledger, Meant, RefundState, ShopRefund
from sync.domain.prorating import PaidLine, Part, Wanted
from sync.domain.receipts import Condition, Disposal, Receipt, Tally
from sync.domain.refunds import done, let_go, not_there, owe, pay, refused, say, see, send
from sync.domain.way_back import Plan, plan

PLANNED, UNKNOWN, DONE, REFUSED, WITHDRAWN = RefundState
ORDERED = {"l1": 3, "l2": 1}
SKU = {"l1": "A", "l2": "B"}
LINES = {"l1": PaidLine("l1", 3, Part(1000, 190, 0, 49)), "l2": PaidLine("l2", 1, Part(500))}
PAID = 1739
KINDS = [*RequestKind, *[RequestKind.RETURN] * 3, RequestKind.CANCELLATION, RequestKind.EXCHANGE]


OUTCOMES = ("answered", "answer lost", "never arrived", "refused")


STRICT = Verdict("rule", Answer.APPROVE, label=False, disposals={Condition.GOOD: Disposal.RESTOCKED})


class World:
    """Where every piece truly is, and every amount that truly moved."""

    def __init__(self) -> None:
        self.open = dict(ORDERED)
        self.with_buyer = dict.fromkeys(ORDERED, 0)
        self.turned = dict.fromkeys(ORDERED, 0)
        self.coming = dict.fromkeys(ORDERED, 0)
        self.arrived = dict.fromkeys(ORDERED, 0)
        self.looked_at: dict[str, dict[Condition, int]] = {line: {} for line in ORDERED}
        self.put: dict[str, dict[Disposal, int]] = {line: {} for line in ORDERED}
        self.ours: dict[str, int] = {}
        self.calls: Counter[str] = Counter()
        self.staff: dict[str, tuple[int, int]] = {}
        self.sent_again = 0

    @property
    def given(self) -> int:
        return sum(self.ours.values()) + sum(amount for amount, _ in self.staff.values())

    @property
    def out(self) -> int:
        return sum(self.open.values()) + sum(self.with_buyer.values())

    def shipped(self, line: str) -> int:
        return self.with_buyer[line] + self.turned[line] + self.coming[line] + self.arrived[line]


class Way(Machine):
    """One order, one request, everybody at once."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.request: Request | None = None
        self.verdict = STRICT
        self.standing = Standing()
        self.ledger = Ledger("shop/1", "EUR", 0, LINES)
        self.cases: tuple[Case, ...] = ()
        self.clock = 0
        self.receipt: Receipt | None = None
        self.complete = False

    @start(
        shipped=[True, False],
        kind=KINDS,
        units=range(1, 4),
        all_of_it=[True, False],
        price=[0, 400, 5000],
        at_once=[True, True, False],
        captured=[True, True, False],
    )
    def an_order(
        self,
        shipped: bool,
        kind: RequestKind,
        units: int,
        all_of_it: bool,
        price: int,
        at_once: bool,
        captured: bool,
    ) -> None:
        """What will be asked for is settled here, and when is not."""
        if shipped:
            self.world.with_buyer, self.world.open = dict(ORDERED), dict.fromkeys(ORDERED, 0)
        if captured:
            self.ledger = pay(self.ledger, PAID, LINES, self._now())
        wanted = {line: Wanted(n) for line, n in ORDERED.items()} if all_of_it else {"l1": Wanted(units)}
        if kind == RequestKind.PRICE_PROTECTION:
            wanted = {
                line: Wanted(allowance=LINES[line].whole.total if all_of_it else 100) for line in wanted
            }
        self.asks = Request("c1", kind, wanted, Instead({"C": 1}, price))
        if at_once:
            self.the_customer_asks(numbered=False)

    # --- the customer and the shop ---------------------------------------------------------------
    @step(numbered=[True, False])
    def the_customer_asks(self, numbered: bool) -> None:
        if self.request is not None:
            return
        self.request = self.asks
        self.classes.add(self.asks.kind.value)
        if any(case.quarantined for case in self.cases):
            self.classes.add("asked after the parcel came")
        case = Case("c1", "rma/1")
        if self.asks.kind in (RequestKind.RETURN, RequestKind.EXCHANGE):
            for line, want in self.asks.lines.items():
                case = advise(case, (line, SKU[line]), want.units, self._now())
        self.cases = joined((expect(case, "T1") if numbered else case, *self.cases))

    @step(found=[Condition.GOOD, *Condition], first=["answered", "answered", "answer lost"])
    def the_goods_go_all_the_way(self, found: Condition, first: str) -> None:
        """Many small steps at once, so that ends are reached as often as beginnings."""
        for line in ORDERED:
            self.the_customer_sends_back(line, 3)
        self.the_courier_scans_the_return()
        self.the_warehouse_answers_the_stop(True)
        for line in ORDERED:
            self.the_warehouse_receives(line, 3)
            for condition in (found, Condition.GOOD, Condition.GOOD):
                self.the_warehouse_inspects(line, condition)
        self.the_warehouse_expects_more_or_not(True)
        self.verdict = STRICT
        for outcome in (first, "answered", "answered"):
            self.the_daemon_goes_on_and_sends_a_refund(outcome)
            self.what_is_unknown_is_looked_up()

    @step(line=ORDERED, units=range(1, 4))
    def the_customer_sends_back(self, line: str, units: int) -> None:
        """Announced or not, asked or not."""
        units = min(units, self.world.with_buyer[line])
        self.world.with_buyer[line] -= units
        self.world.coming[line] += units
        if units and self.request is None:
            self.classes.add("sent back unasked")

    # --- the warehouse ---------------------------------------------------------------------------
    @step(line=ORDERED)
    def the_warehouse_ships(self, line: str) -> None:
        if self.world.open[line] and not (self.standing.stop_asked and self.request):
            self.world.open[line] -= 1
            self.world.with_buyer[line] += 1

    @step(in_time=[True, False])
    def the_warehouse_answers_the_stop(self, in_time: bool) -> None:
        """What is wanted back is stopped, or everything open leaves."""
        if not self.standing.stop_asked or self.request is None:
            return
        for line, want in self.request.lines.items():
            stopped = ORDERED[line] - self.world.open[line] - self.world.shipped(line)
            units = min(want.units - stopped, self.world.open[line]) if in_time else self.world.open[line]
            self.world.open[line] -= max(0, units)
            self.world.with_buyer[line] += 0 if in_time else units

    @step(line=ORDERED, units=range(1, 4))
    def the_warehouse_receives(self, line: str, units: int) -> None:
        units = min(units, self.world.coming[line])
        self.world.coming[line] -= units
        self.world.arrived[line] += units
        self._count()

    @step(line=ORDERED, condition=[Condition.GOOD, Condition.GOOD, *Condition])
    def the_warehouse_inspects(self, line: str, condition: Condition) -> None:
        seen = self.world.looked_at[line]
        if sum(seen.values()) < self.world.arrived[line]:
            seen[condition] = seen.get(condition, 0) + 1
            self.classes.add(f"found {condition.value}")
            self._count()

    @step(complete=[True, False])
    def the_warehouse_expects_more_or_not(self, complete: bool) -> None:
        self.complete = complete
        self._count()

    def _count(self) -> None:
        world, now = self.world, self._now()
        tallies = {
            SKU[line]: Tally(now, world.arrived[line], dict(world.looked_at[line]), dict(world.put[line]))
            for line in ORDERED
            if world.arrived[line]
        }
        if tallies:
            self.receipt = Receipt("p1", now, tallies, self.complete, tracking="T1")
            self.cases = take_in(self.cases, self.receipt)

    @step()
    def an_old_count_is_read_again(self) -> None:
        if self.receipt is not None:
            self.classes.add("old count")
            self.cases = take_in(self.cases, replace(self.receipt, as_of=0, tallies={"A": Tally(0, 0)}))

    # --- the courier -----------------------------------------------------------------------------
    @step(line=ORDERED)
    def the_courier_turns_a_parcel_round(self, line: str) -> None:
        if self.world.with_buyer[line]:
            self.world.with_buyer[line] -= 1
            self.world.turned[line] += 1
            self.classes.add("turned round")

    @step()
    def the_courier_could_not_intercept(self) -> None:
        if self.standing.interception == Interception.ASKED:
            self.standing = replace(self.standing, interception=Interception.FAILED)
            self.classes.add("not intercepted")

    @step()
    def the_courier_scans_the_return(self) -> None:
        if any(self.world.coming.values()):
            self.standing = replace(self.standing, scanned=True)
            self.classes.add("scanned")

    # --- staff and policy ------------------------------------------------------------------------
    @step(
        answer=[Answer.APPROVE] * 4 + [Answer.REFUSE, Answer.ASK],
        money_at=MoneyAt,
        goods_at=GoodsAt,
        by_person=[True, False],
        damaged=["pays", "denies", "silent"],
    )
    def a_verdict(
        self, answer: Answer, money_at: MoneyAt, goods_at: GoodsAt, by_person: bool, damaged: str
    ) -> None:
        pays = {Condition.GOOD, *([Condition.DAMAGED] if damaged == "pays" else [])}
        denies = {Condition.DAMAGED, Condition.WRONG} if damaged == "denies" else set()
        self.verdict = Verdict(
            "rule",
            answer,
            by_person=by_person and damaged == "silent",
            money_at=money_at,
            goods_at=goods_at,
            pays=frozenset(pays),
            denies=frozenset(denies),
            disposals={Condition.GOOD: Disposal.RESTOCKED},
        )

    @step(amount=range(1, 1000, 7))
    def staff_refund_by_hand(self, amount: int) -> None:
        amount = min(amount, self.ledger.paid - self.world.given)
        if amount > 0:
            self.world.staff[f"s{len(self.world.staff)}"] = (amount, self._now())
            self.classes.add("staff by hand")

    @step(captured=[True, False])
    def the_shop_is_read(self, captured: bool) -> None:
        if captured and not self.ledger.paid:
            self.ledger = pay(self.ledger, PAID, LINES, self._now())
            self.classes.add("captured late")
        for id, (amount, as_of) in self.world.staff.items():
            self.ledger = see(self.ledger, ShopRefund(id, amount, as_of))

    @step(meant=[Meant.APART, Meant.COUNTS])
    def staff_say_what_their_refunds_were_for(self, meant: Meant) -> None:
        for id in self.ledger.shop:
            self.ledger = say(self.ledger, id, meant)

    @step()
    def staff_answer_a_question(self) -> None:
        if self.request is not None:
            rules = {ask.rule for ask in self._plan().questions}
            self.standing = replace(self.standing, decided=self.standing.decided | rules)
            self.classes |= {"a person's yes"} if rules else set()

    @step()
    def staff_let_refused_ones_go(self) -> None:
        for key in [key for key, one in self.ledger.refunds.items() if one.state == REFUSED]:
            self.ledger = let_go(self.ledger, key)

    # --- the daemon ------------------------------------------------------------------------------
    @step(crash_after=range(13))
    def the_daemon_plans_and_acts(self, crash_after: int) -> None:
        if self.request is None:
            return
        deeds = self._plan().deeds
        if crash_after < len(deeds):
            self.classes.add("crash")
        for deed in deeds[:crash_after]:
            self._do(deed)

    @step(outcome=OUTCOMES)
    def the_daemon_goes_on_and_sends_a_refund(self, outcome: str) -> None:
        """Passes over an unchanged world come to an end. The plan is made again at the moment of sending."""
        if self.request is None:
            return
        quiet = self._acted()
        assert quiet.deeds == (), quiet
        self.classes.add("done" if quiet.done else "waits")
        if quiet.done and self.verdict == STRICT and self.request.kind == RequestKind.RETURN:
            self._the_buyer_has_the_money(self.request)
        planned = [key for key, one in self.ledger.refunds.items() if one.state == PLANNED]
        if quiet.money_held or not planned:
            return
        key = planned[0]
        self.ledger = send(self.ledger, key)
        if outcome == "refused":
            self.ledger = refused(self.ledger, key, "no")
        if outcome in ("answered", "answer lost"):
            self._moved(key, self.ledger.refunds[key].amount)
        if outcome == "answered":
            self.ledger = done(self.ledger, key, f"g/{key}")
        self.classes.add(outcome)

    @step()
    def what_is_unknown_is_looked_up(self) -> None:
        for key in [key for key, one in self.ledger.refunds.items() if one.state == UNKNOWN]:
            self.classes.add("looked up, there" if key in self.world.ours else "looked up, not there")
            self.ledger = (
                done(self.ledger, key, f"g/{key}") if key in self.world.ours else not_there(self.ledger, key)
            )

    def _the_buyer_has_the_money(self, request: Request) -> None:
        """A return that is done under the usual policy has paid for every good piece that was asked about."""
        self.classes.add("return done")
        good = {line: self.world.looked_at[line].get(Condition.GOOD, 0) for line in request.lines}
        worth = sum(
            (2 * whole * min(good[line], request.lines[line].units) + ORDERED[line]) // (2 * ORDERED[line])
            for line in request.lines
            for whole in (LINES[line].whole.own, LINES[line].whole.shipping)
        )
        if not any(rule.startswith("money short ") for rule in self.standing.decided):
            assert min(worth, PAID) <= self.world.given

    def _acted(self) -> Plan:
        for _ in range(8):
            for deed in self._plan().deeds:
                self._do(deed)
        return self._plan()

    def _plan(self) -> Plan:
        assert self.request is not None
        return plan(self._situation(self.request))

    def _situation(self, request: Request) -> Situation:
        world = self.world
        back = {line: world.turned[line] for line in ORDERED}
        outbound = {
            line: Outbound(n, world.open[line], world.shipped(line), back[line], {SKU[line]: 1})
            for line, n in ORDERED.items()
        }
        case = next((one for one in self.cases if one.id == "c1"), None)
        return Situation(
            request,
            self.verdict,
            outbound,
            self.ledger,
            case if request.kind.brings_back else None,
            self.standing,
        )

    def _do(self, deed: Deed) -> None:
        standing = self.standing
        if isinstance(deed, StopWarehouse):
            standing = replace(standing, stop_asked=True)
        elif isinstance(deed, AnswerChannel):
            assert standing.answered is None, "an answer is given once"
            standing = replace(standing, answered=deed.answer)
            assert deed.answer != ChannelAnswer.TOO_LATE or not self._may_be_stopped(), "too early"
            assert deed.answer != ChannelAnswer.STOPPED or self._all_stopped(), (
                "the warehouse has not said so"
            )
            self.classes.add(deed.answer.value)
        elif isinstance(deed, Intercept):
            standing = replace(standing, interception=Interception.ASKED)
        elif isinstance(deed, MakeLabel):
            assert not standing.label, "a label is made once"
            standing = replace(standing, label=True)
            self.cases = joined([expect(one, "T1") if one.id == "c1" else one for one in self.cases])
        elif isinstance(deed, LetBack):
            for key, units in deed.lines.items():
                self.cases = tuple(
                    approve(one, key, units, self._now()) if one.id == "c1" else one for one in self.cases
                )
        elif isinstance(deed, Announce):
            assert any(units > standing.announced.get(key, 0) for key, units in deed.lines.items()) or any(
                key not in deed.lines for key in standing.announced
            ), "what the warehouse knows is not announced again"
            standing = replace(standing, announced=deed.lines)
        elif isinstance(deed, Dispose):
            standing = replace(
                standing, instructed={**standing.instructed, (deed.key, deed.disposal): deed.units}
            )
            self._put_away(deed)
        elif isinstance(deed, Owe):
            self.ledger = owe(self.ledger, "c1", deed.wanted, deed.less).ledger
        elif isinstance(deed, Charge):
            standing = replace(standing, charge_asked=True, charged=True)
        elif isinstance(deed, Reserve):
            standing = replace(standing, reserved=True)
        elif isinstance(deed, Ship):
            standing = replace(standing, sent=True)
            self.world.sent_again += 1
        self.standing = standing

    def _may_be_stopped(self) -> bool:
        """Whether the warehouse still has pieces that were asked for."""
        return any(self.world.open[line] for line in self.asks.lines)

    def _all_stopped(self) -> bool:
        """Whether every piece that was asked for surely stays."""
        world = self.world
        return all(
            ORDERED[line] - world.open[line] - world.shipped(line) >= want.units
            for line, want in self.asks.lines.items()
        )

    def _put_away(self, deed: Dispose) -> None:
        put = self.world.put[deed.key[0]]
        assert sum({**put, deed.disposal: deed.units}.values()) <= self.world.arrived[deed.key[0]], (
            "only what is here"
        )
        put[deed.disposal] = max(put.get(deed.disposal, 0), deed.units)
        self._count()

    def _moved(self, key: str, amount: int) -> None:
        """Money moves. Where that makes the refund whole, somebody said so, or the goods are not out."""
        self.world.calls[key] += 1
        assert self.standing.answered is not None, "the answer comes before the money"
        self.world.ours[key] = amount
        said = self.verdict.said or "goods out" in self.standing.decided
        if sum(self.world.ours.values()) + self.ledger.people < PAID:
            return  # or it is whole by what staff did since the shop was read
        self.classes.add("whole")
        scanned = self.verdict.money_at == MoneyAt.FIRST_SCAN and self.standing.scanned
        assert said or scanned or not self.world.out, "shipped and fully refunded, and nobody said so"

    def _now(self) -> int:
        self.clock += 1
        return self.clock

    # --- the laws --------------------------------------------------------------------------------
    @law
    def refunds_are_never_more_than_was_paid(self) -> None:
        assert sum(self.world.ours.values()) <= PAID
        assert self.ledger.ours(DONE, UNKNOWN, PLANNED) <= PAID

    @law
    def each_refund_and_each_other_parcel_is_sent_once(self) -> None:
        assert all(times == 1 for times in self.world.calls.values())
        assert self.world.sent_again <= 1

    @law
    def custody_keeps_its_order(self) -> None:
        for case in self.cases:
            for line in figures(case).lines:
                assert line.advised >= line.received >= line.gone

    @law
    def money_is_only_owed_for_goods_that_are_not_out_unless_somebody_said_so(self) -> None:
        """What the case is owed beyond allowances is for pieces that stayed, turned, are scanned or came."""
        due = self.ledger.dues.get("c1")
        if due is None or self.request is None or self.request.kind == RequestKind.PRICE_PROTECTION:
            return
        if self.verdict.said or "goods out" in self.standing.decided or self.standing.scanned or self.unsure:
            return
        for line, want in due.wanted.items():
            back = self.world.turned[line] + self.world.coming[line] + self.world.arrived[line]
            stayed = ORDERED[line] - self.world.open[line] - self.world.shipped(line)
            assert want.units <= back + stayed

    @property
    def unsure(self) -> bool:
        """The level that stands was set under another verdict; no money moves by it before the next plan."""
        assert self.request is not None
        verdict = self._plan()
        return verdict.money_held or any(isinstance(deed, Owe) for deed in verdict.deeds)


CLASSES = (
    *OUTCOMES,
    *RequestKind,
    *ChannelAnswer,
    *(f"found {condition.value}" for condition in Condition),
    "sent back unasked",
    "asked after the parcel came",
    "turned round",
    "not intercepted",
    "scanned",
    "old count",
    "staff by hand",
    "captured late",
    "a person's yes",
    "looked up, there",
    "looked up, not there",
    "crash",
    "whole",
    "waits",
    "done",
    "return done",
)
"""Customer, shop, staff, warehouse, courier, gateway and crash: each of these on at least 2 % of the walks."""


def test_any_interleaving_keeps_goods_and_money_together() -> None:
    holds(Way, CLASSES)
