"""What prices need of tables and zones: goods and rates that are named, SKUs that exist, local times that do.

These checks look at what the load has read so far, beside the bound sections and their located text.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo

from config.errors import Problem, listed, problem_at, shown
from config.yaml import Located, MapNode
from mappings.accounts import SUPPLIER
from mappings.expr import FORMULA_NAMES, OFFER_NAMES, compile_expr, compile_formula
from mappings.goods import GoodsTable
from mappings.reading import Reading
from mappings.schema import MappingsModel, OfferWhenModel, PriceModel, PromotionModel
from mappings.schema.prices import KEEP, NONE, SALE_NAMES, STRUCK_NAMES
from sync.domain.windows import is_skipped, is_twice

_MOST_SKUS = 5
_RATES = "rates: {table: rates.csv}, with the columns date, from, to, rate"
_GOODS = "goods: {table: goods.csv, currency: EUR}, with the column sku and those that are needed"


def check_sources(model: MappingsModel, root: MapNode, reading: Reading) -> Iterator[Problem]:
    """Rules that name what only a table of `goods` or `rates` can say, where none is named.

    A section that has a problem of its own is not said to be absent.
    """
    told = {problem.key.partition(".")[0] for problem in reading.problems}
    if model.rates is None and "rates" not in told:
        for index, price in enumerate(model.prices or ()):
            if price.convert is not None:
                place = root.find("prices", index, "convert")
                yield problem_at(place, place.path, "there are no rates to convert by", allowed=_RATES)
    if model.goods is None and "goods" not in told:
        yield from _goods_needed(model, root, suppliers=bool(reading.accounts.of(SUPPLIER)))


def _goods_needed(model: MappingsModel, root: MapNode, *, suppliers: bool) -> Iterator[Problem]:
    """A supplier's list may name a cost; everything else stands in the goods table alone."""
    for place, names in _used(model, root):
        lacking = [name for name in names if not (name == "cost" and suppliers)]
        if lacking:
            what = f"no goods table says {listed(sorted(lacking))}"
            yield problem_at(place, place.path, what, allowed=_GOODS)


def _used(model: MappingsModel, root: MapNode) -> Iterator[tuple[Located, set[str]]]:
    """What each key of prices and promotions names of the goods, and where."""
    for index, price in enumerate(model.prices or ()):
        node = root.find("prices", index)
        yield from _formulas(price, node)
        if price.floor is not None:
            yield node.find("floor", "cover"), {"cost", "landed_cost"} & set(price.floor.cover)
    for index, promotion in enumerate(model.promotions or ()):
        yield from _formulas(promotion, root.find("promotions", index))
    for section, index, when in _conditions(model):
        yield from _of_condition(when, root.find(section, index, "when"))


def _formulas(rule: PriceModel | PromotionModel, node: Located) -> Iterator[tuple[Located, set[str]]]:
    for key, names in (("price", SALE_NAMES), ("compare_at", STRUCK_NAMES)):
        source = getattr(rule, key)
        if source not in (None, KEEP, NONE):
            yield node.find(key), set(compile_formula(source, names).names & FORMULA_NAMES.keys())


def _of_condition(when: OfferWhenModel, node: Located) -> Iterator[tuple[Located, set[str]]]:
    if when.tags:
        yield node.find("tags"), {"tags"}
    for key in ("cost_above", "cost_below"):
        if getattr(when, key) is not None:
            yield node.find(key), {"cost"}
    if when.expr is not None:
        names = compile_expr(when.expr, OFFER_NAMES).names & {*FORMULA_NAMES, "tags"}
        yield node.find("expr"), set(names)


def _conditions(model: MappingsModel) -> Iterator[tuple[str, int, OfferWhenModel]]:
    sections: Mapping[str, Sequence[object]] = {
        name: getattr(model, name) or () for name in ("fees", "prices", "promotions", "listings")
    }
    for section, rules in sections.items():
        for index, rule in enumerate(rules):
            when = getattr(rule, "when", None)
            if isinstance(when, OfferWhenModel):
                yield section, index, when


def warn_skus_unknown(model: MappingsModel, root: MapNode, goods: GoodsTable) -> Iterator[Problem]:
    """SKUs of conditions that the goods table does not have."""
    if not goods.rows:
        return
    for section, index, when in _conditions(model):
        unknown = goods.unknown(when.sku)
        if unknown:
            place = root.find(section, index, "when", "sku")
            named = listed([shown(sku) for sku in unknown], _MOST_SKUS)
            yield problem_at(place, place.path, f"{goods.file} does not have {named}")


def warn_clocks(model: MappingsModel, root: MapNode, zones: Mapping[str, tzinfo]) -> Iterator[Problem]:
    """Times of promotions that a shop's clocks skip, or show twice."""
    for index, promotion in enumerate(model.promotions or ()):
        own = promotion.when.account if promotion.when is not None else ()
        places = sorted({str(zones[shop]): zones[shop] for shop in own or zones if shop in zones}.items())
        for key, local in (("from", promotion.start), ("until", promotion.until)):
            place = root.find("promotions", index, key)
            for name, zone in places:
                what = _clock(local, zone, name, ends=key == "until")
                if what:
                    yield problem_at(place, place.path, what)


def _clock(local: datetime | None, zone: tzinfo, name: str, *, ends: bool) -> str:
    if local is None or local.tzinfo is not None:
        return ""
    text = local.strftime("%Y-%m-%d %H:%M")
    if is_skipped(local, zone):
        return f"the clocks of {name} skip {text}: the moment at which they do is meant"
    if is_twice(local, zone):
        return f"the clocks of {name} show {text} twice: the {'second' if ends else 'first'} time is meant"
    return ""
