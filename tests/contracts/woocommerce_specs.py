"""What is held of real WooCommerce shops, read where it lies: recordings, official examples, the discovery document."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

_HERE = Path(__file__).resolve().parents[2]
SPECS = Path(os.environ.get("ENTREPOT_SPECS", _HERE.parent / "shared" / "specs")) / "woocommerce"
_V3 = "/wp-json/wc/v3/"


@dataclass(frozen=True)
class Exchange:
    """One recorded request and its answer.

    `place` is the path below `/wp-json/wc/v3/`, or the whole path elsewhere; `whole` says that no fields were left
    out; `store` is the shop's settings, empty where they were not noted.
    """

    case: str
    method: str
    place: str
    query: dict[str, list[str]] = field(repr=False)
    status: int
    body: Any = field(repr=False)
    store: dict[str, Any] = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        return f"{self.case} {self.method} {self.place}"

    @property
    def raw(self) -> bytes:
        """The answer as it came over the wire."""
        return json.dumps(self.body).encode()

    @property
    def whole(self) -> bool:
        return "_fields" not in self.query


def _exchange(case: str, method: str, url: str, status: int, body: Any, store: dict[str, Any]) -> Exchange:
    parts = urlsplit(url)
    query = parse_qs(parts.query, keep_blank_values=True)
    return Exchange(case, method, parts.path.removeprefix(_V3), query, status, body, store)


@cache
def exchanges() -> tuple[Exchange, ...]:
    """Every recorded exchange of both generations."""
    found = []
    for file in sorted((SPECS / "recorded").glob("*.json")):
        told = json.loads(file.read_text())
        if isinstance(told, dict) and "request" in told:
            asked = told["request"]
            found.append(
                _exchange(file.stem, asked["method"], asked["url"], told["status"], told["body"], {})
            )
    for file in sorted((SPECS / "zoo").glob("*.json")):
        told = json.loads(file.read_text())
        for one in told["requests"]:
            found.append(
                _exchange(
                    file.stem, one["method"], one["path"], one["status"], one.get("body"), told["store"]
                )
            )
    return tuple(found)


def deliveries() -> Iterator[dict[str, Any]]:
    """Every recorded delivery of a webhook: `headers` as pairs, `body` as text."""
    for file in sorted((SPECS / "recorded").glob("*.json")):
        told = json.loads(file.read_text())
        if isinstance(told, list):
            yield from told
        elif "request" not in told:
            yield told


def examples(resource: str) -> Iterator[tuple[str, str, Any]]:
    """(name, endpoint, answer) of every official example of a resource."""
    for file in sorted((SPECS / "json").glob(f"{resource}-[0-9][0-9].json")):
        told = json.loads(file.read_text())
        yield file.stem, told["endpoint"], told["json"]


@cache
def routes() -> dict[str, Any]:
    """The routes of the official discovery document, by their patterns."""
    found: dict[str, Any] = json.loads((SPECS / "json" / "index-01.json").read_text())["json"]["routes"]
    return found
