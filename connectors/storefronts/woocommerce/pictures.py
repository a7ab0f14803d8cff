"""Pictures of a listing: WooCommerce fetches each from its address, once. Pure.

The same address written twice would be fetched twice and stand twice in the shop's media. So each picture gets a
name made of its address, and one that is there under this name is named by its id instead.
"""

from collections.abc import Sequence
from hashlib import sha256

from connectors.contract import Rejected
from connectors.storefronts.woocommerce import payloads
from connectors.transport import web_link


def objection(pictures: Sequence[str]) -> Rejected | None:
    """Why the pictures cannot be written, where they cannot."""
    if all(web_link(picture) for picture in pictures):
        return None
    return Rejected(
        "WooCommerce fetches pictures itself: give each as a web address (https://…), not as a file",
        code="PICTURE",
    )


def name_of(address: str) -> str:
    """Under which name the shop keeps the picture of an address."""
    return f"entrepot-{sha256(address.encode()).hexdigest()[:12]}"


def written(addresses: Sequence[str], there: Sequence[payloads.Picture]) -> list[dict[str, object]]:
    """The pictures in their order, as the shop takes them; the first is the main one."""
    known = {picture.name: picture.id for picture in there if picture.name and picture.id}
    return [_one(address, known.get(name_of(address))) for address in dict.fromkeys(addresses)]


def _one(address: str, id: int | None) -> dict[str, object]:
    return {"src": address, "name": name_of(address)} if id is None else {"id": id}
