"""How many calls it takes: writes as few as the shop's own groups allow, polls apart, and none that the shop refuses.

WooCommerce limits no rate; its limits are 100 items a batch (413) and 100 rows a page (400), and the sandbox keeps
both. Variations can be written only by the batch of their product, so each product with variations is a group.
"""

from collections import Counter
from collections.abc import AsyncIterator
from decimal import Decimal
from math import ceil

import httpx
import pytest

from connectors.contract import Deadline, Done, SetPrice, SetPublished, SetQuantity
from connectors.storefronts.woocommerce import MANIFEST
from connectors.storefronts.woocommerce.connector import WooCommerceStorefront
from sandbox.storefront.woocommerce.builder import Street

from .conftest import new_sku, opened
from .line import Line
from .shelves import goods, swept, variations

BATCH = 100


class Counting(Line):
    """Keeps the status of each answer."""

    statuses: list[int]

    async def truly(self, request: httpx.Request) -> httpx.Response:
        answer = await super().truly(request)
        self.statuses.append(answer.status_code)
        return answer


@pytest.fixture
async def counting(street: Street) -> AsyncIterator[Counting]:
    line = Counting(street.shop.clock.now)
    line.statuses = []
    yield line
    assert not [status for status in line.statuses if status >= 400]


@pytest.fixture
def counted(street: Street, counting: Counting) -> WooCommerceStorefront:
    return opened(street, counting, page_items=100)


def groups(street: Street, alone: int, *children: int) -> tuple[list[str], int]:
    """Goods without variations, and products with so many each; and the writes that they cost at least."""
    found = [goods(street) for _ in range(alone)]
    for number in children:
        found += variations(street, number)
    return found, sum(ceil(number / BATCH) for number in (alone, *children))


@pytest.mark.parametrize("sizes", [(1,), (100,), (101,), (0, 1, 1, 1), (230, 3, 101, 2)], ids=str)
async def test_write_calls_are_the_sum_of_ceil_n_by_batch_over_the_groups_of_the_shop(
    street: Street, counting: Counting, counted: WooCommerceStorefront, sizes: tuple[int, ...], soon: Deadline
) -> None:
    found, least = groups(street, *sizes)
    assert MANIFEST.limits.batch_items == BATCH
    done = await counted.set_quantities([SetQuantity(each, 3) for each in found], soon)
    assert all(isinstance(outcome, Done) for outcome in done.values())
    writes, polls = counting.count("POST"), counting.count("GET")
    print(f"{sizes}: {writes} write calls (least {least}), {polls} poll calls")
    assert (writes, polls) == (least, least)
    await counted.set_prices([SetPrice(each, Decimal("4.50"), "USD") for each in found], soon)
    assert counting.count("POST") == 2 * least
    await counted.set_published([SetPublished(each, True) for each in found], soon)
    assert counting.count("POST") == 3 * least


async def test_a_sweep_asks_for_each_page_once_and_for_the_variations_of_each_product_once(
    street: Street, counting: Counting, counted: WooCommerceStorefront
) -> None:
    groups(street, 130, 3, 2)
    found, _ = await swept(counted)
    children = Counter(each.split(":")[0] for each in found if ":" in each)
    products = len({each.split(":")[0] for each in found})
    polls = sum("/products?" in said for said in counting.sent)
    assert ceil(products / 100) <= polls <= products // 90 + 1
    assert counting.count("/variations?") == sum(number // 100 + 1 for number in children.values())
    assert not counting.count("POST")


async def test_a_round_in_which_nothing_happened_costs_one_call(
    street: Street, counting: Counting, counted: WooCommerceStorefront
) -> None:
    sku = new_sku()
    street.staff.add_product(sku, units=300)
    for _ in range(5):
        street.staff.buy({sku: 1})
    cursor, complete = None, False
    while not complete:
        page = await counted.orders(cursor, Deadline.after(30))
        cursor, complete = page.cursor or cursor, page.complete
    before = len(counting.sent)
    await counted.orders(cursor, Deadline.after(30))
    assert len(counting.sent) == before + 1


def test_a_batch_has_more_time_than_a_real_shop_took_under_load() -> None:
    """100 stock levels took up to 22 s on 11.0.1: a limit of 5 s breaks batches."""
    assert MANIFEST.limits.read_seconds >= 2 * 22
    assert MANIFEST.limits.total_seconds >= MANIFEST.limits.read_seconds
