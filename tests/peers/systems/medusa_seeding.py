"""Fills an empty Medusa over its own Admin API: one web shop, two stock locations, the tests' catalogue.

Medusa keeps SKUs unique, so the second listing of a SKU has none here.
"""

from contextlib import closing
from dataclasses import dataclass
from typing import Any

import httpx

from tests.peers.systems import catalogue

MAIN, SECOND = "Main WH", "Second WH"
COUNTRIES = ("de", "fr", "cn", "jp")
TAX_COUNTRY, TAX_PER_CENT = "de", 19
SHIPPING_PRICE = 5
CURRENCY = "eur"


@dataclass(frozen=True, slots=True)
class Seeded:
    """Ids and keys of a seeded shop, as its administrator would note them."""

    secret_key: str
    publishable_key: str
    sales_channel: str
    locations: tuple[str, str]
    shipping_profile: str
    shipping_option: str
    return_option: str
    region: str


class Office:
    """The administrator at work; every refusal ends the seeding with what Medusa said."""

    def __init__(self, url: str, email: str, password: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=60)
        token = self.post("/auth/user/emailpass", {"email": email, "password": password})["token"]
        self.http.headers["authorization"] = f"Bearer {token}"

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        return self._read(self.http.post(path, json=body or {}))

    def get(self, path: str, **asked: Any) -> Any:
        return self._read(self.http.get(path, params=asked))

    @staticmethod
    def _read(response: httpx.Response) -> Any:
        assert response.status_code < 300, f"{response.request.url}: {response.text[:500]}"
        return response.json()


def seed(url: str, email: str, password: str) -> Seeded:
    """Make the shop and its goods."""
    office = Office(url, email, password)
    with closing(office.http):
        secret = office.post("/admin/api-keys", {"title": "sync", "type": "secret"})["api_key"]["token"]
        _currencies(office)
        channel = office.post("/admin/sales-channels", {"name": "Web"})["sales_channel"]["id"]
        main, second = (_location(office, name, channel) for name in (MAIN, SECOND))
        profile, zone = _profile(office), _zone(office, main)
        outward, back = (_option(office, zone, profile, name) for name in ("Standard", "Return"))
        made = Seeded(
            secret_key=secret,
            publishable_key=_publishable(office, channel),
            sales_channel=channel,
            locations=(main, second),
            shipping_profile=profile,
            shipping_option=outward,
            return_option=back,
            region=_region(office),
        )
        _goods(office, made)
    return made


def _currencies(office: Office) -> None:
    (store,) = office.get("/admin/stores")["stores"]
    known = [{"currency_code": CURRENCY, "is_default": True}, {"currency_code": "usd"}]
    office.post(f"/admin/stores/{store['id']}", {"supported_currencies": known})


def _location(office: Office, name: str, channel: str) -> str:
    made = office.post("/admin/stock-locations", {"name": name})["stock_location"]["id"]
    office.post(f"/admin/stock-locations/{made}/sales-channels", {"add": [channel]})
    office.post(f"/admin/stock-locations/{made}/fulfillment-providers", {"add": ["manual_manual"]})
    return str(made)


def _profile(office: Office) -> str:
    if known := office.get("/admin/shipping-profiles")["shipping_profiles"]:
        return str(known[0]["id"])
    body = {"name": "Default", "type": "default"}
    return str(office.post("/admin/shipping-profiles", body)["shipping_profile"]["id"])


def _zone(office: Office, location: str) -> str:
    path = f"/admin/stock-locations/{location}"
    office.post(f"{path}/fulfillment-sets", {"name": "ship", "type": "shipping"})
    (ways,) = office.get(path, fields="*fulfillment_sets")["stock_location"]["fulfillment_sets"]
    zones = [{"type": "country", "country_code": country} for country in COUNTRIES]
    body = {"name": "World", "geo_zones": zones}
    made = office.post(f"/admin/fulfillment-sets/{ways['id']}/service-zones", body)
    return str(made["fulfillment_set"]["service_zones"][0]["id"])


def _option(office: Office, zone: str, profile: str, name: str) -> str:
    rules = {"enabled_in_store": "true", "is_return": "true" if name == "Return" else "false"}
    body = {
        "name": name,
        "service_zone_id": zone,
        "shipping_profile_id": profile,
        "provider_id": "manual_manual",
        "price_type": "flat",
        "type": {"label": name, "description": name, "code": name.lower()},
        "prices": [{"currency_code": CURRENCY, "amount": SHIPPING_PRICE}],
        "rules": [{"attribute": key, "operator": "eq", "value": value} for key, value in rules.items()],
    }
    return str(office.post("/admin/shipping-options", body)["shipping_option"]["id"])


def _region(office: Office) -> str:
    rate = {"rate": TAX_PER_CENT, "code": "vat", "name": "VAT"}
    tax = {"country_code": TAX_COUNTRY, "provider_id": "tp_system", "default_tax_rate": rate}
    body = {
        "name": "World",
        "currency_code": CURRENCY,
        "countries": list(COUNTRIES),
        "payment_providers": ["pp_system_default"],
    }
    made = office.post("/admin/regions", body)["region"]["id"]
    office.post("/admin/tax-regions", tax)
    return str(made)


def _publishable(office: Office, channel: str) -> str:
    key = office.post("/admin/api-keys", {"title": "store", "type": "publishable"})["api_key"]
    office.post(f"/admin/api-keys/{key['id']}/sales-channels", {"add": [channel]})
    return str(key["token"])


def product(product: catalogue.Product, shop: Seeded, *, without_sku: bool = False) -> dict[str, Any]:
    """The body that makes a product with its variants, published and on sale."""
    groups = product.option_groups or ("Title",)
    rows = [variant.options or ("Default",) for variant in product.variants]
    return {
        "title": product.name,
        "handle": product.name.lower().replace(" ", "-"),
        "description": f"{product.name} for tests",
        "status": "published",
        "shipping_profile_id": shop.shipping_profile,
        "sales_channels": [{"id": shop.sales_channel}],
        "options": [
            {"title": group, "values": sorted({row[n] for row in rows})} for n, group in enumerate(groups)
        ],
        "variants": [
            {
                "title": " ".join(row),
                **({} if without_sku else {"sku": variant.sku}),
                "prices": [{"currency_code": CURRENCY, "amount": float(variant.price)}],
                "options": dict(zip(groups, row, strict=True)),
            }
            for variant, row in zip(product.variants, rows, strict=True)
        ],
    }


def _goods(office: Office, shop: Seeded) -> None:
    units: dict[str, int] = {}
    for each in catalogue.PRODUCTS:
        twin = all(variant.sku in units for variant in each.variants)
        office.post("/admin/products", product(each, shop, without_sku=twin))
        units |= {variant.sku: variant.units for variant in each.variants}
    items = office.get("/admin/inventory-items", limit=1000)["inventory_items"]
    main, second = shop.locations
    stocked = [(item["id"], main, units.get(item["sku"] or "", 0)) for item in items]
    stocked += [(item["id"], second, 0) for item in items if item["sku"]]
    levels = [
        {"inventory_item_id": item, "location_id": location, "stocked_quantity": count}
        for item, location, count in stocked
    ]
    office.post("/admin/inventory-items/location-levels/batch", {"create": levels})
