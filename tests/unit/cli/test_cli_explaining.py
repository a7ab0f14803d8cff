"""The sentence of `explain` adds up to the eye."""

from typing import Any

import pytest

from sync.cli.explaining import sentence


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
