"""What tests of goods share: goods made by the shop's staff, what the shop shows of them, and the feed to its end."""

from connectors.contract import Deadline, Rejected
from connectors.storefronts.woocommerce.connector import WooCommerceStorefront
from sandbox.storefront.woocommerce.builder import Street
from sync.domain.listing import RemoteVariant

from .conftest import new_sku


def goods(street: Street, units: int | None = 10, **fields: object) -> str:
    return str(street.staff.add_product(new_sku(), units=units, **fields))


def variations(street: Street, number: int = 2, units: int | None = 5) -> list[str]:
    sku = new_sku()
    parent, made = street.staff.add_variable(sku, {f"{sku}-{n}": "12.00" for n in range(number)}, units=units)
    return [f"{parent}:{id}" for id in made.values()]


def stock(street: Street, variant: str) -> int | None:
    found = street.staff.get(f"products/{variant.rsplit(':', maxsplit=1)[-1]}")["stock_quantity"]
    return None if found is None else int(found)


def code(outcome: object) -> str:
    assert isinstance(outcome, Rejected), outcome
    return outcome.code


async def swept(
    shop: WooCommerceStorefront, cursor: str | None = None
) -> tuple[dict[str, RemoteVariant], str | None]:
    found: dict[str, RemoteVariant] = {}
    while True:
        page = await shop.products(cursor, Deadline.after(30))
        assert not page.broken
        found |= {variant.external_id: variant for variant in page.records}
        cursor = page.cursor or cursor
        if page.complete:
            return found, cursor
