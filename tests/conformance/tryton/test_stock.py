"""The stock feed: what it shows, and what it notices."""

from collections.abc import Callable
from decimal import Decimal

from connectors.contract import Deadline, Page
from connectors.warehouse.tryton.connector import TrytonWarehouse
from connectors.warehouse.tryton.cursors import Changes, written
from sync.domain.clock import SystemClock
from sync.domain.shipments import StockFigure
from tests.peers.books.tryton import People, decimal

from .conftest import Hall


async def whole(warehouse: TrytonWarehouse, cursor: str | None, soon: Deadline) -> list[Page[StockFigure]]:
    pages = [await warehouse.stock(cursor, soon)]
    while not pages[-1].complete:
        pages.append(await warehouse.stock(pages[-1].cursor, soon))
    return pages


def figures(pages: list[Page[StockFigure]]) -> dict[str, Decimal]:
    return {figure.sku: figure.quantity for page in pages for figure in page.records}


def from_now() -> str:
    return written(Changes.from_moment(SystemClock().now()))


async def test_a_snapshot_shows_every_product_once_page_by_page(hall: Hall, soon: Deadline) -> None:
    wanted = {hall.sku(units): Decimal(units) for units in (0, 1, 7, 30)}
    warehouse = hall.connector(page_items=3)
    pages = await whole(warehouse, None, soon)
    skus = [figure.sku for page in pages for figure in page.records]
    assert len(pages) > 1
    assert len(skus) == len(set(skus))
    assert wanted.items() <= figures(pages).items()
    assert not any(page.broken for page in pages)
    await warehouse.close()


async def test_all_pages_of_a_snapshot_share_the_moment_it_began(hall: Hall, soon: Deadline) -> None:
    for _ in range(4):
        hall.sku(1)
    warehouse = hall.connector(page_items=3)
    assert len({page.begun_at for page in await whole(warehouse, None, soon)}) == 1
    await warehouse.close()


async def test_a_product_that_is_added_during_a_snapshot_shifts_nothing(hall: Hall, soon: Deadline) -> None:
    old = {hall.sku(1) for _ in range(5)}
    warehouse = hall.connector(page_items=3)
    first = await warehouse.stock(None, soon)
    new = hall.sku(2)
    rest = await whole(warehouse, first.cursor, soon)
    skus = [figure.sku for page in [first, *rest] for figure in page.records]
    assert old | {new} <= set(skus)
    assert len(skus) == len(set(skus))
    await warehouse.close()


async def test_the_figure_falls_at_assignment_and_never_jumps_back(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    sku = hall.sku(100)
    seen = []
    number = people.order("JUMP", {sku: 4})
    for step in ("wait", "assign_try", "pick", "pack", "ship", "do"):
        people.step(number, step)
        seen.append(figures(await whole(warehouse, None, soon))[sku])
    assert seen == [100, 96, 96, 96, 96, 96]


async def test_what_other_warehouses_hold_does_not_count(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    sku = hall.sku(5)
    elsewhere = hall.connector(warehouse="WH-2")
    assert figures(await whole(warehouse, None, soon))[sku] == 5
    assert figures(await whole(elsewhere, None, soon))[sku] == 0
    await elsewhere.close()


async def test_services_consumables_and_products_without_a_code_are_left_out(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    def add(code: str | None, kind: str, **more: object) -> int:
        variant = {"suffix_code": code, "cost_price": decimal("1.00")}
        body = {
            "name": "Other",
            "type": kind,
            "default_uom": people.unit,
            "list_price": decimal("1.00"),
            "products": [["create", [variant]]],
            **more,
        }
        made = people.rest.call("POST", "product.template", body, fields=["products.id"])
        return int(made["products"][0]["id"])

    others = {
        add(hall.sku() + "-S", "service"),
        add(hall.sku() + "-C", "goods", consumable=True),
        add(None, "goods"),
    }
    pages = await whole(warehouse, None, soon)
    shown = {int(figure.product_external_id) for page in pages for figure in page.records}
    assert not shown & others
    assert not any(page.broken for page in pages)


async def changed(
    warehouse: TrytonWarehouse, soon: Deadline, act: Callable[[], object]
) -> dict[str, Decimal]:
    """What the feed shows of changes since just before `act`."""
    cursor = from_now()
    act()
    return figures(await whole(warehouse, cursor, soon))


async def test_goods_received_are_seen_as_a_change(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    touched, other = hall.sku(10), hall.sku(10)
    seen = await changed(warehouse, soon, lambda: people.receive(touched, 5))
    assert seen[touched] == 15
    assert other not in seen


async def test_an_assignment_is_seen_as_a_change(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    sku = hall.sku(10)
    number = people.order("ASSIGNED", {sku: 3})
    assert (await changed(warehouse, soon, lambda: people.assign(number)))[sku] == 7


async def test_a_cancelled_shipment_gives_its_units_back_as_a_change(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    sku = hall.sku(10)
    number = people.order("GIVEN BACK", {sku: 3})
    people.assign(number)
    assert (await changed(warehouse, soon, lambda: people.cancel(number)))[sku] == 10


async def test_an_assignment_taken_back_is_seen_although_its_moves_are_deleted(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    sku = hall.sku(10)
    number = people.order("UNASSIGNED", {sku: 3})
    people.assign(number)
    assert (await changed(warehouse, soon, lambda: people.step(number, "wait")))[sku] == 10


async def test_changes_come_page_by_page_and_none_is_lost(hall: Hall, people: People, soon: Deadline) -> None:
    skus = [hall.sku(1) for _ in range(7)]
    warehouse = hall.connector(batch_items=2)
    cursor = from_now()
    for sku in skus:
        people.receive(sku, 1)
    pages = await whole(warehouse, cursor, soon)
    assert len(pages) > 3
    assert figures(pages).items() >= dict.fromkeys(skus, Decimal(2)).items()
    assert len({page.begun_at for page in pages}) == 1
    await warehouse.close()


async def test_after_a_snapshot_the_cursor_goes_on_with_what_changed_meanwhile(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    sku = hall.sku(10)
    pages = await whole(warehouse, None, soon)
    people.receive(sku, 1)
    assert figures(await whole(warehouse, pages[-1].cursor, soon))[sku] == 11


async def test_a_cursor_that_cannot_be_read_begins_a_snapshot_anew(
    hall: Hall, warehouse: TrytonWarehouse, soon: Deadline
) -> None:
    sku = hall.sku(4)
    assert figures(await whole(warehouse, '{"type":"snapsh', soon))[sku] == 4


async def test_the_identity_is_the_same_at_every_opening_and_another_for_another_warehouse(
    hall: Hall, warehouse: TrytonWarehouse, soon: Deadline
) -> None:
    again, other = hall.connector(), hall.connector(warehouse="WH-2")
    assert await warehouse.identity(soon) == await again.identity(soon)
    assert await warehouse.identity(soon) != await other.identity(soon)
    await again.close()
    await other.close()
