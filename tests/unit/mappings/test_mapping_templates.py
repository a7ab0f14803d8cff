"""Templates: what is filled in is one line of plain text, and nothing but what was given can be shown."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.templates import BadTemplate, Place, one_line, parse


def test_a_place_is_filled_and_doubled_braces_are_the_signs() -> None:
    assert parse("订单 {order}: {{{tracking}}}").fill({"order": "7", "tracking": "SF1"}) == "订单 7: {SF1}"


def test_what_is_not_known_gives_the_words_behind_the_bar() -> None:
    template = parse("Dear {name|customer}, {courier|}")
    assert template.places == (Place("name", "customer"), Place("courier", ""))
    assert template.fill({"name": " \t "}) == "Dear customer, "
    assert template.fill({"name": "Ann", "courier": "ZTO"}) == "Dear Ann, ZTO"


@pytest.mark.parametrize(
    "text",
    [
        "{order",
        "order}",
        "{}",
        "{0}",
        "{order.__class__}",
        "{order[0]}",
        "{order!r}",
        "{order:>10}",
        "{Order}",
        "{order()}",
        "{or der}",
        "{{order}",
    ],
)
def test_anything_but_a_plain_name_is_refused(text: str) -> None:
    with pytest.raises(BadTemplate):
        parse(text)


def test_a_value_is_never_read_as_a_template() -> None:
    assert parse("{name}").fill({"name": "{order.__class__} {{"}) == "{order.__class__} {{"


def test_a_value_cannot_begin_a_line_or_turn_the_direction_of_the_text() -> None:
    assert one_line("Ann\r\nBcc: all@example.com\u2028x\x00y\u202ez") == "Ann Bcc: all@example.com x yz"
    assert len(one_line("a" * 10_000)) == 500


@given(st.text(), st.text())
@settings(deadline=None)
def test_whatever_a_value_is_it_stays_in_its_line(value: str, fixed: str) -> None:
    text = fixed.replace("{", "{{").replace("}", "}}") + "{name}"
    filled = parse(text).fill({"name": value})
    assert filled.startswith(fixed)
    assert len(filled.removeprefix(fixed).splitlines()) <= 1


@given(st.text(alphabet="{}|ab._!:\n ", max_size=12))
@settings(deadline=None)
def test_any_text_is_a_template_or_refused(text: str) -> None:
    try:
        template = parse(text)
    except BadTemplate:
        return
    assert all(place.name.replace("_", "a").isalpha() for place in template.places)
