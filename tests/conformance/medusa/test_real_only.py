"""What the sandbox does not play: kits, shared stock items, order edits, prices with rules, and new keys."""

from decimal import Decimal

import pytest

from connectors.contract import CancelLines, Deadline, Done, Rejected, SetPrice, SetQuantity
from connectors.storefronts.medusa.connector import MedusaStorefront
from sync.domain.orders import PaymentStatus
from tests.conformance.medusa.conftest import Street, order_of, shipment
from tests.conformance.medusa.line import Line, lost_after
from tests.conformance.medusa.people import Staff, new_sku
from tests.conformance.medusa.test_catalogue import sweep

pytestmark = [pytest.mark.peers, pytest.mark.timeout(900)]


@pytest.fixture
def street(real_street: Street) -> Street:
    return real_street


def kit(staff: Staff, parts: dict[str, int]) -> str:
    """The SKU of a variant made of so many units of other SKUs."""
    sku = new_sku()
    items = [{"inventory_item_id": staff.item(part), "required_quantity": n} for part, n in parts.items()]
    body = {
        "title": sku,
        "status": "published",
        "shipping_profile_id": staff.keys.profile,
        "sales_channels": [{"id": staff.keys.channel}],
        "options": [{"title": "Kind", "values": ["kit"]}],
        "variants": [
            {
                "title": "kit",
                "sku": sku,
                "options": {"Kind": "kit"},
                "inventory_items": items,
                "prices": [{"currency_code": "eur", "amount": 30}],
            }
        ],
    }
    staff.post("products", body)
    return sku


async def test_a_kit_s_quantity_is_its_scarcest_part_s_and_cannot_be_set(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    sku = kit(staff, {street.goods(units=9): 2, street.goods(units=5): 1})
    outcome = (await shop.set_quantities([SetQuantity(street.id_of(sku), 1)], soon))[street.id_of(sku)]
    assert isinstance(outcome, Rejected)
    assert "a kit of several stock items" in outcome.reason
    cursor, found = None, []
    while not found:
        page = await shop.products(cursor, soon)
        found, cursor = [v.available for v in page.records if v.sku == sku], page.cursor
    assert found == [4]


async def test_a_kit_s_shipment_counts_kits_and_not_parts(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    sku = kit(staff, {street.goods(units=9): 2, street.goods(units=9): 1})
    order = await order_of(shop, street.buy({sku: 3}))
    made = await shop.confirm_shipment(shipment(order, ("T1", 1), ("T2", 2)), soon)
    assert isinstance(made, Done)
    assert await shop.confirm_shipment(shipment(order, ("T1", 1), ("T2", 2)), soon) == made
    shown = (await order_of(shop, order.external_id)).shipments
    assert sorted(units for s in shown for _, units in s.lines) == [1, 2]


async def test_variants_that_share_a_stock_item_get_the_lowest_figure(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    part = street.goods(units=9)
    ids = [street.id_of(part), street.id_of(kit(staff, {part: 1}))]
    outcomes = await shop.set_quantities([SetQuantity(ids[0], 5), SetQuantity(ids[1], 3)], soon)
    assert outcomes == {variant: Done(variant, 3) for variant in ids}
    assert staff.stock(part) == (3, 0)


async def test_other_prices_of_the_variant_stay(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    """A list of some prices deletes all others: they are sent along, with their rules."""
    sku = street.goods(price=10)
    variant = staff.variant(sku)
    prices = [
        {"currency_code": "eur", "amount": 10},
        {"currency_code": "usd", "amount": 12},
        {"currency_code": "eur", "amount": 8, "min_quantity": 10},
        {"currency_code": "eur", "amount": 9, "rules": {"region_id": street.keys.region}},
    ]
    change = {"update": [{"id": variant["id"], "prices": prices}]}
    staff.post(f"products/{variant['product_id']}/variants/batch", change)
    outcomes = await shop.set_prices([SetPrice(variant["id"], Decimal("11.125"), "EUR")], soon)
    assert outcomes == {variant["id"]: Done(variant["id"], Decimal("11.125"))}
    now = staff.variant(sku, "*prices,*prices.price_rules")["prices"]
    told = sorted((p["currency_code"], p["amount"], p["min_quantity"], len(p["rules"])) for p in now)
    assert told == [("eur", 8, 10, 0), ("eur", 9, None, 1), ("eur", 11.125, None, 0), ("usd", 12, None, 0)]


async def test_units_of_a_captured_order_are_cancelled_by_an_edit(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    first, second = street.goods(), street.goods()
    id = street.buy({first: 3, second: 1})
    staff.capture(id)
    order = await order_of(shop, id)
    left = tuple((line.external_id, {first: 2, second: 0}[str(line.sku)]) for line in order.lines)
    request = CancelLines(id, left, "x")
    assert await shop.cancel_lines(request, soon) == Done(id)
    assert await shop.cancel_lines(request, soon) == Done(id)
    now = await order_of(shop, id)
    assert [(line.sku, line.quantity) for line in now.lines] == [(first, 2)]
    assert (now.payment, now.total < order.total) == (PaymentStatus.PAID, True)
    assert (staff.stock(first), staff.stock(second)) == ((10, 2), (10, 0))


@pytest.mark.parametrize("step", ["POST /admin/order-edits ", "items/item", "/request", "/confirm"])
async def test_an_edit_that_stopped_on_the_way_is_begun_again(
    street: Street, shop: MedusaStorefront, staff: Staff, line: Line, soon: Deadline, step: str
) -> None:
    sku = street.goods()
    id = street.buy({sku: 3})
    staff.capture(id)
    order = await order_of(shop, id)
    request = CancelLines(id, ((order.lines[0].external_id, 1),), "x")
    line.fail(step, lost_after)
    assert not isinstance(await shop.cancel_lines(request, soon), Done)
    assert await shop.cancel_lines(request, soon) == Done(id)
    assert (await order_of(shop, id)).lines[0].quantity == 1
    assert staff.stock(sku) == (10, 1)


async def test_a_change_by_staff_is_left_alone(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    id = street.buy({street.goods(): 3})
    staff.capture(id)
    staff.post("order-edits", {"order_id": id})
    order = await order_of(shop, id)
    outcome = await shop.cancel_lines(CancelLines(id, ((order.lines[0].external_id, 1),), "x"), soon)
    assert isinstance(outcome, Rejected)
    assert "being changed by staff" in outcome.reason


async def test_goods_reserved_elsewhere_are_taken_off_there(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    sku = street.goods(units=0)
    first, second = street.keys.locations
    staff.level(sku, second, 5)
    order = await order_of(shop, street.buy({sku: 2}))
    assert isinstance(await shop.confirm_shipment(shipment(order, ("T1", 2)), soon), Done)
    assert staff.levels(sku) == {first: (0, 0), second: (3, 0)}


async def test_a_product_outside_the_sales_channel_is_not_published_there(
    street: Street, staff: Staff
) -> None:
    sku, other = street.goods(), new_sku()
    shop = street.connector(sales_channel="Web")
    staff.add_product(other)
    product = staff.variant(other)["product_id"]
    staff.post(f"sales-channels/{street.keys.channel}/products", {"remove": [product]})
    told = {v.sku: v.published for v in (await sweep(shop))[0]}
    assert (told[sku], told[other]) == (True, False)
    await shop.close()


async def test_another_currency_is_set_beside(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    sku = street.goods(price=10)
    assert isinstance(
        (await shop.set_prices([SetPrice(street.id_of(sku), Decimal(12), "USD")], soon))[street.id_of(sku)],
        Done,
    )
    told = {p["currency_code"]: p["amount"] for p in staff.variant(sku, "*prices")["prices"]}
    assert told == {"eur": 10, "usd": 12}


async def test_identity_survives_a_change_of_keys(street: Street, soon: Deadline) -> None:
    made = street.staff.post("api-keys", {"title": "next", "type": "secret"})["api_key"]["token"]
    first, second = street.connector(), street.connector(secret=made)
    assert await first.identity(soon) == await second.identity(soon)
    await first.close()
    await second.close()


async def test_a_batch_that_rolls_back_whole_is_halved_until_the_bad_item_stands_alone(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    """The level is deleted between reading and writing, in the shop itself (trap 5)."""
    skus = [street.goods() for _ in range(4)]
    ids = [street.id_of(sku) for sku in skus]
    vanishing = Line()

    async def delete_level(line: Line, request: object) -> object:
        item, place = staff.item(skus[0]), street.keys.locations[0]
        staff.http.delete(f"/admin/inventory-items/{item}/location-levels/{place}")
        return await line.network.handle_async_request(request)  # type: ignore[arg-type]

    staff.level(skus[0], street.keys.locations[0], 0)
    other = street.connector(vanishing)
    vanishing.fail("location-levels/batch", delete_level)  # type: ignore[arg-type]
    outcomes = await other.set_quantities([SetQuantity(variant, 3) for variant in ids], soon)
    assert [isinstance(outcomes[variant], Done) for variant in ids] == [False, True, True, True]
    bad = outcomes[ids[0]]
    assert isinstance(bad, Rejected)
    assert "setting the quantity: the shop does not know it" in bad.reason
    assert [staff.saleable(sku) for sku in skus[1:]] == [3, 3, 3]
    await other.close()
