"""A shipment's body, as the scripts use it."""

from typing import Any

from tests.peers.books.karrio import SENDER, address
from tests.peers.books.people import ADA, Buyer


def parcel(reference: str = "", buyer: Buyer = ADA, **more: Any) -> dict[str, Any]:
    """The body of a shipment, without a carrier."""
    return {
        "shipper": address(SENDER),
        "recipient": address(buyer),
        "parcels": [{"weight": 0.8, "weight_unit": "KG"}],
        **({"reference": reference} if reference else {}),
        **more,
    }
