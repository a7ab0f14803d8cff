"""Whatever the rules and the world: what the channels show together obeys the policy, and nothing is left over."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.domain.allotment import Allotment, Presale, Reserve, allot
from sync.domain.sharing import WHOLE, Policy, Why
from sync.domain.stock import Claim, Exposure, raise_allowed

SHOPS = ("a", "b", "c", "d")


@dataclass(frozen=True)
class World:
    """One SKU: what is there, who sells it, and the rules."""

    promise: int
    shortfall: int
    claims: tuple[Claim, ...]
    policy: Policy
    reserves: tuple[Reserve, ...]
    presales: tuple[Presale, ...]
    buffers: dict[str, int]

    def held(self, account: str, units: int) -> int:
        return min(units, self.buffers.get(account, 0))

    def allot(self, claims: Sequence[Claim] | None = None) -> Allotment:
        return allot(
            self.promise,
            self.claims if claims is None else claims,
            self.policy,
            shortfall=self.shortfall,
            reserves=self.reserves,
            presales=self.presales,
            held=self.held,
        )

    def shown(self, found: Allotment, claim: Claim) -> int:
        """What its shop shows of a listing."""
        units = found.units(claim.listing)
        return self.policy.shown(
            claim.account, max(0, units - self.held(claim.account, units)) // claim.units
        )


def some(chance: Random, most: int) -> dict[str, int]:
    """A number for some shops, for none in a good part of all worlds."""
    names = chance.sample(SHOPS, chance.choice((0, 0, 1, 2, 3)))
    return {name: chance.randint(0, most) for name in names}


def shares(chance: Random) -> dict[str, int]:
    left, found = 100_000, {}
    for name in chance.sample(SHOPS, chance.choice((0, 1, 2, 3))):
        part = chance.choice((left, left // 2, left // 3, chance.randint(0, left)))
        found[name], left = part * (WHOLE // 100_000), left - part
    return found


def world_of(seed: int, mode: bool | None = None) -> World:
    """A world drawn by chance alone, so that each class of them is as frequent as it is meant to be."""
    chance = Random(seed)
    promise = chance.choice((0, 0, 0, 1, 2, 5, 9, 12, 30, 100, 399, chance.randint(0, 60)))
    claims = tuple(
        Claim(f"l{n}", chance.choice(SHOPS), chance.choice((1, 1, 1, 2, 6)), chance.random() < 0.8, f"n{n}")
        for n in range(chance.randint(0, 6))
    )
    shared = chance.random() < 0.5 if mode is None else mode
    least = some(chance, 9)
    cap = {name: units + least.get(name, 0) for name, units in some(chance, 12).items()}
    priority = tuple(chance.sample(SHOPS, chance.choice((0, 0, 2, 3))))
    scarce_below = chance.choice((3, 10, 40, 400))
    policy = Policy(shared, {} if shared else shares(chance), priority, scarce_below, cap, least)
    reserves = tuple(
        Reserve(
            f"r{n}", chance.choice(SHOPS), chance.randint(0, 60), chance.choice((0, chance.randint(0, 70)))
        )
        for n in range(chance.choice((0, 0, 1, 2)))
    )
    presales = tuple(
        Presale(f"p{n}", chance.choice(SHOPS), chance.randint(0, 60), chance.randint(0, 80))
        for n in range(chance.choice((0, 0, 1, 2)))
    )
    shortfall = 0 if promise else chance.choice((0, 1, 5, 20, 70))
    return World(promise, shortfall, claims, policy, reserves, presales, some(chance, 5))


def holds(law: Callable[[World, Counter[str]], None], *classes: str, mode: bool | None = None) -> None:
    """The law holds in every world, and each of the classes occurs in at least 2 % of them."""
    seen = Counter[str]()

    @settings(max_examples=400, deadline=None)
    @given(st.integers(0, 2**64))
    def every(seed: int) -> None:
        world = world_of(seed, mode)
        seen["all"] += 1
        for name in classes_of(world, world.allot()):
            seen[name] += 1
        law(world, seen)

    every()
    rare = {name: seen[name] for name in classes if seen[name] < 0.02 * seen["all"]}
    assert not rare, (rare, seen)


def classes_of(world: World, found: Allotment) -> set[str]:
    """What is remarkable about a world."""
    takers = [claim for claim in world.claims if claim.open]
    by_shop = Counter(claim.account for claim in takers)
    why = {source.why for sources in found.parts.values() for source in sources}
    return {
        *(["nobody sells it"] if not takers else []),
        *(["nothing there"] if not world.promise else []),
        *(["packs"] if any(claim.units > 1 for claim in takers) else []),
        *(["two listings on a shop"] if any(count > 1 for count in by_shop.values()) else []),
        *(["passed on"] if found.passed else []),
        *(["scarce"] if found.scarce and takers else []),
        *(["oversold presale"] if world.shortfall and world.presales else []),
        *(["capped"] if any(by_shop[name] for name in world.policy.cap) else []),
        *(["buffered"] if any(by_shop[name] for name in world.buffers) else []),
        *(why_.value for why_ in why),
    }


def own(found: Allotment) -> int:
    return sum(found.limits.own.values())


def added(found: Allotment) -> int:
    return sum(units for _, units in found.ahead)


def common_units(found: Allotment) -> int:
    """Units given out that are no channel's own."""
    mine = (Why.RESERVE, Why.PRESALE)
    return sum(s.units for sources in found.parts.values() for s in sources if s.why not in mine)


def test_strictly_shared_the_channels_never_show_more_than_the_promise_and_the_pre_sales() -> None:
    def law(world: World, seen: Counter[str]) -> None:
        found = world.allot()
        shown = sum(world.shown(found, claim) * claim.units for claim in world.claims if claim.open)
        assert shown <= sum(map(found.units, found.parts)) <= world.promise + added(found)
        assert added(found) <= max(0, max((p.inbound for p in world.presales), default=0) - world.shortfall)

    holds(
        law,
        *(
            "nobody sells it",
            "nothing there",
            "packs",
            "two listings on a shop",
            "passed on",
            "scarce",
            "capped",
        ),
        *("buffered", "reserve", "presale", "share", "rest", "equal", "priority", "oversold presale"),
        mode=False,
    )


def test_no_common_unit_is_left_over_while_anybody_may_have_it() -> None:
    def law(world: World, seen: Counter[str]) -> None:
        found = world.allot()
        may = [claim for claim in world.claims if claim.open and claim.listing not in found.passed]
        assert common_units(found) == (found.limits.common if may else 0)

    holds(law, "passed on", "scarce", "share", "rest", "equal", mode=False)


def test_in_mode_shared_each_channel_sees_everything_that_is_common_and_what_is_its_own() -> None:
    def law(world: World, seen: Counter[str]) -> None:
        found = world.allot()
        for shop in SHOPS:
            mine = [claim for claim in world.claims if claim.open and claim.account == shop]
            staying = [claim for claim in mine if claim.listing not in found.passed]
            units = sum(found.units(claim.listing) for claim in mine)
            assert units <= found.limits.room(shop)
            if staying and not found.scarce:
                assert units == found.limits.room(shop)

    holds(law, "two listings on a shop", "passed on", "scarce", "all", "reserve", "presale", mode=True)


def test_units_that_are_kept_for_a_channel_are_its_alone() -> None:
    def law(world: World, seen: Counter[str]) -> None:
        found = world.allot()
        assert found.limits.common == world.promise - sum(units for _, units in found.kept)
        for rule, units in found.kept:
            assert units <= max(0, rule.units - rule.sold)
        for shop in SHOPS:
            others = sum(found.units(c.listing) for c in world.claims if c.open and c.account != shop)
            mine = found.limits.own.get(shop, 0)
            if not world.policy.shared:
                assert others <= found.limits.common + own(found) - mine

    holds(law, "reserve", "presale")


def test_a_pre_sale_never_sells_more_than_its_cap_of_what_is_on_its_way() -> None:
    def law(world: World, seen: Counter[str]) -> None:
        for rule, units in world.allot().ahead:
            assert units <= max(0, min(rule.cap, rule.inbound) - world.shortfall)

    holds(law, "presale", "oversold presale")


def test_a_named_channel_has_its_percent_to_the_unit() -> None:
    def law(world: World, seen: Counter[str]) -> None:
        found = world.allot()
        if found.scarce or found.passed:
            return
        selling = {claim.account for claim in world.claims if claim.open}
        for shop, weight in world.policy.shares.items():
            sources = [s for c in world.claims if c.account == shop for s in found.parts.get(c.listing, ())]
            has = sum(source.units for source in sources if source.why is Why.SHARE)
            exact = found.limits.common * weight
            assert abs(has * WHOLE - exact) < WHOLE if shop in selling else not has

    holds(law, "share", "rest", "two listings on a shop", mode=False)


def test_who_is_asked_first_makes_no_difference() -> None:
    def law(world: World, seen: Counter[str]) -> None:
        mixed = list(world.claims)
        Random(len(mixed) + world.promise).shuffle(mixed)
        assert world.allot(mixed).parts == world.allot().parts

    holds(law, "two listings on a shop", "passed on", "scarce")


def test_no_listing_keeps_units_that_its_channel_would_show_as_nothing() -> None:
    def law(world: World, seen: Counter[str]) -> None:
        found = world.allot()
        for claim in world.claims:
            shown = world.shown(found, claim) if claim.open else 0
            if claim.open and world.policy.least.get(claim.account):
                assert shown or not found.units(claim.listing)
            assert not shown or shown >= world.policy.least.get(claim.account, 0)
            assert shown <= world.policy.cap.get(claim.account, shown)
            seen["shown"] += bool(shown)

    holds(law, "passed on", "capped", "shown")


def test_scarce_units_go_first_to_whom_they_are_of_use_first() -> None:
    """A channel could not show more by having all units of those that rank behind it."""

    def law(world: World, seen: Counter[str]) -> None:
        found = world.allot()
        ranks = {name: at for at, name in enumerate(world.policy.priority)}
        if not found.scarce or found.passed:
            return
        for claim in (one for one in world.claims if one.open and one.account in ranks):
            behind = sum(
                source.units
                for other in world.claims
                if ranks.get(other.account, len(ranks)) > ranks[claim.account]
                for source in found.parts.get(other.listing, ())
                if source.why is Why.PRIORITY
            )
            seen["behind"] += bool(behind)
            has = found.units(claim.listing) + behind
            most = max(0, has - world.held(claim.account, has)) // claim.units
            assert world.policy.shown(claim.account, most) == world.shown(found, claim)

    holds(law, "scarce", "behind")


def test_what_is_allotted_may_be_shown_however_the_shops_come_to_it() -> None:
    """Nobody blocks another for ever: with all others where they shall be, each may go up to its own."""

    def law(world: World, seen: Counter[str]) -> None:
        found = world.allot()
        claims = [claim for claim in world.claims if claim.open]
        for mine in claims:
            others = [
                Exposure(other.listing, other.units, world.shown(found, other), other.account)
                for other in claims
                if other is not mine
            ]
            against, room = found.limits.against(mine.account, others), found.limits.room(mine.account)
            assert raise_allowed(world.shown(found, mine), mine.units, against, room)

    holds(law, "reserve", "presale", "scarce", "share")


def test_raises_one_after_the_other_never_break_the_bound_whatever_is_wanted() -> None:
    def law(world: World, seen: Counter[str]) -> None:
        found, chance = world.allot(), Random(world.promise)
        claims = [claim for claim in world.claims if claim.open]
        showing = dict.fromkeys((claim.listing for claim in claims), 0)
        for _ in range(12 if claims else 0):
            mine, wanted = chance.choice(claims), chance.randint(0, 90)
            others = [
                Exposure(o.listing, o.units, showing[o.listing], o.account) for o in claims if o is not mine
            ]
            against, room = found.limits.against(mine.account, others), found.limits.room(mine.account)
            if raise_allowed(wanted, mine.units, against, room):
                showing[mine.listing] = max(wanted, showing[mine.listing])
                seen["raised"] += 1
            else:
                seen["refused"] += 1
            exposed = Counter[str]()
            for claim in claims:
                exposed[claim.account] += showing[claim.listing] * claim.units
            if world.policy.shared:
                assert all(exposed[shop] <= found.limits.room(shop) for shop in SHOPS)
            else:
                assert exposed.total() <= world.promise + added(found)
                beyond = sum(max(0, exposed[shop] - found.limits.own.get(shop, 0)) for shop in SHOPS)
                assert beyond <= found.limits.common

    holds(law, "raised", "refused", "reserve", "presale")


def test_a_channel_of_which_nobody_knows_what_it_sells_blocks_the_others_also_with_units_of_its_own() -> None:
    found = allot(10, [], Policy(), reserves=[Reserve("r", "b", 5)])
    blocked = found.limits.against("a", [Exposure("l", 1, None, "b")])
    assert not raise_allowed(1, 1, blocked, found.limits.room("a"))


def parts(found: Allotment) -> dict[str, int]:
    return {listing: found.units(listing) for listing in found.parts}


def test_percents_come_first_and_the_rest_is_for_all() -> None:
    claims = [Claim("tmall", "tmall", 1), Claim("shop", "shop", 1), Claim("other", "other", 1)]
    policy = Policy(shares={"tmall": WHOLE // 2, "shop": 3 * WHOLE // 10})
    assert parts(allot(100, claims, policy)) == {"tmall": 56, "shop": 37, "other": 7}


def test_the_percent_of_a_channel_that_does_not_sell_it_goes_to_the_rest() -> None:
    policy = Policy(shares={"tmall": WHOLE // 2, "shop": WHOLE // 2})
    assert parts(allot(100, [Claim("s", "shop", 1), Claim("o", "other", 1)], policy)) == {"s": 100, "o": 0}
    assert parts(allot(100, [Claim("o", "other", 1)], policy)) == {"o": 100}


def test_listings_of_one_channel_divide_its_part() -> None:
    claims = [Claim("one", "shop", 1), Claim("two", "shop", 6), Claim("three", "other", 1)]
    policy = Policy(shares={"shop": WHOLE // 2, "other": WHOLE // 2})
    assert parts(allot(100, claims, policy)) == {"one": 25, "two": 25, "three": 50}


def test_two_units_that_one_shop_would_not_show_go_to_the_one_that_does() -> None:
    claims = [Claim("t", "tmall", 1), Claim("s", "shop", 1)]
    assert parts(allot(4, claims, Policy(least={"tmall": 3}))) == {"s": 4}
    assert parts(allot(4, claims, Policy(least={"tmall": 3, "shop": 3}))) == {"s": 4}
    first = Policy(priority=("tmall", "shop"), scarce_below=10, least={"tmall": 3})
    assert parts(allot(4, claims, first)) == {"t": 4, "s": 0}
    assert parts(allot(2, claims, first)) == {"t": 0, "s": 2}


def test_what_a_reserve_has_sold_is_no_longer_kept() -> None:
    claims = [Claim("t", "tmall", 1), Claim("s", "shop", 1)]
    before = allot(100, claims, Policy(), reserves=[Reserve("show", "tmall", 60)])
    after = allot(75, claims, Policy(), reserves=[Reserve("show", "tmall", 60, sold=25)])
    assert parts(before) == {"t": 80, "s": 20}
    assert parts(after) == {"t": 55, "s": 20}, "25 were sold of what was the channel's alone"
