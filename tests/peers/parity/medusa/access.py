"""Who may call, and how a refusal looks."""

import httpx

from tests.peers.parity.medusa.side import MedusaSide


def tokens_and_keys(shop: MedusaSide) -> None:
    """A password gives a bearer token; a secret key goes as Basic, and is no user."""
    note, at = shop.notes, shop.address
    login = f"{at.url}/auth/user/emailpass"
    note.answer("wrong password", httpx.post(login, json={"email": at.email, "password": "wrong"}))
    note.answer("unknown user", httpx.post(login, json={"email": "no@example.com", "password": "wrong"}))
    note.answer("no password", httpx.post(login, json={"email": at.email}))
    note.status("log in", httpx.post(login, json={"email": at.email, "password": at.password}))
    note.answer("me", shop.clerk.get("/admin/users/me"))
    orders = f"{at.url}/admin/orders"
    note.answer("nobody", httpx.get(orders))
    note.answer("forged token", httpx.get(orders, headers={"authorization": "Bearer forged"}))
    note.answer("forged key", httpx.get(orders, auth=("sk_forged", "")))
    with_key = httpx.get(f"{at.url}/admin/orders?limit=0", auth=(at.secret_key, ""))
    note.fact("the key reads", with_key.status_code)
    note.answer("the key is no user", httpx.get(f"{at.url}/admin/users/me", auth=(at.secret_key, "")))
    bearer = {"authorization": f"Bearer {at.secret_key}"}
    note.answer("the key as a token", httpx.get(orders, headers=bearer))


def the_shoppers_key(shop: MedusaSide) -> None:
    """The Store API wants the publishable key."""
    note, url = shop.notes, f"{shop.address.url}/store/regions"
    note.answer("none", httpx.get(url))
    note.answer("forged", httpx.get(url, headers={"x-publishable-api-key": "pk_forged"}))


def what_the_server_cannot_read(shop: MedusaSide) -> None:
    """Unknown routes, broken JSON, and a batch of more than two megabytes."""
    note, clerk = shop.notes, shop.clerk
    note.fact("unknown route", clerk.get("/admin/nothing-like-this").status_code)
    path = "/admin/inventory-items/location-levels/batch"
    broken = clerk.http.post(path, content=b"{", headers={"content-type": "application/json"})
    note.answer("not JSON", broken)
    row = {"inventory_item_id": "x" * 100, "location_id": "y" * 100, "stocked_quantity": 1}
    note.answer("2.7 MB", clerk.post(path, {"update": [row] * 10_500}))
    note.fact("670 KB", clerk.post(path, {"update": [row] * 2_600}).status_code)


def the_shop_describes_itself(shop: MedusaSide) -> None:
    """Stock locations, sales channels, price preferences."""
    note, clerk = shop.notes, shop.clerk
    note.answer("locations", clerk.get("/admin/stock-locations"))
    note.answer("locations by name", clerk.get("/admin/stock-locations", fields="id,name", limit=1))
    note.answer("channels", clerk.get("/admin/sales-channels", name="Web"))
    note.answer("tax preferences", clerk.get("/admin/price-preferences", limit=1000))
    note.answer("stores", clerk.get("/admin/stores"), under="stores")


SCRIPTS = (tokens_and_keys, the_shoppers_key, what_the_server_cannot_read, the_shop_describes_itself)
