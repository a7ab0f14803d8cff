"""How units that are common to all channels are given to listings: in equal parts, by percent, by priority.

The order of the claims does not matter: of equals, the first by channel and name gets the odd unit. Percents are
whole to the unit: no channel's part is a unit above or below what its percent says.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from sync.domain.stock import Claim, share_strictly

WHOLE = 10**11
"""The weight of 100 percent: percents are written with nine decimals at most."""
Held = Callable[[str, int], int]
"""(channel, units of its listing) -> units of them that it does not show: its buffer."""


class Why(StrEnum):
    """The rule by which a listing has units."""

    RESERVE = "reserve"
    """kept for its channel, for some time"""
    SHARE = "share"
    """its channel's percent"""
    REST = "rest"
    """what no channel's percent takes, in equal parts"""
    EQUAL = "equal"
    """equal parts of everything"""
    ALL = "all"
    """mode shared: everything that is common"""
    PRIORITY = "priority"
    """scarce units go to the first channels"""
    PRESALE = "presale"
    """on their way"""


class Source(msgspec.Struct, frozen=True):
    """Units of one listing; `name` is the rule's where it has one."""

    why: Why
    units: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """How the common units are shared, and what each channel shows of a listing."""

    shared: bool = False
    """Each channel sees all of them."""
    shares: Mapping[str, int] = field(default_factory=dict)
    """The percent of each named channel, as a part of WHOLE; together not above it."""
    priority: tuple[str, ...] = ()
    scarce_below: int = 0
    """Fewer common units than this go by priority."""
    cap: Mapping[str, int] = field(default_factory=dict)
    """The most pieces that a channel shows of a listing."""
    least: Mapping[str, int] = field(default_factory=dict)
    """A channel shows fewer pieces than this as 0."""

    def shown(self, account: str, pieces: int) -> int:
        """What a channel shows of a listing that it could sell so many pieces of."""
        most = min(pieces, self.cap.get(account, pieces))
        return most if most >= self.least.get(account, 0) else 0

    @property
    def equal(self) -> bool:
        """Whether all that is common goes in equal parts to all listings, whatever each of them shows."""
        return not (self.shared or self.shares or self.priority or self.least)

    def scarce(self, common: int) -> bool:
        """Whether so few common units go by priority."""
        return bool(self.priority) and common < self.scarce_below


Parts = dict[str, list[Source]]
"""By listing."""


def place_of(claim: Claim, policy: Policy) -> tuple[int, str, str, str]:
    """The order of the listings: by their channel's rank, then by name. The first ones get odd units."""
    ranked = claim.account in policy.priority
    rank = policy.priority.index(claim.account) if ranked else len(policy.priority)
    return rank, claim.account, claim.name, claim.listing


def give(parts: Parts, units: int, takers: Sequence[Claim], why: Why, name: str = "") -> None:
    """Equal parts, odd units to the first ones."""
    for listing, each in share_strictly(units, takers).items():
        if each:
            parts[listing].append(Source(why, each, name))


def add_common(parts: Parts, common: int, takers: Sequence[Claim], policy: Policy, held: Held) -> None:
    """Give out the common units; `parts` has what each of the takers has of its own."""
    if policy.scarce(common):
        _by_priority(parts, common, takers, policy, held)
    elif policy.shared:
        for account in {claim.account for claim in takers}:
            give(parts, common, [claim for claim in takers if claim.account == account], Why.ALL)
    elif policy.shares:
        _by_percent(parts, common, takers, policy)
    else:
        give(parts, common, takers, Why.EQUAL)


def _by_percent(parts: Parts, common: int, takers: Sequence[Claim], policy: Policy) -> None:
    """The percent of a channel that sells none of it goes to the rest, and the rest to all that may have one."""
    selling = {claim.account for claim in takers}
    named = [(name, weight) for name, weight in policy.shares.items() if name in selling]
    rest = WHOLE - sum(weight for _, weight in named)
    for (name, _), units in zip([*named, ("", rest)], _rounded(common, [*named, ("", rest)]), strict=True):
        if name:
            give(parts, units, [claim for claim in takers if claim.account == name], Why.SHARE)
        else:
            give(parts, units, _rest_takers(takers, policy), Why.REST)


def _rest_takers(takers: Sequence[Claim], policy: Policy) -> Sequence[Claim]:
    """All; where the percents leave no rest, those with a percent, as long as one of them sells it."""
    if sum(policy.shares.values()) < WHOLE:
        return takers
    return [claim for claim in takers if policy.shares.get(claim.account)] or takers


def _rounded(units: int, weights: Sequence[tuple[str, int]]) -> list[int]:
    """Parts of `units` by weights that add up to WHOLE; odd units to the largest remainders, then the first ones."""
    parts = [units * weight // WHOLE for _, weight in weights]
    order = sorted(range(len(weights)), key=lambda at: (-(units * weights[at][1] % WHOLE), at))
    for at in order[: units - sum(parts)]:
        parts[at] += 1
    return parts


def _by_priority(parts: Parts, common: int, takers: Sequence[Claim], policy: Policy, held: Held) -> None:
    """Each channel in its turn has what it can show; what nobody can show stays with the first ones."""
    given = dict.fromkeys(parts, 0)
    own = {listing: sum(source.units for source in sources) for listing, sources in parts.items()}
    left = common
    for group in _turns(takers, policy):
        shares = share_strictly(left, group)
        for claim in group:
            given[claim.listing] = _useful(claim, own[claim.listing], shares[claim.listing], policy, held)
        left -= sum(given[claim.listing] for claim in group)
        for claim in group:
            more = _useful(claim, own[claim.listing] + given[claim.listing], left, policy, held)
            given[claim.listing] += more
            left -= more
    for listing, odd in share_strictly(left, takers[:1]).items():
        given[listing] += odd
    for listing, units in given.items():
        if units:
            parts[listing].append(Source(Why.PRIORITY, units))


def _turns(takers: Sequence[Claim], policy: Policy) -> list[list[Claim]]:
    """The listings of each ranked channel, then those of all others together."""
    turns = [[claim for claim in takers if claim.account == name] for name in policy.priority]
    turns.append([claim for claim in takers if claim.account not in policy.priority])
    return [group for group in turns if group]


def _pieces(claim: Claim, units: int, policy: Policy, held: Held) -> int:
    """What its channel shows of the listing, as far as this SKU decides."""
    return policy.shown(claim.account, max(0, units - held(claim.account, units)) // claim.units)


def _useful(claim: Claim, has: int, offered: int, policy: Policy, held: Held) -> int:
    """The fewest of the offered units with which the listing shows as much as with all of them."""
    most = _pieces(claim, has + offered, policy, held)
    low, high = 0, offered
    while low < high:
        middle = (low + high) // 2
        if _pieces(claim, has + middle, policy, held) >= most:
            high = middle
        else:
            low = middle + 1
    return low


def weakest(takers: Sequence[Claim], parts: Parts, policy: Policy, held: Held) -> Claim | None:
    """Of the listings that have units and would show too few, the one with the fewest; of equals, the last."""
    weak = []
    for place, claim in enumerate(takers):
        units = sum(source.units for source in parts[claim.listing])
        if units and policy.least.get(claim.account) and not _pieces(claim, units, policy, held):
            weak.append((units // claim.units, -place, claim))
    return min(weak, key=lambda one: one[:2])[2] if weak else None
