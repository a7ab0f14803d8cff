"""What the way back asks stands in the queue of everything that waits, and goes on by what people say there."""

from datetime import timedelta

from sync.domain.aftersales import Answer, ChannelAnswer, RequestKind
from sync.domain.money import Money
from sync.domain.waiting import Topic, Via, Word
from sync.engine.deciding.deadlines import Deadlines
from sync.engine.deciding.deciding import Done, decide
from sync.engine.deciding.effects import NOT_TAKEN, By
from sync.flows.flow import FlowName
from sync.store import holds, issues
from sync.store.back import cases
from sync.store.holds import Hold
from tests.integration.flows.conductor import Conductor
from tests.integration.flows.test_way_back import asked, case_of, refunds, shipped

SHOPS = ("main",)
ASK = """
returns:
  - {name: mercy, when: {type: refund_only}, do: approve, refund: after_inspection}
  - {name: protect, when: {type: price_protection}, do: approve}
  - {name: rest, do: ask, owner: service, answer_within: 1 day}
"""
REFUSE_LATE = """
returns:
  - {name: rest, do: ask, owner: service, answer_within: 1 day, at_deadline: refuse, reason: "Too late."}
"""
GRANT_LATE = """
returns:
  - {name: rest, do: ask, owner: service, answer_within: 1 day, at_deadline: approve}
"""
ASK_LONGER = """
returns:
  - {name: rest, do: ask, owner: ops, answer_within: 3 days}
"""


async def waiting(daemon: Conductor, topic: Topic) -> list[Hold]:
    async with daemon.store.read() as tx:
        return await holds.queue(tx, topic=topic)


async def say(daemon: Conductor, hold: Hold, word: Word) -> Done:
    async with daemon.store.write() as tx:
        done = await decide(tx, hold.id, word, By("lin", Via.LINK))
    for account, flow in done.wake:
        daemon.hints.append((account, flow))
    return done


async def looked_at(daemon: Conductor, number: str) -> None:
    """The case is looked at by the rules in force."""
    case = await case_of(daemon, number)
    async with daemon.store.write() as tx:
        await cases.reopen(tx, case.id)
    await daemon.run("main", FlowName.WAY_BACK)


async def overdue(daemon: Conductor) -> None:
    """The errand decides what is due by its rule."""
    await Deadlines(daemon.store, lambda account, flow: daemon.hints.append((account, flow))).look()


async def test_a_verdict_is_given_in_the_queue(daemon: Conductor) -> None:
    await daemon.change_rules("returns.yaml", ASK)
    number = await daemon.buy("main", TEE_02=1)
    await shipped(daemon, number)
    await asked(daemon, number, RequestKind.RETURN)
    (hold,) = await waiting(daemon, Topic.RETURN)
    case = await case_of(daemon, number)
    assert (hold.rule, hold.owner, hold.about.subject) == ("verdict rest", "service", case.reference)
    assert hold.due_at is not None
    assert case.due_at is not None
    assert abs(hold.due_at - case.due_at) < timedelta(seconds=1)
    assert hold.about.value is not None
    assert hold.about.value.minor > 0
    done = await say(daemon, hold, Word.APPROVED)
    assert {flow for _, flow in done.wake} == {FlowName.WAY_BACK}
    await daemon.run("main", FlowName.WAY_BACK)
    case = await case_of(daemon, number)
    assert case.verdict is not None
    assert (case.verdict.answer, case.verdict.by_person, case.decided_by) == (Answer.APPROVE, True, "lin")
    assert case.standing.answered is ChannelAnswer.APPROVED
    assert await waiting(daemon, Topic.RETURN) == []


async def test_a_no_to_the_verdict_refuses_and_tells_the_shop_no_word_that_was_not_for_it(
    daemon: Conductor,
) -> None:
    await daemon.change_rules("returns.yaml", ASK)
    number = await daemon.buy("main", TEE_02=1)
    await shipped(daemon, number)
    await asked(daemon, number, RequestKind.RETURN)
    (hold,) = await waiting(daemon, Topic.RETURN)
    async with daemon.store.write() as tx:
        await decide(tx, hold.id, Word.REJECTED, By("lin", Via.LINK), "he does this every week")
    await daemon.run("main", FlowName.WAY_BACK)
    case = await case_of(daemon, number)
    assert case.verdict is not None
    assert (case.verdict.answer, case.verdict.reason) == (Answer.REFUSE, NOT_TAKEN)
    assert case.standing.answered is ChannelAnswer.REFUSED
    assert await refunds(daemon, number) == []


async def test_the_reason_that_is_written_for_the_buyer_is_told(daemon: Conductor) -> None:
    await daemon.change_rules("returns.yaml", ASK)
    number = await daemon.buy("main", TEE_02=1)
    await shipped(daemon, number)
    await asked(daemon, number, RequestKind.RETURN)
    (hold,) = await waiting(daemon, Topic.RETURN)
    async with daemon.store.write() as tx:
        by = By("lin", Via.LINK, reason="Die Ware wurde getragen.")
        await decide(tx, hold.id, Word.REJECTED, by, "he does this every week")
    case = await case_of(daemon, number)
    assert case.verdict is not None
    assert (case.verdict.answer, case.verdict.reason) == (Answer.REFUSE, "Die Ware wurde getragen.")


async def test_when_nobody_decides_in_time_the_rule_does(daemon: Conductor) -> None:
    await daemon.change_rules("returns.yaml", REFUSE_LATE)
    number = await daemon.buy("main", TEE_02=1)
    await shipped(daemon, number)
    await asked(daemon, number, RequestKind.RETURN)
    (hold,) = await waiting(daemon, Topic.RETURN)
    assert hold.at_deadline is Word.REJECTED
    await overdue(daemon)
    assert (await case_of(daemon, number)).decided_by is None, "it is not time yet"
    daemon.clock.offset += timedelta(hours=25)
    await overdue(daemon)
    await daemon.run("main", FlowName.WAY_BACK)
    case = await case_of(daemon, number)
    assert case.verdict is not None
    assert (case.verdict.answer, case.verdict.by_person) == (Answer.REFUSE, False)
    assert case.standing.answered is ChannelAnswer.REFUSED
    assert await waiting(daemon, Topic.RETURN) == []


async def test_a_changed_rule_changes_time_owner_and_deadline_of_what_waits(daemon: Conductor) -> None:
    await daemon.change_rules("returns.yaml", GRANT_LATE)
    number = await daemon.buy("main", TEE_02=1)
    await shipped(daemon, number)
    await asked(daemon, number, RequestKind.RETURN)
    (hold,) = await waiting(daemon, Topic.RETURN)
    assert hold.at_deadline is Word.APPROVED
    await daemon.change_rules("returns.yaml", ASK_LONGER)
    await looked_at(daemon, number)
    case = await case_of(daemon, number)
    (hold,) = await waiting(daemon, Topic.RETURN)
    assert (hold.due_at, hold.at_deadline, hold.owner) == (
        case.opened_at + timedelta(days=3),
        None,
        "ops",
    )
    async with daemon.store.read() as tx:
        (issue,) = await issues.list_open(tx, kind="hold.waiting")
    assert (issue.due_at, issue.owner) == (hold.due_at, "ops")
    daemon.clock.offset += timedelta(hours=25)
    await overdue(daemon)
    assert [one.waits for one in await waiting(daemon, Topic.RETURN)] == [True]


async def test_what_a_person_handed_on_stays_theirs_when_the_rule_changes(daemon: Conductor) -> None:
    await daemon.change_rules("returns.yaml", GRANT_LATE)
    number = await daemon.buy("main", TEE_02=1)
    await shipped(daemon, number)
    await asked(daemon, number, RequestKind.RETURN)
    (hold,) = await waiting(daemon, Topic.RETURN)
    async with daemon.store.write() as tx:
        await holds.assign(tx, hold.id, "max")
    await daemon.change_rules("returns.yaml", ASK_LONGER)
    await looked_at(daemon, number)
    (hold,) = await waiting(daemon, Topic.RETURN)
    assert (hold.owner, hold.at_deadline) == ("max", None)


async def test_a_deadline_decides_no_request_whose_rule_does_not_say_how(daemon: Conductor) -> None:
    await daemon.change_rules("returns.yaml", GRANT_LATE)
    number = await daemon.buy("main", TEE_02=1)
    await shipped(daemon, number)
    case = await asked(daemon, number, RequestKind.RETURN)
    assert case.verdict is not None
    async with daemon.store.write() as tx:
        await cases.judge(tx, case.id, case.verdict, kind=case.kind)
    daemon.clock.offset += timedelta(hours=25)
    await overdue(daemon)
    assert (await case_of(daemon, number)).decided_by is None
    assert [one.waits for one in await waiting(daemon, Topic.RETURN)] == [True]


async def test_a_no_to_moving_money_keeps_it_and_a_later_yes_moves_it_once(daemon: Conductor) -> None:
    await daemon.change_rules("returns.yaml", ASK)
    number = await daemon.buy("main", TEE_02=1)
    await shipped(daemon, number)
    await asked(daemon, number, RequestKind.REFUND_ONLY)
    (hold,) = await waiting(daemon, Topic.REFUND)
    assert hold.rule == "goods out"
    await say(daemon, hold, Word.REJECTED)
    await daemon.settle(rounds=3)
    assert await refunds(daemon, number) == []
    (still,) = await waiting(daemon, Topic.REFUND)
    assert (still.id, still.word, still.waits) == (hold.id, Word.REJECTED, False)
    async with daemon.store.read() as tx:
        assert await issues.list_open(tx, kind="hold.waiting") == [], "and nobody is asked again"
    async with daemon.store.write() as tx:
        await decide(tx, hold.id, Word.APPROVED, By("ann", Via.TERMINAL))
    await daemon.settle(rounds=4)
    order = await daemon.order(number)
    assert sum(await refunds(daemon, number)) <= order.row.total_minor
    assert len(await refunds(daemon, number)) == 1
    assert await waiting(daemon, Topic.REFUND) == []


async def test_what_is_beyond_the_hours_limit_goes_out_when_a_person_says_so(daemon: Conductor) -> None:
    await daemon.change_rules("returns.yaml", ASK + "guards:\n  refunds: {count: 1}\n")
    numbers = [await daemon.buy("main", **{sku: 1}) for sku in ("TEE_02", "TEE_04")]
    for number in numbers:
        await shipped(daemon, number)
        order = await daemon.order(number)
        await asked(daemon, number, RequestKind.PRICE_PROTECTION, {order.lines[0].external_id: (0, 300)})
    await daemon.settle(rounds=4)
    assert sorted([await refunds(daemon, number) for number in numbers]) == [[], [300]]
    (hold,) = await waiting(daemon, Topic.REFUND)
    assert (hold.rule, hold.about.subject) == ("limit of automatic refunds", "main")
    await say(daemon, hold, Word.APPROVED)
    daemon.clock.offset += timedelta(minutes=6)
    await daemon.settle(rounds=4)
    assert [await refunds(daemon, number) for number in numbers] == [[300], [300]]
    assert await waiting(daemon, Topic.REFUND) == []
    assert {(await case_of(daemon, number)).state for number in numbers} == {cases.DONE}


async def test_what_a_person_keeps_back_at_the_hours_limit_waits_though_the_hour_is_over(
    daemon: Conductor,
) -> None:
    await daemon.change_rules("returns.yaml", ASK + "guards:\n  refunds: {count: 1}\n")
    numbers = [await daemon.buy("main", **{sku: 1}) for sku in ("TEE_02", "TEE_04", "TEE_01")]
    for number in numbers:
        await shipped(daemon, number)
    await _claim(daemon, numbers[0])
    await _claim(daemon, numbers[1])
    await daemon.settle(rounds=3)
    (hold,) = await waiting(daemon, Topic.REFUND)
    assert hold.about.value == Money(300, "EUR")
    await say(daemon, hold, Word.REJECTED)
    async with daemon.store.read() as tx:
        assert await issues.list_open(tx, kind="refund.limited") == []
    await daemon.later(timedelta(minutes=62))
    await _claim(daemon, numbers[2])
    await daemon.settle(rounds=3)
    assert sorted([await refunds(daemon, number) for number in numbers]) == [[], [300], [300]]
    (still,) = await waiting(daemon, Topic.REFUND)
    assert (still.id, still.word) == (hold.id, Word.REJECTED)
    async with daemon.store.write() as tx:
        await decide(tx, hold.id, Word.APPROVED, By("ann", Via.TERMINAL))
    await daemon.later(timedelta(minutes=6))
    await daemon.settle(rounds=4)
    assert [await refunds(daemon, number) for number in numbers] == [[300]] * 3
    assert await waiting(daemon, Topic.REFUND) == []


async def _claim(daemon: Conductor, number: str) -> None:
    order = await daemon.order(number)
    await asked(daemon, number, RequestKind.PRICE_PROTECTION, {order.lines[0].external_id: (0, 300)})
