"""Which address is answered by what, and with which verbs."""

import re
from dataclasses import dataclass, field

from sandbox.storefront.woocommerce import (
    admin_coupons,
    admin_goods,
    admin_notes,
    admin_orders,
    admin_refunds,
    admin_settings,
    admin_terms,
    admin_trackings,
    admin_variations,
    admin_webhooks,
)
from sandbox.storefront.woocommerce.answers import no_route
from sandbox.storefront.woocommerce.calls import Act
from sandbox.storefront.woocommerce.routes_of import Table
from sandbox.storefront.woocommerce.rules import Rules

_EDITS = ("POST", "PUT", "PATCH")


@dataclass(frozen=True, slots=True)
class Place:
    """One address and what can be done there."""

    pattern: str
    acts: dict[str, Act]
    expression: re.Pattern[str] = field(repr=False)

    @property
    def names(self) -> set[str]:
        """The ids in it."""
        return set(self.expression.groupindex)


def table(rules: Rules) -> Table:
    """All that a shop of these rules answers, beneath `/wp-json`."""
    found: Table = {
        **admin_orders.ROUTES,
        **admin_notes.ROUTES,
        **admin_refunds.ROUTES,
        **admin_goods.ROUTES,
        **admin_terms.ROUTES,
        **admin_variations.ROUTES,
        **admin_webhooks.ROUTES,
        **admin_settings.ROUTES,
        **admin_coupons.ROUTES,
    }
    if rules.new:
        found.update({**admin_variations.NEW, **admin_refunds.NEW})
    if rules.tracking:
        found.update(admin_trackings.ROUTES)
    return found


def places(rules: Rules) -> list[Place]:
    """The addresses, the longest fixed ones first."""
    found = []
    for pattern, acts in table(rules).items():
        verbs: dict[str, Act] = {}
        for verb, act in acts.items():
            verbs.update(dict.fromkeys(_EDITS, act) if verb == "EDIT" else {verb: act})
        found.append(Place(pattern, verbs, re.compile(pattern)))
    return found


def find(known: list[Place], verb: str, path: str) -> tuple[Place, dict[str, str]]:
    """The place of a call and what its address names. Raises No."""
    for place in known:
        match = place.expression.fullmatch(path)
        if match is not None and verb in place.acts:
            return place, match.groupdict()
    raise no_route()
