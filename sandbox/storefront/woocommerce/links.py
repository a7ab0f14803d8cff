"""The addresses that a record carries."""

from typing import Any

from sandbox.storefront.woocommerce.rules import Rules

WHOLE = ["GET", "POST", "PUT", "PATCH", "DELETE"]
BRIEF = ["GET", "DELETE"]


def links(
    rules: Rules, api: str, path: str, *, collection: str, up: str = "", verbs: list[str] = WHOLE
) -> dict[str, Any]:
    """`_links` of a record at `path`; the newer generation hints at the verbs."""
    self: dict[str, Any] = {"href": f"{api}/{path}"}
    if rules.new:
        self["targetHints"] = {"allow": verbs}
    found: dict[str, Any] = {"self": [self], "collection": [{"href": f"{api}/{collection}"}]}
    if up:
        found["up"] = [{"href": f"{api}/{up}"}]
    return found
