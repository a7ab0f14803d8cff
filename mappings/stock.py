"""`stock:` compiled: what is held back, how the rest is shared, and which units one channel alone may sell."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, tzinfo
from decimal import ROUND_CEILING, Decimal

from config.times import in_zone
from mappings.inbound import Inbound
from mappings.schema import BufferModel, ReserveModel, StockModel
from mappings.schema.stock import REST
from sync.domain.allotment import Presale
from sync.domain.sharing import WHOLE, Policy
from sync.domain.sku import normal_sku
from sync.domain.supply import Trust


@dataclass(frozen=True, slots=True)
class Buffer:
    """Units, a share of the promise rounded up, or both: the larger of them or their sum."""

    units: int = 0
    fraction: Decimal = Decimal(0)
    summed: bool = False

    def of(self, promise: int) -> int:
        """Units held back from a promise; never more than it, and 0 where there is nothing to promise."""
        if promise <= 0:
            return 0
        share = int((self.fraction * promise).to_integral_value(ROUND_CEILING))
        held = self.units + share if self.summed else max(self.units, share)
        return min(held, promise)


@dataclass(frozen=True, slots=True)
class Kept:
    """Units of some SKUs that one channel alone may sell while `begins` <= now < `ends`, each None for no bound.

    `ship_by` says that it is a pre-sale: the units are on their way, and arrive before it.
    """

    name: str
    account: str
    skus: tuple[str, ...]
    units: int
    begins: datetime | None = None
    ends: datetime | None = None
    ship_by: datetime | None = None
    zone: tzinfo = UTC

    def in_force(self, now: datetime) -> bool:
        """Whether it counts at that moment."""
        return (self.begins is None or self.begins <= now) and (self.ends is None or now < self.ends)


@dataclass(frozen=True, slots=True)
class Edges:
    """The moments at which rules begin and end, in their order, and the SKU that each is about."""

    moments: tuple[datetime, ...] = ()
    skus: tuple[str, ...] = ()

    def between(self, before: datetime | None, now: datetime) -> frozenset[str]:
        """SKUs about which a look at `before` and one at `now` may differ; None: there was no look.

        A clock that was set back has passed the same edges, the other way.
        """
        if before is None:
            return frozenset(self.skus[: bisect_right(self.moments, now)])
        first, last = sorted((before, now))
        return frozenset(self.skus[bisect_right(self.moments, first) : bisect_right(self.moments, last)])


@dataclass(frozen=True, slots=True)
class StockRules:
    """`stock:` and `inbound:` compiled."""

    default: Buffer = Buffer()
    by_account: Mapping[str, Buffer] = field(default_factory=dict)
    safety_stock: int = 0
    safety_by_sku: Mapping[str, int] = field(default_factory=dict)
    suppliers: Mapping[str, Trust] = field(default_factory=dict)
    policy: Policy = Policy()
    kept: Mapping[str, tuple[Kept, ...]] = field(default_factory=dict)
    """By SKU, in the order of the file."""
    inbound: Inbound = field(default_factory=dict)
    edges: Edges = field(default_factory=Edges, repr=False)

    def reserves(self, sku: str, now: datetime) -> list[Kept]:
        """The reserves of stock that are in force."""
        return [rule for rule in self.kept.get(sku, ()) if rule.ship_by is None and rule.in_force(now)]

    def presales(self, sku: str, now: datetime) -> list[Presale]:
        """The pre-sales that are in force, with what is on its way for them now."""
        return [
            Presale(rule.name, rule.account, rule.units, self._on_its_way(sku, rule, rule.ship_by, now))
            for rule in self.kept.get(sku, ())
            if rule.ship_by is not None and rule.in_force(now)
        ]

    def _on_its_way(self, sku: str, rule: Kept, ship_by: datetime, now: datetime) -> int:
        """Units that arrive after now and before `ship_by`: from its day on a delivery is the warehouse's to tell."""
        return sum(
            arrival.units
            for arrival in self.inbound.get(sku, ())
            if now < in_zone(datetime.combine(arrival.day, time.min), rule.zone) <= ship_by
        )

    def buffer(self, account: str, sku: str, promise: int) -> int:
        """Units of the SKU's promise that this shop does not show, 0 to `promise`."""
        return self.by_account.get(account, self.default).of(promise)

    def safety(self, sku: str) -> int:
        """Units of the SKU that no channel is promised."""
        return self.safety_by_sku.get(normal_sku(sku) or sku, self.safety_stock)

    def trust(self, supplier: str) -> Trust:
        """How far a drop-ship supplier's stock is believed."""
        return self.suppliers.get(supplier, Trust())


def compile_stock(
    model: StockModel, inbound: Inbound | None = None, zones: Mapping[str, tzinfo] | None = None
) -> StockRules:
    """A pure function of the model, the table of what is on its way, and the accounts' zones (else UTC)."""
    by_sku: dict[str, list[Kept]] = {}
    rules = [_kept(rule, (zones or {}).get(rule.for_, UTC)) for rule in model.reserve]
    for rule in rules:
        for sku in rule.skus:
            by_sku.setdefault(sku, []).append(rule)
    return StockRules(
        _buffer(model.buffer),
        {account: _buffer(own) for account, own in model.by_account.items()},
        model.safety_stock,
        dict(model.safety_by_sku),
        {name: Trust(own.use, own.less, own.max_age, own.lag) for name, own in model.suppliers.items()},
        _policy(model),
        {sku: tuple(kept) for sku, kept in by_sku.items()},
        inbound or {},
        _edges(rules, inbound or {}),
    )


def _policy(model: StockModel) -> Policy:
    return Policy(
        model.mode == "shared",
        {name: int(part * WHOLE) for name, part in model.share.items() if name != REST},
        model.priority.order if model.priority else (),
        model.priority.when_below if model.priority else 0,
        dict(model.cap),
        dict(model.least_shown),
    )


def _kept(model: ReserveModel, zone: tzinfo) -> Kept:
    begins = None if model.from_ is None else in_zone(model.from_, zone)
    ends, ship_by = (
        None if when is None else in_zone(when, zone, ends=True) for when in (model.until, model.ship_by)
    )
    last = min((end for end in (ends, ship_by) if end is not None), default=None)
    skus = tuple(dict.fromkeys(model.sku))
    return Kept(model.name, model.for_, skus, model.units, begins, last, ship_by, zone)


def _edges(rules: Sequence[Kept], inbound: Inbound) -> Edges:
    found = sorted({edge for rule in rules for edge in _edges_of(rule, inbound)})
    return Edges(tuple(moment for moment, _ in found), tuple(sku for _, sku in found))


def _edges_of(rule: Kept, inbound: Inbound) -> Iterator[tuple[datetime, str]]:
    for sku in rule.skus:
        for moment in (rule.begins, rule.ends):
            if moment is not None:
                yield moment, sku
        if rule.ship_by is not None:
            for arrival in inbound.get(sku, ()):
                yield in_zone(datetime.combine(arrival.day, time.min), rule.zone), sku


def _buffer(model: BufferModel) -> Buffer:
    return Buffer(model.units, model.percent or Decimal(0), model.use == "sum")
