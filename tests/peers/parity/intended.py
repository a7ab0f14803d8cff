"""Where the sandbox differs from a real system on purpose: every such place, with its reason.

Keyed by (script, step, path); a place that no longer differs fails its script, so the list cannot go stale.
"""

INTENDED = {
    ("drafts_that_are_refused", "an odd phone", ".recipient.phone_number"): (
        "Karrio rewrites phone numbers in the international form of each country's own numbering plan; "
        "the sandbox carries no numbering plans, and keeps a number as it was given."
    ),
    **{
        ("a_shopper_s_return", "as it is", f".return.items[].{name}"): (
            "Medusa adds what an item leads to, though only the items are asked for; the sandbox shows what leads on "
            "where it is asked for, as the connector always does."
        )
        for name in ("reason", "item", "detail")
    },
}


def unintended(script: str, found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The differences of one script without the intended ones; an intended one that is gone is a difference."""
    places = {(step, path) for name, step, path in INTENDED if name == script}
    met = {(step, line.partition(" is ")[0]) for step, line in found}
    gone = [(step, f"{path} no longer differs: take it off the list") for step, path in places - met]
    return [one for one in found if (one[0], one[1].partition(" is ")[0]) not in places] + gone
