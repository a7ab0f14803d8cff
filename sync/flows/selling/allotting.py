"""What is known of some SKUs at one moment, and how the rules allot them: gathered once for many listings.

A rule begins and ends by the clock. So whoever pushes or reads stock looks which of them have begun or ended since
its own last good pass, as the database has it, and works out those SKUs again: nothing is remembered that could be
lost, and what passed while nobody ran is found at the next look.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mappings import Rulebook
from sync.domain.allotment import Allotment, Limits, Presale, Reserve, allot
from sync.domain.clock import to_micros
from sync.domain.ids import AccountId
from sync.domain.stock import Claim, Promise
from sync.flows.flow import FlowContext, FlowName
from sync.store import flow_states, sales
from sync.store.database import Tx
from sync.store.offers import Selling


@dataclass(frozen=True, slots=True)
class KeptUnits:
    """Of one SKU: the reserves that are in force, with what was sold of them, and the pre-sales."""

    reserves: tuple[Reserve, ...] = ()
    presales: tuple[Presale, ...] = ()


_NOTHING = KeptUnits()


@dataclass(frozen=True, slots=True)
class Shelf:
    """Some SKUs: what may be promised of each, what is kept for single channels, and who sells it."""

    rulebook: Rulebook
    promises: Mapping[str, Promise]
    kept: Mapping[str, KeptUnits]
    claimants: Mapping[str, Sequence[Selling]] = field(default_factory=dict)
    _usual: dict[str, Allotment] = field(default_factory=dict)

    def allotment(self, sku: str, seller: Selling) -> Allotment:
        """How a SKU is given out. A listing that is not up, or only observed, is shown what it would get."""
        if not (seller.live and seller.published):
            return self._allot(sku, [_claim(one, sku, seller) for one in self.claimants[sku]])
        if sku not in self._usual:
            self._usual[sku] = self._allot(sku, [_claim(one, sku, seller) for one in self.claimants[sku]])
        return self._usual[sku]

    def limits(self, sku: str) -> Limits:
        """What each channel may be selling of a SKU at most."""
        return self._allot(sku, ()).limits

    def _allot(self, sku: str, claims: Sequence[Claim]) -> Allotment:
        promise, kept, rules = self.promises[sku], self.kept.get(sku), self.rulebook.stock
        if kept is None and rules.policy.equal:
            return allot(promise.value, claims, rules.policy)
        kept = kept or _NOTHING
        return allot(
            promise.value,
            claims,
            rules.policy,
            shortfall=promise.shortfall,
            reserves=kept.reserves,
            presales=kept.presales,
            held=lambda account, units: rules.buffer(account, sku, units),
        )


def _claim(other: Selling, sku: str, seller: Selling) -> Claim:
    """A share is for live, published listings; `seller` itself is shown what it would get, were it one of them."""
    taking = other.listing_id == seller.listing_id or (other.published and other.live)
    return Claim(other.listing_id, other.account, other.components[sku], taking, other.external_id)


async def kept_of(tx: Tx, ctx: FlowContext, skus: Sequence[str]) -> dict[str, KeptUnits]:
    """What is kept for single channels of each SKU; SKUs without such a rule are left out."""
    rules, now = ctx.rulebook.stock, ctx.clock.now()
    wanted = [sku for sku in skus if sku in rules.kept]
    if not wanted:
        return {}
    in_force = {sku: rules.reserves(sku, now) for sku in wanted}
    ids = {account.name: account.id for account in ctx.accounts.values()}
    groups: dict[tuple[str, int], list[str]] = {}
    for sku, reserves in in_force.items():
        for rule in reserves:
            groups.setdefault((rule.account, to_micros(rule.begins) if rule.begins else 0), []).append(sku)
    sold: dict[tuple[str, int, str], int] = {}
    for (account, since), names in groups.items():
        if account in ids:
            found = await sales.sold_since(tx, names, since, AccountId(ids[account]))
            sold |= {(account, since, sku): units for sku, units in found.items()}
    return {
        sku: KeptUnits(
            tuple(
                Reserve(
                    rule.name,
                    rule.account,
                    rule.units,
                    sold.get((rule.account, to_micros(rule.begins) if rule.begins else 0, sku), 0),
                )
                for rule in reserves
            ),
            tuple(rules.presales(sku, now)),
        )
        for sku, reserves in in_force.items()
    }


async def turned(tx: Tx, ctx: FlowContext, flow: FlowName) -> frozenset[str]:
    """SKUs of rules that have begun or ended since this flow's last good pass on this account."""
    if not ctx.rulebook.stock.edges.moments:
        return frozenset()
    state = await flow_states.state(tx, ctx.account.id, flow)
    last = None if state is None else state.last_success_begun_at
    return ctx.rulebook.stock.edges.between(last, ctx.clock.now())
