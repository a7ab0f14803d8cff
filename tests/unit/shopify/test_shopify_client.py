"""What Shopify's answers mean, and how its rate limit, its version and its tokens are followed."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from structlog.testing import capture_logs

from connectors.contract import AuthRejected, BadAnswer, Deadline, Refused, Throttled
from connectors.storefronts.shopify import MANIFEST, documents, payloads
from connectors.storefronts.shopify.client import Client, Reply, ShopFailed, TooDear
from connectors.storefronts.shopify.options import Options
from connectors.transport import Setup, Uncertain
from sync.domain.clock import SetClock
from tests.unit.shopify.made import SHOP
from tests.unit.shopify.scripted import Scripted, answer, fault, setup


async def send(given: Setup, document: documents.Document = documents.SHOP, seconds: float = 20) -> Reply:
    assert isinstance(given.options, Options)
    client = Client(given, given.options, MANIFEST.limits)
    try:
        return await client.send(document, {}, Deadline.after(seconds))
    finally:
        await client.close()


async def test_a_good_answer_is_read_in_its_shape() -> None:
    line = Scripted([answer(SHOP)])
    assert (await send(setup(line))).read(payloads.ShopData).shop.currency_code == "EUR"
    assert line.requests[0].url.path == "/admin/api/2026-07/graphql.json"
    assert line.requests[0].headers["x-shopify-access-token"] == "shpat_unit"


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        ("INTERNAL_SERVER_ERROR", ShopFailed, "failed inside"),
        ("MAX_COST_EXCEEDED", TooDear, "more points than Shopify takes"),
        ("RESOURCE_NOT_FOUND", Refused, "RESOURCE_NOT_FOUND"),
        ("undefinedField", Refused, "undefinedField"),
    ],
)
async def test_errors_in_a_good_answer_are_told_by_their_code_and_never_by_their_text(
    code: str, kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words) as told:
        await send(setup(Scripted([answer(None, errors=[fault(code)])])))
    assert "canary.example" not in str(told.value)


async def test_a_missing_access_scope_is_named() -> None:
    denied = fault("ACCESS_DENIED")
    denied["extensions"]["requiredAccess"] = "`read_orders` access scope."
    with pytest.raises(Refused, match="lacks an access scope: read_orders"):
        await send(setup(Scripted([answer(None, errors=[denied])])))


async def test_a_token_that_is_refused_is_told_as_such() -> None:
    refused = httpx.Response(401, json={"errors": "[API] Invalid API key or access token"})
    with pytest.raises(AuthRejected):
        await send(setup(Scripted([refused])))


@pytest.mark.parametrize("body", [{}, {"data": None}, {"data": {"shop": None}}, {"data": {}}])
async def test_an_answer_without_what_was_asked_for_is_no_answer(body: dict[str, object]) -> None:
    with pytest.raises(BadAnswer):
        (await send(setup(Scripted([body])))).read(payloads.ShopData)


async def test_a_creating_write_whose_answer_failed_inside_is_uncertain() -> None:
    for errors in (
        [fault("INTERNAL_SERVER_ERROR")],
        [fault("ACCESS_DENIED", path=["refundCreate", "refund"])],
    ):
        with pytest.raises(Uncertain):
            await send(setup(Scripted([answer(None, errors=errors)])), documents.REFUND)


async def test_a_creating_write_that_was_refused_at_its_root_was_not_done() -> None:
    with pytest.raises(Refused):
        errors = [fault("BAD_REQUEST", path=["refundCreate"])]
        await send(setup(Scripted([answer(None, errors=errors)])), documents.REFUND)


async def test_a_creating_write_whose_document_was_refused_was_not_done() -> None:
    """Shopify's path names the whole document then, before the field."""
    path = ["mutation Refund", "refundCreate", "input"]
    with pytest.raises(Refused):
        errors = [fault("argumentLiteralsIncompatible", path=path)]
        await send(setup(Scripted([{"errors": errors}])), documents.REFUND)


def throttled(wanted: float, there: float, rate: float) -> dict[str, object]:
    status = {"maximumAvailable": 2000, "currentlyAvailable": there, "restoreRate": rate}
    cost = {"requestedQueryCost": wanted, "actualQueryCost": None, "throttleStatus": status}
    return {"errors": [fault("THROTTLED")], "extensions": {"cost": cost}}


async def test_a_throttled_request_is_sent_again_even_where_it_creates() -> None:
    line = Scripted([throttled(10, 0, 1000), answer({"refundCreate": None})])
    await send(setup(line), documents.REFUND)
    assert len(line.asked) == 2


async def test_a_wait_longer_than_the_deadline_is_told_with_the_answer_s_own_figures() -> None:
    line = Scripted([throttled(1100, 100, 2)])
    with pytest.raises(Throttled) as told:
        await send(setup(line), seconds=3)
    assert told.value.retry_after is not None
    assert told.value.retry_after >= timedelta(seconds=400)
    assert len(line.asked) == 1


async def test_what_the_bucket_cannot_pay_is_not_sent() -> None:
    empty = answer(SHOP)
    empty["extensions"]["cost"]["throttleStatus"] = {
        "maximumAvailable": 100,
        "currentlyAvailable": 0,
        "restoreRate": 1,
    }
    line = Scripted([empty])
    given = setup(line)
    assert isinstance(given.options, Options)
    client = Client(given, given.options, MANIFEST.limits)
    await client.send(documents.SHOP, {}, Deadline.after(5))
    with pytest.raises(Throttled, match="waits for points"):
        await client.send(documents.SHOP, {}, Deadline.after(5))
    assert len(line.asked) == 1
    await client.close()


async def test_an_answer_of_another_version_is_told_once() -> None:
    line = Scripted([answer(SHOP, headers={"X-Shopify-API-Version": "2026-10"})])
    with capture_logs() as lines:
        await send(setup(line))
    (told,) = lines
    assert "another version of its API" in told["event"]
    assert (told["asked_for"], told["answered"]) == ("2026-07", "2026-10")


async def test_an_answer_of_our_version_is_not_remarked_on() -> None:
    with capture_logs() as lines:
        await send(setup(Scripted([answer(SHOP, headers={"X-Shopify-API-Version": "2026-07"})])))
    assert lines == []


TOKEN = {"access_token": "shpat_fetched", "scope": "read_orders", "expires_in": 86399}


def good() -> httpx.Response:
    return httpx.Response(200, json=answer(SHOP))


def granted(**changes: object) -> httpx.Response:
    return httpx.Response(200, json=TOKEN | changes)


async def test_a_client_id_s_token_is_fetched_by_the_client_credentials_grant() -> None:
    line = Scripted([granted(), good()])
    await send(setup(line, client_id="app", secret="shpss_secret"))
    first, second = line.requests
    assert first.url.path == "/admin/oauth/access_token"
    assert first.content == b"client_id=app&client_secret=shpss_secret&grant_type=client_credentials"
    assert "x-shopify-access-token" not in first.headers
    assert second.headers["x-shopify-access-token"] == "shpat_fetched"


async def test_a_token_is_renewed_before_its_end() -> None:
    clock = SetClock(datetime(2026, 3, 1, tzinfo=UTC))
    line = Scripted([granted(), good(), granted(access_token="shpat_second"), good()])
    given = setup(line, client_id="app", clock=clock)
    assert isinstance(given.options, Options)
    client = Client(given, given.options, MANIFEST.limits)
    await client.send(documents.SHOP, {}, Deadline.after(5))
    clock.move(timedelta(hours=23, minutes=57))
    await client.send(documents.SHOP, {}, Deadline.after(5))
    assert line.requests[-1].headers["x-shopify-access-token"] == "shpat_second"
    await client.close()


async def test_a_token_that_is_refused_early_is_fetched_again_once() -> None:
    line = Scripted([granted(), httpx.Response(401), granted(access_token="shpat_second"), good()])
    await send(setup(line, client_id="app"))
    assert [each.url.path.rpartition("/")[2] for each in line.requests] == [
        "access_token",
        "graphql.json",
        "access_token",
        "graphql.json",
    ]


async def test_credentials_that_are_refused_are_told() -> None:
    line = Scripted([httpx.Response(400, json={"error": "invalid_client"})])
    with pytest.raises(AuthRejected, match="client id and secret"):
        await send(setup(line, client_id="app"))
