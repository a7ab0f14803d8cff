"""What people do in a day: shoppers buy and change their minds, the shops' staff cancel, goods arrive and are counted.

How much is bought follows the hour: nearly nothing by night, most in the evening. What is bought is chosen by the
seed; what a shopper gets depends on what the shop shows at that moment.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from sandbox.mixed import ONLY_THERE, REGRETS, SHOPS, STORED
from sandbox.shoppers import someone
from sandbox.warehouse.store import MAIN, SECOND
from tests.simulate.schedule import FIRST_HOUR
from tests.simulate.world import World

_BY_HOUR = (*(0.3,) * 6, 1.5, 2.5, 3.5, 4, 4, 4, 5, 4, 3.5, 3.5, 4, 5, 7, 8, 8, 6, 3, 1)
"""Purchases an hour, from midnight on: about 80 a day."""
_BUYER_CANCELS, _PART_CANCELS, _STAFF_CANCELS = 0.05, 0.02, 0.02
_SENDS_BACK = 0.1
"""Of parcels that have arrived from a shop with requests."""
_SCARCE = tuple(good.sku for good in STORED if good.units < 10)
_SCARCE_THERE = tuple(good.sku for good in ONLY_THERE if good.units < 10)
_PLENTY = tuple(good.sku for good in STORED if good.units >= 10)


@dataclass(frozen=True, slots=True)
class Cancel:
    """Somebody will cancel an order, or one unit of a line."""

    at: timedelta
    who: str
    shop: str
    order: str
    line: str | None


@dataclass(slots=True)
class Trade:
    """The people of a run. `counts` says what they tried and what the shops refused."""

    world: World
    random: Random
    counts: Counter[str] = field(default_factory=Counter)
    _cancels: list[Cancel] = field(default_factory=list)
    sale: int = 0
    """Purchases of a flash sale that are still to come."""
    _parcels: dict[str, tuple[str, str]] = field(default_factory=dict)
    """(order as shop/number, a SKU in it) by the number of a parcel that left."""
    _regrets: list[tuple[timedelta, str, str]] = field(default_factory=list)

    # --- buying and cancelling ---------------------------------------------------------------------

    def tempo(self, since: timedelta, until: timedelta) -> int:
        """How many purchases fall between two moments."""
        hours = (until - since) / timedelta(hours=1)
        middle = int((FIRST_HOUR + (since + until) / 2 / timedelta(hours=1)) % 24)
        expected = max(0.0, hours) * _BY_HOUR[middle]
        whole = int(expected)
        return whole + (self.random.random() < expected - whole)

    async def buy(self, number: int, now: timedelta) -> None:
        """So many shoppers buy."""
        for _ in range(number):
            await self._buy(self._lines(), now)

    async def rush(self, now: timedelta) -> None:
        """A part of the flash sale: many shoppers want the same two articles, in all shops at once."""
        number = min(self.sale, 8)
        self.sale -= number
        for n in range(number):
            await self._buy({(_SCARCE[0] if n % 2 else _PLENTY[0]): self.random.randint(1, 3)}, now)

    def _lines(self) -> dict[str, int]:
        goods = ONLY_THERE if self.random.random() < 0.3 else STORED
        chosen = [self.random.choice(goods).sku for _ in range(self.random.choices((1, 2, 3), (5, 3, 1))[0])]
        if self.random.random() < 0.1:
            chosen.append(self.random.choice((*_SCARCE, *_SCARCE_THERE)))
        return {sku: self.random.choices((1, 2, 3), (6, 3, 1))[0] for sku in chosen}

    async def _buy(self, lines: dict[str, int], now: timedelta) -> None:
        shop = self.random.choice(SHOPS)
        self.counts["purchases tried"] += 1
        wanted = [{"sku": sku, "quantity": units} for sku, units in lines.items()]
        buyer = asdict(someone(shop, self.random))
        order = await self.world.attempt("/buy", shop=shop, lines=wanted, buyer=buyer)
        if order is None:
            self.counts["carts left empty"] += 1
            return
        self._change_of_mind(shop, order, now)

    def _change_of_mind(self, shop: str, order: dict[str, Any], now: timedelta) -> None:
        chance = self.random.random()
        line = None
        if chance < _BUYER_CANCELS:
            who, hours = "buyer", self.random.choice((0.0, 0.5, 2.0, 4.0))
        elif chance < _BUYER_CANCELS + _PART_CANCELS:
            who, hours = "buyer", self.random.uniform(0, 3)
            line = str(self.random.choice(order["lines"])["id"])
        elif chance < _BUYER_CANCELS + _PART_CANCELS + _STAFF_CANCELS:
            who, hours = "staff", self.random.uniform(0, 12)
        else:
            return
        self._cancels.append(Cancel(now + timedelta(hours=hours), who, shop, order["order"], line))

    async def cancel(self, now: timedelta) -> None:
        """Cancel what somebody meant to cancel by now; a shop may say that it is too late."""
        due = [cancel for cancel in self._cancels if cancel.at <= now]
        self._cancels = [cancel for cancel in self._cancels if cancel.at > now]
        for cancel in due:
            body: dict[str, Any] = {
                "shop": cancel.shop,
                "order": cancel.order,
                "reason": f"the {cancel.who} asked",
            }
            if cancel.line is not None:
                body["lines"] = [{"line": cancel.line, "quantity": 1}]
            done = await self.world.attempt("/cancel", **body)
            self.counts[f"cancelled by {cancel.who}" if done else "cancels refused"] += 1

    # --- after the sale ----------------------------------------------------------------------------

    def hear(self, entries: Sequence[Mapping[str, Any]], now: timedelta) -> None:
        """Some of those whose parcel has arrived will ask to send one unit back."""
        for entry in entries:
            facts = entry["facts"]
            if entry["kind"] == "shipment_shipped" and facts["lines"]:
                order = "/".join(str(facts["reference"] or "").split("/")[:2])
                self._parcels |= dict.fromkeys(facts["tracking"], (order, min(facts["lines"])))
            elif entry["kind"] == "delivered" and facts["tracking"] in self._parcels:
                order, sku = self._parcels[facts["tracking"]]
                if order.partition("/")[0] in REGRETS and self.random.random() < _SENDS_BACK:
                    self._regrets.append((now + timedelta(hours=self.random.uniform(1, 12)), order, sku))

    async def regret(self, now: timedelta) -> None:
        """Ask what somebody meant to ask by now; in each tenth case the staff make amends instead."""
        due = [each for each in self._regrets if each[0] <= now]
        self._regrets = [each for each in self._regrets if each[0] > now]
        for _, named, sku in due:
            shop, _, order = named.partition("/")
            if self.random.random() < 0.1:
                done = await self.world.attempt("/give-back", shop=shop, order=order, amount=100)
                self.counts["amends by staff" if done else "amends refused"] += 1
                continue
            lines = [{"sku": sku, "quantity": 1}]
            done = await self.world.attempt("/ask", shop=shop, order=order, lines=lines)
            self.counts["asked to send back" if done else "requests refused"] += 1

    # --- goods -------------------------------------------------------------------------------------

    async def receive(self, units: int) -> None:
        """Scarce goods arrive at one of the warehouses."""
        for sku in self.random.sample(_SCARCE, 3):
            place = self.random.choice((MAIN, SECOND))
            await self.world.attempt("/warehouse/receive", sku=sku, quantity=units, warehouse=place)
            self.counts["units received"] += units

    async def supply(self, units: int) -> None:
        """Scarce goods arrive at the supplier's."""
        sku = self.random.choice(_SCARCE_THERE)
        await self.world.attempt("/supplier/receive", code=f"A-{sku}", units=units)
        self.counts["units received"] += units

    async def count(self, missing: int) -> None:
        """The main warehouse's staff take stock of an article, and some units are not there."""
        sku = self.random.choice(_PLENTY)
        done = await self.world.attempt("/warehouse/count", sku=sku, missing=missing)
        self.counts["units not found"] += done["missing"] if done else 0

    async def set_shelf(self, units: int) -> None:
        """A shop's staff set a stock by hand, too low: too high would be a promise of theirs."""
        sku, shop = self.random.choice(_PLENTY), self.random.choice(SHOPS)
        await self.world.attempt("/shop-stock", shop=shop, sku=sku, quantity=units)
        self.counts["stocks set by hand"] += 1

    async def publish(self, slip: str) -> None:
        """The supplier publishes a list that is wrong; its clerks soon publish a right one."""
        await self.world.attempt("/supplier/publish", slip=slip)
        self.counts["bad supplier lists"] += 1


def halves(number: int, chance: Callable[[], float]) -> tuple[int, int]:
    """So many things before, and so many while the daemon works."""
    before = sum(chance() < 0.5 for _ in range(number))
    return before, number - before
