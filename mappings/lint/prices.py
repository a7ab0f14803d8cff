"""Prices and promotions: what their keys alone cannot show. Rules that are never reached: see reach."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from config.errors import Problem, problem_at, shown
from config.yaml import Located, MapNode, ScalarNode
from mappings.accounts import Accounts
from mappings.lint.implying import implies
from mappings.prices.promotions import compile_rounding
from mappings.schema import MappingsModel, PriceModel, PromotionModel

_WIDEST = timedelta(hours=14)
"""No zone is further from UTC."""


def check_prices(model: MappingsModel, root: MapNode, accounts: Accounts) -> Iterator[Problem]:
    """Floors that cover what no fee says, roundings that a currency cannot have, windows without time in them."""
    for index, price in enumerate(model.prices or ()):
        node = root.find("prices", index)
        yield from _fees(price, model, node)
        yield from _rounding(price, model, node)
    for index, promotion in enumerate(model.promotions or ()):
        yield from _window(promotion, root.find("promotions", index))


def warn_prices(model: MappingsModel, root: MapNode, accounts: Accounts) -> Iterator[Problem]:
    """Promotions that are over, and those that overlap with one before them."""
    rules = model.promotions or ()
    for index, promotion in enumerate(rules):
        node = root.find("promotions", index)
        if promotion.until is not None and _utc(promotion.until) + _WIDEST < datetime.now(UTC):
            place = node.find("until")
            yield problem_at(place, place.path, f"the promotion {shown(promotion.name)} is over")
            continue
        yield from _overlap(promotion, rules[:index], node.find("name"))


def _fees(price: PriceModel, model: MappingsModel, node: Located) -> Iterator[Problem]:
    for part in () if price.floor is None else price.floor.cover:
        if part in ("fees", "shipping") and not any(fee.part == part for fee in model.fees or ()):
            place = node.find("floor", "cover")
            allowed = (
                f"fees: [{{name: NAME, percent: 12%, for: {part}}}], or a floor that does not cover {part}"
            )
            yield problem_at(place, place.path, f"no rule of `fees` is for {part}", allowed=allowed)


def _rounding(price: PriceModel, model: MappingsModel, node: Located) -> Iterator[Problem]:
    """Where the shop's currency is known: without `convert` it is the goods' own."""
    rounding = compile_rounding(price.round)
    currency = model.goods.currency if model.goods is not None else None
    if rounding is not None and price.convert is None and currency and not rounding.fits(currency):
        place = node.find("round")
        yield problem_at(place, place.path, f"{currency} has no such prices", allowed='end_in: "9", to: "10"')


def _window(promotion: PromotionModel, node: Located) -> Iterator[Problem]:
    place = node.find("until")
    if promotion.until is not None and isinstance(place, ScalarNode) and ":" not in place.text:
        what = f"{shown(place.text)} does not say whether that day is in it"
        allowed = f"{place.text} 23:59, or the next day 00:00"
        yield problem_at(place, place.path, what, allowed=allowed)
        return
    if promotion.until is None or promotion.start is None:
        return
    if _utc(promotion.until) <= _utc(promotion.start):
        what = "the promotion ends before it begins"
        yield problem_at(place, place.path, what, allowed="a time later than `from`")


def _overlap(
    promotion: PromotionModel, before: Sequence[PromotionModel], place: Located
) -> Iterator[Problem]:
    """Two for the same listings at the same time, of which only the first counts."""
    for other in before:
        if not other.stack and _meet(promotion, other) and implies(promotion.when, other.when):
            what = f"it overlaps with {shown(other.name)}, which stands before it: where both hold, that one counts"
            yield problem_at(
                place, place.path, what, allowed=f"stack: true at {shown(other.name)} to have both"
            )
            return


def _meet(one: PromotionModel, other: PromotionModel) -> bool:
    starts = max((_utc(start) for start in (one.start, other.start) if start is not None), default=None)
    ends = min((_utc(end) for end in (one.until, other.until) if end is not None), default=None)
    return starts is None or ends is None or starts < ends


def _utc(local: datetime) -> datetime:
    """For comparing times of one zone with each other; the zone itself does not matter."""
    return local.replace(tzinfo=UTC) if local.tzinfo is None else local.astimezone(UTC)
