"""The official descriptions and the real recordings of WooCommerce, as the connector's contract tests read them."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

ROOT = Path(__file__).parents[2]
SPECS = Path(os.environ.get("ENTREPOT_SPECS", str(ROOT.parent / "shared" / "specs"))) / "woocommerce"
API = re.compile(r"^/wp-json/wc/v3/")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One real request and its answer; `place` is the path below the API."""

    case: str
    method: str
    place: str
    query: dict[str, list[str]]
    status: int
    body: Any = field(repr=False)
    store: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def raw(self) -> bytes:
        """The body as JSON."""
        return json.dumps(self.body).encode()

    @property
    def whole(self) -> bool:
        """Whether the connector could have asked for it: all fields, and money as the shop rounds it."""
        return "_fields" not in self.query and "dp" not in self.query

    def __str__(self) -> str:
        return f"{self.case} {self.method} {self.place} {self.status}"


@cache
def exchanges() -> tuple[Exchange, ...]:
    """Every recorded exchange with the REST API, of both generations."""
    found: list[Exchange] = []
    for path in sorted((SPECS / "recorded").glob("*.json")):
        told = json.loads(path.read_bytes())
        if isinstance(told, dict) and "request" in told:
            asked = told["request"]
            found.append(
                _exchange(path.stem, asked["method"], asked["url"], told["status"], told["body"], {})
            )
    for path in sorted((SPECS / "zoo").glob("*.json")):
        case = json.loads(path.read_bytes())
        found += [
            _exchange(
                path.stem, one["method"], one["path"], one["status"], one["body"], case.get("store", {})
            )
            for one in case["requests"]
        ]
    return tuple(found)


def deliveries() -> Iterator[dict[str, Any]]:
    """Every recorded request of a webhook."""
    for path in sorted((SPECS / "recorded").glob("webhook_*delivery*.json")):
        told = json.loads(path.read_bytes())
        for one in told if isinstance(told, list) else [told]:
            yield {"case": path.stem, **one}


def examples(prefix: str) -> Iterator[tuple[str, str, Any]]:
    """The official examples of one resource: file, endpoint, answer."""
    for path in sorted((SPECS / "json").glob(f"{prefix}-*.json")):
        told = json.loads(path.read_bytes())
        yield path.stem, told["endpoint"], told["json"]


@cache
def routes() -> dict[str, Any]:
    """The official discovery document's routes, by WordPress's patterns."""
    return dict(json.loads((SPECS / "json" / "index-01.json").read_bytes())["json"]["routes"])


def _exchange(case: str, method: str, url: str, status: int, body: Any, store: dict[str, Any]) -> Exchange:
    split = urlsplit(url)
    place = API.sub("", split.path) if API.match(split.path) else split.path
    return Exchange(case, method, place, parse_qs(split.query), status, body, store)
