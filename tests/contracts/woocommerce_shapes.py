"""The shapes of what real WooCommerce shops answered, and whether ours have them; nothing of it is copied here.

The recordings lie beneath `ENTREPOT_SPECS`; under CI their absence fails the tests.
"""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

_HERE = Path(__file__).resolve().parents[2]
SPECS = Path(os.environ.get("ENTREPOT_SPECS", _HERE.parent / "shared" / "specs")) / "woocommerce"
ZOO = sorted((SPECS / "zoo").glob("*.json"))
there = pytest.mark.skipif(
    not SPECS.is_dir() and "CI" not in os.environ, reason="the recordings of real shops are not here"
)

Shape = dict[str, set[str]]
"""Kinds of value by path; lists are one level, `*` for what is in them."""


def shape(value: Any, path: str = "", into: Shape | None = None) -> Shape:
    found: Shape = {} if into is None else into
    found.setdefault(path, set()).add(_kind(value))
    if isinstance(value, dict):
        for name, each in value.items():
            if not _free(path, name):
                shape(each, f"{path}.{name}", found)
    elif isinstance(value, list):
        for each in value:
            shape(each, f"{path}.*", found)
    return found


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    return {str: "text", list: "list", dict: "object", type(None): "null"}[type(value)]


def _free(path: str, name: str) -> bool:
    """What anybody may put there: own data, and the values in them."""
    return name in ("value", "display_value") or path.endswith("._links") or name in ("downloads",)


_PLACES = {
    "order": re.compile(r"^/wc/v3/orders(/\d+)?$"),
    "refund": re.compile(r"^/wc/v3/orders/\d+/refunds(/\d+)?$"),
    "note": re.compile(r"^/wc/v3/orders/\d+/notes(/\d+)?$"),
    "product": re.compile(r"^/wc/v3/products(/\d+)?$"),
    "variation": re.compile(r"^/wc/v3/products/\d+/variations(/\d+)?$"),
    "coupon": re.compile(r"^/wc/v3/coupons(/\d+)?$"),
    "webhook": re.compile(r"^/wc/v3/webhooks(/\d+)?$"),
}


@dataclass(frozen=True)
class Said:
    """One recorded answer."""

    version: str
    verb: str
    path: str
    body: Any


def recordings() -> Iterator[Said]:
    for file in sorted((SPECS / "recorded").glob("*.json")):
        found = json.loads(file.read_text())
        if isinstance(found, dict) and found.get("status", 500) < 300:
            yield Said("11.0.1", found["request"]["method"], found["request"]["url"], found["body"])
    for file in ZOO:
        case = json.loads(file.read_text())
        for each in case["requests"]:
            if each["status"] < 300:
                yield Said(case["store"]["version"], each["method"], each["path"], each["body"])


@cache
def recorded_shapes(version: str, resource: str) -> tuple[list[Shape], Shape]:
    """Each whole record of a resource, and all of them together."""
    single, together = [], {}
    for said in recordings():
        path, _, query = said.path.partition("?")
        if said.version != version or "_fields" in query:
            continue
        if not _PLACES[resource].match("/" + path.split("/wp-json/")[-1]):
            continue
        for record in said.body if isinstance(said.body, list) else [said.body]:
            if resource == "product" and record.get("type") == "variation":
                continue
            single.append(shape(record))
            shape(record, into=together)
    return single, together


VERSIONS = ("11.0.1", "8.6.1")


def held_to(version: str, resource: str, ours: Any) -> None:
    """Our record has every field that each real one has, none that no real one has, and values of their kinds.

    A kind may be that of the other version, which was recorded with other goods.
    """
    single, together = recorded_shapes(version, resource)
    assert single, f"no {resource} of {version} was recorded"
    found = shape(ours)
    always = set.intersection(*(set(each) for each in single))
    missing = {path for path in always if "*" not in path} - set(found)
    assert not missing, f"missing: {sorted(missing)}"
    strange = {path for path in set(found) - set(together) if not path.startswith(".meta_data.")}
    assert not strange, f"strange: {sorted(strange)}"
    for path, kinds in found.items():
        real = set().union(*(recorded_shapes(each, resource)[1].get(path, set()) for each in VERSIONS))
        assert kinds <= real, f"{path}: {kinds} where real shops have {real}"
