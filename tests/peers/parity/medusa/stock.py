"""Stock per location, and what is reserved of it."""

from tests.peers.books.medusa import LEVELS
from tests.peers.parity.medusa.side import MedusaSide


def levels_in_batches(shop: MedusaSide) -> None:
    """A level is made once and set often; where none is, setting is 404; one bad row rolls all back."""
    note, clerk, sku = shop.notes, shop.clerk, shop.goods(50)
    item = clerk.item(sku)
    note.answer("set", clerk.post(LEVELS, {"update": [clerk.level(sku, 80)]}))
    path = f"/admin/inventory-items/{item}/location-levels"
    note.answer("levels", clerk.get(path))
    note.answer("levels by fields", clerk.get(path, fields="location_id,stocked_quantity,available_quantity"))
    note.answer("where none is", clerk.post(LEVELS, {"update": [clerk.level(sku, 1, 1)]}))
    ghost = {"inventory_item_id": "iitem_unknown", "location_id": clerk.locations[0], "stocked_quantity": 1}
    note.answer("unknown item", clerk.post(LEVELS, {"update": [ghost]}))
    note.status("one of two unknown", clerk.post(LEVELS, {"update": [clerk.level(sku, 70), ghost]}))
    note.fact("neither is set", clerk.stock(sku))
    note.answer("make", clerk.post(LEVELS, {"create": [clerk.level(sku, 5, 1)]}))
    note.answer("make again", clerk.post(LEVELS, {"create": [clerk.level(sku, 6, 1)]}))
    note.answer("make for an unknown item", clerk.post(LEVELS, {"create": [ghost]}))
    note.fact("as made", clerk.stock(sku))


def figures_of_odd_kinds(shop: MedusaSide) -> None:
    """Negative, in words, with a fraction, and none at all."""
    note, clerk, sku = shop.notes, shop.clerk, shop.goods(50)
    note.answer("negative", clerk.post(LEVELS, {"update": [clerk.level(sku, -1)]}))
    words = clerk.level(sku, 0) | {"stocked_quantity": "7"}
    note.answer("in words", clerk.post(LEVELS, {"update": [words]}))
    note.answer("a fraction", clerk.post(LEVELS, {"update": [clerk.level(sku, 1.5)]}))
    note.answer("nothing", clerk.post(LEVELS, {}))
    note.answer("an unknown key", clerk.post(LEVELS, {"nonsense": []}))


def the_echo_is_stale(shop: MedusaSide) -> None:
    """What an update echoes as available is the figure from before it."""
    note, clerk, sku = shop.notes, shop.clerk, shop.goods(50)
    (echo,) = clerk.post(LEVELS, {"update": [clerk.level(sku, 80)]}).json()["updated"]
    note.fact("echoed", (echo["stocked_quantity"], echo["reserved_quantity"], echo["available_quantity"]))


def reserved_and_stocked(shop: MedusaSide) -> None:
    """An order reserves; a figure below what is reserved is accepted, and nothing more can be bought."""
    note, clerk, sku = shop.notes, shop.clerk, shop.goods(3)
    order = shop.buy({sku: 2})
    note.fact("after the order", clerk.stock(sku))
    item = clerk.item(sku)
    note.answer("reservations", clerk.get("/admin/reservations", **{"inventory_item_id[]": item}))
    line = clerk.lines(order)[0]["id"]
    some = {"line_item_id[]": line, "fields": "id,quantity,location_id,line_item_id"}
    note.answer("of the line", clerk.get("/admin/reservations", **some))
    clerk.set_stock(sku, 1)
    note.fact("below what is reserved", clerk.stock(sku))
    with shop.visitor() as visitor:
        note.answer("nothing left", visitor.begin({sku: 1}))
    clerk.fulfil(order)
    note.fact("sent from less", clerk.stock(sku))


def stock_in_two_places(shop: MedusaSide) -> None:
    """A line is reserved at one location, that has all of it; two locations together are not enough."""
    note, clerk, sku = shop.notes, shop.clerk, shop.goods(3)
    clerk.add_level(sku, 4, 1)
    with shop.visitor() as visitor:
        note.fact("a cart of five", visitor.begin({sku: 5}).status_code)
        note.answer("five of three and four", visitor.finish())
    note.fact("nothing is reserved", clerk.stock(sku))
    shop.buy({sku: 4})
    note.fact("where all four are", clerk.stock(sku))
    shop.buy({sku: 2})
    note.fact("where two are left", clerk.stock(sku))


def an_item_by_itself(shop: MedusaSide) -> None:
    """Inventory items with the sums over their levels."""
    note, clerk, sku = shop.notes, shop.clerk, shop.goods(3)
    note.answer("by SKU", clerk.get("/admin/inventory-items", sku=sku))
    note.answer("one", clerk.get(f"/admin/inventory-items/{clerk.item(sku)}"))
    note.answer("fields", clerk.get("/admin/inventory-items", sku=sku, fields="id,sku,*location_levels"))


def a_hold_by_staff(shop: MedusaSide) -> None:
    """Staff reserve for no order."""
    note, clerk, sku = shop.notes, shop.clerk, shop.goods(5)
    ids = {"inventory_item_id": clerk.item(sku), "location_id": clerk.locations[0]}
    note.answer("hold", clerk.post("/admin/reservations", {**ids, "quantity": 3, "description": "hold"}))
    note.fact("reserved", clerk.stock(sku))
    with shop.visitor() as visitor:
        note.fact("three of two", visitor.begin({sku: 3}).status_code)


SCRIPTS = (
    levels_in_batches,
    figures_of_odd_kinds,
    the_echo_is_stale,
    reserved_and_stocked,
    stock_in_two_places,
    an_item_by_itself,
    a_hold_by_staff,
)
