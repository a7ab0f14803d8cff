"""Goods and money on their way back, over the real flows: what buyers, packers, couriers and the dock do, and the books.

Every assertion about what happened is made on what the sandbox's own ledger says over HTTP.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from sandbox.people import People
from sandbox.serving import serve
from sandbox.world import World
from sync.domain.aftersales import RequestKind
from sync.domain.ids import OrderId
from sync.flows.back.entering import enter
from sync.flows.flow import FlowName
from sync.store.back import cases
from sync.store.back.cases import BackCase
from tests.integration.flows.conductor import Conductor

GOODS = {"TEE-01": 1500, "TEE-02": 1900, "TEE-03": 2500}
UNITS = 100


def build(*shops: str, goods: Mapping[str, int] = GOODS, stored: int = UNITS) -> World:
    """A warehouse with so many units of each good, and shops of these makes that show them at so many cents; each is named by its make, vendure's `main`."""
    world = World(1)
    makes = {
        "vendure": world.open_shop,
        "medusa": world.open_medusa,
        "shopify": world.open_shopify,
        "woocommerce": world.open_woocommerce,
    }
    opened = [makes[make]("main" if make == "vendure" else make) for make in shops]
    for sku in goods:
        world.warehouse.add_product(sku, sku)
        world.warehouse.receive(sku, stored)
    for shop in opened:
        for sku, cents in goods.items():
            world.list_good(shop, sku, sku, cents, physical=sku, units=30)
    return world


@asynccontextmanager
async def conducted(
    folder: Path, world: World, address: Path | str, rules: str = "", *, without: str = ""
) -> AsyncIterator[Conductor]:
    """The daemon's parts before this world, with these rules of returns, the first stock pushed.

    `without` is a kind of system that there is none of.
    """
    async with (
        serve(world, People(world, orders_per_second=1, pace=1)) as served,
        httpx.AsyncClient(base_url=f"{served.base}/control", timeout=30) as control,
    ):
        ready = served.ready()
        accounts = {name: one for name, one in ready["accounts"].items() if one["kind"] != without}
        daemon = await Conductor.open(folder, {**ready, "accounts": accounts}, control, address)
        try:
            if rules:
                await daemon.change_rules("returns.yaml", rules)
            await daemon.run("warehouse", FlowName.STOCK)
            await daemon.settle(rounds=2)
            yield daemon
        finally:
            await daemon.close()


@dataclass(slots=True)
class Back:
    """One order on its way out and back. `daemon` may be replaced by a restored one."""

    daemon: Conductor
    shop: str
    number: str
    """The order's code, without the sign that Shopify puts before it."""

    @property
    def ours(self) -> str:
        """The number under which the shop shows it."""
        return f"#{self.number}" if self.shop == "shopify" else self.number

    # --- on the way out ---------------------------------------------------------------------------

    async def sent(self) -> str:
        """Packed, labelled, gone and delivered; the parcel's number."""
        await self.daemon.settle(rounds=2)
        await self.work("packed")
        await self.daemon.settle(rounds=3)
        await self.work("done")
        await self.daemon.settle(rounds=3)
        numbers = await self.parcels()
        assert len(numbers) == 1, await self.entries("shipment_shipped")
        return numbers[0]

    async def work(self, until: str) -> None:
        """The warehouse's people work on its first shipment."""
        await self.daemon.act(
            "/warehouse/work", reference=f"{self.shop}/{self.ours}/1", until=until, parcels=1
        )

    async def parcels(self) -> list[str]:
        """The numbers that the warehouse says have left."""
        return [number for entry in await self.entries("shipment_shipped") for number in entry["tracking"]]

    async def scanned(self, tracking: str, *statuses: str) -> None:
        """The courier scans a parcel, and we look."""
        for status in statuses:
            await self.daemon.act("/courier/scan", tracking=tracking, status=status)
        await self.daemon.later(timedelta(minutes=2))
        await self.daemon.settle(rounds=3)

    # --- asking -----------------------------------------------------------------------------------

    async def asks(self, lines: Mapping[str, int], **more: Any) -> None:
        """The buyer asks in the shop."""
        body = [{"sku": sku, "quantity": units} for sku, units in lines.items()]
        await self.daemon.act("/ask", shop=self.shop, order=self.number, lines=body, **more)
        await self.daemon.settle(rounds=2)

    async def entered(
        self, kind: RequestKind, lines: Mapping[str, tuple[int, int]] | None = None, **more: Any
    ) -> BackCase:
        """A person enters what the buyer asked for by mail: by SKU, pieces and money without goods."""
        order = await self.daemon.order(self.ours)
        wanted = {
            line.external_id: (line.quantity, 0) if lines is None else lines[str(line.remote_sku)]
            for line in order.lines
            if lines is None or line.remote_sku in lines
        }
        async with self.daemon.store.write() as tx:
            await enter(tx, order, kind, wanted, who="ann", **more)
        await self.daemon.run(self.shop, FlowName.WAY_BACK)
        return await self.case()

    async def case(self) -> BackCase:
        """The order's last case."""
        order = await self.daemon.order(self.ours)
        async with self.daemon.store.read() as tx:
            return (await cases.of_order(tx, OrderId(order.row.id)))[-1]

    async def received(self, *found: Mapping[str, Any], reference: str = "", until: str = "done") -> None:
        """The dock opens the parcel that was announced; without `found`, all is there and good."""
        body: dict[str, Any] = {"reference": reference or f"{self.shop}/{self.ours}/R1", "until": until}
        await self.daemon.act("/warehouse/return", **body, **({"lines": list(found)} if found else {}))
        await self.daemon.settle(rounds=4)

    # --- the sandbox's books ----------------------------------------------------------------------

    async def entries(self, kind: str) -> list[dict[str, Any]]:
        """The facts of one kind that the ledger has of this order."""
        return [
            facts
            for facts in await entries(self.daemon, kind)
            if self.number in str(facts.get("code") or facts.get("reference") or "")
        ]

    async def refunds(self) -> list[int]:
        """What went back to the buyer, in minor units, in the order in which it did."""
        return [facts["amount"] for facts in await self.entries("refunded")]


async def entries(daemon: Conductor, kind: str) -> list[dict[str, Any]]:
    """The facts of every entry of one kind in the sandbox's ledger."""
    told = (await daemon.control.get("/ledger")).json()["entries"]
    return [entry["facts"] for entry in told if entry["kind"] == kind]


async def fair(daemon: Conductor) -> Any:
    """Nothing lost, doubled, oversold, unpaid or shipped after its cancellation, says the sandbox's judge."""
    verdict = await daemon.judged()
    names = ("lost_orders", "duplicate_effects", "oversold_units", "cancelled_shipped", "unrefunded_orders")
    assert [verdict[name] for name in names] == [0] * len(names), verdict
    return verdict


async def bought(daemon: Conductor, shop: str, **lines: int) -> Back:
    """A shopper buys (SKUs with `_` for `-`)."""
    return Back(daemon, shop, await daemon.buy(shop, **lines))
