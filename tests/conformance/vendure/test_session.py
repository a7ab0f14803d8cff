"""Credentials: a session that ended is not a refused password."""

import asyncio

import pytest

from connectors.contract import AuthRejected, BadAnswer, Deadline, Refused, Unavailable
from connectors.storefronts.vendure.connector import VendureStorefront
from tests.conformance.vendure.conftest import Street
from tests.conformance.vendure.line import (
    FAILED_INSIDE,
    NO_PERMISSION,
    Line,
    answering,
    cut_short,
    no_connection,
    session_over,
)


async def test_a_wrong_password_is_refused_credentials(street: Street, soon: Deadline) -> None:
    shop = street.connector(secret="wrong-password")
    with pytest.raises(AuthRejected, match="refuses the user name or the password") as caught:
        await shop.orders(None, soon)
    assert "wrong-password" not in str(caught.value)
    await shop.close()


async def test_a_session_that_ended_is_opened_again_unseen(
    shop: VendureStorefront, line: Line, soon: Deadline
) -> None:
    await shop.orders(None, soon)
    line.fail("orders(options", session_over)
    await shop.orders(None, soon)
    assert line.count("login(") == 2


async def test_many_calls_that_find_the_session_ended_log_in_once(
    shop: VendureStorefront, line: Line, soon: Deadline
) -> None:
    await shop.orders(None, soon)
    line.fail("orders(options", session_over, times=4)
    await asyncio.gather(*(shop.orders(None, soon) for _ in range(4)))
    assert line.count("login(") == 2


async def test_an_api_key_serves_without_a_user_name(street: Street, soon: Deadline) -> None:
    document = (
        'mutation{createApiKey(input:{roleIds:["1"],translations:[{languageCode:en,name:"sync"}]}){apiKey}}'
    )
    key = street.staff.session.ask(document)["apiKey"]
    shop = street.connector(secret=key, username=None)
    assert await shop.identity(soon)
    await shop.close()


async def test_an_unknown_api_key_is_refused_credentials(street: Street, soon: Deadline) -> None:
    shop = street.connector(secret="no-such-key", username=None)
    with pytest.raises(AuthRejected, match="refuses the API key"):
        await shop.orders(None, soon)
    await shop.close()


async def test_a_missing_permission_is_not_refused_credentials(
    shop: VendureStorefront, line: Line, soon: Deadline
) -> None:
    line.fail("orders(options", NO_PERMISSION, times=2)
    with pytest.raises(Refused, match="lacks a permission"):
        await shop.orders(None, soon)


async def test_a_missing_permission_of_an_api_key_is_not_a_refused_key(
    street: Street, soon: Deadline
) -> None:
    document = (
        'mutation{createApiKey(input:{roleIds:["1"],translations:[{languageCode:en,name:"sync"}]}){apiKey}}'
    )
    key = street.staff.session.ask(document)["apiKey"]
    line = Line()
    line.fail("orders(options", NO_PERMISSION)
    shop = street.connector(line, secret=key, username=None)
    with pytest.raises(Refused, match="lacks a permission"):
        await shop.orders(None, soon)
    await shop.close()


async def test_a_shop_without_bearer_tokens_says_what_to_configure(
    shop: VendureStorefront, line: Line, soon: Deadline
) -> None:
    line.fail("login(", answering(200, '{"data":{"login":{"__typename":"CurrentUser"}}}'))
    with pytest.raises(AuthRejected, match="must include 'bearer'"):
        await shop.orders(None, soon)


async def test_another_page_in_place_of_the_api_says_what_to_check(
    shop: VendureStorefront, line: Line, soon: Deadline
) -> None:
    await shop.orders(None, soon)
    line.fail("orders(options", answering(200, "<html>shop</html>"))
    with pytest.raises(BadAnswer, match="check url and admin_path"):
        await shop.orders(None, soon)


async def test_an_answer_that_breaks_off_is_for_later(
    shop: VendureStorefront, line: Line, soon: Deadline
) -> None:
    line.fail("orders(options", cut_short)
    with pytest.raises(Unavailable, match="breaks off"):
        await shop.orders(None, soon)


async def test_an_answer_without_data_is_bad(shop: VendureStorefront, line: Line, soon: Deadline) -> None:
    line.fail("orders(options", answering(200, '{"data":null}'))
    with pytest.raises(BadAnswer, match="without data"):
        await shop.orders(None, soon)


async def test_an_answer_of_another_shape_names_the_field(
    shop: VendureStorefront, line: Line, soon: Deadline
) -> None:
    line.fail("orders(options", answering(200, '{"data":{"orders":{"items":7}}}'))
    with pytest.raises(BadAnswer, match=r"not as described.*items"):
        await shop.orders(None, soon)


async def test_another_version_s_schema_is_refused_with_its_code(
    shop: VendureStorefront, line: Line, soon: Deadline
) -> None:
    body = '{"errors":[{"message":"Cannot query","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}'
    line.fail("orders(options", answering(400, body))
    with pytest.raises(Refused, match="GRAPHQL_VALIDATION_FAILED"):
        await shop.orders(None, soon)


async def test_the_shop_s_own_failure_is_told_without_its_words(
    shop: VendureStorefront, line: Line, soon: Deadline
) -> None:
    line.fail("order(id", FAILED_INSIDE)
    with pytest.raises(Unavailable, match="failed inside") as caught:
        await shop.order("1", soon)
    assert "jane" not in str(caught.value)


async def test_a_shop_that_cannot_be_reached_is_unavailable(
    shop: VendureStorefront, line: Line, soon: Deadline
) -> None:
    line.fail("login(", no_connection, times=3)
    with pytest.raises(Unavailable):
        await shop.orders(None, soon)


async def test_identity_is_the_same_for_every_opening_of_one_shop(street: Street, soon: Deadline) -> None:
    first, second = street.connector(), street.connector()
    assert await first.identity(soon) == await second.identity(soon)
    await first.close()
    await second.close()
