"""`prices:` and `promotions:`: what a listing costs on each channel, and when it costs less."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from config.price_units import DailyRate, MarginText, PartText, PerDay
from config.schema import Strict, refused
from config.units import BadUnit, Percent, Units
from mappings.expr import FORMULA_NAMES, Type, compile_formula
from mappings.schema.conditions import OfferWhenModel
from mappings.schema.parts import LocalTime, RuleName
from sync.domain.pricing import BeyondLimit
from sync.domain.rounding import Direction, ending_in

KEEP, NONE = "keep", "none"
SALE_NAMES: Mapping[str, Type] = {**FORMULA_NAMES, "price": Type.NUMBER}
"""Of a promotion's price: `price` is what it would be without the promotion."""
STRUCK_NAMES: Mapping[str, Type] = {**FORMULA_NAMES, "regular": Type.NUMBER}
"""Of a promotion's struck-out price: `regular` is the price outside promotions."""
_COSTS = ("cost", "landed_cost")


def _formula(names: Mapping[str, Type], word: str = "") -> AfterValidator:
    def validate(value: str | None) -> str | None:
        try:
            if value is not None and value != word:
                compile_formula(value, names)
        except BadUnit as error:
            allowed = f"{word}, or {error.allowed}" if word else error.allowed
            raise refused(error.what, allowed, error.hint) from None
        return value

    return AfterValidator(validate)


def _said(value: object) -> object:
    """Nothing behind `compare_at:` may mean "none" or "not ours": it is asked for, since null is not 0."""
    if value is None:
        raise refused(
            "has no value", "none: there is no struck-out price; without this key it is the shop's own"
        )
    return value


def _step(value: str) -> str:
    try:
        step = Decimal(value)
    except ArithmeticError:
        step = Decimal(0)
    if not (value.isascii() and step.is_finite() and Decimal("0.0001") <= step <= 1_000_000):
        raise refused(f'"{value[:40]}" is no step to round to', "an amount such as 0.05, 0.5, 10")
    return value


def _ending(value: str) -> str:
    if ending_in(value, Direction.UP) is None:
        raise refused(f'"{value[:40]}" is no ending of a price', '".99", "0.95", "9", "9.99"')
    return value


def _loose(*words: str) -> WithJsonSchema:
    return WithJsonSchema(
        {"anyOf": [{"enum": list(words)}, {"type": "array", "items": {"enum": list(words)}}]}
    )


Cover = Literal["cost", "landed_cost", "fees", "shipping"]
Covers = Annotated[
    tuple[Cover, ...],
    BeforeValidator(lambda value: [value] if isinstance(value, str) else value),
    Field(min_length=1),
    _loose("cost", "landed_cost", "fees", "shipping"),
]


class TaxModel(Strict):
    """Sales tax between the formula's amounts and the price that the shop shows, which says whether it has tax."""

    rate: Percent
    formula: Literal["without", "with"] = Field(
        examples=["without", "with"], description="Whether the goods' amounts are with this tax."
    )


class FloorModel(Strict):
    """What a price must pay for and leave. Below that it never goes, also in a promotion."""

    cover: Covers = Field(description="cost or landed_cost; fees and shipping by the rules of `fees`.")
    margin: MarginText | None = Field(
        None, description="What must be left; of the price without tax, or of the cost."
    )
    after: Literal["coupons"] | None = Field(None, description="coupons: also where a coupon was used.")

    @model_validator(mode="after")
    def _one_cost(self) -> Self:
        costs = [one for one in self.cover if one in _COSTS]
        if len(costs) > 1:
            raise refused("landed_cost holds the cost already", "one of cost, landed_cost")
        if self.margin is not None and self.margin.of == "cost" and not costs:
            raise refused("a margin of the cost needs a cost to cover", "cover: [cost], cover: [landed_cost]")
        return self


class RoundModel(Strict):
    """How a price is rounded. It never falls below its floor by it."""

    end_in: Annotated[str, AfterValidator(_ending), Field(examples=[".99"])] | None = Field(
        None, description='Digits behind the point (".99"), or of whole prices ("9": 9, 19, 29).'
    )
    to: Annotated[str, AfterValidator(_step), Field(examples=["0.05"])] | None = Field(
        None, description="A step: all prices are its multiples."
    )
    direction: Direction = Field(Direction.NEAREST, description="nearest goes up from the middle.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.end_in is None) == (self.to is None):
            raise refused("a price is rounded in one way", 'end_in: ".99" or to: "0.05"')
        return self


class PriceModel(Strict):
    """How the price of a listing is made; the first rule that matches decides."""

    name: RuleName
    when: OfferWhenModel | None = None
    price: Annotated[str, _formula(FORMULA_NAMES, KEEP)] = Field(
        examples=["landed_cost * 1.6", KEEP],
        description="A formula over cost, landed_cost, list_price and map, in the goods' currency; keep: the "
        "shop's own price stays.",
    )
    convert: DailyRate | None = Field(
        None, description="How the goods' amounts come to the shop's currency; absent: they must be in it."
    )
    tax: TaxModel | None = None
    floor: FloorModel | None = None
    coupons: PartText | None = Field(None, description="What coupons that we pay may take off the price.")
    map: Literal["respect", "ignore"] = Field(
        "respect", description="respect: never advertised below the goods' map, where they have one."
    )
    round: RoundModel | None = Field(None, description="Absent: to the currency's smallest unit.")
    compare_at: Annotated[str | None, BeforeValidator(_said), _formula(FORMULA_NAMES, NONE)] = Field(
        None,
        description="The struck-out price: a formula; none: there is none; absent: it is the shop's own.",
    )
    largest_move: PerDay | None = Field(None, description="The largest change a day that needs no person.")
    beyond_limit: BeyondLimit = Field(
        BeyondLimit.ASK, description="A larger one: ask a person, or go to the limit."
    )

    @model_validator(mode="after")
    def _keys_that_work(self) -> Self:
        own = self.model_fields_set - {"name", "when", "price"}
        if self.price == KEEP and own:
            raise refused(f"the price is kept, so {min(own)} has no effect", "price: keep alone")
        after = self.floor is not None and self.floor.after is not None
        if after and self.coupons is None:
            raise refused("the floor is after coupons, and no coupons are named", "coupons: 10%")
        if self.coupons is not None and not after:
            raise refused("coupons count for the floor alone", "floor: {…, after: coupons}")
        return self


class PromotionModel(Strict):
    """A price for some time; the first rule that matches and is in force decides. It only lowers a price."""

    name: RuleName
    when: OfferWhenModel | None = None
    start: LocalTime | None = Field(
        None, alias="from", description="In the shop's zone, by each shop its own."
    )
    until: LocalTime | None = Field(None, description="The first minute at which it is over.")
    off: PartText | None = Field(None, description="What is taken off the price.")
    price: Annotated[str, _formula(SALE_NAMES)] | None = Field(
        None, description="Or a formula, in the shop's currency as it shows prices; also over price."
    )
    units: Units | None = Field(
        None, description="Over once so many pieces are sold, on all its shops together."
    )
    stack: bool = Field(False, description="true: it comes on top of what the next rules give.")
    compare_at: Annotated[str | None, BeforeValidator(_said), _formula(STRUCK_NAMES, NONE)] = Field(
        None, description="The struck-out price meanwhile, such as regular: the price without promotions."
    )
    round: RoundModel | None = Field(None, description="Absent: as the price rule rounds.")

    @model_validator(mode="after")
    def _keys_that_work(self) -> Self:
        if (self.off is None) == (self.price is None):
            raise refused("a promotion has one price", "off: 20%, off: 5 EUR, or price: a formula")
        if self.off is not None and self.off.share == 1:
            raise refused("off: 100% leaves no price", "less than 100%")
        if self.units is not None:
            self._check_units()
        return self

    def _check_units(self) -> None:
        if not self.units:
            raise refused("a promotion of 0 units is never in force", "units: 500")
        if self.start is None:
            raise refused("its units are counted from `from` on, and it has none", 'from: "2026-06-11 19:00"')
        if self.stack:
            raise refused("one that stacks cannot count units", "units or stack: true")
