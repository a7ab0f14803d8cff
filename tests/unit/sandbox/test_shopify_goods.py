"""Products of the pretend Shopify: how they are listed, made, priced, published and searched for."""

from collections.abc import Iterator
from typing import Any

import pytest
from shopify_door import MAIN, Door, opened

PRICES = """mutation($p: ID!, $v: [ProductVariantsBulkInput!]!, $partly: Boolean) {
  productVariantsBulkUpdate(productId: $p, variants: $v, allowPartialUpdates: $partly) {
    productVariants { id price compareAtPrice }
    userErrors { field message code }
  }
}"""
SET_PRODUCT = """mutation($input: ProductSetInput!, $identifier: ProductSetIdentifiers) {
  productSet(input: $input, identifier: $identifier) {
    product { id title handle status variants(first: 5) { nodes { id sku price } } media(first: 5) { nodes { id } } }
    userErrors { field message code }
  }
}"""


@pytest.fixture
def door() -> Iterator[Door]:
    with opened() as made:
        yield made


def _sized(door: Door, *sizes: str) -> dict[str, Any]:
    rows = [{"sku": f"TEE-{size}", "price": "10.00", "units": 5, "option": size} for size in sizes]
    return door.street.walk("products", title="T-shirt", variants=rows)


def test_a_product_has_its_variants_options_prices_and_stock(door: Door) -> None:
    made = _sized(door, "S", "M")
    found = door.data(
        """query($id: ID!) { product(id: $id) {
        title status hasOnlyDefaultVariant totalInventory options { name values }
        variants(first: 5) { nodes { sku title price inventoryQuantity selectedOptions { name value } } } } }""",
        id=made["product"],
    )
    assert (found["title"], found["status"], found["totalInventory"]) == ("T-shirt", "ACTIVE", 10)
    assert found["options"] == [{"name": "Size", "values": ["S", "M"]}]
    first = found["variants"]["nodes"][0]
    assert (first["sku"], first["title"], first["price"], first["inventoryQuantity"]) == (
        "TEE-S",
        "S",
        "10.00",
        5,
    )
    assert first["selectedOptions"] == [{"name": "Size", "value": "S"}]


def test_a_search_does_not_tell_capitals_from_small_letters(door: Door) -> None:
    for sku in ("abc-1", "ABC-1", "ABC-10"):
        door.street.goods(sku)
    found = door.data("""{ productVariants(first: 10, query: "sku:'ABC-1'") { nodes { sku } } }""")
    assert [node["sku"] for node in found["nodes"]] == ["abc-1", "ABC-1"]


def test_a_search_field_that_a_list_does_not_know_filters_nothing_and_is_told(door: Door) -> None:
    door.street.goods("A")
    body = door.street.ask('{ products(first: 10, query: "colour:red") { nodes { id } } }')
    assert len(body["data"]["products"]["nodes"]) == 1
    (note,) = body["extensions"]["search"]
    assert note["warnings"][0]["field"] == "colour"


def test_a_page_follows_its_cursor_although_rows_come_and_go(door: Door) -> None:
    ids = [door.street.goods(f"SKU-{n}") for n in range(4)]
    page = "query($after: String) { productVariants(first: 2, after: $after) { nodes { id } pageInfo { endCursor } } }"
    first = door.data(page)
    assert [node["id"] for node in first["nodes"]] == ids[:2]
    delete = (
        "mutation($id: ID!) { productDelete(input: {id: $id}) { deletedProductId userErrors { message } } }"
    )
    door.data(delete, id="gid://shopify/Product/1")
    second = door.data(page, after=first["pageInfo"]["endCursor"])
    assert [node["id"] for node in second["nodes"]] == ids[2:]


def test_no_page_lies_beyond_the_25_000th_record(door: Door) -> None:
    for n in range(25_001):
        words = {"languageCode": "en", "name": "A", "slug": f"a-{n}", "description": ""}
        door.street.shop.catalogue.create_product({"translations": [words]})
    last = door.data("{ products(last: 1) { pageInfo { endCursor hasNextPage } } }")["pageInfo"]
    assert last["hasNextPage"] is False
    query = "query($after: String) { products(first: 1, after: $after) { nodes { id } } }"
    (error,) = door.errors(query, after=last["endCursor"])
    assert error["message"] == "Pagination is limited to 25000 records."


def test_prices_are_changed_all_or_none(door: Door) -> None:
    made = _sized(door, "S", "M")
    rows = [{"id": made["variants"][0]["variant"], "price": "11.00"}]
    rows.append({"id": made["variants"][1]["variant"], "price": "-1.00"})
    found = door.data(PRICES, p=made["product"], v=rows, partly=False)
    assert found["productVariants"] is None
    assert found["userErrors"] == [
        {
            "field": ["variants", "1", "price"],
            "message": "Price must be greater than or equal to 0",
            "code": "GREATER_THAN_OR_EQUAL_TO",
        }
    ]
    assert door.entries("price_set") == []


def test_a_partial_update_names_every_variant_changed_or_not(door: Door) -> None:
    made = _sized(door, "S", "M")
    rows = [{"id": made["variants"][0]["variant"], "price": "9.99", "compareAtPrice": "12.50"}]
    rows.append({"id": made["variants"][1]["variant"], "price": "-1.00"})
    found = door.data(PRICES, p=made["product"], v=rows, partly=True)
    assert [(v["price"], v["compareAtPrice"]) for v in found["productVariants"]] == [
        ("9.99", "12.50"),
        ("10.00", None),
    ]
    assert len(found["userErrors"]) == 1
    assert [entry.facts["value"] for entry in door.entries("price_set")] == [999]


def test_a_variant_of_another_product_is_not_updated(door: Door) -> None:
    made, other = _sized(door, "S"), door.street.goods("OTHER")
    found = door.data(PRICES, p=made["product"], v=[{"id": other, "price": "1.00"}], partly=True)
    assert found["userErrors"][0]["code"] == "PRODUCT_VARIANT_DOES_NOT_EXIST"


def test_a_new_product_is_on_no_publication_and_its_variant_is_not_counted(door: Door) -> None:
    made = door.data(
        """mutation { productCreate(product: {title: "Mug", descriptionHtml: "<p>Blue</p>"}) {
        product { id publishedAt description variants(first: 2) { nodes { sku title inventoryItem { tracked } } } }
        userErrors { message } } }"""
    )["product"]
    assert (made["publishedAt"], made["description"]) == (None, "Blue")
    assert made["variants"]["nodes"] == [
        {"sku": None, "title": "Default Title", "inventoryItem": {"tracked": False}}
    ]


def test_a_publication_is_known_by_the_title_of_its_catalogue(door: Door) -> None:
    query = """{ publications(first: 5) { nodes {
        name catalog { __typename id title status publication { id } } } } }"""
    found = door.data(query)["nodes"]
    assert [each["catalog"]["title"] for each in found] == ["Online Store", "Point of Sale"]
    assert {each["catalog"]["__typename"] for each in found} == {"AppCatalog"}
    assert found[1]["catalog"]["publication"]["id"] == "gid://shopify/Publication/2"


def test_publishing_and_status_both_decide_what_buyers_see(door: Door) -> None:
    variant = door.street.goods("A")
    product = "gid://shopify/Product/1"
    act = """mutation($id: ID!) { publishable%s(id: $id, input: [{publicationId: "gid://shopify/Publication/1"}]) {
        publishable { publishedOnPublication(publicationId: "gid://shopify/Publication/1") }
        userErrors { message } } }"""
    sale = "query($id: ID!) { productVariant(id: $id) { availableForSale } }"
    assert door.data(sale, id=variant)["availableForSale"]
    assert not door.data(act % "Unpublish", id=product)["publishable"]["publishedOnPublication"]
    assert not door.data(sale, id=variant)["availableForSale"]
    assert door.data(act % "Publish", id=product)["publishable"]["publishedOnPublication"]
    draft = "mutation($p: ProductUpdateInput!) { productUpdate(product: $p) { product { status } userErrors { message } } }"
    assert door.data(draft, p={"id": product, "status": "DRAFT"})["product"]["status"] == "DRAFT"
    assert not door.data(sale, id=variant)["availableForSale"]


def test_a_product_is_set_by_its_handle_once_made_and_once_changed(door: Door) -> None:
    variant = {
        "optionValues": [{"optionName": "Title", "name": "Default Title"}],
        "sku": "MUG-1",
        "price": "7.50",
        "inventoryItem": {"tracked": True},
        "inventoryQuantities": [{"locationId": MAIN, "name": "available", "quantity": 4}],
    }
    options = [{"name": "Title", "values": [{"name": "Default Title"}]}]
    given = {"title": "Mug", "productOptions": options, "variants": [variant]}
    given["files"] = [{"originalSource": "https://example.com/mug.jpg", "contentType": "IMAGE"}]
    first = door.data(SET_PRODUCT, input=given, identifier={"handle": "mug"})["product"]
    assert (first["handle"], first["variants"]["nodes"][0]["price"]) == ("mug", "7.50")
    assert len(first["media"]["nodes"]) == 1
    second = door.data(SET_PRODUCT, input=given | {"title": "Blue mug"}, identifier={"handle": "mug"})[
        "product"
    ]
    assert (second["id"], second["title"]) == (first["id"], "Blue mug")
    assert second["variants"]["nodes"][0]["id"] == first["variants"]["nodes"][0]["id"]
    assert door.levels(first["variants"]["nodes"][0]["id"])[MAIN]["available"] == 4


def test_a_picture_is_ready_only_a_moment_after_it_came(door: Door) -> None:
    made = door.data(
        """mutation { productCreate(product: {title: "Mug"}, media: [
        {originalSource: "https://example.com/a.jpg", mediaContentType: IMAGE}]) { product { id } userErrors { message } } }"""
    )["product"]
    look = "query($id: ID!) { product(id: $id) { media(first: 1) { nodes { status preview { image { url } } } } } }"
    assert door.data(look, id=made["id"])["media"]["nodes"][0] == {
        "status": "PROCESSING",
        "preview": {"image": None},
    }
    door.clock.advance(1)
    ready = door.data(look, id=made["id"])["media"]["nodes"][0]
    assert ready["status"] == "READY"
    assert ready["preview"]["image"]["url"].endswith("/a.jpg")


def test_a_handle_is_taken_once(door: Door) -> None:
    create = """mutation { productCreate(product: {title: "Mug", handle: "mug"}) {
        product { id } userErrors { field message } } }"""
    door.data(create)
    assert door.data(create)["userErrors"] == [
        {"field": ["input", "handle"], "message": "Handle 'mug' already in use. Please provide a new handle."}
    ]
