"""What shoppers and staff of a Medusa shop do after the sale, by its own Store and Admin APIs."""

from collections.abc import Mapping
from typing import Any

from tests.peers.books.medusa import Clerk, Visitor, read

RETURN = "id,status,created_by,exchange_id,claim_id,*items"


class Aftersales:
    """Requests of one shop. Lines are named by their SKU."""

    def __init__(self, clerk: Clerk) -> None:
        self.clerk = clerk

    def asks_back(self, order: str, lines: Mapping[str, int]) -> str:
        """A shopper asks over the Store API to send units back; the return's id."""
        body = {
            "order_id": order,
            "items": self.clerk.lines(order, lines),
            "return_shipping": {"option_id": self._way(order), "price": 0},
            "location_id": self.clerk.locations[0],
        }
        with Visitor(self.clerk.address, self.clerk) as visitor:
            return str(read(visitor.post("/store/returns", body))["return"]["id"])

    def _way(self, order: str) -> str:
        """The shipping option that the order was sent by."""
        known = read(self.clerk.get(f"/admin/orders/{order}", fields="id,*shipping_methods"))["order"]
        return str(known["shipping_methods"][0]["shipping_option_id"])

    def exchange(self, order: str, back: Mapping[str, int], instead: Mapping[str, int]) -> str:
        """Staff enter an exchange, which the Store API has not; its id."""
        return self._swap("exchange", order, back, instead)

    def claim(
        self,
        kind: str,
        order: str,
        complaint: Mapping[str, int],
        instead: Mapping[str, int] | None = None,
    ) -> str:
        """Staff enter a claim of which nothing comes back: `replace` sends goods free, `refund` money; its id."""
        return self._swap("claim", order, {}, instead or {}, complaint, type=kind)

    def _swap(
        self,
        name: str,
        order: str,
        back: Mapping[str, int],
        instead: Mapping[str, int],
        complaint: Mapping[str, int] | None = None,
        **more: str,
    ) -> str:
        post = self.clerk.post
        id = str(read(post(f"/admin/{name}s", {"order_id": order, **more}))[name]["id"])
        path = f"/admin/{name}s/{id}"
        if back:
            body: dict[str, Any] = {
                "location_id": self.clerk.locations[0],
                "items": self.clerk.lines(order, back),
            }
            read(post(f"{path}/inbound/items", body))
        if complaint:
            items = [{**line, "reason": "wrong_item"} for line in self.clerk.lines(order, complaint)]
            read(post(f"{path}/claim-items", {"items": items}))
        if instead:
            items = [
                {"variant_id": self.clerk.variant(sku)["id"], "quantity": units}
                | ({"unit_price": 0} if name == "claim" else {})
                for sku, units in instead.items()
            ]
            read(post(f"{path}/outbound/items", {"items": items}))
            way = {"shipping_option_id": self._way(order), "custom_amount": 0}
            read(post(f"{path}/outbound/shipping-method", way))  # without one the shop reserves nothing
        read(post(f"{path}/request"))
        return id

    def withdraw(self, back: str) -> None:
        """A return is taken back: its parcel is cancelled before it."""
        found = read(self.clerk.get(f"/admin/returns/{back}", fields="id,*fulfillments"))["return"]
        for parcel in found["fulfillments"]:
            read(self.clerk.post(f"/admin/fulfillments/{parcel['id']}/cancel"))
        read(self.clerk.post(f"/admin/returns/{back}/cancel"))

    def status(self, back: str) -> str:
        """How far a return is, in Medusa's words."""
        found = read(self.clerk.get(f"/admin/returns/{back}", fields=RETURN))["return"]
        return str(found["status"])

    def return_of(self, exchange: str) -> str:
        """The id of the return that belongs to an exchange."""
        found = read(self.clerk.get(f"/admin/exchanges/{exchange}", fields="id,return_id"))["exchange"]
        return str(found["return_id"])

    def booked(self, order: str) -> dict[str, tuple[int, int]]:
        """By SKU the pieces that the order's books show as back: sold again, and dismissed."""
        return {
            item["variant_sku"]: (
                item["detail"]["return_received_quantity"],
                item["detail"]["return_dismissed_quantity"],
            )
            for item in self.clerk.order(order)["items"]
            if item["detail"]["return_received_quantity"] or item["detail"]["return_dismissed_quantity"]
        }

    def refunds(self, order: str) -> list[float]:
        """Every refund of an order in major units, the smallest first."""
        paid = self.clerk.order(order)["payment_collections"]
        given = [
            refund["amount"] for each in paid for payment in each["payments"] for refund in payment["refunds"]
        ]
        return sorted(round(float(amount), 2) for amount in given)
