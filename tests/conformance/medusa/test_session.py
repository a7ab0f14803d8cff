"""Credentials and set-up: what is refused, what has ended, and what is not Medusa at all."""

import asyncio

import pytest

from connectors.contract import (
    AuthRejected,
    BadAnswer,
    Deadline,
    Refused,
    SetQuantity,
    Throttled,
    Unavailable,
)
from connectors.storefronts.medusa import Options
from connectors.storefronts.medusa.connector import MedusaStorefront
from tests.conformance.medusa.conftest import Street
from tests.conformance.medusa.line import NO_PERMISSION, Line, answering, cut_short, no_connection, token_over


@pytest.mark.parametrize("secret", ["sk_forged", "forged", "", "sk_märchen"])
async def test_a_forged_key_is_refused_everywhere(street: Street, soon: Deadline, secret: str) -> None:
    shop = street.connector(secret=secret)
    for act in (
        shop.identity(soon),
        shop.orders(None, soon),
        shop.products(None, soon),
        shop.order("order_x", soon),
        shop.quantities(["variant_x"], soon),
        shop.set_quantities([SetQuantity("variant_x", 1)], soon),
    ):
        with pytest.raises(AuthRejected) as caught:
            await act
        assert "forged" not in str(caught.value)
    await shop.close()


async def test_a_wrong_password_is_refused_credentials(street: Street, soon: Deadline) -> None:
    shop = street.connector(secret="wrong-password", email=street.email)
    with pytest.raises(AuthRejected, match="refuses the e-mail address or the password") as caught:
        await shop.identity(soon)
    assert "wrong-password" not in str(caught.value)
    await shop.close()


async def test_a_user_s_password_serves_and_its_ended_token_is_renewed_once(
    street: Street, soon: Deadline
) -> None:
    line = Line()
    shop = street.connector(line, secret=street.password, email=street.email)
    await shop.orders(None, soon)
    line.fail("GET /admin/orders", token_over, times=4)
    await asyncio.gather(*(shop.orders(None, soon) for _ in range(4)))
    assert line.count("emailpass") == 2
    await shop.close()


async def test_identity_is_the_same_for_key_and_password(street: Street, soon: Deadline) -> None:
    by_key, by_password = street.connector(), street.connector(secret=street.password, email=street.email)
    assert await by_key.identity(soon) == await by_password.identity(soon)
    await by_key.close()
    await by_password.close()


async def test_a_missing_permission_is_not_refused_credentials(
    shop: MedusaStorefront, line: Line, soon: Deadline
) -> None:
    line.fail("GET /admin/orders", NO_PERMISSION)
    with pytest.raises(Refused, match="lacks a permission"):
        await shop.orders(None, soon)


async def test_another_page_in_place_of_the_api_says_what_to_check(
    shop: MedusaStorefront, line: Line, soon: Deadline
) -> None:
    line.fail("GET /admin/orders", answering(200, "<html>shop</html>"))
    with pytest.raises(BadAnswer, match="check url"):
        await shop.orders(None, soon)
    line.fail("GET /admin/orders", answering(404, "<html>Cannot GET</html>"))
    with pytest.raises(Refused, match="check url"):
        await shop.orders(None, soon)


async def test_an_answer_that_breaks_off_is_for_later(
    shop: MedusaStorefront, line: Line, soon: Deadline
) -> None:
    line.fail("GET /admin/orders", cut_short)
    with pytest.raises(Unavailable, match="breaks off"):
        await shop.orders(None, soon)


async def test_an_answer_of_another_shape_names_the_field(
    shop: MedusaStorefront, line: Line, soon: Deadline
) -> None:
    line.fail("GET /admin/orders", answering(200, '{"orders":7}'))
    with pytest.raises(BadAnswer, match=r"not as described.*orders"):
        await shop.orders(None, soon)


async def test_a_shop_without_a_store_is_a_bad_answer(
    shop: MedusaStorefront, line: Line, soon: Deadline
) -> None:
    line.fail("GET /admin/stores", answering(200, '{"stores":[]}'))
    with pytest.raises(BadAnswer, match="names no store"):
        await shop.identity(soon)


async def test_a_throttling_proxy_is_no_failure_of_the_shop(shop: MedusaStorefront, line: Line) -> None:
    await shop.orders(None, Deadline.after(30))
    line.fail("GET /admin/orders", answering(429, "", retry_after="90"))
    with pytest.raises(Throttled):
        await shop.orders(None, Deadline.after(5))


async def test_a_shop_that_cannot_be_reached_is_unavailable(
    shop: MedusaStorefront, line: Line, soon: Deadline
) -> None:
    line.fail("GET /admin/orders", no_connection, times=3)
    with pytest.raises(Unavailable):
        await shop.orders(None, soon)


async def test_an_unknown_location_or_channel_names_the_option(street: Street, soon: Deadline) -> None:
    shop = street.connector(location="Attic")
    with pytest.raises(Refused, match=r"no stock location 'Attic'.*location option"):
        await shop.quantities(["variant_x"], soon)
    await shop.close()
    shop = street.connector(sales_channel="Market")
    with pytest.raises(Refused, match=r"no sales channel 'Market'.*sales_channel option"):
        await shop.orders(None, soon)
    await shop.close()


async def test_a_name_that_two_locations_bear_asks_for_the_id(
    shop: MedusaStorefront, line: Line, street: Street, soon: Deadline
) -> None:
    at = "2026-01-01T00:00:00.000Z"
    twins = ",".join(f'{{"id":"sloc_{n}","name":"Main","created_at":"{at}"}}' for n in (1, 2))
    named = street.connector(line, location="Main")
    line.fail("GET /admin/stock-locations", answering(200, f'{{"stock_locations":[{twins}]}}'))
    with pytest.raises(Refused, match="say the id"):
        await named.quantities(["variant_x"], soon)
    await named.close()


async def test_a_shop_without_locations_says_so(street: Street, line: Line, soon: Deadline) -> None:
    shop = street.connector(line, location=None)
    line.fail("GET /admin/stock-locations", answering(200, '{"stock_locations":[]}'))
    with pytest.raises(Refused, match=r"no stock location: make one"):
        await shop.quantities(["variant_x"], soon)
    await shop.close()


async def test_a_cursor_of_another_connector_is_refused(shop: MedusaStorefront, soon: Deadline) -> None:
    with pytest.raises(Refused, match="read the feed from its begin"):
        await shop.orders("{}", soon)


def test_an_address_without_a_scheme_is_refused() -> None:
    with pytest.raises(ValueError, match="must begin with https://"):
        Options.model_validate({"url": "shop.example.com"})
    assert (
        Options.model_validate({"url": "https://shop.example.com/admin/"}).server
        == "https://shop.example.com/"
    )


@pytest.mark.parametrize("act", ["answer_cancel", "answer_address_change", "reply"])
async def test_what_is_not_there_is_refused_in_words(
    shop: MedusaStorefront, act: str, soon: Deadline
) -> None:
    with pytest.raises(Refused, match="the Medusa connector has no"):
        await getattr(shop, act)(None, soon)


@pytest.mark.parametrize("feed", ["messages"])
async def test_feeds_that_are_not_there_are_refused_in_words(
    shop: MedusaStorefront, feed: str, soon: Deadline
) -> None:
    with pytest.raises(Refused, match="the Medusa connector has no"):
        await getattr(shop, feed)(None, soon)
