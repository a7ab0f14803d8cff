"""Where a shop is, where it believes to be, and what stands before it: proxies, firewalls, redirects, PHP's own words."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connectors.contract import (
    AuthRejected,
    Deadline,
    Done,
    RefundRequest,
    Refused,
    Reply,
    SetQuantity,
    Unavailable,
    Unknown,
)
from connectors.storefronts.woocommerce.connector import WooCommerceStorefront
from sandbox.clock import SetClock
from sandbox.storefront.woocommerce.builder import Street, running
from sync.domain.money import Money

from .conftest import V11, new_line, new_sku, opened, read_all
from .line import Line, answering, noisy

BEGIN = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOME = "http://shop.example:8080"
CANNOT_VIEW = '{"code":"woocommerce_rest_cannot_view","message":"jane@example.com","data":{"status":403}}'
FIREWALL = answering(403, "<html><title>Access denied</title></html>")


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Street]:
    """A shop behind a port mapping: it knows itself by another address than it is called by."""
    with running(replace(V11, home=HOME), clock=SetClock(BEGIN)) as found:
        yield found


def by_https(street: Street, line: Line, **options: object) -> WooCommerceStorefront:
    return opened(street, line, url=street.url.replace("http://", "https://"), **options)


async def test_a_shop_that_knows_itself_by_another_port_is_signed_for_there(
    elsewhere: Street, soon: Deadline
) -> None:
    """The server signs over its own home, which its index tells; it is asked for once."""
    line = new_line(elsewhere)
    shop = opened(elsewhere, line)
    await shop.orders(None, soon)
    assert len(line.sent) == 3
    await shop.orders(None, soon)
    assert len(line.sent) == 4


async def test_a_home_that_is_given_is_taken_without_a_question(elsewhere: Street, soon: Deadline) -> None:
    line = new_line(elsewhere)
    await opened(elsewhere, line, home_url=HOME).orders(None, soon)
    assert len(line.sent) == 1


async def test_a_proxy_that_the_shop_does_not_know_of_is_signed_for_as_http(
    street: Street, soon: Deadline
) -> None:
    """It takes no password then, and its own address for http, although it is called by https."""
    with pytest.raises(AuthRejected):
        await by_https(street, new_line(street, tls=True)).orders(None, soon)
    line = new_line(street, tls=True)
    shop = by_https(street, line, oauth=True)
    await shop.orders(None, soon)
    await shop.orders(None, soon)
    assert len(line.sent) == 4


async def test_a_shop_that_knows_of_its_proxy_is_signed_for_as_https(soon: Deadline) -> None:
    """Signatures go where a server strips the password off."""
    with running(replace(V11, tls=True), clock=SetClock(BEGIN)) as street:
        line = new_line(street, tls=True)
        await by_https(street, line, oauth=True).orders(None, soon)
        assert len(line.sent) == 1


async def test_a_refused_secret_costs_few_requests_and_the_index_is_asked_once(
    elsewhere: Street, soon: Deadline
) -> None:
    line = new_line(elsewhere)
    shop = opened(elsewhere, line, secret=f"{elsewhere.keys.full.key}:cs_wrong")
    for _ in range(3):
        with pytest.raises(AuthRejected):
            await shop.orders(None, soon)
    assert line.count("GET /wp-json/?") == 1
    assert len(line.sent) == 3 + 2


async def test_a_key_that_may_only_read_is_not_taken_for_a_wrong_address(
    elsewhere: Street, soon: Deadline
) -> None:
    """401 for a write; what was found before stays."""
    key = elsewhere.keys.reader
    shop = opened(elsewhere, secret=f"{key.key}:{key.secret}")
    await shop.orders(None, soon)
    with pytest.raises(AuthRejected):
        await shop.subscribe("https://entrepot.example/hooks/x", "whsec", soon)
    await shop.orders(None, soon)


async def test_a_firewall_s_page_is_no_word_on_the_credentials(
    street: Street, line: Line, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    """A person who renews the key would mend nothing."""
    line.fail("GET", FIREWALL)
    with pytest.raises(Unavailable, match="firewall"):
        await shop.orders(None, soon)
    await shop.orders(None, soon)


async def test_a_user_who_may_not_is_told_from_a_firewall(
    street: Street, line: Line, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    line.fail("GET", answering(403, CANNOT_VIEW))
    with pytest.raises(AuthRejected, match="shop manager") as told:
        await shop.orders(None, soon)
    assert "jane" not in str(told.value)
    assert len(line.sent) == 1


async def test_a_user_who_may_not_see_the_settings_still_reads_the_goods(
    street: Street, line: Line, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    line.fail("/settings/", answering(403, CANNOT_VIEW), times=2)
    line.fail("/system_status", answering(403, CANNOT_VIEW))
    street.staff.add_product(new_sku())
    assert (await shop.products(None, soon)).records
    assert await shop.identity(soon)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed_with_the_key_and_says_where_the_shop_is(
    street: Street, line: Line, shop: WooCommerceStorefront, soon: Deadline, status: int
) -> None:
    """From http to https, or to www: with the address of the request, which holds the signature."""
    line.fail(
        "GET", answering(status, "", location="https://www.shop.example/wp-json/wc/v3/orders?oauth_x=1")
    )
    with pytest.raises(Refused, match=r"redirects \(\d+\) to https://www.shop.example, which") as told:
        await shop.orders(None, soon)
    assert "oauth" not in str(told.value) and len(line.sent) == 1


async def test_a_redirect_after_a_creating_write_leaves_it_unknown(
    street: Street, line: Line, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    """A server may answer so when it has done what was asked."""
    sku = new_sku()
    street.staff.add_product(sku)
    order = street.staff.buy({sku: 1})
    line.fail("POST", answering(302, "", location="/wp-login.php"))
    assert isinstance(await shop.note(Reply("k", str(order), "Waits."), soon), Unknown)


async def test_a_shop_whose_php_shows_its_warnings_is_read_and_written_all_the_same(
    street: Street, line: Line, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    sku = new_sku()
    product = str(street.staff.add_product(sku, units=10))
    order = str(street.staff.buy({sku: 2}, payment_method="stripe", set_paid=True))
    line.fail("", noisy, times=1000)
    orders, _ = await read_all(shop)
    assert order in {each.external_id for each in orders}
    assert await shop.set_quantities([SetQuantity(product, 4)], soon) == {product: Done(product, 4)}
    request = RefundRequest("noisy", order, Money(100, "USD"), None, (), False, "late")
    first = await shop.refund(request, soon)
    assert isinstance(first, Done) and await shop.refund(request, soon) == first
    assert len(street.staff.get(f"orders/{order}/refunds")) == 1
    assert await shop.order("99999999", soon) is None
