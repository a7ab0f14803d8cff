"""The sentence of `explain` adds up to the eye."""

from typing import Any

import pytest

from sync.domain.telling import price_phrase, price_sentences, state_phrase, state_sentences
from sync.domain.telling_quantities import quantity_limits, quantity_phrase
from sync.domain.telling_quantities import quantity_sentence as sentence


def term(**given: Any) -> dict[str, Any]:
    usual = {"sku": "A", "on_hand": 10, "reserved": 2, "safety": 0, "velocity": 0, "inbound": 0}
    usual |= {"promise": 8, "sharing": 2, "share": 4, "buffer": 0, "units": 1}
    return usual | given


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "A: 10 on hand − 2 reserved = 8 to promise; shared by 2, here 4"),
        (
            {"safety": 1, "velocity": 2, "promise": 5, "share": 3},
            "A: 10 on hand − 2 reserved − 1 safety − 2 velocity = 5 to promise; shared by 2, here 3",
        ),
        (
            {"inbound": 3, "promise": 11, "share": 6},
            "A: 10 on hand − 2 reserved + 3 inbound = 11 to promise; shared by 2, here 6",
        ),
        (
            {"reserved": 12, "promise": 0, "share": 0},
            "A: 10 on hand − 12 reserved = -2, so 0 to promise; shared by 2, here 0",
        ),
        (
            {
                "suppliers": [
                    {
                        "supplier": "acme",
                        "said": 9,
                        "counted": 4,
                        "reserved": 1,
                        "free": 3,
                        "standing": "counted",
                    }
                ],
                "promise": 11,
                "share": 6,
            },
            "A: 10 on hand − 2 reserved + 3 from acme (9 listed, 4 counted − 1 reserved) = 11 to promise; "
            "shared by 2, here 6",
        ),
        (
            {
                "suppliers": [
                    {
                        "supplier": "acme",
                        "said": 9,
                        "counted": 0,
                        "reserved": 1,
                        "free": 0,
                        "standing": "stale",
                    }
                ]
            },
            "A: 10 on hand − 2 reserved + 0 from acme (its last list is too old) = 8 to promise; "
            "shared by 2, here 4",
        ),
        ({"buffer": 1}, "A: 10 on hand − 2 reserved = 8 to promise; shared by 2, here 4 − 1 buffer"),
        (
            {"units": 2, "buffer": 1},
            "A: 10 on hand − 2 reserved = 8 to promise; shared by 2, here 4 − 1 buffer; 3 at 2 a piece are 1",
        ),
    ],
    ids=["plain", "guarded", "inbound", "below nothing", "supplied", "not believed", "buffer", "a pack"],
)
def test_every_term_that_counts_is_in_the_sentence(given: dict[str, Any], said: str) -> None:
    assert sentence(term(**given)) == said


def placed(section: str, rule: str) -> str:
    return f"{rule} ({section}:3)"


def test_what_is_kept_for_a_channel_comes_off_and_what_is_here_is_told_by_its_rule() -> None:
    kept = {"name": "live", "for": "tmall", "units": 5, "sold": 2, "kept": 3}
    told = term(reserves=[kept], common=5, share=4, percent="20%")
    told["from"] = [{"why": "share", "units": 1}, {"why": "reserve", "units": 3, "name": "live"}]
    assert sentence(told, placed) == (
        "A: 10 on hand − 2 reserved = 8 to promise − 3 for tmall by live (stock.reserve:3) (5 less 2 sold) = 5 for "
        "all; here 1 by its share of 20% + 3 kept by live (stock.reserve:3) = 4"
    )


def at(term: str, about: str) -> str:
    return f"{term}{f' of {about}' if about else ''}:7"


SUPPLIED = {"supplier": "acme", "said": 9, "counted": 4, "reserved": 1, "free": 3, "standing": "counted"}


def test_what_has_no_name_is_told_with_the_place_of_its_setting() -> None:
    told = term(safety=1, velocity=1, buffer=2, suppliers=[SUPPLIED], promise=9, share=4, percent="50%")
    told["from"] = [{"why": "share", "units": 3}, {"why": "rest", "units": 1}]
    assert sentence(told, placed, at) == (
        "A: 10 on hand − 2 reserved − 1 safety (safety of A:7) − 1 velocity + 3 from acme (9 listed, 4 counted by "
        "use of acme:7 − 1 reserved) = 9 to promise; here 3 by its share of 50% (share:7) + 1 of the rest (rest:7) "
        "= 4 − 2 buffer (buffer:7)"
    )
    assert quantity_limits({"cap": 9, "least_shown": 3}, at) == [
        "at most 9 are shown here (cap:7)",
        "fewer than 3 are shown as 0 here (least_shown:7)",
    ]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"from": [{"why": "all", "units": 4}]}, "; here 4 that are common to all (mode:7)"),
        (
            {"from": [{"why": "priority", "units": 4}], "scarce_below": 9},
            "; here 4 by priority, for fewer than 9 are left (priority:7)",
        ),
        (
            {"from": [], "passed": 3, "share": 0},
            "; here 0: fewer than 3 (least_shown:7) would be shown, so they went to the others",
        ),
    ],
)
def test_the_setting_by_which_units_are_here_is_told(more: dict[str, Any], said: str) -> None:
    assert sentence(term(**more), placed, at).endswith(said)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("", "(its last list is too old)"),
        ("default", "(its last list is too old, by the default max_age)"),
        ("mappings/stock.yaml:4", "(its last list is too old, by max_age in mappings/stock.yaml:4)"),
    ],
)
def test_a_list_that_is_too_old_is_so_by_a_setting(place: str, said: str) -> None:
    stale = {**SUPPLIED, "standing": "stale", "counted": 0, "free": 0}
    assert f" + 0 from acme {said} = 8 " in sentence(term(suppliers=[stale]), placed, lambda *_: place)


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ({"why": "rest"}, "4 of the rest"),
        ({"why": "equal"}, "4 in equal parts of 2"),
        ({"why": "all"}, "4 that are common to all"),
        ({"why": "priority"}, "4 by priority, for fewer than 9 are left"),
        ({"why": "presale", "name": "june"}, "4 on their way, by june"),
    ],
)
def test_every_way_to_have_units_is_told(why: dict[str, Any], said: str) -> None:
    told = term(scarce_below=9)
    told["from"] = [{"units": 4, **why}]
    assert sentence(told).endswith(f"; here {said}")


def test_units_that_went_to_others_are_told() -> None:
    told = term(share=0, passed=3)
    told["from"] = []
    assert sentence(told).endswith("; here 0: fewer than 3 would be shown, so they went to the others")


def test_a_quantity_is_told_in_a_phrase_by_its_scarcest_sku() -> None:
    skus = [term(), term(sku="B", promise=6, share=3, units=2, buffer=1)]
    assert quantity_phrase({"published": True, "skus": skus, "cap": 9}) == (
        "6 of B to promise, shared by 2: 3 here, 1 held back as buffer, 2 in a piece, at most 9 shown"
    )
    assert quantity_phrase({"unknown": True}) == "no warehouse has said how much is there"
    assert quantity_phrase({"published": False, "skus": skus}) == "not published, so it gets no share"


STEPS = [
    {"step": "formula", "formula": "cost * 2", "of": {"cost": "5"}, "gives": "10", "currency": "USD"},
    {
        "step": "convert",
        "rates": [{"from": "USD", "to": "EUR", "rate": "0.9", "date": "2026-03-01"}],
        "plus_percent": "2",
        "gives": "9.18",
        "currency": "EUR",
        "adds": "9.18",
    },
    {"step": "tax", "percent": "19", "gives": "10.9242", "currency": "EUR", "adds": "1.7442"},
    {
        "step": "promotion",
        "rule": "sale",
        "off": "20%",
        "gives": "8.73936",
        "currency": "EUR",
        "adds": "-2.18484",
    },
    {"step": "floor", "gives": "9", "currency": "EUR", "adds": "0.26064"},
]


def test_the_steps_of_a_price_are_told_with_what_each_adds() -> None:
    floor = {"is": "9", "covers": [{"part": "cost", "is": "8"}, {"part": "fees", "rule": "card", "is": "1"}]}
    terms = {"rule": "all", "steps": STEPS, "floor": floor, "map": "8"}
    assert price_sentences(terms, placed) == [
        "rule all (prices:3)",
        "cost * 2 with cost 5 = 10 USD",
        "converted at 0.9 EUR for a USD of 2026-03-01 plus 2 % = 9.18 EUR",
        "+ 1.7442 tax of 19 % = 10.9242 EUR",
        "− 2.18484 promotion sale (promotions:3) (20%) = 8.73936 EUR",
        "+ 0.26064 up to its floor = 9 EUR",
        "its floor is 9 = 8 cost + 1 fees (card (fees:3))",
        "its lowest advertised price (MAP) is 8",
    ]
    assert price_phrase(terms) == "all: cost * 2, promotion sale, raised to its floor"


def test_amounts_and_rates_are_told_with_their_rows() -> None:
    floor = {"is": "9", "covers": [{"part": "cost", "is": "8"}, {"part": "margin", "is": "1"}]}
    told = price_sentences({"rule": "all", "steps": STEPS[:2], "floor": floor, "map": "8"}, placed, at)
    assert told[1:] == [
        "cost * 2 with cost 5 (goods of cost:7) = 10 USD",
        "converted at 0.9 EUR for a USD of 2026-03-01 (rates of USD EUR 2026-03-01:7) plus 2 % = 9.18 EUR",
        "its floor is 9 = 8 cost (goods of cost:7) + 1 margin",
        "its lowest advertised price (MAP) is 8 (goods of map:7)",
    ]


@pytest.mark.parametrize(("rule", "section"), [("all", "prices"), ("sale", "promotions")])
def test_what_strikes_a_price_out_is_told_with_its_place(rule: str, section: str) -> None:
    terms = {"rule": "all", "compare_at": {"rule": rule, "formula": "list_price", "gives": "12"}}
    assert price_sentences(terms, placed)[-1] == f"struck out: list_price by {rule} ({section}:3) = 12"


def test_a_price_that_cannot_be_worked_out_says_what_is_missing() -> None:
    terms = {"rule": "all", "steps": [], "missing": "no cost of A is known"}
    assert price_sentences(terms) == [
        "rule all",
        "no price, and the shop keeps what it has: no cost of A is known",
    ]
    assert price_phrase(terms) == "all: no cost of A is known"


@pytest.mark.parametrize(
    ("struck", "said"),
    [
        ({"gives": "12"}, "struck out: list_price by all = 12"),
        (
            {"gives": "8", "why_none": "it is not above the price"},
            "nothing is struck out: list_price by all gives 8, it is not above the price",
        ),
        ({"missing": "no list price"}, "nothing is struck out: list_price by all, no list price"),
    ],
)
def test_what_is_struck_out_is_told(struck: dict[str, str], said: str) -> None:
    terms = {"rule": "all", "compare_at": {"rule": "all", "formula": "list_price", **struck}}
    assert price_sentences(terms)[-1] == said


def test_a_promotion_that_is_left_out_says_why() -> None:
    terms = {"rule": "all", "left_out": [{"rule": "sale", "why": "it comes to -1, which is no price"}]}
    assert price_sentences(terms)[-1] == "promotion sale is left out: it comes to -1, which is no price"


def test_a_state_is_told_by_its_rule_and_causes() -> None:
    terms = {
        "rule": "sold out",
        "wish": "down",
        "causes": ["at_zero", "blocked"],
        "ours": True,
        "quantity": 0,
        "put_back_at": 3,
        "nothing_to_sell_since": "2026-03-01T10:00:30+00:00",
        "variants": 2,
        "shall_be_down": 1,
    }
    assert state_sentences(terms, placed) == [
        "rule sold out (listings:3)",
        "nothing is left to sell",
        "its goods are blocked",
        "there are 0 to sell; it is put back at 3",
        "there has been nothing to sell since 2026-03-01 10:00 UTC",
        "1 of the 2 listings of its product shall be down",
        "it is down because we took it down",
    ]
    assert state_phrase(terms) == "sold out: nothing is left to sell and its goods are blocked"
    assert state_phrase({"rule": "sold out", "wish": "up"}) == "sold out: there is enough to sell again"
    assert state_sentences({}) == []
