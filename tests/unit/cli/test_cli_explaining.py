"""The sentence of `explain` adds up to the eye."""

from typing import Any

import pytest

from sync.domain.telling import price_phrase, price_sentences, quantity_phrase, state_phrase, state_sentences
from sync.domain.telling import quantity_sentence as sentence


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
