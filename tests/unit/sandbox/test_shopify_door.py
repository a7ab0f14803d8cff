"""Getting into the pretend Shopify, what its answers cost, and how it words what is wrong with a call."""

import hashlib
import hmac
from collections.abc import Iterator
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx
import pytest
from shopify_door import Door, opened

GRAPHQL = "/admin/api/2026-07/graphql.json"
TOKEN = "/admin/oauth/access_token"


@pytest.fixture
def door() -> Iterator[Door]:
    with opened() as made:
        yield made


def _ask(
    door: Door, token: str | None, query: str = "{ shop { name } }", path: str = GRAPHQL
) -> httpx.Response:
    headers = {"x-shopify-access-token": token} if token else {}
    return door.street.http.post(path, json={"query": query}, headers=headers)


def _grant(door: Door, **asked: str) -> httpx.Response:
    keys = door.street.door
    secret = {"client_id": keys.client_id, "client_secret": keys.client_secret}
    return door.street.http.post(TOKEN, data=secret | asked)


def test_a_token_that_is_not_known_is_401(door: Door) -> None:
    for token in (None, "shpat_wrong"):
        answer = _ask(door, token)
        assert answer.status_code == 401
        assert answer.json()["errors"].startswith("[API] Invalid API key or access token")


def test_an_answer_bears_the_time_of_the_shop_s_own_clock(door: Door) -> None:
    door.clock.advance(60)
    answer = _ask(door, door.street.door.static_token)
    assert answer.headers.get_list("date") == ["Mon, 02 Mar 2026 09:01:00 GMT"]


def test_only_one_version_of_the_api_is_there(door: Door) -> None:
    answer = _ask(door, door.street.door.static_token, path="/admin/api/2025-07/graphql.json")
    assert answer.status_code == 404


def test_client_credentials_give_a_token_that_ends_after_a_day(door: Door) -> None:
    granted = _grant(door, grant_type="client_credentials").json()
    assert granted["expires_in"] == 86_399
    assert "write_inventory" in granted["scope"].split(",")
    assert _ask(door, granted["access_token"]).status_code == 200
    door.clock.advance(86_400)
    assert _ask(door, granted["access_token"]).status_code == 401
    assert _ask(door, door.street.door.static_token).status_code == 200


def test_a_wrong_client_secret_gives_no_token(door: Door) -> None:
    answer = _grant(door, grant_type="client_credentials", client_secret="shpss_wrong")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client")


def test_a_code_from_the_merchant_is_signed_and_good_once(door: Door) -> None:
    asked = {"client_id": door.street.door.client_id, "redirect_uri": "http://127.0.0.1/back", "state": "s1"}
    answer = door.street.http.get("/admin/oauth/authorize", params=asked)
    query = urlsplit(answer.headers["location"]).query
    pairs = [(name, value) for name, value in parse_qsl(query) if name != "hmac"]
    signature = hmac.new(door.street.door.client_secret.encode(), urlencode(pairs).encode(), hashlib.sha256)
    assert parse_qs(query)["hmac"] == [signature.hexdigest()]
    assert parse_qs(query)["state"] == ["s1"]
    code = parse_qs(query)["code"][0]
    granted = _grant(door, code=code, expiring="1").json()
    assert _ask(door, granted["access_token"]).status_code == 200
    assert _grant(door, code=code).status_code == 400
    again = _grant(door, grant_type="refresh_token", refresh_token=granted["refresh_token"]).json()
    assert _ask(door, again["access_token"]).status_code == 200


def test_costs_are_those_that_real_shops_were_recorded_to_ask(door: Door) -> None:
    def cost(query: str) -> int:
        requested: int = door.street.ask(query)["extensions"]["cost"]["requestedQueryCost"]
        return requested

    assert cost("{ locations(first: 20) { nodes { id name } } }") == 7
    assert cost('{ bulkOperation(id: "gid://shopify/BulkOperation/0") { id } }') == 1
    edges = "edges { cursor node { id } } nodes { id } pageInfo { hasNextPage }"
    assert cost(f"{{ bulkOperations(first: 5) {{ {edges} }} }}") == 8
    money = "totalRefundedSet { shopMoney { amount } }"
    order = f"refunds {{ id {money} }} returns(first: 5) {{ nodes {{ id }} }} transactions {{ id }} {money}"
    assert cost(f'{{ order(id: "gid://shopify/Order/1") {{ id {order} }} }}') == 8


def test_what_a_call_did_cost_leaves_the_bucket_which_fills_again(door: Door) -> None:
    first = door.street.ask("{ locations(first: 20) { nodes { id } } }")["extensions"]["cost"]
    assert first["actualQueryCost"] == 3
    assert first["throttleStatus"] == {
        "maximumAvailable": 2000,
        "currentlyAvailable": 1997,
        "restoreRate": 100,
    }
    door.clock.advance(1)
    again = door.street.ask("{ shop { name } }")["extensions"]["cost"]["throttleStatus"]
    assert again["currentlyAvailable"] == 1999


def test_an_empty_bucket_throttles_with_http_200(door: Door) -> None:
    door.street.walk("levers", bucket=5, restore=1)
    answer = _ask(door, door.street.door.static_token, "{ locations(first: 20) { nodes { id } } }")
    body = answer.json()
    assert answer.status_code == 200
    assert body["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert body["extensions"]["cost"]["actualQueryCost"] is None
    assert body["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] == 5


def test_one_call_may_not_cost_more_than_a_thousand_points(door: Door) -> None:
    inner = "fulfillmentOrders(first: 250) { nodes { lineItems(first: 250) { nodes { id } } } }"
    (error,) = door.errors(f"{{ orders(first: 250) {{ nodes {{ {inner} }} }} }}")
    assert error["extensions"]["code"] == "MAX_COST_EXCEEDED"


def test_an_unknown_field_is_named_as_shopify_names_it(door: Door) -> None:
    (error,) = door.errors("{ shop { nickname } }")
    assert error["message"] == "Field 'nickname' doesn't exist on type 'Shop'"
    assert error["extensions"]["code"] == "undefinedField"


def test_mutations_that_were_taken_away_are_not_there(door: Door) -> None:
    for name in (
        "fulfillmentCreateV2",
        "returnRefund",
        "inventorySetOnHandQuantities",
        "productChangeStatus",
    ):
        (error,) = door.errors(f"mutation {{ {name} {{ userErrors {{ message }} }} }}")
        assert error["message"] == f"Field '{name}' doesn't exist on type 'Mutation'"


def test_a_variable_that_does_not_fit_is_named_with_its_path(door: Door) -> None:
    query = "mutation($i: ReturnRequestInput!) { returnRequest(input: $i) { userErrors { message } } }"
    line = {
        "fulfillmentLineItemId": "gid://shopify/FulfillmentLineItem/1",
        "quantity": 1,
        "returnReason": "NONE",
    }
    (error,) = door.errors(query, i={"orderId": "gid://shopify/Order/1", "returnLineItems": [line]})
    assert error["extensions"]["code"] == "INVALID_VARIABLE"
    assert error["message"].startswith(
        "Variable $i of type ReturnRequestInput! was provided invalid value for returnLineItems.0.returnReason"
    )


def test_an_id_of_another_kind_is_refused_and_an_unknown_one_is_null(door: Door) -> None:
    (error,) = door.errors('{ order(id: "gid://shopify/Product/1") { id } }')
    assert error["extensions"]["code"] == "RESOURCE_NOT_FOUND"
    assert door.data('{ order(id: "gid://shopify/Order/99") { id } }') is None


def test_arrays_of_more_than_250_are_refused(door: Door) -> None:
    ids = [f"gid://shopify/Product/{n}" for n in range(251)]
    (error,) = door.errors("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)
    assert error["extensions"]["code"] == "MAX_INPUT_SIZE_EXCEEDED"


def test_a_connection_needs_a_page_size_of_at_most_250(door: Door) -> None:
    (error,) = door.errors("{ orders { nodes { id } } }")
    assert error["message"] == "you must provide one of first or last"
    (error,) = door.errors("{ orders(first: 251) { nodes { id } } }")
    assert error["extensions"]["code"] == "BAD_REQUEST"


def test_what_an_app_is_not_allowed_is_null_and_said(door: Door) -> None:
    door.street.walk("levers", scopes=["read_products"])
    body = door.street.ask("{ shop { name } ordersCount { count } }")
    assert body["data"]["shop"] is not None
    assert body["data"]["ordersCount"] is None
    (error,) = body["errors"]
    assert error["extensions"]["code"] == "ACCESS_DENIED"
    assert error["extensions"]["requiredAccess"] == "`read_orders` access scope."
    assert error["message"] == (
        "Access denied for ordersCount field. Required access: `read_orders` access scope."
    )


def test_tokens_that_were_exchanged_can_end_at_once(door: Door) -> None:
    token = _grant(door, grant_type="client_credentials").json()["access_token"]
    door.street.walk("levers", expire_tokens=True)
    assert _ask(door, token).status_code == 401
    assert _ask(door, door.street.door.static_token).status_code == 200


def test_there_is_no_list_of_all_returns(door: Door) -> None:
    (error,) = door.errors("{ returns(first: 1) { nodes { id } } }")
    assert error["message"] == "Field 'returns' doesn't exist on type 'QueryRoot'"
