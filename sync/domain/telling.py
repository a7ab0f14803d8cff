"""The terms of a stored value told in words: a phrase for a list of changes, sentences that add up for `explain`.

Terms are what the rules left beside the value; a term that is not there is not told. Nothing here decides.
"""

from collections.abc import Callable, Mapping
from typing import Any

Terms = Mapping[str, Any]
Placed = Callable[[str, str], str]
"""From a section and a rule's name to the name with its file and line, where these are known."""
At = Callable[[str, str], str]
"""From a term that has no name (`safety`, `buffer`, `goods`, …) and what it is about (a SKU, a supplier, an amount)
to the `file:line` of what made it; `default` where no file says it, empty where that is not known."""


def by_name(section: str, rule: str) -> str:
    """A rule told by its name alone."""
    return rule


def nowhere(term: str, about: str) -> str:
    """A term told without its place."""
    return ""


def in_brackets(place: str) -> str:
    """A place behind what stands there."""
    return f" ({place})" if place else ""


# --- prices -----------------------------------------------------------------------------------------


def price_phrase(terms: Terms) -> str:
    """Why a listing shall cost so much, in one phrase: the rule, and what came on top of it."""
    if terms.get("missing"):
        return f"{terms.get('rule', 'its rule')}: {terms['missing']}"
    parts = [str(terms.get("rule", ""))]
    for step in terms.get("steps", ()):
        match step["step"]:
            case "formula":
                parts[0] += f": {step['formula']}"
            case "promotion":
                parts.append(f"promotion {step['rule']}")
            case "floor" | "map":
                parts.append("raised to its " + ("floor" if step["step"] == "floor" else "MAP"))
    return ", ".join(part for part in parts if part)


def price_sentences(terms: Terms, placed: Placed = by_name, at: At = nowhere) -> list[str]:
    """Every step from cost to price: each says what it adds, and what that gives."""
    if not terms:
        return []
    lines = [f"rule {placed('prices', str(terms.get('rule', '')))}"]
    lines += [_step(step, placed, at) for step in terms.get("steps", ())]
    if floor := terms.get("floor"):
        covers = " + ".join(
            f"{one['is']} {_covered(one, placed, at)}" for one in floor["covers"] if one["is"] != "0"
        )
        lines.append(f"its floor is {floor['is']} = {covers}")
    if "map" in terms:
        place = in_brackets(at("goods", "map"))
        lines.append(f"its lowest advertised price (MAP) is {terms['map']}{place}")
    if "map_left_out" in terms:
        lines.append(f"no lowest advertised price: {terms['map_left_out']}")
    for one in terms.get("left_out", ()):
        lines.append(f"promotion {placed('promotions', one['rule'])} is left out: {one['why']}")
    if struck := terms.get("compare_at"):
        section = "prices" if struck["rule"] == terms.get("rule") else "promotions"
        lines.append(_struck(struck, placed(section, struck["rule"])))
    if terms.get("missing"):
        lines.append(f"no price, and the shop keeps what it has: {terms['missing']}")
    return lines


def _step(step: Terms, placed: Placed, at: At) -> str:
    gives = f"{step['gives']} {step['currency']}"
    if step["step"] == "formula":
        of = ", ".join(
            f"{name} {value}{in_brackets(at('goods', name))}" for name, value in step["of"].items()
        )
        return f"{step['formula']}" + (f" with {of}" if of else "") + f" = {gives}"
    if "adds" not in step:
        return f"{_what(step, placed, at)} = {gives}"
    if step["step"] == "convert":
        return f"{_what(step, placed, at)} = {gives}"
    adds = str(step["adds"])
    signed = f"− {adds[1:]}" if adds.startswith("-") else f"+ {adds}"
    return f"{signed} {_what(step, placed, at)} = {gives}"


def _what(step: Terms, placed: Placed, at: At) -> str:
    match step["step"]:
        case "convert":
            rates = ", ".join(_rate(one, at) for one in step["rates"])
            plus = f" plus {step['plus_percent']} %" if step["plus_percent"] != "0" else ""
            return f"converted at {rates}{plus}"
        case "tax":
            return f"tax of {step['percent']} %"
        case "floor":
            return "up to its floor"
        case "map":
            return "up to the lowest advertised price"
        case "round":
            return f"rounded {step['direction']} to {step['to']}"
        case "promotion":
            how = step.get("off") or step.get("formula", "")
            return f"promotion {placed('promotions', step['rule'])} ({how})"
        case "regular":
            return "back to the regular price, which is lower"
    return str(step["step"])


def _rate(leg: object, at: At) -> str:
    if not isinstance(leg, Mapping):
        return str(leg)
    place = in_brackets(at("rates", f"{leg['from']} {leg['to']} {leg['date']}"))
    return f"{leg['rate']} {leg['to']} for a {leg['from']} of {leg['date']}{place}"


def _covered(one: Terms, placed: Placed, at: At) -> str:
    part = str(one["part"])
    place = at("goods", part) if part in ("cost", "landed_cost") else ""
    what = f"{part.replace('_', ' ')}{in_brackets(place)}"
    return f"{what} ({placed('fees', one['rule'])})" if "rule" in one else what


def _struck(struck: Terms, rule: str) -> str:
    name = f"{struck['formula']} by {rule}"
    if "missing" in struck:
        return f"nothing is struck out: {name}, {struck['missing']}"
    if "why_none" in struck:
        return f"nothing is struck out: {name} gives {struck['gives']}, {struck['why_none']}"
    return f"struck out: {name} = {struck['gives']}"


# --- listing states ---------------------------------------------------------------------------------

_CAUSES = {
    "at_zero": "nothing is left to sell",
    "expired": "its goods are expired",
    "blocked": "its goods are blocked",
}


def state_phrase(terms: Terms) -> str:
    """Why a listing shall be up or down, in one phrase."""
    causes = [_CAUSES.get(cause, cause) for cause in terms.get("causes", ())]
    rule = str(terms.get("rule", ""))
    back = "there is enough to sell again" if terms.get("wish") == "up" else ""
    said = " and ".join(causes) or back
    return f"{rule}: {said}" if rule and said else rule


def state_sentences(terms: Terms, placed: Placed = by_name) -> list[str]:
    """The rule that says whether a listing is up, its causes, and since when they are so."""
    if not terms.get("rule"):
        return []
    lines = [f"rule {placed('listings', str(terms['rule']))}"]
    lines += [f"{_CAUSES.get(cause, cause)}" for cause in terms.get("causes", ())]
    if "put_back_at" in terms:
        there = "an unknown number" if terms.get("quantity") is None else terms["quantity"]
        lines.append(f"there are {there} to sell; it is put back at {terms['put_back_at']}")
    for name, what in _SINCE.items():
        if name in terms:
            lines.append(f"{what} {_minute(str(terms[name]))}")
    if "put_up_by_people_despite" in terms:
        despite = " and ".join(_CAUSES.get(one, one) for one in terms["put_up_by_people_despite"])
        lines.append(f"people put it up although {despite}: it stays up")
    if "variants" in terms:
        lines.append(
            f"{terms.get('shall_be_down', 0)} of the {terms['variants']} listings of its product shall be down"
        )
    if terms.get("ours"):
        lines.append("it is down because we took it down")
    return lines


_SINCE = {
    "nothing_to_sell_since": "there has been nothing to sell since",
    "may_be_up_since": "it could be up again since",
    "expires_at": "its goods count as expired from",
}


def _minute(moment: str) -> str:
    """A moment in ISO form, UTC, as people read it."""
    return f"{moment[:16].replace('T', ' ')} UTC"


# --- content ----------------------------------------------------------------------------------------


def content_phrase(terms: Terms) -> str:
    """What of a listing the catalogue owns."""
    return "the catalogue's " + (" and ".join(sorted(terms)) or "content")
