"""A shop for tests: served over HTTP by a thread of its own, with a clock that stands still and a staff."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

import uvicorn

from sandbox import loopback
from sandbox.clock import Clock, SetClock
from sandbox.ledger import Ledger
from sandbox.storefront.woocommerce.books import WooShop
from sandbox.storefront.woocommerce.clerk import Staff
from sandbox.storefront.woocommerce.deliveries import Postman
from sandbox.storefront.woocommerce.door import Keys
from sandbox.storefront.woocommerce.opening import Opened, open_shop
from sandbox.storefront.woocommerce.rules import Rules
from sandbox.storefront.woocommerce.server import app

BEGIN = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SEED = 7


@dataclass(frozen=True, slots=True)
class Street:
    """A running shop, its keys and its staff."""

    url: str
    shop: WooShop
    keys: Keys
    postman: Postman
    ledger: Ledger
    staff: Staff

    def deliver(self) -> int:
        """Send the queued webhooks now; how many requests were made. Whoever asks may run a loop of their own."""
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(asyncio.run, self.postman.deliver()).result()


def opened(rules: Rules, clock: Clock | None = None, *, name: str = "woo") -> tuple[Opened, Ledger]:
    """A shop that nobody serves yet, and the ledger that it tells."""
    clock = clock or SetClock(BEGIN)
    ledger = Ledger(clock)
    return open_shop(name, rules, ledger=ledger, clock=clock, random=Random(SEED)), ledger


@contextmanager
def running(rules: Rules | None = None, *, clock: Clock | None = None, name: str = "woo") -> Iterator[Street]:
    """Serve a shop on loopback until the context ends."""
    made, ledger = opened(rules or Rules(), clock, name=name)
    listener = loopback.listener()
    config = uvicorn.Config(app(made.shop, made.door), log_level="error", lifespan="off", ws="none")
    serving = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(serving.serve(sockets=[listener])), daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    staff = Staff(url, made.door.keys.full, now=made.shop.clock.seconds)
    try:
        yield Street(url, made.shop, made.door.keys, made.postman, ledger, staff)
    finally:
        staff.http.close()
        serving.should_exit = True
        thread.join()
        listener.close()
