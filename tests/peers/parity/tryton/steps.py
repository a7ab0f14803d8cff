"""Which steps a shipment may take from where, and what cancelling gives back."""

from tests.peers.books.people import ADA
from tests.peers.books.tryton import OUT
from tests.peers.parity.sides import Warehouse, fresh
from tests.peers.parity.tryton.words import moves_of, order_body, way_to


def cancelling(side: Warehouse) -> None:
    """From any state, done too: the stock returns."""
    note, people = side.notes, side.people
    for until in ("draft", "waiting", "assigned", "picked", "packed", "shipped", "done"):
        sku = side.goods(10)
        number = people.rest.call("POST", OUT, order_body(side, fresh("R"), {sku: 4}))["id"]
        for action in way_to(until):
            people.step(number, action)
        note.fact(f"{until}: free before", (people.state(number), people.free(sku), people.on_shelf(sku)))
        note.answer(f"{until}: cancel", people.rest.send("POST", f"{OUT}/{number}/cancel"))
        note.fact(f"{until}: free after", (people.state(number), people.free(sku), people.on_shelf(sku)))
        note.fact(
            f"{until}: moves",
            (moves_of(side, number, "outgoing_moves"), moves_of(side, number, "inventory_moves")),
        )
        note.status(f"{until}: cancel again", people.rest.send("POST", f"{OUT}/{number}/cancel"))
        note.status(f"{until}: draft", people.rest.send("POST", f"{OUT}/{number}/draft"))
        note.fact(f"{until}: ends", people.state(number))


def skipping_steps(side: Warehouse) -> None:
    """What a shipment may not do yet is refused, or silently not done."""
    note, people = side.notes, side.people
    for until, actions in {
        "draft": ("assign_try", "pick", "pack", "ship", "do"),
        "waiting": ("wait", "pick", "pack", "ship", "do"),
        "assigned": ("wait", "assign_try", "pack", "ship", "do"),
        "picked": ("wait", "assign_try", "pick", "ship", "do"),
        "packed": ("wait", "assign_try", "pick", "pack", "do"),
    }.items():
        for action in actions:
            number = people.rest.call("POST", OUT, order_body(side, fresh("R"), {side.goods(10): 4}))["id"]
            for step in way_to(until):
                people.step(number, step)
            note.status(f"{until}: {action}", people.rest.send("POST", f"{OUT}/{number}/{action}"))
            note.fact(f"{until}: {action} leaves", people.state(number))


def stale_and_odd_writes(side: Warehouse) -> None:
    """Stale writes are accepted; writing what a state forbids is refused."""
    note, people, rest = side.notes, side.people, side.people.rest
    sku, reference = side.goods(10), fresh("R")
    number = people.order(reference, {sku: 2})
    note.answer(
        "new reference",
        rest.send("PUT", f"{OUT}/{number}", {"reference": f"{reference}-2"}, fields=["id", "reference"]),
    )
    note.fact("found by the new one", len(people.shipments(f"{reference}-2")))
    people.work(number, "picked")
    note.status(
        "another address when picked",
        rest.send("PUT", f"{OUT}/{number}", {"delivery_address": 1}, fields=["id"]),
    )
    (move,) = rest.call("GET", f"{OUT}/{number}", fields=["outgoing_moves.id"])["outgoing_moves"]
    fewer = rest.send("PUT", f"stock.move/{move['id']}", {"quantity": 1.0}, fields=["id"])
    note.status("another quantity when picked", fewer)
    note.status("delete when picked", rest.send("DELETE", f"{OUT}/{number}"))
    draft = rest.call("POST", OUT, order_body(side, fresh("R"), {sku: 1}))["id"]
    note.status("delete a draft", rest.send("DELETE", f"{OUT}/{draft}"))
    note.status("read it then", rest.send("GET", f"{OUT}/{draft}"))


def warnings(side: Warehouse) -> None:
    """Without `_skip_warnings` a warning is a 400."""
    note, people = side.notes, side.people
    number = people.order(fresh("R"), {side.goods(10): 2}, ADA)
    people.work(number, "packed")
    bare = {"company": 1}
    for action in ("ship", "do", "cancel"):
        note.status(
            f"{action} with warnings", people.rest.send("POST", f"{OUT}/{number}/{action}", context=bare)
        )
        note.fact(f"{action} with warnings leaves", people.state(number))


SCRIPTS = (
    cancelling,
    skipping_steps,
    stale_and_odd_writes,
    warnings,
)
