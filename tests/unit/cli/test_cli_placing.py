"""What made a term is found in the files that are in force, and what is not there is said so."""

import pytest

from sync.cli.placing import Places
from tests.unit.mappings.price_books import book

RULES = """\
goods: {table: goods.csv, currency: EUR}
stock:
  buffer: {units: 1}
  suppliers: {acme: {less: 2 units}}
"""
GOODS = "sku,landed_cost\nA,5\nB,6\n"
PLACES = Places(book(RULES, goods=GOODS))


@pytest.mark.parametrize(
    ("term", "about", "said"),
    [
        ("buffer", "", "mappings/rules.yaml:3"),
        ("use", "acme", "mappings/rules.yaml:4"),
        ("max_age", "acme", "default"),
        ("safety", "A", "no longer in the files"),
        ("cap", "", "no longer in the files"),
        ("rest", "", ""),
        ("goods", "landed_cost", "mappings/goods.csv:2, mappings/goods.csv:3"),
        ("goods", "cost", ""),
        ("rates", "USD EUR 2026-03-01", "no longer in the files"),
    ],
)
def test_a_term_has_its_place_or_says_that_it_has_none(term: str, about: str, said: str) -> None:
    assert PLACES.setting("shop", ["B", "A"])(term, about) == said


def test_while_the_files_cannot_be_read_nothing_has_a_place() -> None:
    assert Places().setting("shop")("buffer", "") == ""
    assert Places().rule("prices", "all") == "all"


def test_the_terms_as_json_have_their_places_beside_them() -> None:
    terms = {"rule": "all", "steps": [], "floor": {"is": "5", "covers": [{"part": "landed_cost", "is": "5"}]}}
    assert PLACES.with_price_places(terms, "shop", ["A"]) == {
        **terms,
        "places": {"goods landed_cost": "mappings/goods.csv:2"},
    }
    assert PLACES.with_places({"unknown": True}, "shop") == {"unknown": True, "places": {}}
