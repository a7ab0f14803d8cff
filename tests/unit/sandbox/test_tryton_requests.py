"""The pretend warehouse answers reads, searches and errors as the real one does."""

import pytest
from tryton_door import CONTEXT, KEY, START, Door, b64, date, decimal, moment


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.mark.parametrize("header", ["", "bearer wrong", f"Token {KEY}", f"Basic {KEY}"])
async def test_a_wrong_key_is_answered_with_401_and_a_page(door: Door, header: str) -> None:
    answer = await door.http.get("party.party", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["content-type"].startswith("text/html")


async def test_another_database_is_not_found(door: Door) -> None:
    assert (await door.http.get("http://warehouse/other/rest/model/party.party")).status_code == 404


async def test_an_unknown_model_breaks_the_server(door: Door) -> None:
    answer = await door.call("GET", "purchase.purchase")
    assert answer.status_code == 500
    assert "<p>&#39;purchase.purchase&#39;</p>" in answer.text


@pytest.mark.parametrize("field", ["nope", "template.nope", "template.name.more"])
async def test_an_unknown_field_breaks_the_server(door: Door, field: str) -> None:
    assert (await door.call("GET", "product.product", fields=[field])).status_code == 500


async def test_an_unknown_field_in_a_new_record_breaks_the_server_and_keeps_nothing(door: Door) -> None:
    body = door.order("R", door.move("MUG", 1), colour="red")
    assert (await door.call("POST", "stock.shipment.out", body)).status_code == 500
    assert await door.find("stock.shipment.out", []) == []


async def test_an_unknown_field_in_the_answer_takes_the_new_record_back(door: Door) -> None:
    answer = await door.call("POST", "party.party", {"name": "Ann"}, fields=["nope"])
    assert answer.status_code == 500
    assert await door.find("party.party", [["name", "=", "Ann"]]) == []


async def test_an_unknown_action_is_forbidden(door: Door) -> None:
    row = await door.ship("R", MUG=1)
    assert (await door.call("POST", f"stock.shipment.out/{row}/fly")).status_code == 403


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "party.party/99"), ("PUT", "party.party/99"), ("POST", "stock.move/99/do")]
)
async def test_a_record_that_is_not_there_is_404(door: Door, method: str, path: str) -> None:
    answer = await door.call(method, path, {} if method == "PUT" else None)
    assert answer.status_code == 404


async def test_without_fields_a_record_is_only_its_name(door: Door) -> None:
    assert await door.read("product.product", 1) == {
        "id": 1,
        "__name__": "product.product",
        "rec_name": "[MUG] Product MUG",
    }


async def test_field_paths_nest_and_say_which_model_they_reach(door: Door) -> None:
    found = await door.read(
        "product.product", 1, "default_uom", "template.name", "template.default_uom.symbol"
    )
    assert found["default_uom"] == 1
    assert found["template"]["name"] == "Product MUG"
    assert found["template"]["__name__"] == "product.template"
    assert found["template"]["default_uom"] == {"id": 1, "__name__": "product.uom", "symbol": "u"}


async def test_lists_of_records_are_ids_unless_a_path_goes_into_them(door: Door) -> None:
    row = await door.ship("R", MUG=2, CAP=1)
    plain = await door.read("stock.shipment.out", row, "outgoing_moves")
    assert len(plain["outgoing_moves"]) == 2
    deep = await door.read("stock.shipment.out", row, "outgoing_moves.product.code")
    assert [move["product"]["code"] for move in deep["outgoing_moves"]] == ["CAP", "MUG"]


async def test_a_path_through_a_reference_breaks_the_server(door: Door) -> None:
    assert (await door.call("GET", "stock.move", fields=["shipment.reference"])).status_code == 500


async def test_decimals_dates_and_times_name_their_class(door: Door) -> None:
    row = await door.ship("R", MUG=1)
    found = await door.read(
        "stock.shipment.out", row, "planned_date", "create_date", "delay", "moves.unit_price"
    )
    assert found["planned_date"] == date()
    assert found["create_date"] == moment(START)
    assert found["delay"] == {"__class__": "timedelta", "seconds": 0.0}
    assert found["moves"][0]["unit_price"] == decimal("10.00")


async def test_a_text_is_taken_for_a_date_in_a_record_but_not_in_the_context(door: Door) -> None:
    body = door.order("R", door.move("MUG", 1), planned_date="2026-03-02")
    assert (await door.call("POST", "stock.shipment.out", body)).status_code == 200
    context = {**CONTEXT, "locations": [5], "stock_date_end": "2026-03-02"}
    assert (
        await door.call("GET", "product.product", fields=["quantity"], context=context)
    ).status_code == 500


@pytest.mark.parametrize(
    ("domain", "codes"),
    [
        ([["code", "=", "MUG"]], ["MUG"]),
        (["code", "=", "MUG"], ["MUG"]),
        ([["code", "!=", "MUG"]], ["CAP", "mug"]),
        ([["code", "in", ["CAP", "mug"]]], ["CAP", "mug"]),
        ([["code", "not in", ["CAP"]]], ["MUG", "mug"]),
        ([["code", "like", "m%"]], ["mug"]),
        ([["code", "ilike", "m_g"]], ["MUG", "mug"]),
        ([["code", "not ilike", "m%"]], ["CAP"]),
        (["OR", ["code", "=", "CAP"], [["code", "like", "M%"], ["id", ">", 0]]], ["CAP", "MUG"]),
        ([["template.name", "=", "Product CAP"]], ["CAP"]),
        ([["template", "=", "Product CAP"]], ["CAP"]),
        ([["template", "where", [["name", "=", "Product CAP"]]]], ["CAP"]),
        ([["id", ">", 1], ["id", "<=", 2]], ["CAP"]),
        ([["create_date", ">=", moment(START)]], ["CAP", "MUG", "mug"]),
        ([["rec_name", "ilike", "%[cap]%"]], ["CAP"]),
    ],
)
async def test_domains(domain: list[object], codes: list[str]) -> None:
    door = Door({"MUG": 1, "CAP": 1, "mug": 1})
    found = await door.find("product.product", domain, "code")
    assert [product["code"] for product in found] == codes


@pytest.mark.parametrize("domain", [[["nope", "=", 1]], [["code", "about", "M"]], [["create_date", ">", 5]]])
async def test_a_domain_that_makes_no_sense_breaks_the_server(door: Door, domain: list[object]) -> None:
    assert (await door.call("GET", "product.product", d=b64(domain))).status_code == 500


async def test_inactive_records_hide_unless_they_are_asked_for(door: Door) -> None:
    await door.ok("PUT", "product.product/2", {"active": False}, fields=["active"])
    assert await door.find("product.product", [["code", "=", "CAP"]]) == []
    assert (
        len(await door.find("product.product", [["code", "=", "CAP"], ["active", "in", [True, False]]])) == 1
    )
    assert (await door.read("product.product", 2, "active"))["active"] is False


async def test_a_condition_on_stock_without_locations_is_dropped_without_a_word(door: Door) -> None:
    assert len(await door.find("product.product", [["quantity", ">", 50]])) == 2
    context = {**CONTEXT, "locations": [door.storage]}
    assert await door.find("product.product", [["quantity", ">", 50]], "id", context=context) == [
        {"id": 1, "__name__": "product.product"}
    ]


async def test_pages_by_size_and_record_offset_and_by_order() -> None:
    door = Door({f"S{number}": 0 for number in range(5)})
    order = b64([["code", "DESC"]])
    found = await door.find("product.product", [], "code", s=2, p=1, o=order)
    assert [product["code"] for product in found] == ["S3", "S2"]


async def test_a_range_of_records_says_how_many_there_are() -> None:
    door = Door({f"S{number}": 0 for number in range(5)})
    answer = await door.call("GET", "product.product", headers={"Range": "records=1-3"}, fields=["code"])
    assert [product["code"] for product in answer.json()] == ["S1", "S2"]
    assert answer.headers["content-range"] == "records 1-3/5"
    behind = await door.call("GET", "product.product", headers={"Range": "records=9-12"}, fields=["code"])
    assert behind.status_code == 416


async def test_a_page_by_the_last_id_reads_the_whole_table_once() -> None:
    door = Door({f"S{number}": 0 for number in range(7)})
    seen, last = [], 0
    while found := await door.find(
        "product.product", [["id", ">", last]], "code", s=3, o=b64([["id", "ASC"]])
    ):
        seen += [product["code"] for product in found]
        last = found[-1]["id"]
    assert seen == [f"S{number}" for number in range(7)]


async def test_a_company_of_the_context_fills_what_the_record_lacks(door: Door) -> None:
    body = door.order("R", door.move("MUG", 1))
    del body["company"]
    assert (await door.call("POST", "stock.shipment.out", body)).status_code == 200
    refused = await door.call("POST", "stock.shipment.out", body, context={"_skip_warnings": True})
    assert refused.status_code == 400


async def test_new_customers_get_a_number_and_keep_their_own_code(door: Door) -> None:
    first = await door.ok("POST", "party.party", {"name": "李雷 😀"}, fields=["code", "name"])
    assert (first["code"], first["name"]) == ("2", "李雷 😀")
    body = {
        "code": "SHOP-7",
        "addresses": [["create", [{"street": "Hauptstr. 1", "postal_code": "10115", "city": "Berlin"}]]],
    }
    second = await door.ok("POST", "party.party", body, fields=["code", "rec_name", "addresses.full_address"])
    assert (second["code"], second["rec_name"]) == ("SHOP-7", "[SHOP-7]")
    assert second["addresses"][0]["full_address"] == "Hauptstr. 1\n10115 Berlin"
    again = await door.call("POST", "party.party", {"code": "SHOP-7"}, fields=["code"])
    assert again.json() == {
        "status": 400,
        "message": "The code on party must be unique.",
        "description": "",
    }


async def test_an_address_has_no_field_called_name(door: Door) -> None:
    answer = await door.call("POST", "party.address", {"party": 3, "name": "Ann"}, fields=["id"])
    assert answer.status_code == 500


async def test_countries_are_found_by_code_but_cannot_be_made(door: Door) -> None:
    ((country,)) = await door.find("country.country", [["code", "=", "DE"]], "name")
    assert country["name"] == "Germany"
    answer = await door.call("POST", "country.country", {"name": "Here"}, fields=["id"])
    assert answer.json()["message"] == 'You are not allowed to access "Country".'


async def test_a_product_is_made_with_its_template_and_its_code_is_unique(door: Door) -> None:
    body = {
        "name": "Socks",
        "default_uom": 1,
        "list_price": decimal("3.50"),
        "products": [["create", [{"suffix_code": "SOCK", "cost_price": decimal("1.00")}]]],
    }
    made = await door.ok("POST", "product.template", body, fields=["products.code", "write_date"])
    assert made["products"][0]["code"] == "SOCK"
    assert made["write_date"] is None
    again = await door.call("POST", "product.template", body, fields=["id"])
    assert again.json()["message"] == "Code of active product must be unique."
    assert await door.find("product.template", [["name", "=", "Socks"]]) == [
        {"id": made["id"], "__name__": "product.template"}
    ]


async def test_reading_twice_in_one_second_gives_the_same_write_date(door: Door) -> None:
    first = await door.read("product.product", 1, "write_date", "last_modified_at")
    assert first["write_date"] == first["last_modified_at"] == moment(START)


@pytest.mark.parametrize("header", ["bearer the-key", ""])
async def test_the_key_opens_no_json_rpc(door: Door, header: str) -> None:
    answer = await door.http.post("http://warehouse/db/rpc/", json={}, headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Basic realm="Tryton"'


async def test_json_rpc_reads_presses_and_refuses(door: Door) -> None:
    row = await door.ship("R", MUG=1)
    assert (await door.rpc("model.stock.shipment.out.search", [["reference", "=", "R"]]))["result"] == [row]
    read = await door.rpc("model.stock.shipment.out.read", [row], ["reference"])
    assert read["result"] == [{"id": row, "reference": "R"}]
    assert (await door.rpc("model.stock.shipment.out.wait", [row]))["result"] is None
    refused = await door.rpc("model.stock.shipment.out.ship", [row])
    assert refused["error"][0] == "UserError"
    assert (await door.rpc("model.foo.bar.search", []))["error"] == ["'foo.bar'", ""]
    answer = await door.side.post("rpc/", json={"id": 1, "method": "model.party.party.fly", "params": []})
    assert answer.status_code == 403


async def test_a_body_that_is_no_json_is_refused(door: Door) -> None:
    answer = await door.http.post("party.party", content=b"{", headers={"Content-Type": "application/json"})
    assert (answer.status_code, "Unable to read JSON request" in answer.text) == (400, True)
