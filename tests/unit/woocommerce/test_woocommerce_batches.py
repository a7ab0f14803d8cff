"""A batch answers item by item; what is too large is made smaller, and what failed inside is narrowed down."""

import json
from collections.abc import Callable, Sequence

import msgspec
import pytest

from connectors.contract import (
    AuthRejected,
    Done,
    Outcome,
    Refused,
    Rejected,
    Retry,
    Throttled,
    Unavailable,
    Unknown,
)
from connectors.storefronts.woocommerce import payloads
from connectors.storefronts.woocommerce.batches import Bounds, Item, done, write_all
from connectors.storefronts.woocommerce.client import ShopFailed
from connectors.transport import decode

Answer = Callable[[Sequence[Item]], list[object]]


def item(id: int, group: tuple[str, ...] = ("products",)) -> Item:
    return Item(f"{id}", id, {"id": id, "stock_quantity": 5}, group)


class PretendShop:
    """Answers batches; `sent` are the ids of each."""

    def __init__(self, answer: Answer) -> None:
        self.sent: list[list[int]] = []
        self._answer = answer

    async def __call__(self, group: tuple[str, ...], items: Sequence[Item]) -> Sequence[msgspec.Raw]:
        self.sent.append([each.id for each in items])
        assert {each.group for each in items} == {group}
        return [msgspec.Raw(json.dumps(each).encode()) for each in self._answer(items)]


def fine(items: Sequence[Item]) -> list[object]:
    return [{"id": each.id} for each in items]


def judge(item: Item, answer: msgspec.Raw) -> Outcome[int]:
    return done(item, decode(answer, type=payloads.Id).id)


async def write(
    shop: PretendShop, items: Sequence[Item], bounds: Bounds | None = None
) -> dict[str, Outcome[int]]:
    return await write_all(items, shop, judge, bounds=bounds or Bounds(100, 500_000), what="writing")


async def test_no_more_than_the_shop_takes_goes_in_one_batch() -> None:
    shop = PretendShop(fine)
    await write(shop, [item(n) for n in range(1, 251)])
    assert [len(each) for each in shop.sent] == [100, 100, 50]


async def test_variations_go_by_their_product() -> None:
    shop = PretendShop(fine)
    under = ("products", "9", "variations")
    await write(shop, [item(1), item(2, under), item(3), item(4, under)])
    assert sorted(shop.sent) == [[1, 3], [2, 4]]


async def test_a_batch_is_bounded_by_its_bytes() -> None:
    shop = PretendShop(fine)
    await write(shop, [item(n) for n in range(10, 20)], Bounds(100, 100))
    assert all(len(each) <= 4 for each in shop.sent)
    assert [id for each in shop.sent for id in each] == list(range(10, 20))


async def test_outcomes_are_told_by_id_and_not_by_place() -> None:
    shop = PretendShop(lambda items: [{"id": each.id} for each in reversed(items)])
    found = await write(shop, [item(1), item(2)])
    assert found == {"1": Done("1", 1), "2": Done("2", 2)}


async def test_an_item_that_the_answer_leaves_out_is_unknown() -> None:
    found = await write(PretendShop(lambda items: [{"id": 2}]), [item(1), item(2)])
    assert isinstance(found["1"], Unknown)
    assert found["2"] == Done("2", 2)


async def test_an_error_in_an_item_s_place_is_its_own() -> None:
    error = {"code": "woocommerce_rest_product_invalid_id", "message": "Invalid ID.", "data": {"status": 400}}
    shop = PretendShop(lambda items: [{"id": 1, "error": error}, {"id": 2}])
    found = await write(shop, [item(1), item(2)])
    assert found["1"] == Rejected(
        "writing: the shop has no such product", code="woocommerce_rest_product_invalid_id"
    )
    assert found["2"] == Done("2", 2)


async def test_a_create_that_failed_has_no_id_and_is_told_by_its_place() -> None:
    error = {"code": "product_invalid_sku", "message": "…", "data": {"status": 400, "resource_id": 12}}
    shop = PretendShop(lambda items: [{"id": 40}, {"id": 0, "error": error}])
    found = await write(shop, [Item("a", 0, {}), Item("b", 0, {})])
    assert found["a"] == Done("a", 40)
    assert isinstance(found["b"], Rejected)


async def test_a_shop_that_takes_fewer_items_is_believed_from_then_on() -> None:
    def at_most_30(items: Sequence[Item]) -> list[object]:
        if len(items) > 30:
            raise Refused("too large", code="woocommerce_rest_request_entity_too_large")
        return fine(items)

    shop, bounds = PretendShop(at_most_30), Bounds(100, 500_000)
    found = await write(shop, [item(n) for n in range(1, 101)], bounds)
    assert all(isinstance(each, Done) for each in found.values())
    assert (bounds.items, [len(each) for each in shop.sent]) == (25, [100, 50, 25, 25, 25, 25])


async def test_a_web_server_that_takes_fewer_bytes_is_believed_too() -> None:
    def small(items: Sequence[Item]) -> list[object]:
        if len(items) > 60:
            raise Refused("too large", code="too_large")
        return fine(items)

    bounds = Bounds(100, 500_000)
    found = await write(PretendShop(small), [item(n) for n in range(1, 101)], bounds)
    assert all(isinstance(each, Done) for each in found.values())
    assert (bounds.items, bounds.size < 500_000) == (100, True)


async def test_one_item_that_makes_the_shop_fail_does_not_stop_the_others() -> None:
    def failing(items: Sequence[Item]) -> list[object]:
        if any(each.id == 7 for each in items):
            raise ShopFailed("500")
        return fine(items)

    found = await write(PretendShop(failing), [item(n) for n in range(1, 17)])
    assert isinstance(found["7"], Retry)
    assert sum(isinstance(each, Done) for each in found.values()) == 15


async def test_a_product_that_is_gone_takes_its_variations_with_it_in_one_call() -> None:
    def gone(items: Sequence[Item]) -> list[object]:
        raise Refused("no", code="woocommerce_rest_product_invalid_id")

    shop = PretendShop(gone)
    found = await write(shop, [item(1), item(2)])
    assert all(isinstance(each, Rejected) for each in found.values())
    assert len(shop.sent) == 1


async def test_a_batch_without_an_answer_is_unknown_and_the_rest_waits() -> None:
    def lost(items: Sequence[Item]) -> list[object]:
        if items[0].id == 2:
            raise Unavailable("no answer")
        return fine(items)

    found = await write(PretendShop(lost), [item(n) for n in (1, 2, 3)], Bounds(1, 500_000))
    assert found["1"] == Done("1", 1)
    assert isinstance(found["2"], Unknown)
    assert isinstance(found["3"], Retry)


@pytest.mark.parametrize("error", [AuthRejected("no"), Throttled("later")])
async def test_where_nothing_was_sent_the_error_is_raised(error: Exception) -> None:
    def refusing(items: Sequence[Item]) -> list[object]:
        raise error

    with pytest.raises(type(error)):
        await write(PretendShop(refusing), [item(1)])


async def test_nothing_to_write_calls_nobody() -> None:
    """An empty batch would be answered with a list in place of an object."""
    shop = PretendShop(fine)
    assert (await write(shop, []), shop.sent) == ({}, [])
