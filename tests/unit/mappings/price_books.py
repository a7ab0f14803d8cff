"""Rulebooks of prices from YAML and CSV as an admin writes them, for the tests about prices."""

import json
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from mappings import Rulebook, load_mappings
from mappings.facts import OfferFacts
from sync.domain.ids import Sku
from sync.domain.pricing import PriceWanted

BERLIN, SHANGHAI = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Shanghai")
ACCOUNTS = {
    "shop": "storefront",
    "tmall": "storefront",
    "wh": "warehouse",
    "sf": "courier",
    "acme": "supplier",
}
ZONES = {"shop": BERLIN, "tmall": SHANGHAI}
NOON = datetime(2026, 6, 11, 12, tzinfo=UTC)


def book(rules: str, zones: Mapping[str, ZoneInfo] = ZONES, /, **tables: str) -> Rulebook:
    """The rulebook of one YAML text, with tables by their names without .csv."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "rules.yaml").write_text(rules, "utf-8")
        for table, text in tables.items():
            (folder / f"{table}.csv").write_text(text, "utf-8")
        return load_mappings(folder, ACCOUNTS, label="mappings", zones=zones)


def offer(
    *components: tuple[str, int],
    account: str = "shop",
    currency: str = "EUR",
    includes_tax: bool | None = None,
    sold: Mapping[str, int] | None = None,
    suppliers: frozenset[str] = frozenset(),
) -> OfferFacts:
    """A listing of one A, or of these SKUs with their units."""
    bound = components or (("A", 1),)
    found = tuple((Sku(sku), units) for sku, units in bound)
    return OfferFacts(account, currency, found, includes_tax, suppliers, sold=sold or {})


def asked(rulebook: Rulebook, facts: OfferFacts, now: datetime = NOON) -> PriceWanted:
    """The price that a rule gives, whose terms are JSON and sum up to it."""
    found = rulebook.price(facts, now)
    assert found is not None, "no rule matches"
    assert json.loads(json.dumps(found.terms)) == found.terms
    if found.price is not None:
        assert summed(found) == found.price
        assert found.price > 0
    else:
        assert found.missing
    return found


def summed(found: PriceWanted) -> Decimal:
    """What the steps add up to."""
    steps = found.terms["steps"]
    assert isinstance(steps, list)
    return sum((Decimal(step["adds"]) for step in steps if "adds" in step), Decimal(0))


def steps_of(found: PriceWanted) -> list[str]:
    """The steps by their names."""
    steps = found.terms["steps"]
    assert isinstance(steps, list)
    return [step["step"] for step in steps]
