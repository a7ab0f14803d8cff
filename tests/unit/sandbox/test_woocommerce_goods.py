"""Products and variations: what the shop makes of prices, quantities, SKUs and names."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from woocommerce_door import OLD, Door, woo

from sandbox.storefront.woocommerce.rules import Rules

SKU_TAKEN = (400, "product_invalid_sku")


async def tee(door: Door, **more: Any) -> tuple[int, int]:
    """A shirt in two sizes: the parent's id and that of its first variation."""
    options = [{"name": "Size", "variation": True, "visible": True, "options": ["S", "M"]}]
    parent = await door.post("products", name="Tee", type="variable", sku="TEE", attributes=options, **more)
    path = f"products/{parent['id']}/variations"
    made = [
        await door.post(
            path, sku=f"TEE-{size}", regular_price=price, attributes=[{"name": "Size", "option": size}]
        )
        for size, price in (("S", "12"), ("M", "13"))
    ]
    return int(parent["id"]), int(made[0]["id"])


@pytest.mark.parametrize(
    ("given", "kept"), [("10,50", "1050"), ("abc", ""), ("-5", "-5"), ("19.99", "19.99")]
)
async def test_a_price_is_cleaned_and_never_refused(given: str, kept: str) -> None:
    async with woo() as door:
        made = await door.post("products", name="Mug", regular_price=given)
        assert (made["regular_price"], made["price"]) == (kept, kept)


async def test_a_price_that_is_no_text_is_refused() -> None:
    async with woo() as door:
        answer = await door.http.post("products", json={"name": "Mug", "regular_price": 10})
        assert answer.status_code == 400
        assert answer.json()["data"]["params"] == {"regular_price": "regular_price is not of type string."}


async def test_a_sale_price_that_is_no_reduction_is_dropped_without_a_word() -> None:
    async with woo() as door:
        made = await door.post("products", name="Mug", regular_price="10", sale_price="12")
        assert (made["price"], made["sale_price"], made["on_sale"]) == ("10", "", False)


async def test_a_sale_price_holds_between_its_dates_on_the_shops_clock() -> None:
    async with woo(at=datetime(2026, 3, 2, 12, tzinfo=UTC)) as door:
        made = await door.post(
            "products",
            name="Mug",
            regular_price="20",
            sale_price="15",
            date_on_sale_from="2026-03-02T00:00:00",
            date_on_sale_to="2026-03-02T23:59:59",
        )
        assert (made["price"], made["date_on_sale_from_gmt"]) == ("15", "2026-03-02T05:00:00")
        door.clock.advance(24 * 3600)
        assert (await door.get(f"products/{made['id']}"))["price"] == "20"


async def test_null_leaves_a_sales_dates_and_an_empty_text_clears_them() -> None:
    async with woo() as door:
        dates = {"date_on_sale_from_gmt": "2026-01-01T00:00:00", "date_on_sale_to_gmt": "2026-01-09T00:00:00"}
        made = await door.post("products", regular_price="10", sale_price="8", **dates)
        for cleared, left in ((None, dates["date_on_sale_to_gmt"]), ("", None)):
            told = {"id": made["id"], "date_on_sale_from_gmt": cleared, "date_on_sale_to_gmt": cleared}
            batch = await door.post("products/batch", update=[told])
            assert batch["update"][0]["date_on_sale_to_gmt"] == left


@pytest.mark.parametrize("quantity", [3.7, "x", True])
async def test_a_quantity_that_is_no_whole_number_is_refused(quantity: object) -> None:
    async with woo() as door:
        id = await door.product()
        refused = await door.no("PUT", f"products/{id}", {"stock_quantity": quantity})
        assert refused == (400, "rest_invalid_param")
        assert await door.stock(id) == 20


@pytest.mark.parametrize(("given", "kept"), [(None, 0), (-4, -4), (7, 7), ("8", 8)])
async def test_null_is_nothing_and_negative_quantities_are_taken(given: object, kept: int) -> None:
    async with woo() as door:
        id = await door.product()
        made = await door.put(f"products/{id}", stock_quantity=given)
        assert made["stock_quantity"] == kept
        assert made["stock_status"] == ("instock" if kept > 0 else "outofstock")


async def test_a_quantity_is_dropped_where_stock_is_not_counted() -> None:
    async with woo() as door:
        id = await door.product(units=None)
        made = await door.put(f"products/{id}", stock_quantity=5)
        assert (made["manage_stock"], made["stock_quantity"], made["stock_status"]) == (
            False,
            None,
            "instock",
        )


async def test_a_stock_status_is_overridden_where_stock_is_counted() -> None:
    async with woo() as door:
        id = await door.product(units=5)
        assert (await door.put(f"products/{id}", stock_status="outofstock"))["stock_status"] == "instock"
        empty = await door.put(f"products/{id}", stock_quantity=0, backorders="yes", stock_status="instock")
        assert (empty["stock_status"], empty["backordered"]) == ("onbackorder", True)


@pytest.mark.parametrize("rules", [Rules(), OLD])
async def test_a_variation_may_share_its_parents_stock_and_then_takes_no_quantity(rules: Rules) -> None:
    async with woo(rules) as door:
        parent, child = await tee(door, manage_stock=True, stock_quantity=7)
        path = f"products/{parent}/variations/{child}"
        made = await door.put(path, stock_quantity=3)
        assert (made["manage_stock"], made["stock_quantity"]) == ("parent", 7)
        await door.put(f"products/{parent}", stock_quantity=0)
        assert (await door.get(path))["stock_status"] == "outofstock"


async def test_a_variation_with_its_own_stock_leaves_its_parents_alone() -> None:
    async with woo() as door:
        parent, child = await tee(door, manage_stock=True, stock_quantity=7)
        made = await door.put(f"products/{parent}/variations/{child}", manage_stock=True, stock_quantity=3)
        assert (made["manage_stock"], made["stock_quantity"]) == (True, 3)
        assert await door.stock(parent) == 7


async def test_a_variation_without_a_sku_shows_its_parents_and_is_not_found_by_it() -> None:
    async with woo() as door:
        parent, child = await tee(door)
        await door.put(f"products/{parent}/variations/{child}", sku="")
        assert (await door.get(f"products/{parent}/variations/{child}"))["sku"] == "TEE"
        assert [each["id"] for each in await door.get("products", sku="TEE")] == [parent]


@pytest.mark.parametrize("rules", [Rules(), OLD])
async def test_a_variation_can_be_read_as_a_product_and_is_not_written_as_one(rules: Rules) -> None:
    async with woo(rules) as door:
        parent, child = await tee(door)
        found = await door.get(f"products/{child}")
        assert (found["type"], found["parent_id"]) == ("variation", parent)
        assert await door.no("PUT", f"products/{child}", {"stock_quantity": 4}) == (
            404,
            "woocommerce_rest_invalid_product_id",
        )


@pytest.mark.parametrize("rules", [Rules(), OLD])
async def test_a_sku_finds_variations_which_the_list_leaves_out_otherwise(rules: Rules) -> None:
    async with woo(rules) as door:
        parent, child = await tee(door)
        assert await door.ids("products", sku="tee-s") == [child]
        assert await door.ids("products") == [parent]


async def test_a_sku_of_zero_is_no_filter() -> None:
    async with woo() as door:
        first, second = await door.product("A"), await door.product("B")
        assert await door.ids("products", sku="0") == [second, first]


async def test_a_sku_with_a_comma_is_found_and_so_are_several() -> None:
    async with woo() as door:
        odd, plain = await door.product("A,B"), await door.product("C")
        assert await door.ids("products", sku="A,B") == [odd]
        assert await door.ids("products", sku="C,X") == [plain]


@pytest.mark.parametrize("same", ["ABC-É", "abc-e", " Abc-é "])
async def test_skus_are_the_same_without_case_accents_and_outer_spaces(same: str) -> None:
    async with woo() as door:
        id = await door.product("abc-é")
        answer = await door.http.post("products", json={"name": "x", "sku": same})
        assert (answer.status_code, answer.json()["code"]) == SKU_TAKEN
        assert answer.json()["data"]["resource_id"] == id


async def test_skus_that_differ_by_a_leading_zero_are_two() -> None:
    async with woo() as door:
        assert await door.product("0097") != await door.product("097")


async def test_a_product_in_the_trash_keeps_its_sku_until_it_is_deleted_for_good() -> None:
    async with woo() as door:
        id = await door.product("MUG")
        trashed = await door.delete(f"products/{id}")
        assert trashed["status"] == "publish"
        assert (await door.get(f"products/{id}"))["status"] == "trash"
        again = {"name": "again", "sku": "MUG"}
        assert await door.no("POST", "products", again) == (400, "woocommerce_rest_product_not_created")
        await door.delete(f"products/{id}", force="true")
        assert (await door.post("products", **again))["sku"] == "MUG"


async def test_of_several_creates_of_one_sku_at_once_one_is_made() -> None:
    async with woo() as door:
        body = {"name": "x", "sku": "ONE"}
        answers = await asyncio.gather(*(door.http.post("products", json=body) for _ in range(6)))
        assert sorted(answer.status_code for answer in answers) == [201, 400, 400, 400, 400, 400]


async def test_an_ampersand_in_a_name_is_escaped_and_backslashes_vanish() -> None:
    async with woo() as door:
        assert (await door.post("products", name='A & B \\ "C"'))["name"] == 'A &amp; B  "C"'


async def test_a_category_given_by_name_is_ignored() -> None:
    async with woo() as door:
        made = await door.post("products", name="x", categories=[{"name": "Cups"}])
        assert [each["slug"] for each in made["categories"]] == ["uncategorized"]
        cups = await door.post("products/categories", name="Cups")
        given = await door.put(f"products/{made['id']}", categories=[{"id": cups["id"]}])
        assert [each["name"] for each in given["categories"]] == ["Cups"]


async def test_a_category_whose_name_is_taken_is_refused_with_the_id_of_that_one() -> None:
    async with woo() as door:
        cups = await door.post("products/categories", name="Cups")
        answer = await door.http.post("products/categories", json={"name": "cups"})
        assert (answer.status_code, answer.json()["code"]) == (400, "term_exists")
        assert answer.json()["data"]["resource_id"] == cups["id"]


async def test_a_missing_product_is_400_or_404_by_the_verb() -> None:
    async with woo() as door:
        missing = "woocommerce_rest_product_invalid_id"
        assert await door.no("GET", "products/999") == (404, missing)
        assert await door.no("PUT", "products/999", {"name": "x"}) == (400, missing)
        assert await door.no("DELETE", "products/999") == (404, missing)


async def test_variations_and_refunds_of_all_are_listed_by_the_newer_generation_only() -> None:
    async with woo() as door:
        _, child = await tee(door)
        assert child in await door.ids("variations")
        assert await door.get("refunds") == []
    async with woo(OLD) as door:
        assert await door.no("GET", "variations") == (404, "rest_no_route")
        assert await door.no("GET", "refunds") == (404, "rest_no_route")


async def test_fields_that_are_asked_for_are_all_that_comes() -> None:
    async with woo() as door:
        id = await door.product()
        assert await door.get("products", _fields="id,sku") == [{"id": id, "sku": "MUG"}]
        assert set(await door.get(f"products/{id}", _fields="id,sku")) == {"id", "sku", "_links"}


async def test_a_picture_that_the_shop_fetched_has_an_address_of_the_shops_own() -> None:
    async with woo() as door:
        made = await door.post("products", name="x", images=[{"src": "http://cdn.example/a.jpg", "alt": "A"}])
        (picture,) = made["images"]
        assert picture["src"] == f"{door.url}/wp-content/uploads/a.jpg"
        again = await door.put(f"products/{made['id']}", images=[{"id": picture["id"]}])
        assert again["images"] == [picture]


# --- batches --------------------------------------------------------------------------------------------


async def test_a_batch_of_more_than_a_hundred_in_all_does_nothing() -> None:
    async with woo() as door:
        id = await door.product()
        rows = [{"id": id, "stock_quantity": n} for n in range(60)]
        body = {"update": rows, "create": [{"name": str(n)} for n in range(41)]}
        refused = await door.no("POST", "products/batch", body)
        assert refused == (413, "woocommerce_rest_request_entity_too_large")
        assert await door.stock(id) == 20
        assert await door.ids("products") == [id]


async def test_a_batch_tells_each_error_in_its_place() -> None:
    async with woo() as door:
        id = await door.product("TAKEN")
        found = await door.post(
            "products/batch",
            create=[{"name": "new", "sku": "NEW"}, {"name": "b", "sku": "taken"}],
            update=[{"id": 999_999, "stock_quantity": 1}, {"id": id, "stock_quantity": 44}],
            delete=[888_888],
        )
        assert found["create"][0]["sku"] == "NEW"
        assert (found["create"][1]["id"], found["create"][1]["error"]["code"]) == (0, "product_invalid_sku")
        assert (found["update"][0]["id"], found["update"][0]["error"]["data"]["status"]) == (999_999, 400)
        assert found["update"][1]["stock_quantity"] == 44
        assert (found["delete"][0]["id"], found["delete"][0]["error"]["data"]["status"]) == (888_888, 404)


async def test_an_empty_batch_is_a_list() -> None:
    async with woo() as door:
        assert await door.post("products/batch") == []
        assert await door.post("products/batch", update=[]) == []


async def test_variations_are_written_in_batches_of_one_parent() -> None:
    async with woo() as door:
        parent, child = await tee(door)
        other = await door.product("ELSE")
        path = f"products/{parent}/variations/batch"
        found = await door.post(
            path, update=[{"id": child, "regular_price": "33"}, {"id": other, "name": "x"}]
        )
        assert found["update"][0]["regular_price"] == "33"
        assert "error" in found["update"][1]
        assert await door.no("POST", "products/999/variations/batch", {"update": []}) == (
            404,
            "woocommerce_rest_product_invalid_id",
        )


async def test_a_body_that_cannot_be_read_is_refused() -> None:
    async with woo() as door:
        head = {"content-type": "application/json"}
        answer: httpx.Response = await door.http.post("products", content=b"{", headers=head)
        assert (answer.status_code, answer.json()["code"]) == (400, "rest_invalid_json")
