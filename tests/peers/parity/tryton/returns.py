"""Customer returns: what may be changed when, where goods may be put away, and what becomes of the stock."""

from collections.abc import Callable
from typing import Any

import httpx

from tests.peers.books.dock import RETURN, Dock
from tests.peers.books.tryton import packed
from tests.peers.parity.sides import Warehouse, fresh

FIELDS = (
    *("id", "number", "reference", "state", "effective_date", "planned_date", "write_date"),
    *("customer.code", "contact_address", "warehouse_input", "warehouse_storage"),
    *(
        f"{kind}.{part}"
        for kind in ("incoming_moves", "inventory_moves")
        for part in (
            *("product.code", "internal_quantity", "state", "origin", "effective_date"),
            *("to_location.type", "to_location.parent.id", "to_location.parent.parent.id"),
        )
    ),
)

STEPS = (
    *("do", "receive", "receive", "draft", "do", "do", "receive"),
    *("cancel", "cancel", "draft", "receive", "do"),
)
"""Of one return: what is not its turn is refused; a cancelled one that is set back to draft is not as new."""


def _moves(dock: Dock, number: int, kind: str) -> list[tuple[Any, ...]]:
    """State, units and place of each move."""
    parts = [f"{kind}.{part}" for part in ("state", "quantity", "to_location.type", "effective_date")]
    return sorted(
        (m["state"], m["quantity"], m["to_location"]["type"], m["effective_date"] is None)
        for m in dock.shown(number, *parts)[kind]
    )


def _read(dock: Dock, number: int) -> httpx.Response:
    return dock.rest.send("GET", f"{RETURN}/{number}", fields=FIELDS)


def customer_returns(side: Warehouse) -> None:
    """Goods that come back are on the shelf when the return is done; done is the end, but for a cancel."""
    note, people, dock = side.notes, side.people, Dock(side.people)
    sku = side.goods(10)
    number = dock.write(fresh("R"), {sku: 2})
    note.answer("draft", _read(dock, number))
    for step, action in enumerate(STEPS):
        name = f"{step} {action}"
        note.status(name, dock.rest.send("POST", f"{RETURN}/{number}/{action}"))
        state = dock.shown(number, "state")["state"]
        note.fact(f"{name}: figures", (state, people.on_shelf(sku), people.free(sku)))
        note.fact(f"{name}: in", _moves(dock, number, "incoming_moves"))
        note.fact(f"{name}: on", _moves(dock, number, "inventory_moves"))
        note.answer(f"{name}: read", _read(dock, number))


def put_away(side: Warehouse) -> None:
    """In storage, below it, or as waste of this warehouse; nowhere else while the return is received."""
    note, people, dock = side.notes, side.people, Dock(side.people)
    waste, shelf = dock.place(fresh("W"), "lost_found"), dock.place(fresh("S"), parent=dock.storage)
    below = dock.place(fresh("B"), parent=shelf)
    stranger = dock.rest.call(
        "POST", "stock.location", {"name": fresh("L"), "type": "lost_found"}, fields=["id"]
    )["id"]
    places = {
        "storage": dock.storage,
        "shelf": shelf,
        "below": below,
        "waste": waste,
        "waste of nobody": stranger,
        "output": people.zones.output,
        "customers": people.customers,
    }
    for name, place in places.items():
        sku = side.goods(10)
        number = dock.write(fresh("R"), {sku: 2})
        dock.step(number, "receive")
        (move,) = dock.shown(number, "inventory_moves.id")["inventory_moves"]
        change = {"inventory_moves": [["write", [move["id"]], {"to_location": place}]]}
        note.answer(name, dock.rest.send("PUT", f"{RETURN}/{number}", change))
        note.answer(f"{name}: do", dock.rest.send("POST", f"{RETURN}/{number}/do"))
        note.fact(f"{name}: shelf", (people.on_shelf(sku), people.free(sku)))
    listed = dock.rest.send(
        "GET", "stock.location", fields=["code", "type", "waste_warehouses"], d=packed([["id", "=", waste]])
    )
    note.answer("the waste location", listed)


def counting(side: Warehouse) -> None:
    """Lines may be changed before Receive and not after; none, more, and another good with an origin."""
    note, people, dock = side.notes, side.people, Dock(side.people)
    sku, other, absent = side.goods(10), side.goods(10), side.goods(10)
    number = dock.write(fresh("R"), {sku: 2, absent: 1})
    dock.count(number, {sku: 3, absent: 0})
    dock.add(number, other, 1, instead_of=sku)
    note.answer("counted", _read(dock, number))
    dock.step(number, "receive")
    note.fact("received", _moves(dock, number, "incoming_moves"))
    note.fact("to put away", _moves(dock, number, "inventory_moves"))
    (first, *_) = dock.shown(number, "incoming_moves.id")["incoming_moves"]
    late = {"incoming_moves": [["write", [first["id"]], {"quantity": 9.0}]]}
    note.status("count after Receive", dock.rest.send("PUT", f"{RETURN}/{number}", late))
    note.answer(
        "reference after Receive", dock.rest.send("PUT", f"{RETURN}/{number}", {"reference": fresh("x/")})
    )
    waste = dock.place(fresh("W"), "lost_found")
    dock.bring(number, sku, 2, waste)
    note.status("do", dock.rest.send("POST", f"{RETURN}/{number}/do"))
    note.fact("put away", _moves(dock, number, "inventory_moves"))
    note.fact("shelf", [people.on_shelf(each) for each in (sku, other, absent)])


def differing(side: Warehouse) -> None:
    """Fewer units put away than came: a question, unless questions are skipped."""
    note, dock = side.notes, Dock(side.people)
    sku = side.goods(10)
    number = dock.write(fresh("R"), {sku: 2})
    dock.step(number, "receive")
    (move,) = dock.shown(number, "inventory_moves.id")["inventory_moves"]
    fewer = {"inventory_moves": [["write", [move["id"]], {"quantity": 1.0}]]}
    note.status("fewer", dock.rest.send("PUT", f"{RETURN}/{number}", fewer))
    note.answer("asked", dock.rest.send("POST", f"{RETURN}/{number}/do", context={"company": 1}))
    note.answer("skipped", dock.rest.send("POST", f"{RETURN}/{number}/do"))
    note.fact("shelf", side.people.on_shelf(sku))


def straight_into_storage(side: Warehouse) -> None:
    """Without an input zone a return is done when it is received."""
    note, people, dock = side.notes, side.people, Dock(side.people)
    sku = side.goods(10)
    dock.input = dock.storage
    number = dock.write(fresh("R"), {sku: 2})
    note.answer("receive", dock.rest.send("POST", f"{RETURN}/{number}/receive"))
    note.fact("shelf", people.on_shelf(sku))
    note.answer("read", _read(dock, number))


def found_by_reference(side: Warehouse) -> None:
    """By the whole of it, or by its beginning; a wildcard is a letter when it is escaped."""
    note, dock = side.notes, Dock(side.people)
    sku, name = side.goods(10), fresh("m/")
    for reference in (name, f"{name} | JD1", f"{name}_1 | JD2", f"{name}x1 | JD3"):
        dock.write(reference, {sku: 1})

    def found(step: str, *domain: Any) -> None:
        answer = dock.rest.send("GET", RETURN, fields=["reference"], d=packed(list(domain)))
        note.answer(step, answer)
        note.fact(step, sorted(each["reference"].removeprefix(name) for each in answer.json()))

    found("whole", ["reference", "=", name])
    found("with a number", ["reference", "like", f"{name} | %"])
    found("any letter", ["reference", "like", f"{name}_1 | %"])
    found("this letter", ["reference", "like", f"{name}\\_1 | %"])
    found("either", ["OR", ["reference", "=", name], ["reference", "like", f"{name} | %"]])
    ours = [["reference", "like", f"{name}%"], ["OR", ["state", "!=", "draft"], ["reference", "like", "%/%"]]]
    found("ours", *ours)


SCRIPTS: tuple[Callable[[Warehouse], None], ...] = (
    customer_returns,
    put_away,
    counting,
    differing,
    straight_into_storage,
    found_by_reference,
)
