"""Products, variants, prices and what is published."""

from tests.peers.books.medusa import read
from tests.peers.parity.medusa.side import MedusaSide
from tests.peers.parity.sides import fresh

VARIANTS = "/admin/product-variants"


def variants_by_page(shop: MedusaSide) -> None:
    """Lists with `fields`, filters and pages; an unknown field is passed over, an unknown filter refused."""
    note, clerk = shop.notes, shop.clerk
    sku, other = shop.goods(), shop.goods()
    stock = "inventory_items.inventory.location_levels.stocked_quantity"
    note.answer("fields", clerk.get(VARIANTS, sku=sku, fields=f"id,sku,*prices,{stock}"))
    note.answer("by default", clerk.get(VARIANTS, sku=sku))
    levels = "id,*inventory_items,*inventory_items.inventory,*inventory_items.inventory.location_levels"
    note.answer("levels", clerk.get(VARIANTS, sku=sku, fields=levels))
    product = "id,product.title,product.status,product.images.url,product.sales_channels.id"
    note.answer("with the product", clerk.get(VARIANTS, sku=sku, fields=product))
    both = clerk.http.get(
        VARIANTS, params=[("sku[]", sku), ("sku[]", other), ("fields", "sku"), ("order", "id")]
    )
    note.fact("two SKUs", [v["sku"] == sku for v in both.json()["variants"]])
    page = clerk.http.get(
        VARIANTS, params=[("sku[]", sku), ("sku[]", other), ("limit", "1"), ("offset", "1")]
    )
    note.fact("a page", (page.json()["count"], page.json()["offset"], page.json()["limit"]))
    note.answer("unknown field", clerk.get(VARIANTS, sku=sku, fields="id,colour,*colours"))
    note.answer("unknown filter", clerk.get(VARIANTS, nonsense=1))
    note.answer("limit in words", clerk.get(VARIANTS, limit="many"))
    note.answer("order by nothing", clerk.get(VARIANTS, order="colour", fields="id"))
    later = {"updated_at[$gte]": "2100-01-01T00:00:00Z", "fields": "id"}
    note.answer("changed later", clerk.get(VARIANTS, **later))
    note.fact("limit=100000", clerk.get(VARIANTS, limit=100000, fields="id").status_code)


def products_by_page(shop: MedusaSide) -> None:
    """Products with their variants."""
    note, clerk, sku = shop.notes, shop.clerk, shop.goods()
    id = clerk.variant(sku)["product_id"]
    some = "id,title,status,handle,description,thumbnail,updated_at,*variants,*images"
    note.answer("fields", clerk.get("/admin/products", handle=sku.lower(), fields=some))
    note.answer("one", clerk.get(f"/admin/products/{id}", fields="id,title,status,*variants.prices"))
    note.answer("whole", clerk.get(f"/admin/products/{id}"))
    note.answer("unknown", clerk.get("/admin/products/prod_unknown"))
    drafts = clerk.http.get("/admin/products", params=[("id[]", id), ("status[]", "draft"), ("fields", "id")])
    note.fact("it is no draft", drafts.json()["count"])
    taken = {"title": "Twin", "options": [{"title": "Kind", "values": ["A"]}]}
    variant = {"title": "A", "sku": sku, "prices": [], "options": {"Kind": "A"}}
    note.answer("SKU taken", clerk.post("/admin/products", {**taken, "variants": [variant]}))


def prices(shop: MedusaSide) -> None:
    """Unrounded decimals in major units; a batch replaces all prices of a variant, and looks at no product."""
    note, clerk, sku = shop.notes, shop.clerk, shop.goods()
    variant, other = clerk.variant(sku), clerk.variant(shop.goods())
    path = f"/admin/products/{variant['product_id']}/variants/batch"

    def change(currency: str, amount: float, id: str = variant["id"]) -> dict[str, object]:
        return {"update": [{"id": id, "prices": [{"currency_code": currency, "amount": amount}]}]}

    note.answer("104.125", clerk.post(path, change("eur", 104.125)))
    note.fact("kept unrounded", clerk.price(sku))
    note.answer("dollars", clerk.post(path, change("usd", 11), fields="id,*prices"))
    note.fact("euros are gone", clerk.price(sku))
    note.answer("unknown variant", clerk.post(path, change("eur", 1, "variant_unknown")))
    both = {"update": [*change("eur", 5)["update"], *change("eur", 5, "variant_unknown")["update"]]}  # type: ignore[misc]
    note.status("one of two unknown", clerk.post(path, both))
    note.fact("neither is changed", clerk.price(sku))
    note.fact("another's variant", clerk.post(path, change("eur", 7, other["id"])).status_code)
    note.fact("it is changed", clerk.price(other["sku"]))
    note.fact(
        "unknown product",
        clerk.post("/admin/products/prod_unknown/variants/batch", change("eur", 8)).status_code,
    )
    note.fact("it is changed all the same", clerk.price(sku))
    note.answer(
        "no amount",
        clerk.post(path, {"update": [{"id": variant["id"], "prices": [{"currency_code": "eur"}]}]}),
    )


def publishing(shop: MedusaSide) -> None:
    """A draft cannot be bought; an unknown id rolls the batch back."""
    note, clerk, sku = shop.notes, shop.clerk, shop.goods()
    id = clerk.variant(sku)["product_id"]
    path = "/admin/products/batch"
    note.answer("draft", clerk.post(path, {"update": [{"id": id, "status": "draft"}]}, fields="id,status"))
    with shop.visitor() as visitor:
        note.answer("buy a draft", visitor.begin({sku: 1}))
    wrong = {"update": [{"id": id, "status": "published"}, {"id": "prod_unknown", "status": "draft"}]}
    note.answer("one of two unknown", clerk.post(path, wrong))
    note.fact("still a draft", clerk.variant(sku)["product"]["status"])
    note.answer("no such status", clerk.post(path, {"update": [{"id": id, "status": "offline"}]}))
    note.answer("published", clerk.post(path, {"update": [{"id": id, "status": "published"}]}))
    note.answer(
        "by itself", clerk.post(f"/admin/products/{id}", {"description": "new"}, fields="id,description")
    )


def a_partial_list_of_variants(shop: MedusaSide) -> None:
    """products/batch with some variants deletes those not named."""
    note, clerk, kept, lost = shop.notes, shop.clerk, fresh("M"), fresh("M")
    id = clerk.add_product(kept, 5, 9.9, lost)
    rows = [{"id": clerk.variant(kept)["id"], "title": "kept"}]
    answer = clerk.post(
        "/admin/products/batch", {"update": [{"id": id, "variants": rows}]}, fields="id,*variants"
    )
    note.answer("batch", answer)
    found = [read(clerk.get(VARIANTS, sku=sku, fields="id"))["count"] for sku in (kept, lost)]
    note.fact("variants left", found)


SCRIPTS = (variants_by_page, products_by_page, prices, publishing, a_partial_list_of_variants)
