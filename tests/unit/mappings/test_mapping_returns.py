"""Which rule answers a request after the sale, and what its answer comes to."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mappings import Rulebook, load_mappings
from mappings.facts import RequestFacts, RequestLineFacts
from sync.domain.aftersales import Answer, GoodsAt, MoneyAt, RequestKind
from sync.domain.ids import Sku
from sync.domain.money import Money
from sync.domain.receipts import Condition, Disposal

ACCOUNTS = {"main": "storefront", "yen": "storefront", "wh": "warehouse"}
RETURN = RequestFacts(
    account="main",
    kind=RequestKind.RETURN,
    value=Money(2_000, "EUR"),
    lines=(RequestLineFacts(Sku("A"), 1),),
    country="DE",
    shipped=True,
    since_delivery=timedelta(days=3),
    reasons=("Too small",),
    customer_requests=1,
    customer_orders=4,
)


def rulebook(folder: Path, text: str, goods: str = "") -> Rulebook:
    (folder / "rules.yaml").write_text(f"returns:\n{text}", encoding="utf-8")
    if goods:
        (folder / "goods.csv").write_text(goods, encoding="utf-8")
        (folder / "goods.yaml").write_text("goods: {table: goods.csv}\n", encoding="utf-8")
    return load_mappings(folder, ACCOUNTS)


ASKS = "do: ask, owner: service, answer_within: 1 day"


def decides(folder: Path, when: str, facts: RequestFacts, goods: str = "") -> bool:
    """Whether a rule with this condition answers the request."""
    text = f"  - {{name: it, when: {{{when}}}, do: approve}}\n  - {{name: rest, {ASKS}}}\n"
    return rulebook(folder, text, goods).judge(facts).verdict.rule == "it"


def test_without_rules_a_person_answers_everything(tmp_path: Path) -> None:
    judged = load_mappings(tmp_path, ACCOUNTS).judge(RETURN)
    assert (judged.verdict.answer, judged.owner, judged.verdict.within) == (
        Answer.ASK,
        "service",
        timedelta(hours=24),
    )
    nobody = load_mappings(tmp_path, ACCOUNTS).judge(replace(RETURN, kind=None))
    assert (nobody.verdict.rule, nobody.verdict.answer) == ("nobody asked", Answer.ASK)


def test_the_first_rule_that_matches_decides(tmp_path: Path) -> None:
    rules = rulebook(
        tmp_path,
        """
  - {name: hygiene, when: {any_line: {tags: hygiene}}, do: refuse, reason: opened hygiene goods stay}
  - {name: small, when: {type: return, value_below: 10 EUR}, do: approve, refund: without_return}
  - {name: seven days, when: {type: return, days_since_delivery_at_most: 7}, do: approve}
  - {name: rest, do: ask, owner: service, answer_within: 24 hours}
""",
        goods="sku,tags\nH,Hygiene\nA,\n",
    )
    hygiene = replace(RETURN, lines=(RequestLineFacts(Sku("A"), 1), RequestLineFacts(Sku("H"), 1)))
    found = [
        rules.judge(facts).verdict
        for facts in (
            hygiene,
            replace(RETURN, value=Money(999, "EUR")),
            RETURN,
            replace(RETURN, since_delivery=timedelta(days=8)),
        )
    ]
    assert [one.rule for one in found] == ["hygiene", "small", "seven days", "rest"]
    assert [one.answer for one in found] == [Answer.REFUSE, Answer.APPROVE, Answer.APPROVE, Answer.ASK]
    assert found[0].reason == "opened hygiene goods stay"
    assert found[1].money_at == MoneyAt.WITHOUT_RETURN


@pytest.mark.parametrize(
    ("when", "facts", "fits"),
    [
        ("type: [return, exchange]", RETURN, True),
        ("type: cancellation", RETURN, False),
        ("account: yen", RETURN, False),
        ("country: [DE, AT]", RETURN, True),
        ("country: AT", RETURN, False),
        ("shipped: true", RETURN, True),
        ("shipped: false", RETURN, False),
        ("days_since_delivery_at_most: 3", replace(RETURN, since_delivery=timedelta(days=3, hours=23)), True),
        ("days_since_delivery_at_most: 3", replace(RETURN, since_delivery=timedelta(days=4)), False),
        ("days_since_delivery_at_most: 3", replace(RETURN, since_delivery=None), False),
        ("reason: TOO SMALL", RETURN, True),
        ("reason: too big", RETURN, False),
        ("value_above: 20 EUR", RETURN, False),
        ("value_at_least: 20 EUR", RETURN, True),
        ("value_below: 20.01 EUR", RETURN, True),
        ("value_below: 30 USD", RETURN, False),
        ("customer_requests_at_least: 2", RETURN, False),
        ("customer_requests_at_least: 2", replace(RETURN, customer_requests=2), True),
        ("customer_requests_at_least: 1", replace(RETURN, customer_requests=None), False),
        ("customer_orders_at_least: 4", RETURN, True),
        ("any_line: {sku: A, quantity_at_least: 2}", RETURN, False),
        ("all_lines: {sku: [A, B]}", RETURN, True),
        ("all_lines: {sku: A}", replace(RETURN, lines=()), False),
        ("expr: 'customer_requests * 4 > customer_orders'", replace(RETURN, customer_requests=2), True),
        ("expr: 'customer_requests * 4 > customer_orders'", RETURN, False),
        ("expr: 'days_since_delivery < 100'", replace(RETURN, since_delivery=None), False),
        ('expr: \'value > 19.99 and currency == "EUR" and type == "return"\'', RETURN, True),
    ],
)
def test_a_condition_matches_what_it_says(when: str, facts: RequestFacts, fits: bool, tmp_path: Path) -> None:
    assert decides(tmp_path, when, facts) is fits


def test_a_tag_is_one_of_the_table_of_goods(tmp_path: Path) -> None:
    goods = "sku,tags\nA,custom-made|blue\n"
    assert decides(tmp_path, "all_lines: {tags: CUSTOM-MADE}", RETURN, goods)
    assert decides(tmp_path, "expr: '\"custom-made\" in tags'", RETURN, goods)
    unknown = replace(RETURN, lines=(*RETURN.lines, RequestLineFacts(None, 1)))
    assert not decides(tmp_path, "all_lines: {tags: custom-made}", unknown, goods)


def test_a_rule_says_how_the_way_back_goes(tmp_path: Path) -> None:
    rules = rulebook(
        tmp_path,
        """
  - name: whole
    do: approve
    refund: at_first_scan
    ship: at_request
    pays: [good, damaged]
    denies: wrong
    goods: {good: restock, damaged: scrap, wrong: to_customer}
    label: false
    freight: 4.90 EUR
    shipping: false
""",
    )
    verdict = rules.judge(RETURN).verdict
    assert (verdict.money_at, verdict.goods_at) == (MoneyAt.FIRST_SCAN, GoodsAt.REQUEST)
    assert verdict.pays == {Condition.GOOD, Condition.DAMAGED}
    assert verdict.denies == {Condition.WRONG}
    assert verdict.disposals == {
        Condition.GOOD: Disposal.RESTOCKED,
        Condition.DAMAGED: Disposal.SCRAPPED,
        Condition.WRONG: Disposal.TO_CUSTOMER,
    }
    assert (verdict.label, verdict.freight, verdict.shipping) == (False, 490, False)
    assert (verdict.by_person, verdict.said) == (False, False)


def test_a_freight_in_another_currency_than_the_order_is_asked_about(tmp_path: Path) -> None:
    rules = rulebook(tmp_path, "  - {name: free, do: approve, freight: 5 USD}\n")
    verdict = rules.judge(RETURN).verdict
    assert (verdict.answer, verdict.freight) == (Answer.ASK, 0)
    assert verdict.reason == "the rule's freight is not in EUR, as the order is"


def test_what_did_not_leave_is_stopped_then_refunded(tmp_path: Path) -> None:
    """A wish for money alone is treated as a cancellation by it, and other wishes are not stopped."""
    rules = rulebook(tmp_path, "  - {name: stop, do: stop_then_refund}\n")
    judged = rules.judge(replace(RETURN, kind=RequestKind.REFUND_ONLY, shipped=False))
    assert (judged.verdict.answer, judged.kind) == (Answer.APPROVE, RequestKind.CANCELLATION)
    other = rules.judge(RETURN)
    assert (other.verdict.answer, other.kind) == (Answer.ASK, RequestKind.RETURN)


def test_a_rule_for_goods_without_request_is_for_nothing_else(tmp_path: Path) -> None:
    rules = rulebook(
        tmp_path,
        f"""
  - {{name: nobody, when: {{request: none}}, do: quarantine, owner: dock, answer_within: 3 days}}
  - {{name: returns, when: {{type: return}}, do: approve}}
  - {{name: rest, {ASKS}}}
""",
    )
    assert rules.judge(RETURN).verdict.rule == "returns"
    nobody = rules.judge(replace(RETURN, kind=None))
    assert (nobody.verdict.rule, nobody.verdict.answer, nobody.owner) == ("nobody", Answer.ASK, "dock")


def test_no_rule_approves_what_nobody_asked_for(tmp_path: Path) -> None:
    rules = rulebook(tmp_path, "  - {name: all, do: approve}\n")
    assert rules.judge(replace(RETURN, kind=None)).verdict.answer == Answer.ASK


def test_when_nobody_answers_in_time_the_rule_may_say_what_holds(tmp_path: Path) -> None:
    rules = rulebook(
        tmp_path,
        "  - {name: ask, do: ask, owner: service, answer_within: 2 hours, at_deadline: refuse, reason: too late}\n",
    )
    judged = rules.judge(RETURN)
    assert judged.verdict.within == timedelta(hours=2)
    assert judged.at_deadline is not None
    assert (judged.at_deadline.answer, judged.at_deadline.within) == (Answer.REFUSE, None)
    assert rulebook(tmp_path, f"  - {{name: ask, {ASKS}}}\n").judge(RETURN).at_deadline is None
