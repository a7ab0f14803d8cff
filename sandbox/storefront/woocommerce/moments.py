"""Moments as the API shows and filters them: on the shop's own clock without a zone, or in UTC.

A bound in a query is read as the real servers read it, their faults included: with `dates_are_gmt=true` a bound that
names its zone is first moved to the shop's clock, and then taken for UTC. Where records are WordPress posts (every
product; in 8.6 every order too) other bounds are compared on the shop's clock, which repeats an hour in autumn.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sandbox.storefront.woocommerce.answers import invalid
from sandbox.storefront.woocommerce.books import WooShop
from sandbox.storefront.woocommerce.calls import Query


def pair(shop: WooShop, name: str, moment: datetime | None) -> dict[str, str | None]:
    """A moment under its name (the shop's clock) and its name with `_gmt`."""
    if moment is None:
        return {name: None, f"{name}_gmt": None}
    return {name: plain(shop.local(moment)), f"{name}_gmt": plain(moment.astimezone(UTC))}


def plain(moment: datetime) -> str:
    """Without zone and fraction."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound to compare with: `naive` on the shop's clock, or in UTC."""

    naive: datetime
    utc: bool

    def of(self, shop: WooShop, moment: datetime) -> datetime:
        """A record's moment as this bound compares it."""
        return moment.astimezone(UTC).replace(tzinfo=None) if self.utc else shop.local(moment)


def bound(shop: WooShop, name: str, given: str, *, gmt: bool, posts: bool) -> Bound:
    """What a date in a query means. Raises No for what is no date."""
    try:
        moment = datetime.fromisoformat(given).replace(microsecond=0)
    except ValueError:
        raise invalid(name, "Invalid date.", "rest_invalid_date") from None
    if moment.tzinfo is not None:
        local = shop.local(moment)
        if gmt:
            return Bound(local, utc=True)
        return Bound(local, utc=False) if posts else Bound(_utc(moment), utc=True)
    if gmt:
        return Bound(moment, utc=True)
    if posts:
        return Bound(moment, utc=False)
    return Bound(_utc(moment.replace(tzinfo=shop.rules.zone)), utc=True)


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


def window(shop: WooShop, query: Query, *, posts: bool) -> Callable[[datetime, datetime], bool]:
    """Whether a record made and changed at these moments is within the query's bounds, all of them exclusive."""
    gmt = query.flag("dates_are_gmt")
    found = {
        name: bound(shop, name, given, gmt=gmt, posts=posts)
        for name in ("after", "before", "modified_after", "modified_before")
        if (given := query.get(name))
    }

    def within(created: datetime, modified: datetime) -> bool:
        for name, limit in found.items():
            value = limit.of(shop, modified if name.startswith("modified") else created)
            if not (value > limit.naive if name.endswith("after") else value < limit.naive):
                return False
        return True

    return within


def to_utc(shop: WooShop, given: str | None, *, gmt: bool) -> datetime | None:
    """A moment from a body: on the shop's clock, unless it names its zone or is said to be in UTC."""
    if not given:
        return None
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC if gmt else shop.rules.zone)
    return moment.astimezone(UTC).replace(microsecond=0)
