"""A request that cannot be read may want a line that came late to its order: that line waits for it."""

from datetime import timedelta

from connectors.contract import Broken, Page
from sync.flows.back.feed import FEED, keep_page
from sync.flows.flow import FlowContext
from sync.store import broken as broken_records
from sync.store import cases as order_cases
from tests.integration.flows.conductor import Conductor

SHOPS = ("main",)


async def test_a_late_line_waits_while_a_request_of_its_shop_cannot_be_read(daemon: Conductor) -> None:
    number = await daemon.buy("main", TEE_02=1)
    await daemon.settle(rounds=1)
    line = (await daemon.order(number)).lines[0]
    async with daemon.store.write() as tx:
        await order_cases.let_wait(tx, [line.id], wait=True)
    unread = (Broken("x1", "its state is not known", b"{}"),)

    async def read(ctx: FlowContext, broken: tuple[Broken, ...]) -> bool:
        began = ctx.clock.now() + timedelta(seconds=1)
        await keep_page(ctx, Page((), None, complete=True, begun_at=began, broken=broken))
        return (await daemon.order(number)).lines[0].waits

    async def reads(ctx: FlowContext) -> None:
        assert await read(ctx, unread)
        assert await read(ctx, ()), "it was not read rightly since"
        async with ctx.store.write(ctx.fence) as tx:
            await broken_records.resolve(tx, ctx.account.id, FEED, ["x1"])
        assert not await read(ctx, ())

    await daemon.under_lease("main", reads)
