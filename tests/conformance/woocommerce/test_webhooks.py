"""Webhooks: kept at the shop, and read as the hints that they are."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from connectors.contract import Deadline, Delivery, Feed, Unavailable, WebhookReader
from connectors.storefronts.woocommerce import Options, webhook_reader
from connectors.storefronts.woocommerce.connector import WooCommerceStorefront
from connectors.storefronts.woocommerce.topics import TOPICS
from connectors.transport import Secret
from sandbox.storefront.woocommerce.builder import Street

from .conftest import new_sku
from .line import Line, lost_after

SECRET = "whsec-conformance"
OPTIONS = Options(url="https://shop.example")


@dataclass
class Door:
    """Whoever stands at our address: keeps what comes, and answers."""

    url: str = ""
    status: int = 200
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def read(self) -> list[Delivery]:
        reader: WebhookReader = webhook_reader(Secret(SECRET), OPTIONS)
        return [reader.read(headers, body) for headers, body in self.heard]


@contextmanager
def standing() -> Iterator[Door]:
    door = Door()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            door.heard.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(door.status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    door.url = f"http://127.0.0.1:{server.server_port}/hooks/secret-path"
    yield door
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def door(street: Street) -> Iterator[Door]:
    with standing() as found:
        yield found
        for hook in street.staff.get("webhooks", per_page=100):
            street.staff.delete(f"webhooks/{hook['id']}", force=True)


async def test_every_topic_that_we_use_is_subscribed_once(
    street: Street, shop: WooCommerceStorefront, door: Door, soon: Deadline
) -> None:
    first = await shop.subscribe(door.url, SECRET, soon)
    second = await shop.subscribe(door.url, SECRET, soon)
    assert sorted(each.topic for each in first) == sorted(TOPICS)
    assert {each.external_id for each in first} == {each.external_id for each in second}
    assert all(each.active and each.url == door.url for each in second)


async def test_others_subscriptions_are_left_alone(
    street: Street, shop: WooCommerceStorefront, door: Door, soon: Deadline
) -> None:
    other = street.staff.post("webhooks", {"topic": "order.created", "delivery_url": "http://127.0.0.1:1/x"})
    await shop.subscribe(door.url, SECRET, soon)
    assert await shop.unsubscribe(door.url, soon) == len(TOPICS)
    assert [each.external_id for each in await shop.webhooks(soon)] == [str(other["id"])]


async def test_a_disabled_webhook_is_woken(
    street: Street, shop: WooCommerceStorefront, door: Door, soon: Deadline
) -> None:
    made = await shop.subscribe(door.url, SECRET, soon)
    street.staff.put(f"webhooks/{made[0].external_id}", {"status": "disabled"})
    shown = {each.external_id: each.active for each in await shop.webhooks(soon)}
    assert not shown[made[0].external_id]
    assert all(each.active for each in await shop.subscribe(door.url, SECRET, soon))


async def test_two_of_one_topic_become_one(
    street: Street, shop: WooCommerceStorefront, door: Door, soon: Deadline
) -> None:
    for _ in range(2):
        street.staff.post("webhooks", {"topic": "order.created", "delivery_url": door.url})
    assert len(await shop.subscribe(door.url, SECRET, soon)) == len(TOPICS)


async def test_a_lost_answer_is_mended_by_subscribing_again(
    street: Street, shop: WooCommerceStorefront, line: Line, door: Door, soon: Deadline
) -> None:
    line.fail("POST", lost_after)
    with pytest.raises(Unavailable, match="subscribe again"):
        await shop.subscribe(door.url, SECRET, soon)
    assert len(await shop.subscribe(door.url, SECRET, soon)) == len(TOPICS)


async def test_a_new_webhook_s_ping_is_no_delivery(
    street: Street, shop: WooCommerceStorefront, door: Door, soon: Deadline
) -> None:
    await shop.subscribe(door.url, SECRET, soon)
    street.deliver()
    assert len(door.heard) == len(TOPICS)
    assert not any(told.feeds for told in door.read())


async def test_a_new_order_says_to_look_at_orders_and_its_stock_at_products(
    street: Street, shop: WooCommerceStorefront, door: Door, soon: Deadline
) -> None:
    sku = new_sku()
    product = street.staff.add_product(sku)
    street.deliver()
    await shop.subscribe(door.url, SECRET, soon)
    street.deliver()
    door.heard.clear()
    order = street.staff.buy({sku: 1})
    street.deliver()
    told = door.read()
    assert (Feed.ORDERS, str(order)) in {(*each.feeds, each.subject) for each in told}
    assert (Feed.PRODUCTS, str(product)) in {(*each.feeds, each.subject) for each in told}
    assert len({each.id for each in told}) == len(told)


async def test_an_order_that_was_deleted_meanwhile_is_still_a_hint(
    street: Street, shop: WooCommerceStorefront, door: Door, soon: Deadline
) -> None:
    """It arrives as a validly signed error body under order.created."""
    sku = new_sku()
    street.staff.add_product(sku)
    await shop.subscribe(door.url, SECRET, soon)
    street.deliver()
    door.heard.clear()
    order = street.staff.buy({sku: 1})
    street.staff.delete(f"orders/{order}", force=True)
    street.deliver()
    created = [told for told in door.read() if told.topic == "order.created"]
    assert [(told.feeds, told.subject) for told in created] == [({Feed.ORDERS}, "")]


async def test_an_order_that_was_put_into_the_trash_is_told_by_its_number(
    street: Street, shop: WooCommerceStorefront, door: Door, soon: Deadline
) -> None:
    sku = new_sku()
    street.staff.add_product(sku)
    order = street.staff.buy({sku: 1})
    await shop.subscribe(door.url, SECRET, soon)
    street.deliver()
    door.heard.clear()
    street.staff.delete(f"orders/{order}")
    street.deliver()
    deleted = [told for told in door.read() if told.topic == "order.deleted"]
    assert [told.subject for told in deleted] == [str(order)]


async def test_a_change_of_a_variation_names_it_by_way_of_its_product(
    street: Street, shop: WooCommerceStorefront, door: Door, soon: Deadline
) -> None:
    sku = new_sku()
    parent, made = street.staff.add_variable(sku, {f"{sku}-S": "12"})
    street.deliver()
    await shop.subscribe(door.url, SECRET, soon)
    street.deliver()
    door.heard.clear()
    (child,) = made.values()
    street.staff.put(f"products/{parent}/variations/{child}", {"regular_price": "13"})
    street.deliver()
    assert f"{parent}:{child}" in {told.subject for told in door.read()}
