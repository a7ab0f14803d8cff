"""What stored data know, given to lint as one plain value: no rule reads a database."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from config.errors import Problem, shown
from mappings.facts import OfferFacts, OrderFacts, ParcelFacts
from mappings.offers_when import Offer
from mappings.rulebook import Rulebook
from mappings.skus import ListingKey

Rule = tuple[str, str]
"""(section, the rule's name)"""
_LOOKED_AT = {
    "holds": "orders",
    "routing": "orders",
    "couriers": "parcels",
    "fees": "offers",
    "prices": "offers",
    "promotions": "offers",
    "listings": "offers",
}
"""What each section's rules are tried on."""
_DEFAULTS = "defaults/"


@dataclass(frozen=True, slots=True)
class Facts:
    """What was found. A word that is absent was not seen; where nothing was looked at, nothing is known."""

    days: int = 90
    """How far back orders and parcels were looked at."""
    skus: frozenset[str] = frozenset()
    """Every SKU that exists; empty: none has been read yet."""
    unseen: frozenset[str] = frozenset()
    """Of the SKUs that tables name: those that no warehouse, supplier or listing was ever seen with."""
    shops_read: frozenset[str] = frozenset()
    """The shops, by account name, whose listings have all been read."""
    listings: frozenset[ListingKey] = frozenset()
    """Of the listings that overrides name: those that a shop has."""
    carriers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By courier account: the carriers of its parcels."""
    tags: frozenset[str] = frozenset()
    """What orders are marked with."""
    services: frozenset[str] = frozenset()
    """The shipping methods that buyers chose."""
    looked_at: Mapping[str, int] = field(default_factory=dict)
    """How many orders, parcels and offers the rules were tried on."""
    newest_only: frozenset[str] = frozenset()
    """Those of them of which there are more than could be looked at in the time."""
    matched: Mapping[Rule, int] = field(default_factory=dict)
    """How many of them each rule decided, or, where every match counts, matched."""


def never_matched(book: Rulebook, facts: Facts) -> Iterator[Problem]:
    """Rules of the admins' own files that decided nothing of what was looked at."""
    for (section, rule), place in sorted(book.places.items(), key=lambda item: (item[1].file, item[1].line)):
        what = _LOOKED_AT.get(section)
        count = facts.looked_at.get(what, 0) if what else 0
        if not count or place.file.startswith(_DEFAULTS) or facts.matched.get((section, rule)):
            continue
        newest = "newest " if what in facts.newest_only else ""
        when = "" if what == "offers" else f" of the last {facts.days} days"
        said = f"the rule {shown(rule)} matched none of the {newest}{count} {what}{when}"
        yield Problem(place.file, place.line, 1, section, said)


def matches_of_order(book: Rulebook, facts: OrderFacts) -> Iterator[Rule]:
    """The rules that hold or route it."""
    yield from (("holds", rule.name) for rule in book.holds(facts))
    route = book.route(facts)
    if route is not None:
        yield "routing", route.rule


def matches_of_parcel(book: Rulebook, facts: ParcelFacts) -> Iterator[Rule]:
    """The rule that gives it to a courier."""
    choice = book.courier(facts)
    if choice is not None:
        yield "couriers", choice.rule


def matches_of_offer(book: Rulebook, facts: OfferFacts) -> Iterator[Rule]:
    """The rules for its price and state, whatever the time."""
    offer, prices = Offer(facts, book.prices.goods), book.prices
    yield from (("fees", fee.name) for fee in prices.fees.rules if fee.when.matches(offer))
    deciding = next((rule for rule in prices.rules if rule.when.matches(offer)), None)
    if deciding is not None:
        yield "prices", deciding.name
    yield from (("promotions", rule.name) for rule in prices.promotions.rules if rule.when.matches(offer))
    state = book.listing_rule(facts)
    if state is not None:
        yield "listings", state.name
