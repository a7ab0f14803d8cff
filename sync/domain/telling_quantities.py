"""The terms of a quantity told in words: a phrase for a list of changes, a sentence that adds up for `explain`."""

from sync.domain.telling import At, Placed, Terms, by_name, in_brackets, nowhere


def quantity_phrase(terms: Terms) -> str:
    """Why a listing shall show so much, in one phrase: the scarcest SKU's promise, and this listing's part of it."""
    if terms.get("unknown"):
        return "no warehouse has said how much is there"
    scarcest = min(terms.get("skus", ()), key=_left, default=None)
    if not terms.get("published", True) or scarcest is None:
        return "not published, so it gets no share"
    parts = [f"{scarcest['promise']} of {scarcest['sku']} to promise"]
    if "from" in scarcest:
        parts.append(f"{scarcest['share']} here: {_sources(scarcest, by_name, nowhere)}")
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


def quantity_sentence(term: Terms, placed: Placed = by_name, at: At = nowhere) -> str:
    """The promise of one SKU, term by term so that it adds up to the eye, and this listing's part of it."""
    parts = f"{term['on_hand']} on hand − {term['reserved']} reserved"
    total = term["on_hand"] - term["reserved"]
    for name, sign in (("safety", -1), ("velocity", -1), ("inbound", 1)):
        if term[name]:
            place = in_brackets(at(name, term["sku"])) if name == "safety" else ""
            parts += f" {'−' if sign < 0 else '+'} {term[name]} {name}{place}"
            total += sign * term[name]
    for one in term.get("suppliers", ()):
        parts += f" + {one['free']} from {one['supplier']} ({_believed(one, at)})"
        total += one["free"]
    sums = f"{term['promise']}" if total == term["promise"] else f"{total}, so {term['promise']}"
    text = f"{term['sku']}: {parts} = {sums} to promise{_kept(term, placed)}; {_share(term, placed, at)}"
    if term["buffer"]:
        text += f" − {term['buffer']} buffer{in_brackets(at('buffer', ''))}"
    if term["units"] != 1:
        left = max(0, term["share"] - term["buffer"])
        text += f"; {left} at {term['units']} a piece are {left // term['units']}"
    return text


def quantity_limits(terms: Terms, at: At = nowhere) -> list[str]:
    """The most and the least that a shop shows of a listing, where they change its quantity."""
    lines = []
    if "cap" in terms:
        lines.append(f"at most {terms['cap']} are shown here{in_brackets(at('cap', ''))}")
    if "least_shown" in terms:
        place = in_brackets(at("least_shown", ""))
        lines.append(f"fewer than {terms['least_shown']} are shown as 0 here{place}")
    return lines


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


def _share(term: Terms, placed: Placed, at: At) -> str:
    """How the common units are shared, and what of them is here."""
    if "passed" in term:
        least = f"{term['passed']}{in_brackets(at('least_shown', ''))}"
        return f"here 0: fewer than {least} would be shown, so they went to the others"
    if "from" not in term:
        return f"shared by {term['sharing']}, here {term['share']}"
    sources = _sources(term, placed, at)
    return f"here {sources} = {term['share']}" if " + " in sources else f"here {sources}"


def _sources(term: Terms, placed: Placed, at: At) -> str:
    found = term["from"]
    return " + ".join(f"{one['units']} {_source(term, one, placed, at)}" for one in found) if found else "0"


def _source(term: Terms, one: Terms, placed: Placed, at: At) -> str:
    match one["why"]:
        case "reserve":
            return f"kept by {placed('stock.reserve', one['name'])}"
        case "presale":
            return f"on their way, by {placed('stock.reserve', one['name'])}{_ahead(term, one['name'])}"
        case "share":
            return f"by its share of {term.get('percent', 'the promise')}{in_brackets(at('share', ''))}"
        case "rest":
            return f"of the rest{in_brackets(at('rest', ''))}"
        case "all":
            return f"that are common to all{in_brackets(at('mode', ''))}"
        case "priority":
            below = term.get("scarce_below", "")
            return f"by priority, for fewer than {below} are left{in_brackets(at('priority', ''))}"
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


def _believed(term: Terms, at: At) -> str:
    """Why so much of a supplier's stock counts."""
    if term["standing"] in _DISBELIEVED:
        age = _aged(at("max_age", term["supplier"])) if term["standing"] == "stale" else ""
        return f"{_DISBELIEVED[term['standing']]}{age}"
    place = at("use", term["supplier"])
    text = f"{term['said']} listed, {term['counted']} counted" + (f" by {place}" if place else "")
    return f"{text} − {term['reserved']} reserved" if term["reserved"] else text


def _aged(place: str) -> str:
    if not place:
        return ""
    return ", by the default max_age" if place == "default" else f", by max_age in {place}"
