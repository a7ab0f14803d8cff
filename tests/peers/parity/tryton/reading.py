"""Who may read, by which pages and domains, and what goes wrong."""

import datetime as dt
from typing import Any

import httpx

from tests.peers.books.tryton import OUT, Rest, packed
from tests.peers.parity.sides import Warehouse, fresh
from tests.peers.parity.tryton.words import MOVE_FIELDS, moment, order_body


def who_may_call(side: Warehouse) -> None:
    """The key rules REST; JSON-RPC wants a user and a password."""
    note = side.notes
    for name, key in {"no key": "", "forged key": "f" * 128}.items():
        stranger = Rest(side.url, side.database, key)
        if not key:
            del stranger.http.headers["authorization"]
        note.status(name, stranger.send("GET", "company.company", fields=["id"]))
        stranger.close()
    nowhere = Rest(side.url, "nowhere", side.key)
    note.status("unknown database", nowhere.send("GET", "company.company", fields=["id"]))
    nowhere.close()
    body = {"id": 1, "method": "model.company.company.search_read", "params": [[], 0, None, None, ["id"], {}]}
    bearer = {"Authorization": f"bearer {side.key}"}
    note.status(
        "JSON-RPC with the key", httpx.post(f"{side.url}/{side.database}/rpc/", json=body, headers=bearer)
    )


def pages_of_products(side: Warehouse) -> None:
    """Page size `s`, record offset `p`, or a Range header; ordered as asked."""
    note, rest = side.notes, side.people.rest
    skus = sorted(side.goods(5) for _ in range(4))
    domain = packed([["code", "in", skus]])
    fields = ["id", "code", "rec_name", "default_uom.symbol", "template.name", "write_date", "create_date"]
    order = packed([["code", "ASC"]])

    def page(step: str, headers: dict[str, str] | None = None, **query: Any) -> None:
        answer = rest.send("GET", "product.product", fields=fields, headers=headers, d=domain, **query)
        note.answer(step, answer)
        found = (
            [skus.index(item["code"]) for item in answer.json()] if answer.is_success else answer.status_code
        )
        note.fact(f"{step}: finds", found)
        note.fact(f"{step}: headers", {n: n in answer.headers for n in ("content-range", "accept-ranges")})

    page("first", s=2, p=0, o=order)
    page("offset in records", s=2, p=1, o=order)
    page("beyond the end", s=2, p=9, o=order)
    page("newest first", s=3, p=0, o=packed([["code", "DESC"]]))
    page("by range", {"Range": "records=0-2"}, o=order)
    page("by a later range", {"Range": "records=2-3"}, o=order)
    page("no size", o=order)


def domains(side: Warehouse) -> None:
    """Operators, nesting and dotted paths."""
    note, rest = side.notes, side.people.rest
    skus = sorted(side.goods(0) for _ in range(3))
    ours = ["code", "in", skus]
    for name, domain in {
        "equal": [["code", "=", skus[0]]],
        "not equal": [ours, ["code", "!=", skus[0]]],
        "in": [ours],
        "not in": [ours, ["code", "not in", skus[:2]]],
        "like": [["code", "like", f"{skus[0][:-1]}%"]],
        "ilike": [["code", "ilike", skus[0].lower()]],
        "equal is case sensitive": [["code", "=", skus[0].lower()]],
        "or": ["OR", ["code", "=", skus[0]], ["code", "=", skus[2]]],
        "nested": [ours, ["OR", ["code", "=", skus[1]], ["AND", ["code", "=", skus[2]], ["id", ">", 0]]]],
        "dotted": [["template.name", "=", f"Product {skus[1]}"]],
        "dotted unit": [ours, ["default_uom.symbol", "=", "u"]],
        "never written": [ours, ["write_date", "=", None]],
        "created since": [ours, ["create_date", ">=", moment(dt.datetime(2020, 1, 1))]],
        "created later": [ours, ["create_date", ">", moment(dt.datetime(2100, 1, 1))]],
        "nothing": [["code", "=", fresh("NONE")]],
        "empty in": [["code", "in", []]],
    }.items():
        answer = rest.send(
            "GET", "product.product", fields=["id", "code"], d=packed(domain), o=packed([["code", "ASC"]])
        )
        note.answer(name, answer)
        found = [skus.index(x["code"]) for x in answer.json()] if answer.is_success else answer.status_code
        note.fact(f"{name}: finds", found)
    broken = {
        "unknown field": packed([["colour", "=", "red"]]),
        "unknown operator": packed([["code", "~~", "x"]]),
        "not base64": "%%%",
        "not JSON": "bm90IGpzb24=",
        "time as text": packed([["create_date", ">=", "2020-01-01"]]),
    }
    for name, text in broken.items():
        note.status(f"domain: {name}", rest.send("GET", "product.product", fields=["id"], d=text))


def errors(side: Warehouse) -> None:
    """Unknown things: 500 for a field or a model, 403 for an action; mostly HTML."""
    note, rest = side.notes, side.people.rest
    note.status("unknown field", rest.send("GET", "product.product", fields=["colour"], s=1))
    note.status("unknown inner field", rest.send("GET", "product.product", fields=["template.colour"], s=1))
    note.status("unknown model", rest.send("GET", "no.such.model", fields=["id"]))
    note.status("unknown record", rest.send("GET", f"{OUT}/999999"))
    note.status("unknown action", rest.send("POST", f"{OUT}/999999/juggle"))
    note.status("action on an unknown record", rest.send("POST", f"{OUT}/999999/wait"))
    note.status(
        "write to an unknown record",
        rest.send("PUT", "stock.package/999999", {"shipping_reference": "x"}, fields=["id"]),
    )
    note.status(
        "create with an unknown field", rest.send("POST", "party.party", {"colour": "red"}, fields=["id"])
    )
    note.status("create without what is required", rest.send("POST", "stock.package.type", {}, fields=["id"]))
    note.status(
        "not JSON", rest.http.post("party.party", content=b"{", headers={"content-type": "application/json"})
    )
    number = side.people.order(fresh("R"), {side.goods(5): 1})
    note.status("unknown action on a record", rest.send("POST", f"{OUT}/{number}/juggle"))
    note.status(
        "search by moves",
        rest.send("GET", OUT, d=packed([["outgoing_moves.product.code", "=", "X"]]), fields=["id"]),
    )
    note.status(
        "search by unknown field", rest.send("GET", OUT, d=packed([["nothing", "=", "X"]]), fields=["id"])
    )
    note.answer("a user's mistake", rest.send("POST", f"{OUT}/{number}/pick"))


def the_places(side: Warehouse) -> None:
    """Warehouses with their zones, customers, currency, units, countries, the company."""
    note, rest = side.notes, side.people.rest
    zones = ["id", "code", "name", "type", "storage_location.id", "output_location.id", "input_location.id"]
    found = rest.send(
        "GET",
        "stock.location",
        d=packed([["type", "=", "warehouse"]]),
        fields=zones,
        o=packed([["id", "ASC"]]),
    )
    note.answer("warehouses", found)
    note.fact("codes", [place["code"] for place in found.json()])
    for model, domain, fields in (
        ("stock.location", [["type", "=", "customer"]], ["id", "name", "type", "code"]),
        ("currency.currency", [["code", "=", "EUR"]], ["id", "code", "name", "digits"]),
        ("product.uom", [["symbol", "=", "u"]], ["id", "symbol", "name", "digits"]),
        ("country.country", [["code", "=", "DE"]], ["id", "code", "name"]),
        ("company.company", [], ["id", "rec_name", "currency.code", "party.name"]),
        ("party.party", [["code", "=", "CUS-1"]], ["id", "code", "name", "addresses.id"]),
    ):
        note.answer(f"{model} {domain}", rest.send("GET", model, d=packed(domain), fields=fields))


def moves_since(side: Warehouse) -> None:
    """Changed moves: write_date is null until the first update; product.write_date never moves."""
    note, people, rest = side.notes, side.people, side.people.rest
    sku = side.goods(10)
    product = people.product(sku)
    number = people.rest.call("POST", OUT, order_body(side, fresh("R"), {sku: 2}))["id"]
    before = rest.call("GET", f"product.product/{product}", fields=["write_date"])["write_date"]
    ours = ["product", "=", product]
    new = rest.send(
        "GET", "stock.move", d=packed([ours, ["shipment", "=", f"{OUT},{number}"]]), fields=MOVE_FIELDS
    )
    note.answer("a new move", new)
    note.fact("a new move is written", [move["write_date"] is not None for move in new.json()])
    people.step(number, "wait")
    people.assign(number)
    moved = rest.send("GET", "stock.move", d=packed([ours]), fields=MOVE_FIELDS, o=packed([["id", "ASC"]]))
    note.answer("all moves", moved)
    note.fact("written", [move["write_date"] is not None for move in moved.json()])
    long_ago = moment(dt.datetime(2020, 1, 1))
    either = [
        "OR",
        ["write_date", ">=", long_ago],
        [["write_date", "=", None], ["create_date", ">=", long_ago]],
    ]
    since = rest.send("GET", "stock.move", d=packed([ours, either]), fields=["id", "state", "quantity"])
    note.answer("since", since)
    note.fact("since: count", len(since.json()))
    by_code = rest.send(
        "GET", "stock.move", d=packed([["product.code", "=", sku], ["state", "=", "assigned"]]), fields=["id"]
    )
    note.fact("by SKU and state", len(by_code.json()))
    last = rest.call(
        "GET", "stock.move", d=packed([ours]), fields=["write_date"], o=packed([["write_date", "DESC"]]), s=1
    )
    note.fact("newest first gives one", len(last))
    whole = rest.call("GET", f"product.product/{product}", fields=["write_date"])
    note.fact("the product is written by movements", whole["write_date"] != before)
    shipment = rest.call("GET", f"{OUT}/{number}", fields=["write_date", "create_date"])
    note.fact(
        "a shipment's moments", {name: shipment[name] is not None for name in ("write_date", "create_date")}
    )


SCRIPTS = (
    who_may_call,
    pages_of_products,
    domains,
    errors,
    the_places,
    moves_since,
)
