"""The index of the API: what the shop is, and which addresses it answers, as WordPress tells it."""

from typing import TYPE_CHECKING, Any

from sandbox.storefront.woocommerce.routes import Place

if TYPE_CHECKING:
    from sandbox.storefront.woocommerce.books import WooShop

NAMESPACES = ("oembed/1.0", "wc/v1", "wc/v2", "wc/v3", "wp/v2")
_TRACKING = "wc-shipment-tracking/v3"


def index(shop: "WooShop", known: list[Place], home: str, path: str) -> dict[str, Any]:
    """`/wp-json/`, or one namespace's part of it."""
    if path == "/":
        return {
            "name": shop.name,
            "description": "",
            "url": home,
            "home": home,
            "gmt_offset": _offset(shop),
            "timezone_string": str(getattr(shop.rules.zone, "key", "")),
            "namespaces": [*NAMESPACES, *([_TRACKING] if shop.rules.tracking else [])],
            "authentication": [],
            "routes": _routes(known, home),
        }
    return {"namespace": path.strip("/"), "routes": _routes(known, home, path)}


def _offset(shop: "WooShop") -> float:
    offset = shop.clock.now().astimezone(shop.rules.zone).utcoffset()
    hours = offset.total_seconds() / 3600 if offset else 0.0
    return int(hours) if hours == int(hours) else hours


def _routes(known: list[Place], home: str, under: str = "/") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for place in known:
        if not place.pattern.startswith(under):
            continue
        verbs = list(place.acts)
        namespace = "/".join(place.pattern.split("/")[1:3])
        found[place.pattern] = {
            "namespace": namespace,
            "methods": verbs,
            "endpoints": [{"methods": [verb], "args": {}} for verb in verbs],
        }
        if not place.names:
            found[place.pattern]["_links"] = {"self": [{"href": f"{home}/wp-json{place.pattern}"}]}
    return found
