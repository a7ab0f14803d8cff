"""Who may call, connections, pickups, manifests and webhooks."""

import datetime as dt

import httpx

from tests.peers.books.karrio import SENDER, address
from tests.peers.parity.sides import Courier, fresh


def who_may_call(side: Courier) -> None:
    """A token in the header; without it, and with a forged one."""
    note = side.notes
    url = f"{side.url}/v1/shipments"
    note.answer("no token", httpx.get(url))
    note.answer("forged token", httpx.get(url, headers={"Authorization": "Token forged"}))
    note.answer("another scheme", httpx.get(url, headers={"Authorization": f"Bearer {side.key}"}))
    note.answer("our token", side.desk.send("GET", "/v1/connections"), under="count")
    note.status("unknown path", side.desk.send("GET", "/v1/nothing"))
    note.status("method not allowed", side.desk.send("DELETE", "/v1/shipments"))


def who_the_key_is_of(side: Courier) -> None:
    """GraphQL names the key's user; a wrong key is no 401 there, but an internal error."""
    note, url = side.notes, f"{side.url}/graphql"
    question = {"query": "{ user { date_joined } }"}
    first = side.desk.send("POST", "/graphql", question)
    note.answer("user", first)
    note.fact("the same again", side.desk.send("POST", "/graphql", question).json() == first.json())
    note.answer(
        "user and mail", side.desk.send("POST", "/graphql", {"query": "{ user { email date_joined } }"})
    )
    note.status("forged token", httpx.post(url, json=question, headers={"Authorization": "Token forged"}))
    note.status("no token", httpx.post(url, json=question))
    note.status("no such field", side.desk.send("POST", "/graphql", {"query": "{ user { shoe_size } }"}))
    note.status("no such query", side.desk.send("POST", "/graphql", {"query": "{ nobody }"}))
    note.status("half a query", side.desk.send("POST", "/graphql", {"query": "{ user {"}))
    note.status("no query", side.desk.send("POST", "/graphql", {}))
    note.status("put", side.desk.send("PUT", "/graphql", question))


def connections(side: Courier) -> None:
    """Carriers are connected by the API; a custom_carrier_name turns one into "generic"."""
    note, desk = side.notes, side.desk
    listed = desk.send("GET", "/v1/connections")
    first = listed.json()["results"][0]
    note.fact("first", (first["carrier_name"], first["carrier_id"] == desk.carrier_id, first["active"]))
    note.fact("keys", sorted(first))
    body = {
        "carrier_name": "loopback",
        "carrier_id": fresh("loop").lower(),
        "credentials": {"api_key": "k"},
        "active": True,
    }
    made = desk.send("POST", "/v1/connections", body)
    note.answer("create", made)
    note.answer("read", desk.send("GET", f"/v1/connections/{made.json()['id']}"))
    unknown = {**body, "carrier_name": "no_such_carrier", "carrier_id": fresh("loop").lower()}
    note.answer("unknown carrier", desk.send("POST", "/v1/connections", unknown))
    bare = {**body, "credentials": {}, "carrier_id": fresh("loop").lower()}
    note.answer("no credentials", desk.send("POST", "/v1/connections", bare))
    note.answer("unknown connection", desk.send("GET", "/v1/connections/car_nothing"))
    note.answer("delete", desk.send("DELETE", f"/v1/connections/{made.json()['id']}"))


def pickups(side: Courier) -> None:
    """A van is ordered for given parcels, and called off."""
    note, desk = side.notes, side.desk
    label = desk.buy(fresh("K"))
    tomorrow = (dt.datetime.now(dt.UTC) + dt.timedelta(days=1)).date().isoformat()
    body = {
        "carrier_code": "loopback",
        "pickup_date": tomorrow,
        "ready_time": "09:00",
        "closing_time": "17:00",
        "address": address(SENDER),
        "tracking_numbers": [label["tracking_number"]],
    }
    made = desk.send("POST", "/v1/pickups", body)
    note.answer("order", made)
    note.answer("call off", desk.send("POST", f"/v1/pickups/{made.json()['id']}/cancel", {}))
    note.answer("call off again", desk.send("POST", f"/v1/pickups/{made.json()['id']}/cancel", {}))
    note.answer(
        "unknown parcel", desk.send("POST", "/v1/pickups", {**body, "tracking_numbers": [fresh("NONE")]})
    )


def manifests(side: Courier) -> None:
    """By the proxy; the stored kind is broken."""
    note, desk = side.notes, side.desk
    label = desk.buy(fresh("K"))
    body = {
        "carrier_name": "loopback",
        "address": address(SENDER),
        "shipment_identifiers": [label["shipment_identifier"]],
    }
    note.answer("proxy", desk.send("POST", "/v1/proxy/manifest", body))
    stored = {"carrier_name": "loopback", "address": address(SENDER), "shipment_ids": [label["id"]]}
    note.status("stored", desk.send("POST", "/v1/manifests", stored))


def webhooks(side: Courier) -> None:
    """Made and listed; nothing signs them."""
    note, desk = side.notes, side.desk
    made = desk.send("POST", "/v1/webhooks", {"url": "http://127.0.0.1:9/hook", "enabled_events": ["all"]})
    note.answer("create", made)
    note.answer("list", desk.send("GET", "/v1/webhooks"))
    note.answer("delete", desk.send("DELETE", f"/v1/webhooks/{made.json()['id']}"))
    note.answer(
        "no such event",
        desk.send("POST", "/v1/webhooks", {"url": "http://127.0.0.1:9/hook", "enabled_events": ["party"]}),
    )


SCRIPTS = (
    who_may_call,
    who_the_key_is_of,
    connections,
    pickups,
    manifests,
    webhooks,
)
