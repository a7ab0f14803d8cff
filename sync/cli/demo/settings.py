"""The configuration folder that the demo writes for the sandbox's accounts."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sync.store.sealing import new_key

_READ = {
    "orders": "500 ms",
    "fulfilment": "500 ms",
    "stock": "500 ms",
    "offers": "1 second",
    "acknowledgements": "1 second",
    "despatches": "1 second",
    "tracking": "1 second",
    "requests": "1 second",
    "return_receipts": "1 second",
    "open_orders": "2 seconds",
    "catalogue": "10 minutes",
}
"""Only a look tells that there is something new."""
_WOKEN = dict.fromkeys(
    ("review", "way_back", "push_stock", "outbox", "labels", "deliveries", "voids"), "2 seconds"
)
"""They are woken by what was read; by themselves they look for what had to wait."""
SCHEDULE = {**_READ, **_WOKEN}
SENDER = {
    "name": "Sandbox warehouse",
    "street": "Hafenstr. 1",
    "city": "Hamburg",
    "postal_code": "20095",
    "country": "DE",
}
SEVERAL_SOURCES = {
    "routing": [{"name": "several places", "to": "nearest_with_everything", "otherwise": "split"}],
    "stock": {"suppliers": {"acme": {"use": "80%", "max_age": "1 minute", "lag": "5 seconds"}}},
}
"""Where goods lie in several places: an order may leave in several parcels."""
TAKEN_BACK = {
    "returns": [
        {
            "name": "swap",
            "when": {"type": "exchange"},
            "do": "approve",
            "ship": "after_inspection",
            "shipping": False,
            "goods": {"good": "restock"},
        },
        {"name": "send back", "when": {"type": "return"}, "do": "approve", "goods": {"good": "restock"}},
    ]
}
"""What buyers of shops with requests may send back."""
_ASKING = frozenset({"medusa", "shopify"})
_KEPT: Mapping[str, tuple[str, ...]] = {
    "vendure": ("url", "username"),
    "medusa": ("url",),
    "shopify": ("url", "client_id"),
    "woocommerce": ("url",),
    "tryton": ("url", "database", "warehouse"),
    "karrio": ("url",),
}
_MORE: Mapping[str, Mapping[str, Any]] = {
    "vendure": {"overlap_seconds": "5"},
    "medusa": {"overlap_seconds": "5"},
    "shopify": {"overlap_seconds": "5"},
    "woocommerce": {"overlap_seconds": "5"},
    "feed": {"dropship": "true"},
    "tryton": {"customer": "CUS-1", "sender": SENDER},
    "karrio": {"live_tracking": "true"},
}


def write_folder(folder: Path, ready: Mapping[str, Any]) -> None:
    """Settings, rules, secrets and a key for the world that said `ready`."""
    accounts = {}
    secrets = _private(folder / "secrets")
    for name, told in ready["accounts"].items():
        connector = told["connector"]
        _write_private(secrets / name, str(told.get("secret") or told["key"]))
        accounts[name] = {
            "connector": connector,
            "secret": f"file:{name}",
            "mode": "live",
            **_kept(folder, name, told),
            **_MORE[connector],
            **({"currency": told["currency"]} if "currency" in told else {}),
        }
    settings = {
        "timezone": "UTC",
        "metrics": {"listen": "127.0.0.1:0"},
        "log": {"format": "json", "level": "info"},
        "schedule": SCHEDULE,
        "accounts": accounts,
    }
    _write(folder / "entrepot.yaml", settings)
    if "feed" in {told["connector"] for told in ready["accounts"].values()}:
        _write(folder / "mappings" / "routing.yaml", SEVERAL_SOURCES)
    if _ASKING & {told["connector"] for told in ready["accounts"].values()}:
        _write(folder / "mappings" / "returns.yaml", TAKEN_BACK)
    skus = {"match": ["sku"], "overrides": list(ready["overrides"])}
    _write(folder / "mappings" / "skus.yaml", {"skus": skus})
    _write(folder / "mappings" / "weights.yaml", {"weights": {"default": "20 g"}})
    _write_private(_private(folder / "entrepot-data") / "keys", new_key())


def _kept(folder: Path, name: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """The options of an account; a supplier's are as nested as its files are odd."""
    connector = told["connector"]
    if connector == "feed":
        rest = {key: value for key, value in told.items() if key not in ("connector", "kind", "key")}
        return {**rest, "state": str(folder / f"{name}-state")}
    return {key: told[key] for key in _KEPT[connector]}


def _write(path: Path, document: object) -> None:
    """JSON is YAML too, and quotes what has to be quoted."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _private(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
