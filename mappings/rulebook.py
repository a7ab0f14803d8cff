"""The admins' rules as one frozen value of pure functions, and the version that intents are stamped with."""

from collections.abc import Collection, Container, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from config.errors import Problem
from mappings.content import Content, ContentRules
from mappings.couriers import CourierChoice, CourierRules
from mappings.facts import OfferFacts, OrderFacts, ParcelFacts, RequestFacts
from mappings.goods import Goods
from mappings.holds import HoldRule, HoldRules
from mappings.listings import ListingRule, ListingRules
from mappings.merging import MergeRules
from mappings.messages import MessageRules
from mappings.offers_when import Offer
from mappings.people import Staff
from mappings.prices.book import PriceRules
from mappings.returns import Judged, ReturnRules
from mappings.routing import Route, RouteRules
from mappings.settings import StockPlaces
from mappings.skus import Bound, SkuRules, Unbound
from mappings.statuses import StatusRules, StatusVerdict
from mappings.stock import StockRules
from mappings.suppliers import SupplierRules
from mappings.tabled import SkuTable
from mappings.weights import WeightRules
from sync.domain.guards import Guards
from sync.domain.ids import Sku
from sync.domain.listing import RemoteVariant
from sync.domain.merging import Patience
from sync.domain.pricing import PriceWanted
from sync.domain.promotions import CappedPromotion
from sync.domain.rules import RuleRef
from sync.domain.supply import Trust


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
    merge_rules: MergeRules = field(default_factory=MergeRules)
    weights: WeightRules = field(default_factory=WeightRules)
    statuses: StatusRules = field(default_factory=StatusRules)
    suppliers: SupplierRules = field(default_factory=SupplierRules)
    return_rules: ReturnRules = field(default_factory=ReturnRules, repr=False)
    messages: MessageRules = field(default_factory=MessageRules, repr=False)
    listing_rules: ListingRules = field(default_factory=ListingRules)
    prices: PriceRules = field(default_factory=PriceRules, repr=False)
    contents: ContentRules = field(default_factory=ContentRules, repr=False)
    guards: Guards = field(default_factory=Guards)
    """How much may change before a person is asked."""
    staff: Staff = field(default_factory=Staff, repr=False)
    """Who may decide what waits."""
    places: Mapping[tuple[str, str], RuleRef] = field(default_factory=dict, repr=False)
    """By (section, rule's name): where the rule stands."""
    tables: tuple[SkuTable, ...] = field(default=(), repr=False)
    """The tables whose rows are about SKUs."""
    stock_places: StockPlaces = field(default_factory=StockPlaces, repr=False)
    """Where the settings of `stock:` stand, which have no name."""
    carriers: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    """The carriers of each courier account where they are known."""
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

    def price(self, facts: OfferFacts, now: datetime) -> PriceWanted | None:
        """What this listing shall cost now (aware); None where no rule matches, or the shop's own price is kept.

        A pass asks with one and the same `now`: what depends on it alone is worked out once.
        """
        return self.prices.price(facts, now)

    def capped(self, facts: OfferFacts, now: datetime) -> tuple[CappedPromotion, ...]:
        """The promotions in force for this listing whose pieces are counted: `facts.sold` has the counts."""
        return self.prices.capped(facts, now)

    def goods_of(self, sku: str) -> Goods | None:
        """What the goods table knows of a SKU; None where it does not have it."""
        return self.prices.goods_of(sku)

    def place(self, section: str, rule: str) -> RuleRef | None:
        """Where a rule of a section stands, by its name; None where it is no longer there.

        A section within another one is named with a dot: `stock.reserve`.
        """
        return self.places.get((section, rule))

    def goods_places(self, name: str, skus: Collection[str]) -> tuple[RuleRef, ...]:
        """The rows of the goods table that one of a listing's amounts is made of: those that have one."""
        return self.prices.goods.places(name, skus)

    def rate_place(self, source: str, target: str, day: str) -> RuleRef | None:
        """The row of a rate; `day` as YYYY-MM-DD. None where the table has it no more."""
        return self.prices.rates.place(source, target, day)

    def setting(self, term: str, account: str = "", name: str = "") -> RuleRef | None:
        """The setting of `stock:` that made a term: see `StockPlaces.of`."""
        return self.stock_places.of(term, account, name)

    def listing_rule(self, facts: OfferFacts) -> ListingRule | None:
        """When this listing is taken down and put back; None where no rule says: its state is not ours."""
        return self.listing_rules.first(Offer(facts, self.prices.goods))

    def content(self, account: str, sku: str) -> Content | None:
        """What the listing of one piece of one SKU shall say on a shop; None: the catalogue owns none of it."""
        return self.contents.of(account, sku)

    def holds(self, facts: OrderFacts) -> tuple[HoldRule, ...]:
        """Every rule that holds this order."""
        return self.hold_rules.matching(self.weighed(facts))

    def judge(self, request: RequestFacts) -> Judged:
        """The answer to a request after the sale, or to goods that nobody announced."""
        return self.return_rules.judge(request)

    def trust(self, supplier: str) -> Trust:
        """How far a drop-ship supplier's stock is believed."""
        return self.stock.trust(supplier)

    def supplied_sku(self, supplier: str, code: str, named: str | None) -> Sku | None:
        """Which SKU a supplier's code is; `named` is what its list says. None: nothing of ours."""
        return self.suppliers.sku(supplier, code, named)

    def tracked_by(self, carrier: str) -> str | None:
        """The courier account that has this carrier, by `carriers` of `entrepot.yaml`."""
        wanted = carrier.casefold()
        having = (
            account
            for account, known in self.carriers.items()
            if any(one.casefold() == wanted for one in known)
        )
        return next(having, None)

    def route(self, facts: OrderFacts, without: Collection[str] = ()) -> Route | None:
        """Which warehouse or supplier may fulfil it; None where no rule matches (a person decides).

        Rules that lead to one of the accounts `without` alone are passed over.
        """
        return self.routes.first(self.weighed(facts), without)

    def courier(self, parcel: ParcelFacts) -> CourierChoice | None:
        """The first choice for this parcel; None where no rule matches (a person decides)."""
        return next(iter(self.couriers(parcel)), None)

    def couriers(self, parcel: ParcelFacts) -> tuple[CourierChoice, ...]:
        """All choices of the rule that matches, in the order to try them."""
        return self.courier_rules.choices(self.weighed(parcel.as_order))

    def patience(self, parcel: ParcelFacts) -> Patience | None:
        """How long this parcel waits for others to share its label; None where no rule lets it share."""
        return self.merge_rules.first(self.weighed(parcel.as_order))

    def weight(self, parcel: ParcelFacts) -> Decimal | None:
        """Kilograms: as weighed, else the sum of the SKU weights; None where one of those is not known."""
        return self.weighed(parcel.as_order).weight_kg

    def status(self, account: str, status: str) -> StatusVerdict | None:
        """The admin's word on a warehouse's status text; None where the connector's own holds."""
        return self.statuses.verdict(account, status)

    def weighed(self, facts: OrderFacts) -> OrderFacts:
        """The same with its weight, where that is known: for who asks several rules about one order."""
        if facts.weight_kg is not None:
            return facts
        weight = self.weights.weigh(facts.lines)
        return facts if weight is None else replace(facts, weight_kg=weight)
