"""Credentials, addresses and answers that are not the shop's."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.contract import (
    AuthRejected,
    BadAnswer,
    Deadline,
    Done,
    PutListing,
    Refused,
    SetQuantity,
    Unavailable,
)
from connectors.storefronts.woocommerce.connector import WooCommerceStorefront
from sandbox.clock import SetClock
from sandbox.storefront.woocommerce.builder import Street, running
from sync.domain.clock import SetClock as DomainClock

from .conftest import V11, later, new_line, new_sku, opened, read_all
from .line import PLAIN_PERMALINKS, Line, answering, cut_short

BEGIN = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def behind_tls() -> Iterator[Street]:
    """A shop whose proxy ends TLS, as it should: it knows that it is called by https."""
    with running(replace(V11, tls=True), clock=SetClock(BEGIN)) as found:
        yield found


async def test_over_https_the_key_goes_as_basic(behind_tls: Street, soon: Deadline) -> None:
    line = new_line(behind_tls, tls=True)
    shop = opened(behind_tls, line, url=behind_tls.url.replace("http://", "https://"))
    await shop.orders(None, soon)
    assert not line.count("oauth_")
    await shop.close()


async def test_over_http_every_request_is_signed(
    street: Street, shop: WooCommerceStorefront, line: Line, soon: Deadline
) -> None:
    """Basic is ignored there: 401, the same as no credentials."""
    await shop.orders(None, soon)
    assert line.count("oauth_signature=") == len(line.sent)


async def test_characters_that_need_quoting_are_signed_rightly(
    street: Street, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    for sku in ("A B+C/D", "A~B*C", "红-1", 'A"B&C=D', "50%25"):
        done = await shop.put_listings([PutListing(sku, None, "Odd", "")], soon)
        again = await shop.put_listings([PutListing(sku, None, "Odd", "")], soon)
        assert isinstance(done[sku], Done) and done == again, sku


@pytest.mark.parametrize("secret", ["ck_unknown:cs_unknown", "no-pair", ""])
async def test_refused_credentials_are_told(street: Street, secret: str, soon: Deadline) -> None:
    shop = opened(street, secret=secret)
    with pytest.raises(AuthRejected) as told:
        await shop.orders(None, soon)
    assert "cs_unknown" not in str(told.value)
    await shop.close()


async def test_a_key_that_may_only_read_is_refused_when_it_writes(street: Street, soon: Deadline) -> None:
    """401, not 403."""
    product = str(street.staff.add_product(new_sku()))
    key = street.keys.reader
    shop = opened(street, secret=f"{key.key}:{key.secret}")
    await shop.orders(None, soon)
    with pytest.raises(AuthRejected):
        await shop.set_quantities([SetQuantity(product, 1)], soon)
    await shop.close()


async def test_a_clock_of_ours_that_is_off_is_put_right_by_the_shop_s(street: Street, soon: Deadline) -> None:
    """The shop takes no signature that is more than 15 minutes old."""
    late = street.shop.clock.now() - timedelta(hours=1)
    line = new_line(street)
    shop = opened(street, line, clock=DomainClock(late))
    await shop.orders(None, soon)
    await shop.orders(None, soon)
    assert len(line.sent) == 3
    await shop.close()


async def test_the_identity_stays_and_another_shop_has_another(
    street: Street, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    same = opened(street)
    assert await shop.identity(soon) == await same.identity(soon)
    await same.close()
    with running(V11, clock=SetClock(BEGIN)) as other:
        other.shop.store_id = "another"
        another = opened(other)
        assert await another.identity(soon) != await shop.identity(soon)
        await another.close()


async def test_plain_permalinks_are_told_with_what_to_do(
    street: Street, line: Line, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    line.fail("GET", PLAIN_PERMALINKS)
    with pytest.raises(Refused, match="permalinks"):
        await shop.orders(None, soon)


async def test_a_page_of_a_maintenance_plugin_is_no_answer(
    street: Street, line: Line, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    line.fail("GET", answering(200, "<html>Back soon</html>"))
    with pytest.raises(BadAnswer, match="not WooCommerce's"):
        await shop.orders(None, soon)


async def test_an_answer_that_breaks_off_is_no_page(
    street: Street, line: Line, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    sku = new_sku()
    street.staff.add_product(sku)
    street.staff.buy({sku: 1})
    line.fail("GET", cut_short)
    with pytest.raises(Unavailable, match="breaks off"):
        await shop.orders(None, soon)


async def test_a_cache_that_answers_with_a_page_of_before_is_noticed(
    street: Street, line: Line, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    sku = new_sku()
    street.staff.add_product(sku, units=100)
    street.staff.buy({sku: 1})
    _, cursor = await read_all(shop)
    later(street, 1000)
    street.staff.buy({sku: 1})
    _, cursor = await read_all(shop, cursor)
    later(street, 1000)
    _, cursor = await read_all(shop, cursor)
    old = street.staff.get("orders", order="asc", per_page=1)
    line.fail("GET", answering(200, json.dumps(old)), times=3)
    with pytest.raises(Unavailable, match="a page of before"):
        await shop.orders(cursor, soon)
