"""People at the suppliers: they read their post, answer orders, and hand parcels to the carrier.

Now and then a clerk refuses an article, and sells a few pieces to somebody else before the next list is out.
"""

import asyncio
from random import Random

from sandbox.supplier.postbox import Postbox
from sandbox.supplier.records import NotDone, OrderState
from sandbox.world import World

_LIST_SECONDS = 4.0
"""Between two price lists."""
_REFUSES = 0.08
"""How often a clerk refuses an article although it is on the list."""
_SELLS = 0.3
"""How often somebody else buys between two lists."""


class Clerks:
    """All clerks of a world. `pace` divides their delays."""

    def __init__(self, world: World, pace: float) -> None:
        self._world = world
        self._pace = pace
        self._answered: set[str] = set()

    async def work(self) -> None:
        """Work at every supplier until cancelled."""
        async with asyncio.TaskGroup() as group:
            for name, postbox in self._world.suppliers.items():
                random = self._world.random(f"clerks/{name}")
                group.create_task(self._lists(postbox, random))
                group.create_task(self._orders(postbox, random))

    async def _lists(self, postbox: Postbox, random: Random) -> None:
        while True:
            postbox.publish()
            await asyncio.sleep(_LIST_SECONDS / self._pace)
            if random.random() < _SELLS:
                self._sell_elsewhere(postbox, random)

    def _sell_elsewhere(self, postbox: Postbox, random: Random) -> None:
        there = [code for code, good in postbox.supplier.goods.items() if good.stock > 0]
        if there:
            postbox.supplier.lose(random.choice(there), 1)

    async def _orders(self, postbox: Postbox, random: Random) -> None:
        while True:
            await asyncio.sleep(random.uniform(0.3, 1.0) / self._pace)
            postbox.collect()
            for order in list(postbox.supplier.orders):
                self._handle(postbox, order.reference, order.state, order.cancel_asked, random)
            postbox.send()

    def _handle(
        self, postbox: Postbox, reference: str, state: OrderState, cancel: bool, random: Random
    ) -> None:
        """One step on: acknowledge, stop, or send."""
        supplier = postbox.supplier
        order = supplier.order(reference)
        if cancel and reference not in self._answered:
            self._answered.add(reference)
            supplier.answer_cancel(reference, stopped=not order.despatched)
        elif state is OrderState.RECEIVED:
            refused = [code for code in order.lines if random.random() < _REFUSES]
            supplier.acknowledge(reference, refused)
        elif state is OrderState.ACKNOWLEDGED and order.open:
            try:
                self._world.courier.accept(supplier.despatch(reference))
            except NotDone:
                return
