"""The routes of the Shipment Tracking extension, where it is installed: parcels of an order, made and deleted.

A repeat makes a second entry; `products_list` says what is in a parcel. The extension answers under its own namespace
and under WooCommerce's.
"""

import hashlib
from datetime import UTC, datetime
from typing import Any

from sandbox.storefront.woocommerce import parcels, statuses
from sandbox.storefront.woocommerce.admin_orders import find
from sandbox.storefront.woocommerce.answers import no
from sandbox.storefront.woocommerce.calls import Body, Call, Reply
from sandbox.storefront.woocommerce.purchases import Purchase
from sandbox.storefront.woocommerce.routes_of import ORDER, Table

PROVIDERS = {
    "Global": {"DHL": "https://www.dhl.com/track?id=%1$s", "UPS": "https://www.ups.com/track?tracknum=%1$s"},
    "Germany": {"DHL Paket": "https://www.dhl.de/track?idc=%1$s", "Hermes": "https://www.myhermes.de/%1$s"},
}


def _shown(call: Call, purchase: Purchase, row: dict[str, Any]) -> Body:
    path = f"{call.api}/orders/{purchase.id}/shipment-trackings"
    name = row.get("custom_tracking_provider") or row.get("tracking_provider") or ""
    stamp = str(row.get("date_shipped") or "")
    day = datetime.fromtimestamp(int(stamp), UTC).strftime("%Y-%m-%d") if stamp.isdigit() else ""
    return {
        "tracking_id": row.get("tracking_id", ""),
        "tracking_provider": name,
        "tracking_link": _link(row),
        "tracking_number": row.get("tracking_number", ""),
        "date_shipped": day,
        **({"products_list": row["products_list"]} if row.get("products_list") else {}),
        "_links": {
            "self": [{"href": f"{path}/{row.get('tracking_id', '')}"}],
            "collection": [{"href": path}],
            "up": [{"href": f"{call.api}/orders/{purchase.id}"}],
        },
    }


def _link(row: dict[str, Any]) -> str:
    if custom := row.get("custom_tracking_link"):
        return str(custom)
    known = {slug(name): form for group in PROVIDERS.values() for name, form in group.items()}
    return known.get(str(row.get("tracking_provider")), "").replace("%1$s", str(row["tracking_number"]))


def slug(name: str) -> str:
    """A provider as entries name it."""
    return "-".join(name.lower().split())


def _list(call: Call) -> Reply:
    purchase = find(call.shop, call.path["order_id"])
    return Reply([_shown(call, purchase, row) for row in parcels.entries(purchase)])


def _create(call: Call) -> Reply:
    """Another parcel; `replace_tracking` puts it in the place of all that were there."""
    purchase, body = find(call.shop, call.path["order_id"]), call.body
    number = str(body.get("tracking_number") or "")
    if not number:
        text = "Missing parameter(s): tracking_number"
        raise no(400, "rest_missing_callback_param", text, params=["tracking_number"])
    rows = [] if body.get("replace_tracking") else parcels.entries(purchase)
    row = _row(call, body, number, len(rows))
    parcels.keep(call.shop, purchase, [*rows, row])
    if body.get("status_shipped"):
        statuses.move(call.shop, purchase, "completed")
    call.shop.touch(purchase)
    return Reply(_shown(call, purchase, row), 201)


def _row(call: Call, body: Body, number: str, place: int) -> dict[str, Any]:
    name = str(body.get("tracking_provider") or "")
    custom = str(body.get("custom_tracking_provider") or "")
    known = {slug(each) for group in PROVIDERS.values() for each in group}
    if name and slug(name) not in known:
        name, custom = "", name
    day = str(body.get("date_shipped") or "")
    moment = datetime.fromisoformat(day).replace(tzinfo=UTC) if day[:4].isdigit() else call.shop.second()
    text = f"{custom or name}-{number}-{place}-{call.shop.clock.seconds()}"
    return {
        "tracking_provider": slug(name),
        "custom_tracking_provider": custom,
        "custom_tracking_link": str(body.get("custom_tracking_link") or ""),
        "tracking_number": number,
        "date_shipped": str(int(moment.timestamp())),
        "products_list": body.get("products_list") or body.get("products") or "",
        "tracking_id": hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(),
    }


def _found(call: Call) -> tuple[Purchase, dict[str, Any]]:
    purchase = find(call.shop, call.path["order_id"])
    wanted = call.words["tracking_id"]
    known = next((row for row in parcels.entries(purchase) if row.get("tracking_id") == wanted), None)
    if known is None:
        raise no(404, "woocommerce_rest_shipment_tracking_invalid_id", "Invalid shipment tracking ID.")
    return purchase, known


def _one(call: Call) -> Reply:
    purchase, row = _found(call)
    return Reply(_shown(call, purchase, row))


def _drop(call: Call) -> Reply:
    purchase, row = _found(call)
    parcels.keep(call.shop, purchase, [each for each in parcels.entries(purchase) if each is not row])
    call.shop.touch(purchase)
    return Reply(_shown(call, purchase, row))


def _providers(call: Call) -> Reply:
    find(call.shop, call.path["order_id"])
    return Reply(PROVIDERS)


ROUTES: Table = {}
for _space in ("wc/v3", "wc-shipment-tracking/v3"):
    _path = f"/{_space}/orders/{ORDER}/shipment-trackings"
    ROUTES[_path] = {"GET": _list, "POST": _create}
    ROUTES[f"{_path}/providers"] = {"GET": _providers}
    ROUTES[f"{_path}/(?P<tracking_id>[a-f0-9]{{16,64}})"] = {"GET": _one, "DELETE": _drop}
