"""Reserves, percents and pre-sales in the sentence of `explain`: what is told adds up."""

from sync.domain.telling_quantities import quantity_sentence

TERM = {"sku": "A", "on_hand": 100, "reserved": 10, "safety": 0, "velocity": 0, "inbound": 0, "promise": 90}
TERM |= {"sharing": 3, "buffer": 0, "units": 1}


def test_what_is_kept_for_one_channel_and_what_is_left_for_all_is_told() -> None:
    term = TERM | {
        "share": 62,
        "reserves": [{"name": "live show", "for": "tmall", "units": 60, "sold": 10, "kept": 50}],
        "common": 40,
        "percent": "20%",
        "from": [
            {"why": "reserve", "units": 50, "name": "live show"},
            {"why": "share", "units": 8},
            {"why": "rest", "units": 4},
        ],
    }
    assert quantity_sentence(term) == (
        "A: 100 on hand − 10 reserved = 90 to promise − 50 for tmall by live show (60 less 10 sold) = 40 for all; "
        "here 50 kept by live show + 8 by its share of 20% + 4 of the rest = 62"
    )


def test_what_is_sold_ahead_is_told_with_what_limits_it() -> None:
    term = TERM | {
        "on_hand": 0,
        "reserved": 12,
        "promise": 0,
        "share": 18,
        "presales": [{"name": "presale", "cap": 30, "inbound": 40, "short": 12, "added": 18}],
        "from": [{"why": "presale", "units": 18, "name": "presale"}],
    }
    assert quantity_sentence(term) == (
        "A: 0 on hand − 12 reserved = -12, so 0 to promise; here 18 on their way, by presale "
        "(18: 40 arrive in time, at most 30, less 12 that are short)"
    )


def test_units_that_went_to_the_others_are_told() -> None:
    term = TERM | {"share": 0, "from": [], "passed": 3}
    assert quantity_sentence(term).endswith("here 0: fewer than 3 would be shown, so they went to the others")
