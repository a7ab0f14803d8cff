"""Where the sandbox differs from a real system on purpose: every such place, with its reason.

Keyed by (script, step, path); a place that no longer differs fails its script, so the list cannot go stale.
"""

INTENDED = {
    ("drafts_that_are_refused", "an odd phone", ".recipient.phone_number"): (
        "Karrio rewrites phone numbers in the international form of each country's own numbering plan; "
        "the sandbox carries no numbering plans, and keeps a number as it was given."
    ),
}


def unintended(script: str, found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The differences of one script without the intended ones; an intended one that is gone is a difference."""
    places = {(step, path) for name, step, path in INTENDED if name == script}
    met = {(step, line.partition(" is ")[0]) for step, line in found}
    gone = [(step, f"{path} no longer differs: take it off the list") for step, path in places - met]
    return [one for one in found if (one[0], one[1].partition(" is ")[0]) not in places] + gone
