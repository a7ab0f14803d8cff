"""The people of the world at work: shoppers and shop staff, warehouse people, couriers, clerks at suppliers.

Each trade is a set of asyncio tasks that can be started and stopped by itself. All delays are divided by the
pace. People act only through the systems' own operations.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from sandbox import aftersale, fates
from sandbox.assortment import RESTOCKED, SHORT
from sandbox.clerks import Clerks
from sandbox.deeds import codes_in
from sandbox.ledger import Entry
from sandbox.shoppers import SLOW_SECONDS, Plot, Purchase, fill, script, settle
from sandbox.storefront import cancelling
from sandbox.storefront.orders import Order
from sandbox.storefront.refusals import Refused
from sandbox.warehouse.rows import CustomerReturn, ShipmentState
from sandbox.world import World

TRADES = ("shoppers", "warehouse", "couriers")
CLERKS = "clerks"
"""A trade only where there are suppliers."""
Script = Callable[[Random], Iterator[Purchase]]
"""What shoppers mean to buy, without end."""
_LOOK = 0.1
"""Seconds between two looks at what there is to do."""

_STAGES = ("assigned", "picked", "packed", "shipped", "done")
"""What warehouse people bring a shipment to, one after another."""

_BUYING, _PAYING = "buying", "paying"
"""The names of the tasks that may still bring orders."""

_RESTOCK_AFTER = 6.0
"""Seconds until the supplier replaces what was broken."""

_AMENDS = 100
"""Minor units that staff give back by hand."""
_AFTERWARDS = (Plot.SEND_BACK, Plot.SWAP, Plot.AMENDS)
"""What happens when a parcel has arrived."""


@dataclass(slots=True)
class People:
    """Everyone in the world; `start` and `stop` take the names of trades."""

    world: World
    orders_per_second: float = 3.0
    pace: float = 1.0
    script: Script = script
    purchases_tried: int = 0
    _tasks: dict[str, set[asyncio.Task[None]]] = field(init=False)
    _waiting: dict[str, Plot] = field(default_factory=dict)
    _parcels: dict[str, str] = field(default_factory=dict)
    """Orders by the number of a parcel that left."""
    _arrived: set[str] = field(default_factory=set)
    """Orders of which a parcel is with its buyer."""

    def __post_init__(self) -> None:
        trades = (*TRADES, CLERKS) if self.world.suppliers else TRADES
        self._tasks = {trade: set() for trade in trades}

    @property
    def trades(self) -> tuple[str, ...]:
        """The trades of this world."""
        return tuple(self._tasks)

    def start(self, trade: str) -> None:
        """Let a trade begin its work; one that is at work already goes on."""
        if self._tasks[trade]:
            return
        work: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
            "shoppers": self._shop,
            "warehouse": self._pick,
            "couriers": self._carry,
            CLERKS: Clerks(self.world, self.pace).work,
        }
        self._go(trade, work[trade](), _BUYING if trade == "shoppers" else "")
        if trade == "shoppers":
            self._go(trade, self._staff())
        if trade == "warehouse":
            self._go(trade, self._open_returns())

    def stop(self, trade: str) -> None:
        """Let a trade drop its tools."""
        for task in list(self._tasks[trade]):
            task.cancel()

    def stop_shopping(self) -> None:
        """No more purchases; the shops' staff and slow shoppers finish what they began."""
        for task in list(self._tasks["shoppers"]):
            if task.get_name() == _BUYING:
                task.cancel()

    def at_work(self) -> dict[str, bool]:
        """Which trades are at work."""
        return {trade: bool(tasks) for trade, tasks in self._tasks.items()}

    def shopping(self) -> bool:
        """Whether someone may still buy."""
        return any(task.get_name() in (_BUYING, _PAYING) for task in self._tasks["shoppers"])

    def _go(self, trade: str, work: Coroutine[Any, Any, None], name: str = "") -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks[trade].add(task)
        task.add_done_callback(self._tasks[trade].discard)

    async def _pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self.pace)

    # --- shoppers and shop staff -------------------------------------------------------------------

    async def _shop(self) -> None:
        random = self.world.random("shoppers")
        for purchase in self.script(random):
            if not purchase.at_once:
                await asyncio.sleep(random.uniform(0.5, 1.5) / self.orders_per_second)
            self.purchases_tried += 1
            self.buy(purchase)

    def buy(self, purchase: Purchase) -> None:
        """Carry out one purchase, and what its plot says."""
        shop = self.world.shops[purchase.shop]
        cart = fill(shop, self.world.listings, purchase)
        if cart is None:
            return
        if purchase.slow:
            self._go("shoppers", self._pay_later(purchase, cart), _PAYING)
        else:
            self._paid(purchase, settle(shop, cart))

    async def _pay_later(self, purchase: Purchase, cart: Order) -> None:
        await asyncio.sleep(SLOW_SECONDS)
        self._paid(purchase, settle(self.world.shops[purchase.shop], cart))

    def _paid(self, purchase: Purchase, order: Order) -> None:
        shop = self.world.shops[purchase.shop]
        match purchase.plot:
            case Plot.CANCEL_BEFORE:
                cancelling.cancel(shop, order.id, None, shipping=True, reason="changed their mind")
            case Plot.CANCEL_LINE:
                line = order.lines[0]
                cancelling.cancel(
                    shop, order.id, [{"orderLineId": line.id, "quantity": 1}], reason="one too many"
                )
            case Plot.CANCEL_DURING | Plot.CANCEL_AFTER | Plot.SEND_BACK | Plot.SWAP | Plot.AMENDS:
                self._waiting[order.code] = purchase.plot
            case Plot.BREAK_STOCK:
                self._break_stock(order)
            case _:
                pass

    def _break_stock(self, order: Order) -> None:
        """All but one unit is found broken; the supplier sends as many again."""
        if any(line.product_variant.physical == SHORT.sku for line in order.lines):
            fates.count(self.world.warehouse, SHORT.sku, 1)
            self._go("warehouse", self._restock())

    async def _restock(self) -> None:
        await self._pause(_RESTOCK_AFTER)
        self.world.warehouse.receive(SHORT.sku, RESTOCKED)

    async def _staff(self) -> None:
        """Cancel orders when the warehouse has picked or shipped them."""
        seen = 0
        while True:
            for entry in self.world.ledger.entries(seen):
                seen = entry.sequence
                self._react(entry)
            for code in list(self._arrived):
                self._afterwards(code)
            await asyncio.sleep(_LOOK)

    def _react(self, entry: Entry) -> None:
        if entry.kind == "shipment_shipped":
            code = next(iter(codes_in(str(entry.facts.get("reference") or ""))), "")
            self._parcels |= dict.fromkeys(map(str, entry.facts["tracking"]), code)
        if entry.kind == "delivered":
            self._arrived.add(self._parcels.get(str(entry.facts["tracking"]), ""))
        moment = {"shipment_picked": Plot.CANCEL_DURING, "shipment_shipped": Plot.CANCEL_AFTER}.get(
            entry.kind
        )
        if moment is None:
            return
        for code in codes_in(str(entry.facts.get("reference") or "")):
            if self._waiting.get(code) is moment:
                del self._waiting[code]
                shop = next(shop for shop in self.world.shops.values() if code in shop.by_code)
                with contextlib.suppress(Refused):
                    cancelling.cancel(shop, shop.by_code[code].id, None, reason="the buyer asked")

    def _afterwards(self, code: str) -> None:
        """A parcel has arrived: its buyer asks, once the shop knows that it left, or the staff make amends."""
        plot = self._waiting.get(code)
        if plot not in _AFTERWARDS:
            self._arrived.discard(code)
            return
        name = next(name for name, shop in self.world.shops.items() if code in shop.by_code)
        with contextlib.suppress(Refused):
            if plot is Plot.AMENDS:
                aftersale.give_back(self.world, name, code, _AMENDS, "sorry")
            else:
                line = self.world.shops[name].by_code[code].lines[0]
                lines = {str(line.product_variant.sku): 1}
                wish = aftersale.Wish(name, code, lines, lines if plot is Plot.SWAP else {})
                aftersale.ask(self.world, wish)
            del self._waiting[code]

    # --- warehouse people --------------------------------------------------------------------------

    async def _pick(self) -> None:
        """Give every new shipment to somebody."""
        random = self.world.random("hands")
        taken: set[int] = set()
        while True:
            for shipment in self.world.warehouse.open_shipments():
                if shipment.id not in taken and shipment.state != "draft":
                    taken.add(shipment.id)
                    hands = Random(random.random())
                    self._go("warehouse", self._handle(shipment.id, shipment.state, hands))
            await asyncio.sleep(_LOOK)

    async def _handle(self, shipment: int, now: str, random: Random) -> None:
        """Assign, pick, pack, and hand over once the parcels have their labels; go on from its state `now`."""
        begin = _STAGES.index(now) + 1 if now in _STAGES else 0
        for until in _STAGES[begin:]:
            await self._pause(random.uniform(0.3, 1.5))
            while (state := self.world.warehouse.work(shipment, until)) != until:
                if state in ("done", "cancelled", "draft"):
                    return
                await self._pause(0.3)

    async def _open_returns(self) -> None:
        """Open every parcel that was announced: all of it is there, good, and put on sale again."""
        taken: set[int] = set()
        returns = self.world.warehouse.store.returns
        while True:
            for row in list(returns.rows.values()):
                if row.id not in taken and row.state is ShipmentState.DRAFT and row.reference:
                    taken.add(row.id)
                    self._go("warehouse", self._open_return(row))
            await asyncio.sleep(_LOOK)

    async def _open_return(self, row: CustomerReturn) -> None:
        await self._pause(1.0)
        self.world.warehouse.dock.receive(row)
        self.world.warehouse.dock.put_away(row)

    # --- couriers ----------------------------------------------------------------------------------

    async def _carry(self) -> None:
        """Give every parcel that left the warehouse to a driver."""
        random = self.world.random("drivers")
        taken: set[str] = set()
        seen = 0
        while True:
            for entry in self.world.ledger.entries(seen):
                seen = entry.sequence
                if entry.kind != "shipment_shipped":
                    continue
                for tracking in entry.facts["tracking"]:
                    if tracking not in taken and fates.known(self.world.courier, tracking):
                        taken.add(tracking)
                        self._go("couriers", self._drive(tracking, fates.journey(len(taken)), random))
            await asyncio.sleep(_LOOK)

    async def _drive(self, tracking: str, journey: tuple[fates.Scan, ...], random: Random) -> None:
        for scan in journey:
            await self._pause(scan.after * random.uniform(0.6, 1.4))
            self.world.courier.scan(tracking, scan.status, scan.description, reason=scan.reason)


def each(people: People, named: dict[str, bool] | None, do: Callable[[str], None]) -> None:
    """Do something for the trades that are named and true; for all when none is named."""
    for trade in people.trades:
        if not named or named.get(trade):
            do(trade)
