"""Short stock: what is there ships, what is left over waits in the open and follows when goods arrive."""

from sync.domain.lifecycle import OrderState, WorkState
from tests.integration.flows.conductor import Conductor

SHOPS = ("main",)


async def _oversell(daemon: Conductor, sku: str, there: int, bought: int) -> str:
    """Staff show more than there is, and a shopper buys it."""
    await daemon.act("/shop-stock", shop="main", sku=sku, quantity=there + bought)
    return str((await daemon.act("/buy", shop="main", lines=[{"sku": sku, "quantity": bought}]))["order"])


async def test_the_rest_of_a_part_shipment_is_sent_when_goods_arrive(daemon: Conductor) -> None:
    number = await _oversell(daemon, "TEE-03", 3, 5)
    await daemon.settle(rounds=3)
    case = await daemon.order(number)
    assert case.work[0].state == WorkState.PART_ASSIGNED
    assert "order.short" in await daemon.issue_kinds()
    await daemon.act("/warehouse/work", reference=f"main/{number}/1", until="packed")
    await daemon.settle(rounds=3)
    await daemon.act("/warehouse/work", reference=f"main/{number}/1", until="done")
    await daemon.settle(rounds=4)
    case = await daemon.order(number)
    assert case.state == OrderState.PART_SHIPPED
    assert [work.state for work in case.work] == [WorkState.SHIPPED, WorkState.WAITING]
    left = 5 - sum(shipped for _, _, shipped in case.work[0].lines.values())
    await daemon.act("/warehouse/receive", sku="TEE-03", quantity=left)
    await daemon.settle(rounds=3)
    assert (await daemon.order(number)).work[1].state == WorkState.ASSIGNED
    await daemon.act("/warehouse/work", reference=f"main/{number}/2", until="packed")
    await daemon.settle(rounds=3)
    await daemon.act("/warehouse/work", reference=f"main/{number}/2", until="done")
    await daemon.settle(rounds=3)
    assert (await daemon.order(number)).state == OrderState.SHIPPED
    assert "order.short" not in await daemon.issue_kinds()
    assert (await daemon.judged())["duplicate_effects"] == 0
