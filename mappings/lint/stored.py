"""Names that the files know and the stored data do not: SKUs, listings, carriers, tags, shipping methods."""

from collections.abc import Collection, Iterator, Mapping

from config.errors import Problem, near, problem_at, shown
from config.yaml import ListNode, Located, MapNode
from mappings.accounts import Accounts
from mappings.known import Facts
from mappings.lint.sku_places import sku_places
from mappings.schema import CourierModel, MappingsModel, WhenModel
from mappings.skus import listing_key
from mappings.when import folded

_NEAR_AMONG = 20_000
"""Among more words than that no near miss is looked for: it would take longer than a person waits."""


def known_warnings(
    model: MappingsModel, root: MapNode, accounts: Accounts, facts: Facts
) -> Iterator[Problem]:
    """What is named and was never seen. Where nothing has been read yet, nothing is said."""
    if facts.skus:
        yield from _skus(root, facts)
    yield from _overrides(model, root, facts)
    yield from _carriers(model, root, accounts, facts)
    if facts.looked_at.get("orders"):
        yield from _words(model, root, facts)


def _skus(root: MapNode, facts: Facts) -> Iterator[Problem]:
    for sku, place in sku_places(root):
        if sku not in facts.skus:
            what = f"no warehouse, supplier or SKU table has the SKU {shown(sku)}"
            yield problem_at(place, place.path, what, hint=near_sku(sku, facts))


def _overrides(model: MappingsModel, root: MapNode, facts: Facts) -> Iterator[Problem]:
    node = root.find("skus", "overrides")
    for index, override in enumerate(model.skus.overrides if model.skus else ()):
        account, _, listing = override.listing.partition(":")
        if account in facts.shops_read and listing_key(account, listing) not in facts.listings:
            place = node.find(index, "listing")
            yield problem_at(place, place.path, f"{account} has no listing {shown(listing)}")


def _carriers(model: MappingsModel, root: MapNode, accounts: Accounts, facts: Facts) -> Iterator[Problem]:
    """Of courier accounts whose carriers the settings do not name: what no parcel of theirs ever had."""
    known = accounts.couriers.carriers
    for index, rule in enumerate(model.couriers or ()):
        for number, (account, carrier) in enumerate(_pairs(rule, accounts)):
            seen = facts.carriers.get(account, frozenset())
            if carrier and not known.get(account) and seen and folded(carrier) not in map(folded, seen):
                use = root.find("couriers", index, "use")
                place = use.find(number) if isinstance(use, ListNode) else use
                what = f"no parcel of {account} has gone by {shown(carrier)} in the last {facts.days} days"
                yield problem_at(place, place.path, what, hint=near(carrier, seen))


def _pairs(rule: CourierModel, accounts: Accounts) -> list[tuple[str, str]]:
    return [accounts.couriers.resolve(word) for word in rule.use]


def _words(model: MappingsModel, root: MapNode, facts: Facts) -> Iterator[Problem]:
    seen: Mapping[str, tuple[str, Collection[str]]] = {
        "tags": ("bears the tag", facts.tags),
        "channel_service": ("has the shipping method", facts.services),
    }
    for section in ("holds", "routing", "couriers"):
        for index, rule in enumerate(getattr(model, section) or ()):
            if isinstance(rule.when, WhenModel):
                for key, (said, words) in seen.items():
                    place = root.find(section, index, "when", key)
                    yield from _unseen(getattr(rule.when, key), place, said, words, facts)


def _unseen(
    named: Collection[str], node: Located, said: str, seen: Collection[str], facts: Facts
) -> Iterator[Problem]:
    there = {folded(word) for word in seen}
    for number, word in enumerate(named):
        if folded(word) not in there:
            place = node.find(number) if isinstance(node, ListNode) else node
            what = f"no order of the last {facts.days} days {said} {shown(word)}"
            yield problem_at(place, place.path, what, hint=_near(word, seen))


def near_sku(sku: str, facts: Facts) -> str:
    """The known SKU that this one is most likely a slip of, or an empty text."""
    return _near(sku, facts.skus)


def _near(word: str, known: Collection[str]) -> str:
    return near(word, known) if len(known) <= _NEAR_AMONG else ""
