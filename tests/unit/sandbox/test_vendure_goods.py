"""The pretend Vendure's catalogue: pages, stock and price writes, products, options and pictures."""

import json
import struct

import pytest
from conftest import ERROR, PretendShop

UPDATE = (
    "mutation($i:[UpdateProductVariantInput!]!){updateProductVariants(input:$i)"
    "{id price stockLevels{stockLocationId stockOnHand stockAllocated}}}"
)


def level(units: int, location: str = "1") -> list[dict[str, object]]:
    return [{"stockLocationId": location, "stockOnHand": units}]


async def test_a_page_is_filtered_sorted_and_counted(pretend: PretendShop) -> None:
    page = await pretend.admin(
        "query($o:ProductVariantListOptions){productVariants(options:$o){totalItems items{sku}}}",
        o={
            "skip": 0,
            "take": 1,
            "sort": {"sku": "DESC"},
            "filter": {"sku": {"in": ["LT-1", "MUG-1", "NONE"]}},
        },
    )
    assert page == {"totalItems": 2, "items": [{"sku": "MUG-1"}]}


async def test_more_than_a_thousand_are_refused(pretend: PretendShop) -> None:
    status, (error,) = await pretend.admin.errors("{productVariants(options:{take:1001}){totalItems}}")
    assert (status, error["extensions"]["code"]) == (200, "USER_INPUT_ERROR")
    assert error["message"] == "Cannot take more than 1000 results from a list query"


async def test_a_variant_shows_what_a_connector_reads(pretend: PretendShop) -> None:
    found = await pretend.admin(
        '{productVariant(id:"2"){sku name enabled price priceWithTax currencyCode trackInventory stockLevel '
        "createdAt product{id name slug description enabled assets{id} featuredAsset{id}}}}"
    )
    assert found == {
        "sku": "MUG-1",
        "name": "MUG-1",
        "enabled": True,
        "price": 990,
        "priceWithTax": 1188,
        "currencyCode": "EUR",
        "trackInventory": "TRUE",
        "stockLevel": "IN_STOCK",
        "createdAt": "2026-03-01T12:00:00.000Z",
        "product": {
            "id": "2",
            "name": "MUG-1",
            "slug": "mug-1",
            "description": "MUG-1",
            "enabled": True,
            "assets": [],
            "featuredAsset": None,
        },
    }


async def test_the_shop_tells_its_currency_precision_and_location(pretend: PretendShop) -> None:
    answer = await pretend.admin.post(
        "{globalSettings{serverConfig{moneyStrategyPrecision}} stockLocations{items{id name}} "
        "activeChannel{id code token currencyCode defaultCurrencyCode pricesIncludeTax}}"
    )
    data = answer.json()["data"]
    assert data["globalSettings"]["serverConfig"]["moneyStrategyPrecision"] == 2
    assert data["stockLocations"]["items"] == [{"id": "1", "name": "Default Stock Location"}]
    assert data["activeChannel"]["defaultCurrencyCode"] == "EUR"
    assert data["activeChannel"]["pricesIncludeTax"] is False


async def test_stock_and_price_are_written_together_and_echoed(pretend: PretendShop) -> None:
    echo = await pretend.admin(UPDATE, i=[{"id": "1", "stockLevels": level(77), "price": 1234}])
    assert echo == [
        {
            "id": "1",
            "price": 1234,
            "stockLevels": [{"stockLocationId": "1", "stockOnHand": 77, "stockAllocated": 0}],
        }
    ]
    kinds = [(entry.kind, entry.facts["value"]) for entry in pretend.ledger.entries()]
    assert kinds == [("price_set", 1234), ("stock_set", 77)]


async def test_a_batch_with_one_bad_id_changes_nothing(pretend: PretendShop) -> None:
    _, (error,) = await pretend.admin.errors(UPDATE, i=[{"id": "1", "price": 5}, {"id": "999", "price": 6}])
    assert error["extensions"]["code"] == "ENTITY_NOT_FOUND"
    assert error["message"] == 'No ProductVariant with the id "999" could be found'
    assert pretend.shop.catalogue.variants["1"].price == 149900


async def test_a_batch_of_products_keeps_what_came_before_the_bad_id(pretend: PretendShop) -> None:
    _, (error,) = await pretend.admin.errors(
        'mutation{updateProducts(input:[{id:"1",enabled:false},{id:"99",enabled:false}]){id}}'
    )
    assert error["extensions"]["code"] == "ENTITY_NOT_FOUND"
    assert pretend.shop.catalogue.products["1"].enabled is False


async def test_the_last_of_two_changes_of_one_variant_wins_and_is_echoed_once(pretend: PretendShop) -> None:
    echo = await pretend.admin(
        UPDATE, i=[{"id": "1", "stockLevels": level(1)}, {"id": "1", "stockLevels": level(2)}]
    )
    assert [variant["stockLevels"][0]["stockOnHand"] for variant in echo] == [2]


async def test_negative_stock_is_refused_through_one_field_and_stored_through_the_other(
    pretend: PretendShop,
) -> None:
    _, (error,) = await pretend.admin.errors(UPDATE, i=[{"id": "1", "stockOnHand": -1}])
    assert error["message"] == "stockOnHand cannot be a negative value"
    await pretend.admin(UPDATE, i=[{"id": "1", "stockLevels": level(-3)}])
    assert await pretend.stock("1") == (-3, 0)


async def test_a_negative_price_and_a_duplicate_sku_are_accepted(pretend: PretendShop) -> None:
    await pretend.admin(UPDATE, i=[{"id": "1", "price": -5, "sku": "MUG-1"}])
    page = await pretend.admin('{productVariants(options:{filter:{sku:{eq:"MUG-1"}}}){items{id price}}}')
    assert page["items"] == [{"id": "1", "price": -5}, {"id": "2", "price": 990}]


async def test_an_unknown_location_is_a_raw_database_error(pretend: PretendShop) -> None:
    _, (error,) = await pretend.admin.errors(UPDATE, i=[{"id": "1", "stockLevels": level(3, "77")}])
    assert error["message"] == "FOREIGN KEY constraint failed"
    assert "extensions" not in error


async def test_a_write_moves_updated_at_to_the_millisecond(pretend: PretendShop) -> None:
    await pretend.admin(UPDATE, i=[{"id": "1", "price": 5}])
    found = await pretend.admin('{productVariant(id:"1"){createdAt updatedAt}}')
    assert found == {"createdAt": "2026-03-01T12:00:00.000Z", "updatedAt": "2026-03-01T12:00:00.250Z"}


async def test_a_listing_is_switched_off_and_its_text_changed_alone(pretend: PretendShop) -> None:
    changed = await pretend.admin(
        'mutation{updateProducts(input:[{id:"1",enabled:false,translations:[{languageCode:en,'
        'description:"new"}]}]){id name description enabled}}'
    )
    assert changed == [{"id": "1", "name": "LT-1", "description": "new", "enabled": False}]
    shopper = await pretend.shopper()
    assert await shopper("{products{totalItems}}") == {"totalItems": 1}


async def test_a_product_with_options_is_created_in_steps(pretend: PretendShop) -> None:
    admin = pretend.admin
    text = '[{languageCode:en,name:"P",slug:"mug-1",description:"d"}]'
    product = await admin(f"mutation{{createProduct(input:{{translations:{text}}}){{id slug enabled}}}}")
    assert product["slug"] == "mug-1-2"
    group = await admin(
        'mutation{createProductOptionGroup(input:{code:"size",translations:[{languageCode:en,name:"Size"}],'
        'options:[{code:"s",translations:[{languageCode:en,name:"S"}]}]}){id options{id code}}}'
    )
    await admin(
        "mutation($p:ID!,$g:ID!){addOptionGroupToProduct(productId:$p,optionGroupId:$g){id}}",
        p=product["id"],
        g=group["id"],
    )
    create = (
        "mutation($i:[CreateProductVariantInput!]!){createProductVariants(input:$i){sku price stockOnHand}}"
    )
    new = {"productId": product["id"], "sku": "N-1", "translations": [{"languageCode": "en", "name": "x"}]}
    _, (error,) = await admin.errors(create, i=[new])
    assert (
        error["message"] == "ProductVariant optionIds must include one optionId from each of the groups: size"
    )
    new |= {"optionIds": [group["options"][0]["id"]], "stockOnHand": 7, "price": 5}
    assert await admin(create, i=[new]) == [{"sku": "N-1", "price": 5, "stockOnHand": 7}]
    _, (error,) = await admin.errors(create, i=[new])
    assert error["message"] == "A ProductVariant with the selected options already exists: x"


async def test_a_deleted_product_is_in_no_list(pretend: PretendShop) -> None:
    assert await pretend.admin('mutation{deleteProduct(id:"1"){result}}') == {"result": "DELETED"}
    assert await pretend.admin('{product(id:"1"){id}}') is None
    assert await pretend.admin("{productVariants{items{sku}}}") == {"items": [{"sku": "MUG-1"}]}


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + bytes(9)


@pytest.mark.parametrize(("kind", "made"), [("image/png", "Asset"), ("text/x-sh", "MimeTypeError")])
async def test_a_picture_is_uploaded_by_multipart(pretend: PretendShop, kind: str, made: str) -> None:
    fields = f"{ERROR}...on Asset{{id name width height}}"
    query = f"mutation($i:[CreateAssetInput!]!){{createAssets(input:$i){{{fields}}}}}"
    parts = {
        "operations": (None, json.dumps({"query": query, "variables": {"i": [{"file": None}]}})),
        "map": (None, json.dumps({"0": ["variables.i.0.file"]})),
        "0": ("a.png", png(3, 4), kind),
    }
    answer = await pretend.admin.http.post("", files=parts)
    (asset,) = answer.json()["data"]["createAssets"]
    assert asset["__typename"] == made
    if made == "Asset":
        assert (asset["name"], asset["width"], asset["height"]) == ("a.png", 3, 4)
        await pretend.admin(
            'mutation{updateProducts(input:[{id:"1",assetIds:["1"],featuredAssetId:"1"}]){id}}'
        )
        assert pretend.shop.catalogue.products["1"].featured_asset is not None


async def test_an_unknown_picture_is_a_raw_database_error(pretend: PretendShop) -> None:
    _, (error,) = await pretend.admin.errors('mutation{updateProducts(input:[{id:"1",assetIds:["77"]}]){id}}')
    assert error["message"] == "FOREIGN KEY constraint failed"
