"""Who may call the pretend Vendure, and what it says to requests that cannot stand."""

import json

import httpx
from conftest import ERROR, PASSWORD, PretendShop

ORDERS = "{orders{totalItems}}"


async def test_a_stranger_is_forbidden_with_status_200(pretend: PretendShop) -> None:
    stranger = await pretend.caller("admin-api")
    status, (error,) = await stranger.errors(ORDERS)
    assert (status, error["extensions"]["code"], error["path"]) == (200, "FORBIDDEN", ["orders"])


async def test_a_wrong_password_is_a_union_member_and_not_an_error(pretend: PretendShop) -> None:
    stranger = await pretend.caller("admin-api")
    answer = await stranger.post('mutation{login(username:"superadmin",password:"no"){' + ERROR + "}}")
    assert answer.json()["data"]["login"] == {
        "__typename": "InvalidCredentialsError",
        "errorCode": "INVALID_CREDENTIALS_ERROR",
        "message": "The provided credentials are invalid",
    }
    assert "vendure-auth-token" not in answer.headers


async def test_logging_in_gives_a_token_in_a_header(pretend: PretendShop) -> None:
    stranger = await pretend.caller("admin-api")
    answer = await stranger.post(
        f'mutation{{login(username:"superadmin",password:"{PASSWORD}"){{...on CurrentUser{{identifier}}}}}}'
    )
    assert len(answer.headers["vendure-auth-token"]) == 64
    assert await stranger(ORDERS) == {"totalItems": 0}


async def test_an_api_key_opens_the_door_until_it_is_dropped(pretend: PretendShop) -> None:
    key = await pretend.admin(
        'mutation{createApiKey(input:{roleIds:["1"],translations:[{languageCode:en,name:"sync"}]})'
        "{apiKey entityId}}"
    )
    machine = await pretend.caller("admin-api", **{"vendure-api-key": key["apiKey"]})
    assert await machine(ORDERS) == {"totalItems": 0}
    _, (error,) = await machine.errors("{me{identifier}}")
    assert error["path"] == ["me"]
    await pretend.admin("mutation($i:[ID!]!){deleteApiKeys(ids:$i){result}}", i=[key["entityId"]])
    _, (error,) = await machine.errors(ORDERS)
    assert error["extensions"]["code"] == "FORBIDDEN"


async def test_rotating_an_api_key_makes_the_old_one_worthless(pretend: PretendShop) -> None:
    key = await pretend.admin(
        'mutation{createApiKey(input:{roleIds:["1"],translations:[{languageCode:en,name:"sync"}]})'
        "{apiKey entityId}}"
    )
    machine = await pretend.caller("admin-api", **{"vendure-api-key": key["apiKey"]})
    new = await pretend.admin("mutation($i:ID!){rotateApiKey(id:$i){apiKey}}", i=key["entityId"])
    _, (error,) = await machine.errors(ORDERS)
    assert error["extensions"]["code"] == "FORBIDDEN"
    machine.http.headers["vendure-api-key"] = new["apiKey"]
    assert await machine(ORDERS) == {"totalItems": 0}


async def test_an_expired_session_is_forbidden_like_a_stranger(pretend: PretendShop) -> None:
    pretend.door.expire_all()
    _, (error,) = await pretend.admin.errors(ORDERS)
    assert error["extensions"]["code"] == "FORBIDDEN"


async def test_logging_out_ends_the_session(pretend: PretendShop) -> None:
    assert await pretend.admin("mutation{logout{success}}") == {"success": True}
    _, (error,) = await pretend.admin.errors(ORDERS)
    assert error["extensions"]["code"] == "FORBIDDEN"


async def test_faults_of_the_document_are_status_400(pretend: PretendShop) -> None:
    cases = {
        "{orders{totalItems foo}}": (
            'Cannot query field "foo" on type "OrderList".',
            "GRAPHQL_VALIDATION_FAILED",
        ),
        "{orders(x:1){totalItems}}": (
            'Unknown argument "x" on field "Query.orders".',
            "GRAPHQL_VALIDATION_FAILED",
        ),
        "{orders{": ("Syntax Error: Expected Name, found <EOF>.", "GRAPHQL_PARSE_FAILED"),
        "{orders}": (
            'Field "orders" of type "OrderList!" must have a selection of subfields. '
            'Did you mean "orders { ... }"?',
            "GRAPHQL_VALIDATION_FAILED",
        ),
        "{orders{totalItems{x}}}": (
            'Field "totalItems" must not have a selection since type "Int!" has no subfields.',
            "GRAPHQL_VALIDATION_FAILED",
        ),
        "{order{id}}": (
            'Field "order" argument "id" of type "ID!" is required, but it was not provided.',
            "GRAPHQL_VALIDATION_FAILED",
        ),
        '{orders(options:{take:"1"}){totalItems}}': (
            'Int cannot represent non-integer value: "1"',
            "GRAPHQL_VALIDATION_FAILED",
        ),
        "{orders(options:{foo:1}){totalItems}}": (
            'Field "foo" is not defined by type "OrderListOptions".',
            "GRAPHQL_VALIDATION_FAILED",
        ),
        "{order(id:$i){id}}": ('Variable "$i" is not defined.', "GRAPHQL_VALIDATION_FAILED"),
        "query($i:ID){orders{totalItems}}": ('Variable "$i" is never used.', "GRAPHQL_VALIDATION_FAILED"),
        "{orders{...G}}": ('Unknown fragment "G".', "GRAPHQL_VALIDATION_FAILED"),
        "query($s:String){order(id:$s){id}}": (
            'Variable "$s" of type "String" used in position expecting type "ID!".',
            "GRAPHQL_VALIDATION_FAILED",
        ),
        "{order(id:null){id}}": ('Expected value of type "ID!", found null.', "GRAPHQL_VALIDATION_FAILED"),
        'mutation{cancelOrder(input:{orderId:"1"}){... on Product{id}}}': (
            'Fragment cannot be spread here as objects of type "CancelOrderResult" can never be of type '
            '"Product".',
            "GRAPHQL_VALIDATION_FAILED",
        ),
        "{products(options:{take:1}){totalItems} products(options:{take:2}){totalItems}}": (
            'Fields "products" conflict because they have differing arguments. Use different aliases on the '
            "fields to fetch both if this was intentional.",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        "query A{orders{totalItems}} query B{orders{totalItems}}": (
            "Must provide operation name if query contains multiple operations.",
            "OPERATION_RESOLUTION_FAILURE",
        ),
    }
    for query, (message, code) in cases.items():
        status, errors = await pretend.admin.errors(query)
        assert (status, errors[0]["message"], errors[0]["extensions"]["code"]) == (400, message, code)


async def test_faults_of_a_variable_are_status_200(pretend: PretendShop) -> None:
    options = "query($o:OrderListOptions){orders(options:$o){totalItems}}"
    cases = [
        ("query($i:ID!){order(id:$i){id}}", {}, 'Variable "$i" of required type "ID!" was not provided.'),
        (options, {"o": {"take": "x"}}, "Int cannot represent non-integer value"),
        (options, {"o": {"foo": 1}}, 'Field "foo" is not defined by type "OrderListOptions".'),
        (options, {"o": {"sort": {"id": "asc"}}}, 'Value "asc" does not exist in "SortOrder" enum.'),
        (
            options,
            {"o": {"filter": {"orderPlacedAt": {"after": "yesterday"}}}},
            "DateTime cannot represent an invalid date-time-string yesterday.",
        ),
    ]
    for query, variables, message in cases:
        status, (error,) = await pretend.admin.errors(query, **variables)
        assert (status, error["extensions"]["code"]) == (200, "BAD_USER_INPUT")
        assert message in error["message"]


async def test_a_body_over_100_kib_is_status_500_with_an_empty_message(pretend: PretendShop) -> None:
    small = await pretend.admin.post(ORDERS, x="a" * 102_300)
    large = await pretend.admin.post(ORDERS, x="a" * 102_400)
    assert small.status_code == 200
    assert (large.status_code, large.json()["message"]) == (500, "")


async def test_bodies_that_are_not_graphql_are_status_400(pretend: PretendShop) -> None:
    json_kind = {"content-type": "application/json"}
    bodies = [
        (b"{}", json_kind),
        (b"xx", json_kind),
        (b"[]", json_kind),
        (b"xx", {"content-type": "text/plain"}),
    ]
    for body, headers in bodies:
        answer = await pretend.admin.http.post("", content=body, headers=headers)
        assert answer.status_code == 400


async def test_a_query_may_come_by_get_but_no_mutation(pretend: PretendShop) -> None:
    query = await pretend.admin.http.get("", params={"query": ORDERS})
    mutation = await pretend.admin.http.get("", params={"query": "mutation{logout{success}}"})
    assert (query.status_code, mutation.status_code) == (200, 405)


async def test_any_shape_of_document_is_resolved(pretend: PretendShop) -> None:
    answer: httpx.Response = await pretend.admin.http.post(
        "",
        json={
            "query": """
              query Other { orders { totalItems } }
              query Wanted($skip: Boolean!, $skus: [String!] = ["MUG-1"]) {
                __typename
                all: productVariants { ...Part items { __typename ... on Node { id } } }
                some: productVariants(options: {filter: {sku: {in: $skus}}}) { ...Part }
                orders @skip(if: $skip) { totalItems }
              }
              fragment Part on ProductVariantList { totalItems items { sku } }
            """,
            "operationName": "Wanted",
            "variables": {"skip": True},
        },
    )
    assert answer.json()["data"] == {
        "__typename": "Query",
        "all": {
            "totalItems": 2,
            "items": [
                {"sku": "LT-1", "__typename": "ProductVariant", "id": "1"},
                {"sku": "MUG-1", "__typename": "ProductVariant", "id": "2"},
            ],
        },
        "some": {"totalItems": 1, "items": [{"sku": "MUG-1"}]},
    }


async def test_an_error_in_one_field_of_many_nulls_what_cannot_be_null(pretend: PretendShop) -> None:
    answer = await pretend.admin.post('{a:order(id:"9"){id} b:orders(options:{take:2000}){totalItems}}')
    body = answer.json()
    assert body["data"] is None
    assert [error["path"] for error in body["errors"]] == [["b"]]


async def test_text_travels_whole(pretend: PretendShop) -> None:
    text = '王小明 🎁 "quoted" \\ back'
    literal = json.dumps(text, ensure_ascii=False)
    made = await pretend.admin(
        f'mutation{{createProduct(input:{{translations:[{{languageCode:en,name:{literal},slug:"x"}}]}}){{name}}}}'
    )
    assert made["name"] == text
