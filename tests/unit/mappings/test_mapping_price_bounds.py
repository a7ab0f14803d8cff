"""Whatever goods, fees, margins, coupons, rates and roundings: no price is under its floor or MAP.

The bounds are worked out here, from what stands in YAML and CSV, by plain fractions.
"""

import math
import random
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from sync.domain.pricing import PriceWanted
from tests.unit.mappings.price_books import asked, book, offer

NOW = datetime(2026, 6, 11, 12, tzinfo=UTC)
AT_LEAST = 0.02
EXAMPLES = 250
MINOR = {"EUR": Fraction(1, 100), "JPY": Fraction(1), "KWD": Fraction(1, 1000)}
ENDINGS = {
    "EUR": ["end_in: '.99'", "end_in: '9'", "to: '0.05'", "end_in: '0.95'", "to: '7'"],
    "JPY": ["end_in: '9'", "end_in: '99'", "to: '50'"],
    "KWD": ["end_in: '.999'", "to: '0.250'"],
}


@dataclass(frozen=True)
class Case:
    """One shop, one listing, one rule, as an admin would write them."""

    costs: tuple[tuple[Decimal, int], ...]
    factor: Decimal
    map: Decimal | None
    shop: str
    rate: Decimal
    inverse: bool
    surcharge: Decimal
    tax: Decimal
    taxed: tuple[bool, bool]
    """Whether the goods' amounts and the shop's prices are with tax."""
    fees: tuple[tuple[Decimal, Decimal], ...]
    margin: tuple[str, Decimal]
    coupons: tuple[str, Decimal]
    rounding: str
    direction: str
    off: Decimal

    @property
    def goods_with_tax(self) -> bool:
        return self.taxed[0]

    @property
    def shop_with_tax(self) -> bool:
        return self.taxed[1]

    @property
    def converts(self) -> bool:
        return self.shop != "EUR"

    def yaml(self) -> str:
        fees = [
            f"  - {{name: f{index}, percent: {percent}%, fixed: {fixed} EUR, for: {('fees', 'shipping')[index % 2]}}}"
            for index, (percent, fixed) in enumerate(self.fees)
        ]
        cover = ["landed_cost", *("fees", "shipping")[: len(self.fees)]]
        kind, amount = self.margin
        margin = {"price": f"{amount}% of price", "cost": f"{amount}% of cost", "amount": f"{amount} EUR"}[
            kind
        ]
        rule = {
            "price": f"landed_cost * {self.factor}",
            "floor": f"{{cover: [{', '.join(cover)}], margin: {margin}"
            + (", after: coupons}" if self.coupons[1] else "}"),
        }
        if self.coupons[1]:
            rule["coupons"] = f"{self.coupons[1]}{'%' if self.coupons[0] == 'share' else ' EUR'}"
        if self.converts:
            rule["convert"] = f"daily_rate + {self.surcharge}%"
        if self.tax:
            rule["tax"] = f"{{rate: {self.tax}%, formula: {'with' if self.goods_with_tax else 'without'}}}"
        if self.rounding:
            rule["round"] = f"{{{self.rounding}, direction: {self.direction}}}"
        lines = "".join(f"    {key}: {value}\n" for key, value in rule.items())
        promotions = f"promotions:\n  - {{name: sale, off: {self.off}%}}\n" if self.off else ""
        return (
            "goods: {table: goods.csv, currency: EUR}\nrates: {table: rates.csv}\n"
            + ("fees:\n" + "\n".join(fees) + "\n" if fees else "")
            + f"prices:\n  - name: rule\n{lines}{promotions}"
        )

    def tables(self) -> dict[str, str]:
        rows = [
            f"S{index},{cost},{self.map if self.map is not None else ''}"
            for index, (cost, _) in enumerate(self.costs)
        ]
        pair = (self.shop, "EUR") if self.inverse else ("EUR", self.shop)
        rate = f"2026-06-10,{pair[0]},{pair[1]},{self.rate}\n" if self.converts else ""
        return {
            "goods": "sku,landed_cost,map\n" + "\n".join(rows) + "\n",
            "rates": f"date,from,to,rate\n{rate}",
        }


def case_of(seed: int) -> Case:
    """Independent draws, so that each class comes as often as it shall."""
    dice = random.Random(seed)

    def cents(least: int, most: int, digits: int = 2) -> Decimal:
        return Decimal(dice.randint(least, most)).scaleb(-digits)

    shop = dice.choice(sorted(MINOR))
    most = dice.choice([5_00, 60_00, 500_00])
    costs = [(cents(1, most), dice.randint(1, 6)) for _ in range(dice.randint(1, 3))]
    least_fee, most_fee = dice.choice([(0, 15_0), (0, 30_0), (0, 30_0), (45_0, 60_0)])
    return Case(
        costs=tuple(costs),
        factor=cents(5, 400),
        map=dice.choice([None, cents(1, 3 * most)]),
        shop=shop,
        rate=cents(1, 200_00) if shop == "JPY" else cents(1, 3000, 3),
        inverse=dice.random() < 0.5,
        surcharge=cents(0, 5_0, 1),
        tax=dice.choice([Decimal(19), Decimal(7), Decimal("8.1"), Decimal(0)]),
        taxed=dice.choice([(False, True), (True, False), (True, True), (False, False)]),
        fees=tuple((cents(least_fee, most_fee, 1), cents(0, 9_00)) for _ in range(dice.randint(0, 2))),
        margin=(dice.choice(["price", "cost", "amount"]), cents(1, 50_00)),
        coupons=(dice.choice(["share", "amount"]), dice.choice([Decimal(0), cents(1, 25_0, 1)])),
        rounding=dice.choice(["", *ENDINGS[shop]]),
        direction=dice.choice(["up", "down", "nearest"]),
        off=dice.choice([Decimal(0), cents(1, 90_0, 1)]),
    )


@dataclass(frozen=True)
class Truth:
    """The same case in plain fractions; amounts in the shop's currency."""

    case: Case

    def _converted(self, euros: Fraction) -> Fraction:
        if not self.case.converts:
            return euros
        rate = Fraction(self.case.rate)
        found = euros / rate if self.case.inverse else euros * rate
        return found * (1 + Fraction(self.case.surcharge) / 100)

    @property
    def tax(self) -> Fraction:
        return Fraction(self.case.tax) / 100

    @property
    def shop_tax(self) -> Fraction:
        return self.tax if self.case.shop_with_tax else Fraction(0)

    @property
    def cost(self) -> Fraction:
        """Without tax."""
        euros = sum((Fraction(cost) * units for cost, units in self.case.costs), Fraction(0))
        goods_tax = self.tax if self.case.goods_with_tax else Fraction(0)
        return self._converted(euros) / (1 + goods_tax)

    @property
    def map(self) -> Fraction | None:
        """As the shop shows prices."""
        if self.case.map is None:
            return None
        euros = Fraction(self.case.map) * sum(units for _, units in self.case.costs)
        goods_tax = self.tax if self.case.goods_with_tax else Fraction(0)
        return self._converted(euros) * (1 + self.shop_tax) / (1 + goods_tax)

    def spare(self, price: Fraction) -> Fraction:
        """What is left of a price after everything that its floor names."""
        kind, amount = self.case.coupons
        coupons = price * Fraction(amount) / 100 if kind == "share" else self._converted(Fraction(amount))
        fees = sum(
            (
                price * Fraction(percent) / 100 + self._converted(Fraction(fixed))
                for percent, fixed in self.case.fees
            ),
            Fraction(0),
        )
        kind, amount = self.case.margin
        margin = {
            "price": Fraction(amount) / 100 * price / (1 + self.shop_tax),
            "cost": Fraction(amount) / 100 * self.cost,
            "amount": self._converted(Fraction(amount)),
        }[kind]
        return (price - coupons) / (1 + self.shop_tax) - fees - self.cost - margin

    @property
    def possible(self) -> bool:
        """Whether a higher price leaves more."""
        return self.spare(Fraction(10**9)) > self.spare(Fraction(10**8))


def lattice_holds(case: Case, price: Fraction) -> bool:
    """Whether the price is one that its rounding may give."""
    if not case.rounding:
        return price % MINOR[case.shop] == 0
    kind, text = case.rounding.replace("'", "").split(": ")
    if kind == "to":
        return price % Fraction(text) == 0
    digits = "" if text.startswith(("0.", ".")) else text.partition(".")[0]
    return price % 10 ** len(digits) == Fraction(text)


def classes_of(case: Case, found: PriceWanted, truth: Truth) -> list[str]:
    if found.price is None:
        return ["no price keeps the floor"]
    steps = {step["step"] for step in found.terms["steps"]}  # type: ignore[attr-defined]
    lowered = [step["step"] for step in found.terms["steps"]]  # type: ignore[attr-defined]
    after_sale = lowered[lowered.index("promotion") :] if "promotion" in lowered else []
    named = {
        "raised to the floor": "floor" in steps,
        "raised to the MAP": "map" in steps,
        "above both": not steps & {"floor", "map"},
        "a promotion stopped by a bound": bool({"floor", "map"} & set(after_sale)),
        "a promotion below no bound": bool(after_sale) and not {"floor", "map"} & set(after_sale),
        "a bundle": len(case.costs) > 1,
        "an inverse rate": case.converts and case.inverse,
        "a rate": case.converts and not case.inverse,
        "tax in the shop alone": case.tax > 0 and case.shop_with_tax and not case.goods_with_tax,
        "tax in the goods alone": case.tax > 0 and not case.shop_with_tax and case.goods_with_tax,
        "coupons as a share": case.coupons[0] == "share" and case.coupons[1] > 0,
        "coupons as an amount": case.coupons[0] == "amount" and case.coupons[1] > 0,
        "fees and shipping": len(case.fees) == 2,
        "rounded down by rule": case.direction == "down" and bool(case.rounding),
        **{f"margin of {kind}": case.margin[0] == kind for kind in ("price", "cost", "amount")},
    }
    return [name for name, holds in named.items() if holds]


CLASSES = 18


def test_no_price_is_ever_under_floor_or_map() -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=EXAMPLES, deadline=None, phases=[Phase.generate])
    @given(st.integers(0, 2**63).map(case_of))
    def check(case: Case) -> None:
        truth = Truth(case)
        facts = offer(
            *((f"S{index}", units) for index, (_, units) in enumerate(case.costs)),
            currency=case.shop,
            includes_tax=case.shop_with_tax,
        )
        found = asked(book(case.yaml(), **case.tables()), facts, NOW)
        seen.update([*classes_of(case, found, truth), "all"])
        if found.price is None:
            assert found.missing == "no price keeps the floor: fees, margin, tax and coupons take all of it"
            assert not truth.possible
            return
        price = Fraction(found.price)
        assert truth.spare(price) >= 0, "under its floor"
        assert truth.map is None or price >= truth.map, "under its MAP"
        assert lattice_holds(case, price), "not rounded as the rule says"
        assert found.floor is not None
        minor = MINOR[case.shop]
        assert truth.spare(Fraction(found.floor)) >= 0
        assert truth.spare(Fraction(found.floor) - minor) < 0, "the floor is higher than it has to be"
        assert truth.map is None or found.least == Decimal(math.ceil(truth.map / minor)) * Decimal(
            minor.numerator
        ) / Decimal(minor.denominator)

    check()
    assert_seen(seen)


def assert_seen(seen: Counter[str]) -> None:
    rare = {name: count for name, count in seen.items() if count < AT_LEAST * seen["all"]}
    assert not rare, f"too rare: {rare} of {seen['all']}"
    assert len(seen) == CLASSES + 1, f"never seen: {sorted(seen)}"
