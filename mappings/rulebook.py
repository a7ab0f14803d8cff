"""The admins' rules as one frozen value of pure functions, and the version that intents are stamped with."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from config.errors import Problem
from mappings.couriers import CourierChoice, CourierRules
from mappings.facts import OrderFacts, ParcelFacts
from mappings.holds import HoldRule, HoldRules
from mappings.routing import Route, RouteRules
from mappings.skus import Bound, SkuRules, Unbound
from mappings.statuses import StatusRules, StatusVerdict
from mappings.stock import StockRules
from mappings.weights import WeightRules
from sync.domain.listing import RemoteVariant


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All sections compiled. Nothing here does I/O, and no rule raises."""

    version: str
    """SHA-256 (hexadecimal) of the content that decides: comments and layout do not move it."""
    canonical: str = field(repr=False)
    """That content as JSON, kept in `config_bundle`."""
    skus: SkuRules = field(default_factory=SkuRules)
    stock: StockRules = field(default_factory=StockRules)
    hold_rules: HoldRules = field(default_factory=HoldRules)
    routes: RouteRules = field(default_factory=RouteRules)
    courier_rules: CourierRules = field(default_factory=CourierRules)
    weights: WeightRules = field(default_factory=WeightRules)
    statuses: StatusRules = field(default_factory=StatusRules)
    warnings: tuple[Problem, ...] = field(default=(), repr=False)
    """Table rows left out, and rules that are probably not meant so."""

    def bind(
        self,
        account: str,
        variant: RemoteVariant,
        *,
        known: Container[str] | None = None,
        gtins: Mapping[str, str] | None = None,
    ) -> Bound | Unbound:
        """What one unit of a shop's listing is. `known` are the SKUs that exist; `gtins` GTIN to SKU."""
        return self.skus.bind(account, variant, known=known, gtins=gtins)

    def buffer(self, account: str, sku: str, promise: int) -> int:
        """Units of the promise that this shop does not show, 0 to `promise`."""
        return self.stock.buffer(account, sku, promise)

    def safety(self, sku: str) -> int:
        """Units of the SKU that no channel is promised."""
        return self.stock.safety(sku)

    def holds(self, facts: OrderFacts) -> tuple[HoldRule, ...]:
        """Every rule that holds this order."""
        return self.hold_rules.matching(self._weighed(facts))

    def route(self, facts: OrderFacts) -> Route | None:
        """Which warehouses may fulfil it; None where no rule matches (a person decides)."""
        return self.routes.first(self._weighed(facts))

    def courier(self, parcel: ParcelFacts) -> CourierChoice | None:
        """The first choice for this parcel; None where no rule matches (a person decides)."""
        return next(iter(self.couriers(parcel)), None)

    def couriers(self, parcel: ParcelFacts) -> tuple[CourierChoice, ...]:
        """All choices of the rule that matches, in the order to try them."""
        return self.courier_rules.choices(self._weighed(parcel.as_order))

    def weight(self, parcel: ParcelFacts) -> Decimal | None:
        """Kilograms: as weighed, else the sum of the SKU weights; None where one of those is not known."""
        return self._weighed(parcel.as_order).weight_kg

    def status(self, account: str, status: str) -> StatusVerdict | None:
        """The admin's word on a warehouse's status text; None where the connector's own holds."""
        return self.statuses.verdict(account, status)

    def _weighed(self, facts: OrderFacts) -> OrderFacts:
        if facts.weight_kg is not None:
            return facts
        return replace(facts, weight_kg=self.weights.weigh(facts.lines))
