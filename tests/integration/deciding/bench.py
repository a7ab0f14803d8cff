"""What the tests of decisions stand on: a receiver that runs, people, and an order or a question that waits."""

import asyncio
import re
from dataclasses import replace
from datetime import UTC, timedelta

import httpx

from config import Listen
from mappings.people import Colleague, Staff
from sync.domain.clock import SetClock
from sync.domain.confirm import HoldWanted
from sync.domain.ids import AccountId, OrderId
from sync.domain.lifecycle import Release
from sync.domain.money import Money
from sync.domain.waiting import LINK_LASTS, About, Decider, Topic
from sync.engine.deciding import links
from sync.engine.deciding.desk import DecisionDesk, House
from sync.engine.inbound.receiver import Receiver
from sync.engine.inbound.reception import Reception
from sync.flows.flow import FlowName
from sync.store import cases, hold_links, holds, orders
from sync.store.database import Store
from sync.store.holds import Hold
from tests.integration.store.samples import remote_order

LIN = Decider("lin", frozenset({"service"}), frozenset({Topic.ORDER, Topic.PURCHASE, Topic.GUARD}))
MAX = Decider("max", frozenset({"ops"}), frozenset({Topic.ORDER}), (Money(10_000, "EUR"),))
LARGE = HoldWanted(
    "rule large", "hold rule 'large' applies", "Look at the order.", Release.MANUAL, owner="service"
)
TOKEN = re.compile(r'name="token" value="([^"]+)"')


class Bench:
    """The store, the port, and how to open and send what a person would."""

    client: httpx.AsyncClient

    def __init__(self, store: Store, clock: SetClock, shop: AccountId) -> None:
        self.store = store
        self.clock = clock
        self.shop = shop
        self.staff = Staff((Colleague(LIN), Colleague(MAX)))
        self.woken: list[tuple[AccountId, FlowName]] = []
        self.desk = DecisionDesk(store, lambda: House(self.staff, UTC), self._hint)
        time = asyncio.get_running_loop().time
        reception = Reception(store, self._hint, time)
        self.receiver = Receiver(Listen("127.0.0.1", 0), lambda: {}, reception, self.desk.routes)
        self.receiver.bind()

    def _hint(self, account: AccountId, flow: FlowName) -> None:
        self.woken.append((account, flow))

    async def held_order(self, wanted: HoldWanted = LARGE, number: str = "1001") -> str:
        """An order of 19.90 EUR that waits; returns the hold's id."""
        async with self.store.write() as tx:
            saved = await orders.save(tx, self.shop, remote_order(number), history=False, masked=False)
            value = Money(1_990, "EUR")
            about = About(
                Topic.ORDER, saved.id, f"shop/{number}", self.shop, OrderId(saved.id), value, "review"
            )
            await cases.open_hold(tx, saved.id, **holds.row_of(tx, about, wanted))
            case = await cases.load(tx, saved.id)
            assert case is not None
            return str(case.open_holds[wanted.rule].id)

    async def question(
        self, wanted: HoldWanted = LARGE, about: str = "case-1", topic: Topic = Topic.PURCHASE
    ) -> str:
        """A question, about a purchase unless told otherwise; returns the hold's id."""
        async with self.store.write() as tx:
            thing = About(
                topic,
                about,
                f"shop/{about}",
                self.shop,
                None,
                Money(500, "EUR"),
                FlowName.ORDERS.value,
            )
            return await holds.keep_one(tx, thing, wanted)

    async def link(self, hold: str, person: str = "lin", lasts: timedelta = LINK_LASTS) -> str:
        """The path of a person's link."""
        async with self.store.write() as tx:
            await hold_links.make(tx, hold, person, lasts)
            made = next(one for one in await hold_links.of(tx, hold) if one.person == person)
            return links.address("", tx.sealer, made)

    async def hold(self, id: str) -> Hold:
        """As it is now."""
        async with self.store.read() as tx:
            found = await holds.get(tx, id)
        assert found is not None
        return found

    async def token(self, path: str) -> str:
        """The token of the form that the page has."""
        page = await self.client.get(path)
        assert page.status_code == 200, page.text
        found = TOKEN.search(page.text)
        assert found is not None
        return found[1]

    async def send(
        self, path: str, token: str, word: str = "approved", comment: str = "", **headers: str
    ) -> httpx.Response:
        """What the page's form sends."""
        fields = {"token": token, "word": word, "comment": comment}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.post(path, data=fields, headers=named)

    async def decide(self, path: str, word: str = "approved", comment: str = "") -> httpx.Response:
        """Open the page, and send its form."""
        return await self.send(path, await self.token(path), word, comment)

    def only(self, **changes: object) -> None:
        """lin, changed so, is everybody from now on."""
        self.staff = Staff((Colleague(replace(LIN, **changes)),))  # type: ignore[arg-type]
