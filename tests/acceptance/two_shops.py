"""A house of two shops that send webhooks (Shopify and WooCommerce) and one warehouse, with hours between two looks.

What such a house learns sooner, it was told.
"""

import base64
import hmac
import json
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests import canaries
from tests.acceptance.conftest import World, a_world, until

WANTED = ("shopify", "woo", "hamburg")
SELDOM = "6 hours"
SKU = "TEE-01"


class TwoShops(World):
    """The world with what these tests do in it again and again."""

    @property
    def port(self) -> int:
        """Where the receiver listens."""
        return int(self.settings()["webhooks"]["listen"].rpartition(":")[2])

    def settings(self) -> dict[str, Any]:
        """The folder's entrepot.yaml."""
        read: dict[str, Any] = json.loads((self.folder / "entrepot.yaml").read_text("utf-8"))
        return read

    def street(self, act: str, **body: Any) -> dict[str, Any]:
        """Something in the street of the Shopify shop."""
        answer = httpx.post(f"{self.ready['accounts']['shopify']['url']}/street/{act}", json=body, timeout=30)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def buy(self, shop: str) -> str:
        """A purchase; the order's code in the shop's books."""
        return str(self.act("/buy", shop=shop, lines=[{"sku": SKU, "quantity": 1}])["order"])

    def orders(self, shop: str) -> int:
        """How many orders of a shop we have."""
        mine = f"account_id = (SELECT id FROM account WHERE name = '{shop}')"
        return int(self.rows(f"SELECT count(*) FROM customer_order WHERE {mine}")[0][0])

    def quiet(self) -> None:
        """Wait until no flow runs, and none is due."""
        now = "CAST(unixepoch('subsec') * 1000000 AS INTEGER)"
        busy = f"SELECT 1 FROM flow_state WHERE lease_owner IS NOT NULL OR next_due_at <= {now}"
        still: list[bool] = []

        def three_times() -> bool:
            still.append(not self.rows(busy))
            return still[-3:] == [True] * 3

        until("nothing is left to do", three_times)

    def rows(self, query: str) -> list[Any]:
        """A look into the database."""
        database = self.folder / "entrepot-data" / "entrepot.sqlite3"
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            return connection.execute(query).fetchall()

    def sizes(self) -> dict[str, int]:
        """How many rows each table has."""
        names = [name for (name,) in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: int(self.rows(f'SELECT count(*) FROM "{name}"')[0][0]) for name in names}

    def address(self, shop: str) -> str:
        """The address that the shop's vendor was given, as its own API shows it."""
        told = self.ready["accounts"][shop]
        query = {"query": "{ webhookSubscriptions(first: 1) { nodes { uri } } }"}
        head = {"X-Shopify-Access-Token": told["key"]}
        answer = httpx.post(f"{told['url']}/admin/api/2026-07/graphql.json", json=query, headers=head)
        return str(answer.json()["data"]["webhookSubscriptions"]["nodes"][0]["uri"])

    def signed(self, body: bytes, id: str) -> dict[str, str]:
        """The headers with which Shopify would send this."""
        secret = self.ready["accounts"]["shopify"]["secret"].encode()
        return {
            "X-Shopify-Topic": "orders/updated",
            "X-Shopify-Webhook-Id": id,
            "X-Shopify-Hmac-Sha256": base64.b64encode(hmac.digest(secret, body, "sha256")).decode(),
        }

    def calls(self, system: str) -> int:
        """How many requests a server has had."""
        told = self.control.get("/ledger", params={"since": 10**12}).json()["calls"]
        return sum(one["number"] for one in told if one["system"] == system)

    def issues(self, kind: str) -> list[str]:
        """The accounts about which an issue of a kind is open."""
        return sorted(one["subject"] for one in self.glance("issues") if one["kind"] == kind)


def free_port() -> int:
    """A port that nobody has now."""
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def two_shops(folder: Path, *, schedule: dict[str, str] | None = None) -> Iterator[TwoShops]:
    """Start the world `mixed`, and write a folder for a part of it."""
    with a_world(folder, "--world", "mixed", accounts=WANTED, kind=TwoShops) as made:
        _change(folder, schedule or {})
        yield made
    assert canaries.in_folder(folder) == []


def _change(folder: Path, schedule: dict[str, str]) -> None:
    path = folder / "entrepot.yaml"
    settings = json.loads(path.read_text("utf-8"))
    address = f"127.0.0.1:{free_port()}"
    settings["webhooks"] = {"listen": address, "url": f"http://{address}"}
    settings["schedule"] = dict.fromkeys(settings["schedule"], SELDOM) | schedule
    hooks = folder / "secrets" / "shopify-hooks"
    hooks.touch(mode=0o600)
    hooks.write_text((folder / "secrets" / "shopify").read_text("utf-8"), encoding="utf-8")
    settings["accounts"]["shopify"]["webhook_secret"] = "file:shopify-hooks"
    path.write_text(json.dumps(settings, indent=2), encoding="utf-8")
