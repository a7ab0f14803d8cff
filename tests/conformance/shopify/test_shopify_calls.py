"""How many calls a batch takes, at the pace that a shop of the usual plan enforces: 2000 points, 100 back a second.

Write calls are the sum of ceil(n/batch) over the groups that Shopify forces; calls that only look are counted apart.
"""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from math import ceil

import pytest

from connectors.contract import Deadline, Done, SetPrice, SetPublished, SetQuantity
from connectors.storefronts.shopify import MANIFEST
from sandbox.storefront.books import Terms
from sandbox.storefront.shopify.builder import Street, running
from tests.conformance.shopify.conftest import Staff, new_sku, opened
from tests.conformance.shopify.line import Line

BATCH = MANIFEST.limits.batch_items


@pytest.fixture
def street() -> Iterator[Street]:
    """With its real bucket; staff set it up without one."""
    with running(Terms("EUR", 2, prices_include_tax=True, tax_rate=19)) as found:
        found.walk("levers", bucket=10_000_000, restore=1_000_000)
        yield found


def enforced(street: Street) -> None:
    street.walk("levers", bucket=2000, restore=100)


def throttled(street: Street) -> int:
    return int(street.walk("levers")["throttled"])


def family(street: Street, size: int) -> list[str]:
    """The variants of one product."""
    rows = [{"sku": new_sku(), "option": f"{n}", "units": {"1": 5, "2": 5}} for n in range(size)]
    made = street.walk("products", title="Shirt", variants=rows)["variants"]
    return [str(each["variant"]) for each in made]


def calls(line: Line) -> Counter[str]:
    """By whether they write or only look."""
    found: Counter[str] = Counter()
    for body in line.sent:
        if '"query":"mutation ' in body:
            found["write"] += 1
        elif body.startswith("{"):
            found["poll"] += 1
    return found


async def test_quantities_take_one_call_for_a_full_batch_whatever_their_products_and_locations(
    street: Street, line: Line
) -> None:
    """Shopify forces no groups here: one call takes several products and several locations."""
    variants = [*family(street, BATCH - 30), *(street.goods(new_sku(), {"1": 5, "2": 5}) for _ in range(60))]
    enforced(street)
    shop = opened(street, line, locations=["Main WH", "Second WH"])
    batch = [
        SetQuantity(variant, 7, location="Second WH" if n % 2 else "Main WH")
        for n, variant in enumerate(variants)
    ]
    outcomes = await shop.set_quantities(batch, Deadline.after(60))
    await shop.close()
    assert outcomes == {variant: Done(variant, 7) for variant in variants}
    counted = calls(line)
    print("set_quantities", dict(counted))
    assert counted["write"] == ceil(len(variants) / BATCH) == 2
    assert throttled(street) == 0
    places = ["gid://shopify/Location/1", "gid://shopify/Location/2"]
    assert [Staff(street).available(variants[n], places[n]) for n in (0, 1)] == [7, 7]


async def test_prices_take_a_call_for_each_product_and_each_full_batch_of_it(
    street: Street, line: Line
) -> None:
    groups = [family(street, size) for size in (BATCH + 1, 3, 1)]
    enforced(street)
    shop = opened(street, line)
    batch = [SetPrice(variant, Decimal("8.50"), "EUR") for group in groups for variant in group]
    outcomes = await shop.set_prices(batch, Deadline.after(60))
    await shop.close()
    assert all(outcomes[request.variant] == Done(request.variant, Decimal("8.50")) for request in batch)
    counted = calls(line)
    print("set_prices", dict(counted))
    assert counted["write"] == sum(ceil(len(group) / BATCH) for group in groups) == 4
    assert throttled(street) == 0


async def test_a_switch_takes_a_call_for_each_product_and_none_for_what_is_so(
    street: Street, line: Line
) -> None:
    variants = [street.goods(new_sku()) for _ in range(12)]
    enforced(street)
    shop = opened(street, line)
    for _ in range(2):
        outcomes = await shop.set_published(
            [SetPublished(each, False) for each in variants], Deadline.after(60)
        )
        assert outcomes == {each: Done(each, False) for each in variants}
    await shop.close()
    counted = calls(line)
    print("set_published", dict(counted))
    assert counted["write"] == len(variants)
    assert throttled(street) == 0


async def test_what_is_so_already_is_looked_at_and_not_written(street: Street, line: Line) -> None:
    variants = family(street, 5)
    enforced(street)
    shop = opened(street, line)
    await shop.set_quantities([SetQuantity(each, 5) for each in variants], Deadline.after(60))
    await shop.close()
    assert calls(line) == Counter(poll=2)
