"""The routes that tell what the shop was set up with: its currency, its taxes, and where it is."""

from typing import Any

from sandbox.storefront.woocommerce.answers import no
from sandbox.storefront.woocommerce.calls import Body, Call, Reply, one
from sandbox.storefront.woocommerce.routes_of import Table
from sandbox.storefront.woocommerce.rules import Rules


def _values(rules: Rules) -> dict[str, dict[str, str]]:
    """Values by group and name; switches are yes and no, as WordPress keeps them."""

    def switch(on: bool) -> str:
        return "yes" if on else "no"

    return {
        "general": {
            "woocommerce_currency": rules.currency,
            "woocommerce_price_num_decimals": str(rules.decimals),
            "woocommerce_default_country": ":".join(part for part in rules.base if part),
            "woocommerce_calc_taxes": switch(bool(rules.rates)),
        },
        "tax": {
            "woocommerce_prices_include_tax": switch(rules.prices_include_tax),
            "woocommerce_tax_round_at_subtotal": switch(rules.round_at_subtotal),
        },
        "products": {
            "woocommerce_manage_stock": "yes",
            "woocommerce_notify_no_stock_amount": "0",
        },
    }


def _shown(call: Call, group: str, name: str, value: str) -> Body:
    place = f"{call.api}/settings/{group}"
    return {
        "id": name,
        "label": name.removeprefix("woocommerce_").replace("_", " ").capitalize(),
        "description": "",
        "type": "checkbox" if value in ("yes", "no") else "text",
        "default": value,
        "tip": "",
        "value": value,
        "group_id": group,
        "_links": {"self": [{"href": f"{place}/{name}"}], "collection": [{"href": place}]},
    }


def _group(call: Call) -> dict[str, str]:
    found = _values(call.shop.rules).get(call.words["group_id"])
    if found is None:
        raise no(404, "rest_setting_setting_group_invalid", "Invalid setting group.")
    return found


def _list(call: Call) -> Reply:
    group = call.words["group_id"]
    return Reply([_shown(call, group, name, value) for name, value in _group(call).items()])


def _one(call: Call) -> Reply:
    group, name = call.words["group_id"], call.words["id"]
    value = _group(call).get(name)
    if value is None:
        raise no(404, "rest_setting_setting_invalid", "Invalid setting.")
    return one(call, _shown(call, group, name, value))


def _status(call: Call) -> Reply:
    rules = call.shop.rules
    environment: dict[str, Any] = {
        "home_url": call.home,
        "site_url": call.home,
        "store_id": call.shop.store_id,
        "version": rules.generation.version,
        "wp_version": "7.0.4",
        "wp_multisite": False,
        "language": "en_US",
        "default_timezone": "UTC",
    }
    settings = {
        "currency": rules.currency,
        "number_of_decimals": rules.decimals,
        "taxonomies": {},
    }
    return one(call, {"environment": environment, "settings": settings})


_GROUP = r"/wc/v3/settings/(?P<group_id>[\w-]+)"
ROUTES: Table = {
    _GROUP: {"GET": _list},
    f"{_GROUP}/(?P<id>[\\w-]+)": {"GET": _one},
    "/wc/v3/system_status": {"GET": _status},
}
