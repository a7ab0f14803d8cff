"""Variants, products, stock, prices and pictures."""

import json
from typing import Any

from tests.peers.parity.sides import Shop, fresh
from tests.peers.parity.vendure.words import PAGE, UPDATE, code_of, result


def variants_by_page(shop: Shop) -> None:
    """Pages, filters, order, and the cap on `take`."""
    ask, note = shop.staff.session.post, shop.notes
    skus = sorted(shop.goods() for _ in range(3))
    first = ask(PAGE, {"o": {"skip": 0, "take": 2, "sort": {"id": "ASC"}, "filter": {"sku": {"in": skus}}}})
    note.answer("first page", first)
    note.fact("first page size", (len(result(first)["items"]), result(first)["totalItems"]))
    second = ask(PAGE, {"o": {"skip": 2, "take": 2, "sort": {"id": "ASC"}, "filter": {"sku": {"in": skus}}}})
    note.fact("second page size", (len(result(second)["items"]), result(second)["totalItems"]))
    beyond = ask(PAGE, {"o": {"skip": 9, "take": 2, "filter": {"sku": {"in": skus}}}})
    note.fact("page beyond the end", (len(result(beyond)["items"]), result(beyond)["totalItems"]))
    note.status("take 1000", ask("{productVariants(options:{take:1000}){totalItems}}"))
    refused = ask("{productVariants(options:{take:1001}){totalItems}}")
    note.answer("take 1001", refused)
    note.fact("take 1001 code", code_of(refused))
    for name, condition in {
        "eq": {"sku": {"eq": skus[0]}},
        "contains": {"sku": {"contains": skus[0][:8]}},
        "notIn": {"sku": {"in": skus, "notIn": skus[:1]}},
        "and": {"_and": [{"sku": {"in": skus}}, {"sku": {"eq": skus[1]}}]},
        "since": {"sku": {"in": skus}, "updatedAt": {"after": "2020-01-01T00:00:00.000Z"}},
        "later": {"sku": {"in": skus}, "updatedAt": {"after": "2100-01-01T00:00:00.000Z"}},
        "case": {"sku": {"eq": skus[0].lower()}},
    }.items():
        answer = ask(
            "query($o:ProductVariantListOptions!){productVariants(options:$o){totalItems items{sku}}}",
            {"o": {"filter": condition}},
        )
        note.answer(f"filter {name}", answer)
        found = sorted(skus.index(x["sku"]) for x in result(answer)["items"] if x["sku"] in skus)
        note.fact(f"filter {name} finds", found)


def products_by_page(shop: Shop) -> None:
    """Products with their variants; one by id; an unknown id is null."""
    ask, note = shop.staff.session.post, shop.notes
    product = shop.staff.variant(shop.goods())["product"]["id"]
    fields = "id name slug description enabled createdAt updatedAt languageCode assets{id} featuredAsset{id} variants{id sku} translations{languageCode name slug description}"
    note.answer(
        "page", ask(f"{{products(options:{{take:3,sort:{{id:ASC}}}}){{totalItems items{{{fields}}}}}}}")
    )
    note.answer("by id", ask(f"query($i:ID!){{product(id:$i){{{fields}}}}}", {"i": product}))
    note.answer("unknown id", ask('{product(id:"999999"){id}}'))
    note.answer("unknown variant", ask('{productVariant(id:"999999"){id}}'))


def stock_writes(shop: Shop) -> None:
    """Two ways to write stock, negative figures, unknown ids, and what the answer echoes."""
    ask, note = shop.staff.session.post, shop.notes
    sku = shop.goods(40)
    variant = shop.staff.variant(sku)["id"]
    location = shop.staff.variant(sku)["stockLevels"][0]["stockLocationId"]

    def write(step: str, **change: Any) -> None:
        note.answer(step, ask(UPDATE, {"i": [{"id": variant, **change}]}))
        note.fact(f"{step} leaves", shop.staff.stock(sku))

    def level(units: int, place: str = location) -> list[dict[str, Any]]:
        return [{"stockLocationId": place, "stockOnHand": units}]

    write("by stockLevels", stockLevels=level(77))
    write("by stockOnHand", stockOnHand=33)
    write("negative by stockOnHand", stockOnHand=-1)
    write("negative by stockLevels", stockLevels=level(-2))
    write("zero", stockLevels=level(0))
    write("price with stock", price=1234, stockLevels=level(5))
    write("unknown location", stockLevels=level(5, "999"))
    note.answer("fraction", ask(UPDATE, {"i": [{"id": variant, "stockOnHand": 1.5}]}))


def prices(shop: Shop) -> None:
    """Minor units; negative ones are accepted; priceWithTax follows."""
    ask, note = shop.staff.session.post, shop.notes
    sku = shop.goods(price=1000)
    variant = shop.staff.variant(sku)["id"]
    for price in (1234, 1, 0, -5):
        answer = ask(
            "mutation($i:[UpdateProductVariantInput!]!){updateProductVariants(input:$i){price priceWithTax currencyCode}}",
            {"i": [{"id": variant, "price": price}]},
        )
        note.answer(f"price {price}", answer)
        note.fact(f"price {price} echoes", result(answer)[0]["price"])
    listed = [{"currencyCode": shop.staff.variant(sku)["currencyCode"], "price": 777}]
    note.answer(
        "by currency",
        ask(
            "mutation($i:[UpdateProductVariantInput!]!){updateProductVariants(input:$i){price prices{price currencyCode}}}",
            {"i": [{"id": variant, "prices": listed}]},
        ),
    )
    note.fact("by currency leaves", shop.staff.variant(sku)["price"])


def a_batch_with_one_bad_id(shop: Shop) -> None:
    """One bad id rolls the whole batch back."""
    note = shop.notes
    good, other = shop.goods(10), shop.goods(10)
    ids = [shop.staff.variant(good)["id"], "999999", shop.staff.variant(other)["id"]]
    answer = shop.staff.session.post(UPDATE, {"i": [{"id": i, "stockOnHand": 3} for i in ids]})
    note.answer("batch", answer)
    note.fact("code", code_of(answer))
    note.fact("nothing changed", (shop.staff.stock(good), shop.staff.stock(other)))
    both = [{"id": ids[0], "stockOnHand": 3}, {"id": ids[2], "stockOnHand": 4}]
    note.answer("good batch", shop.staff.session.post(UPDATE, {"i": both}))
    note.fact("both changed", (shop.staff.stock(good), shop.staff.stock(other)))
    twice = [{"id": ids[0], "stockOnHand": 5}, {"id": ids[0], "stockOnHand": 6}]
    note.answer("one id twice", shop.staff.session.post(UPDATE, {"i": twice}))
    note.fact("one id twice leaves", shop.staff.stock(good))


def duplicate_skus(shop: Shop) -> None:
    """Two products may carry one SKU."""
    sku = shop.goods(4)
    shop.staff.add_product(sku, 6, name="the twin")
    shop.notes.fact("variants with the SKU", len(shop.staff.variants(sku)))


def listings(shop: Shop) -> None:
    """Products are made, described, switched off and on."""
    ask, note = shop.staff.session.post, shop.notes
    sku = fresh("L")
    text = [{"languageCode": "en", "name": sku, "slug": sku.lower(), "description": "first"}]
    made = ask(
        "mutation($i:CreateProductInput!){createProduct(input:$i){id name slug description enabled}}",
        {"i": {"translations": text}},
    )
    note.answer("create", made)
    product = result(made)["id"]
    group = ask(
        "mutation($i:CreateProductOptionGroupInput!){createProductOptionGroup(input:$i){id code name options{id code name}}}",
        {
            "i": {
                "code": sku.lower(),
                "translations": [{"languageCode": "en", "name": "Size"}],
                "options": [
                    {"code": "s", "translations": [{"languageCode": "en", "name": "S"}]},
                    {"code": "m", "translations": [{"languageCode": "en", "name": "M"}]},
                ],
            }
        },
    )
    note.answer("option group", group)
    options = result(group)["options"]
    added = ask(
        "mutation($p:ID!,$g:ID!){addOptionGroupToProduct(productId:$p,optionGroupId:$g){id optionGroups{id code}}}",
        {"p": product, "g": result(group)["id"]},
    )
    note.answer("group added", added)
    inputs = [
        {
            "productId": product,
            "sku": f"{sku}-{o['code']}",
            "price": 100,
            "stockOnHand": 3,
            "optionIds": [o["id"]],
            "translations": [{"languageCode": "en", "name": o["name"]}],
        }
        for o in options
    ]
    variants = ask(
        "mutation($i:[CreateProductVariantInput!]!){createProductVariants(input:$i){id sku name price stockLevels{stockOnHand} options{code}}}",
        {"i": inputs},
    )
    note.answer("variants", variants)
    note.answer(
        "variants again",
        ask("mutation($i:[CreateProductVariantInput!]!){createProductVariants(input:$i){id}}", {"i": inputs}),
    )
    change = "mutation($i:[UpdateProductInput!]!){updateProducts(input:$i){id enabled description}}"
    note.answer("off", ask(change, {"i": [{"id": product, "enabled": False}]}))
    note.answer(
        "text",
        ask(
            change,
            {
                "i": [
                    {
                        "id": product,
                        "enabled": True,
                        "translations": [{"languageCode": "en", "description": "second"}],
                    }
                ]
            },
        ),
    )
    note.fact(
        "text keeps the name",
        result(ask("query($i:ID!){product(id:$i){name slug description enabled}}", {"i": product}))[
            "description"
        ],
    )
    note.answer("unknown product", ask(change, {"i": [{"id": "999999", "enabled": False}]}))
    note.answer(
        "variant off",
        ask(
            "mutation($i:[UpdateProductVariantInput!]!){updateProductVariants(input:$i){id enabled}}",
            {"i": [{"id": result(variants)[0]["id"], "enabled": False}]},
        ),
    )


def assets(shop: Shop) -> None:
    """GraphQL multipart upload, then the picture on a product."""
    note, session = shop.notes, shop.staff.session
    png = bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
    )
    document = "mutation($i:[CreateAssetInput!]!){createAssets(input:$i){__typename ... on Asset{id name mimeType type width height fileSize source preview} ... on ErrorResult{errorCode message}}}"
    operations = {"query": document, "variables": {"i": [{"file": None}]}}
    form = {"operations": json.dumps(operations), "map": json.dumps({"0": ["variables.i.0.file"]})}
    headers = {"apollo-require-preflight": "true"}
    sent = session.http.post("", data=form, files={"0": ("dot.png", png, "image/png")}, headers=headers)
    note.answer("upload", sent)
    picture = sent.json()["data"]["createAssets"][0]["id"]
    product = shop.staff.variant(shop.goods())["product"]["id"]
    change = "mutation($i:[UpdateProductInput!]!){updateProducts(input:$i){id featuredAsset{id} assets{id}}}"
    note.answer(
        "on the product",
        session.post(change, {"i": [{"id": product, "assetIds": [picture], "featuredAssetId": picture}]}),
    )


SCRIPTS = (
    variants_by_page,
    products_by_page,
    stock_writes,
    prices,
    a_batch_with_one_bad_id,
    duplicate_skus,
    listings,
    assets,
)
