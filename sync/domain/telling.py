"""The terms of a stored value told in words: a phrase for a list of changes, sentences that add up for `explain`.

Terms are what the rules left beside the value; a term that is not there is not told. Nothing here decides.
"""

from collections.abc import Callable, Mapping
from typing import Any

Terms = Mapping[str, Any]
Placed = Callable[[str, str], str]
"""From a section and a rule's name to the name with its file and line, where these are known."""


def by_name(section: str, rule: str) -> str:
    """A rule told by its name alone."""
    return rule


# --- quantities -------------------------------------------------------------------------------------


def quantity_phrase(terms: Terms) -> str:
    """Why a listing shall show so much, in one phrase: the scarcest SKU's promise, and this listing's part of it."""
    if terms.get("unknown"):
        return "no warehouse has said how much is there"
    scarcest = min(terms.get("skus", ()), key=_left, default=None)
    if not terms.get("published", True) or scarcest is None:
        return "not published, so it gets no share"
    parts = [f"{scarcest['promise']} of {scarcest['sku']} to promise"]
    if "from" in scarcest:
        parts.append(f"{scarcest['share']} here: {_sources(scarcest, by_name)}")
    elif scarcest["sharing"] != 1:
        parts.append(f"shared by {scarcest['sharing']}: {scarcest['share']} here")
    if scarcest["buffer"]:
        parts.append(f"{scarcest['buffer']} held back as buffer")
    if scarcest["units"] != 1:
        parts.append(f"{scarcest['units']} in a piece")
    if "cap" in terms:
        parts.append(f"at most {terms['cap']} shown")
    if "least_shown" in terms:
        parts.append(f"fewer than {terms['least_shown']} shown as 0")
    return ", ".join(parts)


def _left(term: Terms) -> tuple[int, str]:
    return max(0, term["share"] - term["buffer"]) // term["units"], term["sku"]


def quantity_sentence(term: Terms, placed: Placed = by_name) -> str:
    """The promise of one SKU, term by term so that it adds up to the eye, and this listing's part of it."""
    parts = f"{term['on_hand']} on hand − {term['reserved']} reserved"
    total = term["on_hand"] - term["reserved"]
    for name, sign in (("safety", -1), ("velocity", -1), ("inbound", 1)):
        if term[name]:
            parts += f" {'−' if sign < 0 else '+'} {term[name]} {name}"
            total += sign * term[name]
    for one in term.get("suppliers", ()):
        parts += f" + {one['free']} from {one['supplier']} ({_believed(one)})"
        total += one["free"]
    sums = f"{term['promise']}" if total == term["promise"] else f"{total}, so {term['promise']}"
    text = f"{term['sku']}: {parts} = {sums} to promise{_kept(term, placed)}; {_share(term, placed)}"
    if term["buffer"]:
        text += f" − {term['buffer']} buffer"
    if term["units"] != 1:
        left = max(0, term["share"] - term["buffer"])
        text += f"; {left} at {term['units']} a piece are {left // term['units']}"
    return text


def _kept(term: Terms, placed: Placed) -> str:
    """What is kept for single channels, and what is common."""
    if not term.get("reserves"):
        return ""
    kept = "".join(
        f" − {one['kept']} for {one['for']} by {placed('stock.reserve', one['name'])} "
        f"({one['units']} less {one['sold']} sold)"
        for one in term["reserves"]
    )
    return f"{kept} = {term['common']} for all"


def _share(term: Terms, placed: Placed) -> str:
    """How the common units are shared, and what of them is here."""
    if "passed" in term:
        return f"here 0: fewer than {term['passed']} would be shown, so they went to the others"
    if "from" not in term:
        return f"shared by {term['sharing']}, here {term['share']}"
    sources = _sources(term, placed)
    return f"here {sources} = {term['share']}" if " + " in sources else f"here {sources}"


def _sources(term: Terms, placed: Placed) -> str:
    found = term["from"]
    return " + ".join(f"{one['units']} {_source(term, one, placed)}" for one in found) if found else "0"


def _source(term: Terms, one: Terms, placed: Placed) -> str:
    match one["why"]:
        case "reserve":
            return f"kept by {placed('stock.reserve', one['name'])}"
        case "presale":
            return f"on their way, by {placed('stock.reserve', one['name'])}{_ahead(term, one['name'])}"
        case "share":
            return f"by its share of {term.get('percent', 'the promise')}"
        case "rest":
            return "of the rest"
        case "all":
            return "that are common to all"
        case "priority":
            return f"by priority, for fewer than {term.get('scarce_below', '')} are left"
    return f"in equal parts of {term['sharing']}"


def _ahead(term: Terms, name: str) -> str:
    """How many a pre-sale adds for its channel, and why."""
    found = next((one for one in term.get("presales", ()) if one["name"] == name), None)
    if found is None:
        return ""
    short = f", less {found['short']} that are short" if found["short"] else ""
    return f" ({found['added']}: {found['inbound']} arrive in time, at most {found['cap']}{short})"


_DISBELIEVED = {
    "unknown": "it does not say how many it has",
    "stale": "its last list is too old",
    "refused": "it refused this SKU since its last list",
}


def _believed(term: Terms) -> str:
    """Why so much of a supplier's stock counts."""
    if term["standing"] in _DISBELIEVED:
        return _DISBELIEVED[term["standing"]]
    text = f"{term['said']} listed, {term['counted']} counted"
    return f"{text} − {term['reserved']} reserved" if term["reserved"] else text


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


def price_sentences(terms: Terms, placed: Placed = by_name) -> list[str]:
    """Every step from cost to price: each says what it adds, and what that gives."""
    if not terms:
        return []
    lines = [f"rule {placed('prices', str(terms.get('rule', '')))}"]
    lines += [_step(step, placed) for step in terms.get("steps", ())]
    if floor := terms.get("floor"):
        covers = " + ".join(
            f"{one['is']} {_covered(one, placed)}" for one in floor["covers"] if one["is"] != "0"
        )
        lines.append(f"its floor is {floor['is']} = {covers}")
    if "map" in terms:
        lines.append(f"its lowest advertised price (MAP) is {terms['map']}")
    if "map_left_out" in terms:
        lines.append(f"no lowest advertised price: {terms['map_left_out']}")
    for one in terms.get("left_out", ()):
        lines.append(f"promotion {placed('promotions', one['rule'])} is left out: {one['why']}")
    if struck := terms.get("compare_at"):
        lines.append(_struck(struck, placed))
    if terms.get("missing"):
        lines.append(f"no price, and the shop keeps what it has: {terms['missing']}")
    return lines


def _step(step: Terms, placed: Placed) -> str:
    gives = f"{step['gives']} {step['currency']}"
    if step["step"] == "formula":
        of = ", ".join(f"{name} {value}" for name, value in step["of"].items())
        return f"{step['formula']}" + (f" with {of}" if of else "") + f" = {gives}"
    if "adds" not in step:
        return f"{_what(step, placed)} = {gives}"
    if step["step"] == "convert":
        return f"{_what(step, placed)} = {gives}"
    adds = str(step["adds"])
    signed = f"− {adds[1:]}" if adds.startswith("-") else f"+ {adds}"
    return f"{signed} {_what(step, placed)} = {gives}"


def _what(step: Terms, placed: Placed) -> str:
    match step["step"]:
        case "convert":
            rates = ", ".join(_rate(one) for one in step["rates"])
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


def _rate(leg: object) -> str:
    if not isinstance(leg, Mapping):
        return str(leg)
    return f"{leg['rate']} {leg['to']} for a {leg['from']} of {leg['date']}"


def _covered(one: Terms, placed: Placed) -> str:
    what = str(one["part"]).replace("_", " ")
    return f"{what} ({placed('fees', one['rule'])})" if "rule" in one else what


def _struck(struck: Terms, placed: Placed) -> str:
    name = f"{struck['formula']} by {struck['rule']}"
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
