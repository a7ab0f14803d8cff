"""Who may show how many units of one SKU, and by which rule.

    common          = promise − what reserves keep for their channels
    a channel's own = its reserves and its pre-sale
    a listing's     = its part of the common units + its part of its channel's own

Strictly shared, the parts of all listings add up to the promise and the pre-sale, never to more: the common units
go by percent, by priority where they are scarce, else in equal parts. In mode `shared` each channel sees all
common units, and its listings divide them. A listing that would show less than its channel's least shows
nothing, and what it would have had goes to the others. Pure; the order of the claims does not matter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from sync.domain.sharing import Held, Parts, Policy, Source, Why, add_common, give, place_of, weakest
from sync.domain.stock import Claim, Exposure, share_strictly


@dataclass(frozen=True, slots=True)
class Reserve:
    """Units kept for one channel while it is in force. `sold` are those that the channel has sold since it began."""

    name: str
    account: str
    units: int
    sold: int = 0

    @property
    def left(self) -> int:
        """Units still kept."""
        return max(0, self.units - self.sold)


@dataclass(frozen=True, slots=True)
class Presale:
    """Units on their way that one channel may sell: at most `cap` of the `inbound` ones that come in time."""

    name: str
    account: str
    cap: int
    inbound: int


class Limits(msgspec.Struct, frozen=True):
    """Which units a channel may be selling at most, with all others or, in mode shared, by itself."""

    common: int
    own: Mapping[str, int]
    shared: bool = False

    def room(self, account: str) -> int:
        """Units that this channel and what counts against it may sell together."""
        return self.common + self.own.get(account, 0)

    def against(self, account: str, others: Sequence[Exposure]) -> list[Exposure]:
        """What of the other listings counts against a channel: what they may sell beyond their own units."""
        if self.shared:
            return [other for other in others if other.account == account]
        plain = [other for other in others if other.account == account or not self.own.get(other.account)]
        for name, units in self.own.items():
            mine = [other for other in others if other.account == name]
            if units and mine and name != account:
                plain.append(_beyond(name, units, mine))
        return plain


def _beyond(account: str, own: int, listings: Sequence[Exposure]) -> Exposure:
    total = 0
    for one in listings:
        if one.ceiling is None:
            return Exposure("", 1, None, account)
        total += one.ceiling * one.units
    return Exposure("", 1, max(0, total - own), account)


class Allotment(msgspec.Struct, frozen=True):
    """The units of one SKU, given out."""

    limits: Limits
    parts: Mapping[str, tuple[Source, ...]]
    """By listing."""
    sharing: int
    """Open claims."""
    scarce: bool = False
    kept: tuple[tuple[Reserve, int], ...] = ()
    """Each reserve in force, and the units of the promise that it keeps."""
    ahead: tuple[tuple[Presale, int], ...] = ()
    """Each pre-sale in force, and the units that it adds."""
    passed: frozenset[str] = frozenset()
    """Listings that would show less than their least: their units went to the others."""
    ruled: bool = True
    """Whether a rule had a say; else all listings have equal parts of the promise."""

    def units(self, listing: str) -> int:
        """All units of one listing."""
        return sum(source.units for source in self.parts.get(listing, ()))


def nothing_held(account: str, units: int) -> int:
    """No channel has a buffer."""
    return 0


def allot(
    promise: int,
    claims: Sequence[Claim],
    policy: Policy,
    *,
    shortfall: int = 0,
    reserves: Sequence[Reserve] = (),
    presales: Sequence[Presale] = (),
    held: Held = nothing_held,
) -> Allotment:
    """Give out one SKU's promise. `shortfall` are units that are spoken for beyond what is there.

    Reserves and pre-sales are served in their order. A pre-sale's units come off what is on its way, and off the
    shortfall first: what was sold too much has a right to them before anybody else.
    """
    if policy.equal and not reserves and not presales:
        return _equally(max(0, promise), claims)
    kept, common = _keep(max(0, promise), reserves)
    ahead = _look_ahead(shortfall, presales)
    own: dict[str, int] = {}
    for account, units in [*((one.account, n) for one, n in kept), *((one.account, n) for one, n in ahead)]:
        own[account] = own.get(account, 0) + units
    takers = sorted((claim for claim in claims if claim.open), key=lambda claim: place_of(claim, policy))
    sharing, passed = len(takers), set[str]()
    while True:
        parts = _own_parts(takers, kept, ahead)
        add_common(parts, common, takers, policy, held)
        weak = weakest(takers, parts, policy, held) if policy.least else None
        if weak is None:
            break
        takers.remove(weak)
        passed.add(weak.listing)
    return Allotment(
        Limits(common, own, policy.shared),
        {listing: tuple(sources) for listing, sources in parts.items()},
        sharing,
        policy.scarce(common),
        kept,
        ahead,
        frozenset(passed),
    )


def _equally(promise: int, claims: Sequence[Claim]) -> Allotment:
    """The usual case, of which there are a million: the same as below, in a few steps."""
    takers = [claim for claim in claims if claim.open]
    if len(takers) > 1:
        takers.sort(key=lambda claim: (claim.account, claim.name, claim.listing))
    units = share_strictly(promise, takers)
    parts = {listing: (Source(Why.EQUAL, each),) if each else () for listing, each in units.items()}
    return Allotment(Limits(promise, {}), parts, len(takers), ruled=False)


def _keep(promise: int, reserves: Sequence[Reserve]) -> tuple[tuple[tuple[Reserve, int], ...], int]:
    kept, left = [], promise
    for reserve in reserves:
        units = min(reserve.left, left)
        kept.append((reserve, units))
        left -= units
    return tuple(kept), left


def _look_ahead(shortfall: int, presales: Sequence[Presale]) -> tuple[tuple[Presale, int], ...]:
    """The shortfall comes off each pre-sale whole, for nobody knows whose cap it used up."""
    ahead, used = [], 0
    for presale in presales:
        counted = max(0, min(presale.cap, presale.inbound - used))
        used += counted
        ahead.append((presale, max(0, counted - shortfall)))
    return tuple(ahead)


def _own_parts(
    takers: Sequence[Claim], kept: Sequence[tuple[Reserve, int]], ahead: Sequence[tuple[Presale, int]]
) -> Parts:
    parts: Parts = {claim.listing: [] for claim in takers}
    for why, rules in ((Why.RESERVE, kept), (Why.PRESALE, ahead)):
        for rule, units in rules:
            give(parts, units, [claim for claim in takers if claim.account == rule.account], why, rule.name)
    return parts
