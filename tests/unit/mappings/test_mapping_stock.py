"""`stock:` and `inbound:`: percents, caps, and units that one channel alone may sell while the clock says so."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mappings import Rulebook, load_mappings
from sync.domain.allotment import Presale, Reserve, allot
from sync.domain.sharing import WHOLE, Policy
from sync.domain.stock import Claim

SHOPS = ("tmall", "shop", "outlet")
ZONES = {"tmall": ZoneInfo("Asia/Shanghai"), "shop": ZoneInfo("Europe/Berlin"), "outlet": UTC}


def rules(folder: Path, text: str, inbound: str = "") -> Rulebook:
    """The rules of one file, and of a table of what is on its way."""
    (folder / "rules.yaml").write_text(text, "utf-8")
    if inbound:
        (folder / "inbound.csv").write_text(f"sku,units,arrives\n{inbound}", "utf-8")
    accounts = dict.fromkeys(SHOPS, "storefront") | {"wh": "warehouse"}
    return load_mappings(folder, accounts, zones=ZONES)


def at(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_without_a_section_all_listings_have_equal_parts(tmp_path: Path) -> None:
    assert rules(tmp_path, "stock: {safety_stock: 1}").stock.policy == Policy()


def test_the_policy_is_as_it_is_written(tmp_path: Path) -> None:
    text = """
    stock:
      share: {tmall: 50%, shop: 33.3%, shared: 16.7%}
      cap: {shop: 50 units}
      least_shown: {shop: 3 units, tmall: 2}
      priority: {order: [tmall, shop], when_below: 10 units}
    """
    assert rules(tmp_path, text).stock.policy == Policy(
        False,
        {"tmall": WHOLE // 2, "shop": 333 * WHOLE // 1000},
        ("tmall", "shop"),
        10,
        {"shop": 50},
        {"shop": 3, "tmall": 2},
    )
    assert rules(tmp_path, "stock: {mode: shared}").stock.policy == Policy(shared=True)


SHOW = """
stock:
  reserve:
    - {name: live show, for: tmall, sku: [A, B], units: 3000 units, from: 2026-06-11 19:00, until: "2026-06-11 23:00"}
    - {name: always, for: shop, sku: A, units: 5, from: 2026-06-11}
"""


@pytest.mark.parametrize(
    ("now", "names"),
    [
        ("2026-06-10 21:59:59", []),
        ("2026-06-10 22:00", ["always"]),
        ("2026-06-11 10:59:59", ["always"]),
        ("2026-06-11 11:00", ["live show", "always"]),
        ("2026-06-11 14:59:59", ["live show", "always"]),
        ("2026-06-11 15:00", ["always"]),
    ],
)
def test_a_reserve_is_in_force_by_the_clock_of_its_shop(tmp_path: Path, now: str, names: list[str]) -> None:
    """19:00 in Shanghai is 11:00 in UTC; midnight in Berlin is 22:00 the day before, in summer."""
    assert [one.name for one in rules(tmp_path, SHOW).stock.reserves("A", at(now))] == names


def test_a_reserve_is_about_its_skus_alone(tmp_path: Path) -> None:
    stock = rules(tmp_path, SHOW).stock
    assert [one.name for one in stock.reserves("B", at("2026-06-11 12:00"))] == ["live show"]
    assert stock.reserves("C", at("2026-06-11 12:00")) == []


@pytest.mark.parametrize(
    ("before", "now", "skus"),
    [
        ("2026-06-11 10:00", "2026-06-11 10:59:59", ""),
        ("2026-06-11 10:00", "2026-06-11 11:00", "AB"),
        ("2026-06-11 11:00", "2026-06-11 14:59:59", ""),
        ("2026-06-11 11:00", "2026-06-11 15:00", "AB"),
        ("2026-06-10 12:00", "2026-06-10 23:00", "A"),
        ("2026-06-01 00:00", "2026-07-01 00:00", "AB"),
        ("2026-06-11 15:30", "2026-06-11 14:30", "AB"),
        (None, "2026-06-11 10:00", "A"),
        (None, "2026-06-01 00:00", ""),
    ],
    ids=[
        "before",
        "begins",
        "during",
        "ends",
        "another one begins",
        "missed",
        "set back",
        "first look",
        "nothing yet",
    ],
)
def test_an_edge_between_two_looks_names_the_skus_that_it_is_about(
    tmp_path: Path, before: str | None, now: str, skus: str
) -> None:
    found = rules(tmp_path, SHOW).stock.edges.between(at(before) if before else None, at(now))
    assert found == frozenset(skus)


def test_a_time_that_comes_twice_counts_from_the_first_and_ends_with_the_second(tmp_path: Path) -> None:
    """In Berlin 02:30 comes at 00:30 and at 01:30 UTC on 25 October 2026."""
    text = "stock: {reserve: [{name: r, for: shop, sku: A, units: 1, from: 2026-10-25 02:30, until: 2026-10-25 02:31}]}"
    stock = rules(tmp_path, text).stock
    assert stock.edges.moments == (at("2026-10-25 00:30"), at("2026-10-25 01:31"))


PRESALE = """
inbound: {table: inbound.csv}
stock:
  reserve:
    - {name: presale, for: tmall, sku: C, units: 800, against: inbound, ship_by: "2026-07-01 23:59"}
"""
ON_ITS_WAY = "C,100,2026-06-20\nC,50,2026-06-20\nC,200,2026-07-01\nC,400,2026-07-02\nD,9,2026-06-20\n"


@pytest.mark.parametrize(
    ("now", "units"),
    [
        ("2026-06-01 00:00", 350),
        ("2026-06-19 15:59:59", 350),
        ("2026-06-19 16:00", 200),
        ("2026-06-30 15:59:59", 200),
        ("2026-06-30 16:00", 0),
    ],
)
def test_what_is_on_its_way_counts_until_its_day_and_only_if_it_comes_in_time(
    tmp_path: Path, now: str, units: int
) -> None:
    """The days are those of the shop: 20 June begins in Shanghai at 16:00 UTC."""
    stock = rules(tmp_path, PRESALE, ON_ITS_WAY).stock
    assert stock.presales("C", at(now)) == [Presale("presale", "tmall", 800, units)]
    assert stock.presales("D", at(now)) == []


def test_a_pre_sale_ends_when_it_has_to_be_shipped(tmp_path: Path) -> None:
    stock = rules(tmp_path, PRESALE, ON_ITS_WAY).stock
    assert stock.presales("C", at("2026-07-01 15:59")) == []
    assert stock.edges.between(at("2026-07-01 15:58"), at("2026-07-01 15:59")) == {"C"}
    assert stock.edges.between(at("2026-06-19 15:00"), at("2026-06-19 16:00")) == {"C"}


def test_the_version_follows_what_is_on_its_way(tmp_path: Path) -> None:
    one, two = (rules(tmp_path, PRESALE, f"C,{units},2026-06-20\n").version for units in (1, 2))
    assert one != two


@pytest.mark.parametrize(("zone", "moved"), [("Asia/Tokyo", True), ("Asia/Shanghai", False)])
def test_the_version_follows_the_zone_that_the_times_are_in(tmp_path: Path, zone: str, moved: bool) -> None:
    before = rules(tmp_path, SHOW).version
    accounts = dict.fromkeys(SHOPS, "storefront") | {"wh": "warehouse"}
    after = load_mappings(tmp_path, accounts, zones=ZONES | {"tmall": ZoneInfo(zone)}).version
    assert (before != after) is moved


def written(chance: Random) -> tuple[str, Counter[str]]:
    """A `stock:` section by chance, and what stands in it."""
    has, lines, left = Counter[str](), ["stock:"], 1000
    mode = chance.choice(("strict", "strict", "shared"))
    lines.append(f"  mode: {mode}")
    named = chance.sample(SHOPS, chance.randint(0, 3)) if mode == "strict" else []
    parts = {}
    for name in named:
        part = chance.choice((left, left // 2, chance.randint(0, left)))
        parts[name], left = part, left - part
    if parts and chance.random() < 0.4:
        parts["shared"] = left
    if parts:
        lines.append(f"  share: {{{', '.join(f'{name}: {part / 10:g}%' for name, part in parts.items())}}}")
    if chance.random() < 0.4:
        lines.append(f"  cap: {{shop: {chance.randint(9, 20)} units}}")
    if chance.random() < 0.4:
        lines.append(f"  least_shown: {{shop: {chance.randint(0, 9)}, tmall: {chance.randint(0, 5)} units}}")
    if chance.random() < 0.4:
        lines.append(f"  priority: {{order: [shop, outlet], when_below: {chance.choice((5, 50, 500))}}}")
    if chance.random() < 0.4:
        lines.append(f"  buffer: {{units: {chance.randint(0, 4)}, percent: {chance.randint(0, 60)}%}}")
    if chance.random() < 0.4:
        lines.append("  reserve:")
        lines.append(
            f"    - {{name: r, for: tmall, sku: A, units: {chance.randint(0, 60)}, from: 2026-06-11}}"
        )
        has["reserve"] += 1
    has.update(
        {key: 1 for key in ("share", "cap", "least", "priority", "buffer") if f"  {key}" in "\n".join(lines)}
    )
    has[mode] += 1
    return "\n".join(lines) + "\n", has


def test_whatever_is_written_the_channels_show_no_more_than_it_allows(tmp_path: Path) -> None:
    seen = Counter[str]()

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, 2**64))
    def every(seed: int) -> None:
        chance = Random(seed)
        text, has = written(chance)
        seen.update(has)
        seen["all"] += 1
        _obeyed(rules(tmp_path, text), chance)

    every()
    for name in ("strict", "shared", "share", "cap", "least", "priority", "buffer", "reserve"):
        assert seen[name] >= 0.02 * seen["all"], (name, seen)


def _obeyed(book: Rulebook, chance: Random) -> None:
    stock, promise = book.stock, chance.choice((0, 1, 3, 8, 40, 200))
    claims = [
        Claim(f"l{n}", chance.choice(SHOPS), chance.choice((1, 1, 2, 6)), True, f"n{n}")
        for n in range(chance.randint(0, 5))
    ]
    kept = [
        Reserve(one.name, one.account, one.units, sold=chance.choice((0, 5)))
        for one in stock.reserves("A", at("2026-06-12 00:00"))
    ]
    held: Callable[[str, int], int] = lambda account, units: stock.buffer(account, "A", units)  # noqa: E731
    found = allot(promise, claims, stock.policy, reserves=kept, held=held)
    shown = Counter[str]()
    for claim in claims:
        units = found.units(claim.listing)
        pieces = stock.policy.shown(claim.account, (units - held(claim.account, units)) // claim.units)
        assert pieces == 0 or pieces >= stock.policy.least.get(claim.account, 0)
        assert pieces <= stock.policy.cap.get(claim.account, pieces)
        shown[claim.account] += pieces * claim.units
    aside = sum(max(0, one.units - one.sold) for one in kept)
    for name in SHOPS if stock.policy.shared else ():
        assert shown[name] <= (promise if name == "tmall" else max(0, promise - aside))
    if not stock.policy.shared:
        assert shown.total() <= promise
        assert shown.total() - shown["tmall"] <= max(0, promise - aside)


def test_a_look_an_hour_later_finds_every_edge_of_that_hour(tmp_path: Path) -> None:
    """Looks that follow one another miss nothing and tell nothing twice."""
    edges = rules(tmp_path, SHOW).stock.edges
    now, found = at("2026-06-10 00:00"), Counter[str]()
    while now < at("2026-06-13 00:00"):
        found.update(edges.between(now, now + timedelta(hours=1)))
        now += timedelta(hours=1)
    assert found == {"A": 3, "B": 2}
