"""Outbound orders from their making to the van."""

import concurrent.futures

from tests.peers.books.people import LI
from tests.peers.books.tryton import OUT, Rest, packed
from tests.peers.parity.sides import Warehouse, fresh
from tests.peers.parity.tryton.words import SHIPMENT_FIELDS, moves_of, order_body


def a_shipment_through_its_life(side: Warehouse) -> None:
    """Every state with its whole record, and the three figures at each: the pick-to-pack jump is here."""
    note, people = side.notes, side.people
    sku, reference = side.goods(100), fresh("R")
    zones = people.zones

    def look(step: str, number: int) -> None:
        answer = people.rest.send("GET", f"{OUT}/{number}", fields=SHIPMENT_FIELDS)
        note.answer(step, answer)
        figures = []
        for place, assign in ((zones.warehouse, True), (zones.storage, True), (zones.storage, False)):
            context = {"company": 1, "locations": [place], "stock_assign": assign}
            path = f"product.product/{people.product(sku)}"
            figures.append(people.rest.call("GET", path, fields=["quantity"], context=context)["quantity"])
        note.fact(f"{step}: warehouse, storage, on the shelf", figures)

    number = people.order(reference, {sku: 4}, LI)
    look("waiting", number)
    for action in ("assign_try", "pick"):
        note.answer(action, people.rest.send("POST", f"{OUT}/{number}/{action}"))
        look(f"after {action}", number)
    people.pack(number, 1)
    look("after pack", number)
    note.fact("labels before", people.labels(number))
    people.stick(people.shipment(reference)["packages"][0]["id"], "TRACK-1")
    for action in ("ship", "do"):
        note.answer(action, people.rest.send("POST", f"{OUT}/{number}/{action}"))
        look(f"after {action}", number)
    people.stick(people.shipment(reference)["packages"][0]["id"], "TRACK-2")
    note.fact("a label put on after done", people.labels(number))
    for action in ("wait", "assign_try", "pick", "pack", "ship", "do", "draft"):
        note.status(f"{action} when done", people.rest.send("POST", f"{OUT}/{number}/{action}"))
        note.fact(f"{action} when done leaves", people.state(number))


def creating(side: Warehouse) -> None:
    """What an outbound order needs; duplicates by reference are accepted; no on_change runs."""
    note, people, rest = side.notes, side.people, side.people.rest
    sku, reference = side.goods(50), fresh("R")
    whole = order_body(side, reference, {sku: 2})
    note.answer("whole", rest.send("POST", OUT, whole, fields=SHIPMENT_FIELDS))
    note.answer("again", rest.send("POST", OUT, whole))
    note.fact("shipments with the reference", len(people.shipments(reference)))
    for missing in (
        "customer",
        "delivery_address",
        "warehouse",
        "warehouse_storage",
        "warehouse_output",
        "company",
        "planned_date",
        "reference",
        "outgoing_moves",
    ):
        body = {key: value for key, value in order_body(side, fresh("R"), {sku: 1}).items() if key != missing}
        answer = rest.send("POST", OUT, body)
        note.status(f"without {missing}", answer)
        if answer.is_success:
            waited = rest.send("POST", f"{OUT}/{answer.json()['id']}/wait")
            note.status(f"without {missing}: wait", waited)
    for missing in (
        "product",
        "unit",
        "quantity",
        "company",
        "currency",
        "unit_price",
        "from_location",
        "to_location",
    ):
        body = order_body(side, fresh("R"), {sku: 1})
        del body["outgoing_moves"][0][1][0][missing]
        note.status(f"move without {missing}", rest.send("POST", OUT, body))
    note.status(
        "date as text",
        rest.send("POST", OUT, {**order_body(side, fresh("R"), {sku: 1}), "planned_date": "2026-01-01"}),
    )
    negative = order_body(side, fresh("R"), {sku: -1})
    note.status("negative units", rest.send("POST", OUT, negative))
    note.status(
        "unknown product", rest.send("POST", OUT, order_body(side, fresh("R"), {sku: 1}, product=999999))
    )
    note.status(
        "no company in the context",
        rest.send("POST", OUT, order_body(side, fresh("R"), {sku: 1}), context={}),
    )
    two = rest.send(
        "POST", OUT, [order_body(side, fresh("R"), {sku: 1}), order_body(side, fresh("R"), {sku: 1})]
    )
    note.status("two at once", two)


def people_and_addresses(side: Warehouse) -> None:
    """A customer with an address, as an order from a shop needs; found again by code."""
    note, rest = side.notes, side.people.rest
    code = fresh("C")
    (country,) = rest.find("country.country", [["code", "=", "CN"]])
    address = {
        "party_name": "李 小明",
        "street": "南京东路 100 号 🏮\n二楼",
        "postal_code": "200001",
        "city": "上海",
        "country": country["id"],
    }
    fields = [
        "id",
        "code",
        "name",
        "addresses.id",
        "addresses.street",
        "addresses.postal_code",
        "addresses.city",
        "addresses.country.code",
        "addresses.party_name",
    ]
    made = rest.send(
        "POST",
        "party.party",
        {"name": "李 小明", "code": code, "addresses": [["create", [address]]]},
        fields=fields,
    )
    note.answer("create", made)
    note.fact(
        "kept",
        [made.json()["addresses"][0][name] for name in ("street", "city", "postal_code", "party_name")],
    )
    found = rest.send("GET", "party.party", d=packed([["code", "=", code]]), fields=fields)
    note.answer("found", found)
    note.fact("found once", len(found.json()))
    again = rest.send("POST", "party.party", {"name": "another", "code": code}, fields=["id"])
    note.status("the same code again", again)
    number = made.json()["id"]
    note.answer(
        "one more address",
        rest.send(
            "POST",
            "party.address",
            {"party": number, **address},
            fields=["id", "street", "party.id", "country.code"],
        ),
    )
    nameless = rest.send(
        "POST",
        "party.party",
        {"name": "", "addresses": [["create", [{"street": ""}]]]},
        fields=["id", "name", "addresses.id"],
    )
    note.answer("nobody, nowhere", nameless)


def short_stock(side: Warehouse) -> None:
    """assign_try answers 200 and waits; the wizard ships the part; the rest vanishes."""
    note, people = side.notes, side.people
    sku, plenty, reference = side.goods(3), side.goods(50), fresh("R")
    number = people.order(reference, {sku: 5, plenty: 2})
    fields = ["id", "state", "partially_assigned"]
    note.answer("assign_try", people.rest.send("POST", f"{OUT}/{number}/assign_try", fields=fields))
    note.answer("shipment", people.rest.send("GET", f"{OUT}/{number}", fields=SHIPMENT_FIELDS))
    note.fact("moves", moves_of(side, number, "inventory_moves"))
    note.fact("free", (people.free(sku), people.free(plenty)))
    note.status("pick now", people.rest.send("POST", f"{OUT}/{number}/pick"))
    context = {"company": 1, "active_model": OUT, "active_id": number, "active_ids": [number]}
    session, start, end = people.rpc("wizard.stock.shipment.assign.create", context)
    note.fact("wizard", (start, end))
    first = people.rpc("wizard.stock.shipment.assign.execute", session, {}, start, context)
    note.fact("wizard asks", sorted(first))
    people.rpc("wizard.stock.shipment.assign.execute", session, {}, "ignore", context)
    note.fact(
        "an empty answer changes nothing", (people.state(number), moves_of(side, number, "inventory_moves"))
    )
    people.assign_part(number)
    note.fact("part", (people.state(number), moves_of(side, number, "inventory_moves")))
    people.pick(number)
    note.fact("picked", (people.state(number), moves_of(side, number, "outgoing_moves")))
    people.pack(number)
    people.ship(number)
    note.fact("done", (people.state(number), moves_of(side, number, "outgoing_moves")))
    note.fact("no back-order", len(people.shipments(reference)))
    note.fact("shelf", (people.on_shelf(sku), people.on_shelf(plenty)))
    waiting = people.order(fresh("R"), {sku: 1})
    note.fact("nothing there", (people.assign(waiting), moves_of(side, waiting, "inventory_moves")))
    people.receive(sku, 1)
    note.fact("after a receipt", people.assign(waiting))


def two_parcels(side: Warehouse) -> None:
    """Moves in two parcels; a move in none stops packing."""
    note, people = side.notes, side.people
    one, two, reference = side.goods(9), side.goods(9), fresh("R")
    number = people.order(reference, {one: 1, two: 2})
    people.work(number, "picked")
    moves = people.rest.call("GET", f"{OUT}/{number}", fields=["outgoing_moves.id"])["outgoing_moves"]
    kinds = people.rest.find("stock.package.type", [["name", "=", "Box"]])
    kind = (
        kinds[0] if kinds else people.rest.call("POST", "stock.package.type", {"name": "Box"}, fields=["id"])
    )
    body = {
        "company": 1,
        "type": kind["id"],
        "shipment": f"{OUT},{number}",
        "moves": [["add", [moves[0]["id"]]]],
    }
    fields = ["id", "number", "state", "shipping_reference", "shipment", "type.name", "moves.product.code"]
    note.answer("first parcel", people.rest.send("POST", "stock.package", body, fields=fields))
    note.status("pack with a loose move", people.rest.send("POST", f"{OUT}/{number}/pack"))
    note.fact("pack with a loose move leaves", people.state(number))
    body["moves"] = [["add", [moves[1]["id"]]]]
    note.answer("second parcel", people.rest.send("POST", "stock.package", body, fields=fields))
    note.status("pack", people.rest.send("POST", f"{OUT}/{number}/pack"))
    note.fact("pack leaves", people.state(number))
    parcels = [parcel["id"] for parcel in people.shipment(reference)["packages"]]
    note.answer(
        "label",
        people.rest.send(
            "PUT", f"stock.package/{parcels[0]}", {"shipping_reference": "T-1"}, fields=["shipping_reference"]
        ),
    )
    note.fact("labels", sorted(str(label) for label in people.labels(number)))
    found = people.rest.send(
        "GET",
        "stock.package",
        d=packed([["shipping_reference", "=", "T-1"], ["id", "in", parcels]]),
        fields=fields,
    )
    note.answer("found by its label", found)
    note.status(
        "no type",
        people.rest.send(
            "POST", "stock.package", {"company": 1, "shipment": f"{OUT},{number}"}, fields=["id"]
        ),
    )


def contention(side: Warehouse) -> None:
    """Many at once: each assignment is 200 or 503, and no unit is assigned twice."""
    people = side.people
    sku = side.goods(5)
    numbers = [people.order(fresh("R"), {sku: 1}) for _ in range(8)]

    def assign(number: int) -> int:
        for _ in range(60):
            rest = Rest(side.url, side.database, side.key)
            answer = rest.send("POST", f"{OUT}/{number}/assign_try")
            rest.close()
            if answer.status_code != 503:
                return answer.status_code
        return 503

    with concurrent.futures.ThreadPoolExecutor(4) as crowd:
        codes = sorted(set(crowd.map(assign, numbers)))
    side.notes.fact("answers in the end", codes)
    states = sorted(people.state(number) for number in numbers)
    side.notes.fact("states", states)
    side.notes.fact("free", people.free(sku))


SCRIPTS = (
    a_shipment_through_its_life,
    creating,
    people_and_addresses,
    short_stock,
    two_parcels,
    contention,
)
