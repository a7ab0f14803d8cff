"""Four shops of different make, with a few goods each, whose prices can be looked at in their own books."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum, auto
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from connectors.contract import Deadline, Outcome, Rejected, Retry, SetPrice, Unknown
from sandbox.people import People
from sandbox.serving import serve
from sandbox.storefront.medusa.books import MedusaShop
from sandbox.storefront.shopify.books import ShopifyShop
from sandbox.storefront.woocommerce.books import WooShop
from sandbox.world import World
from sync.flows.flow import FlowName
from sync.store import issues
from sync.store.issues import Issue
from sync.store.tables import account, offer_price
from tests.integration.flows.conductor import Conductor

VENDURE, MEDUSA, SHOPIFY, WOO = "main", "medusa", "shopify", "woo"
SHOPS = (VENDURE, MEDUSA, SHOPIFY, WOO)
SKUS = ("MUG", "JUG", "BOWL")
SUPPLIER = "acme"
NO_GUARDS = """
guards: {price_move: "off", prices_changing: "off"}
"""


class Mood(Enum):
    """What may become of one price of a batch."""

    DONE = auto()
    REJECTED = auto()
    RETRY = auto()
    LOST_BEFORE = auto()
    """It never reached the shop, and nobody can say so."""
    LOST_AFTER = auto()
    """The shop took it, and its answer was lost."""
    LEFT_OUT = auto()
    """The shop's answer says nothing of it."""

    @property
    def reaches(self) -> bool:
        """Whether the shop hears of it."""
        return self in (Mood.DONE, Mood.LOST_AFTER)

    def answer(self, told: Outcome[Decimal] | None) -> Outcome[Decimal]:
        """What we hear."""
        match self:
            case Mood.DONE if told is not None:
                return told
            case Mood.REJECTED:
                return Rejected("not this one")
            case Mood.RETRY:
                return Retry("busy")
        return Unknown("no answer came")


@dataclass(slots=True)
class Calls:
    """What a shop was told of prices, call by call; `answer` turns over what it said."""

    batches: list[list[SetPrice]] = field(default_factory=list)
    answer: Any = None
    moods: Callable[[SetPrice], Mood] | None = None
    """What becomes of each item; None: the shop does as it is told."""

    @property
    def sent(self) -> list[SetPrice]:
        """Every price of every call."""
        return [item for batch in self.batches for item in batch]


class Listened:
    """The real connector, with what it is told of prices written down."""

    def __init__(self, connector: Any, calls: Calls) -> None:
        self._connector = connector
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connector, name)

    async def set_prices(
        self, batch: Sequence[SetPrice], deadline: Deadline
    ) -> Mapping[str, Outcome[Decimal]]:
        """The shop's own answer, turned over where the test says so."""
        self._calls.batches.append(list(batch))
        moods = {item.variant: self._calls.moods(item) for item in batch} if self._calls.moods else {}
        reaching = [item for item in batch if moods.get(item.variant, Mood.DONE).reaches]
        answer: Mapping[str, Outcome[Decimal]] = await self._connector.set_prices(reaching, deadline)
        told = {name: moods.get(name, Mood.DONE).answer(answer.get(name)) for name in {*answer, *moods}}
        return told if self._calls.answer is None else self._calls.answer(told)


@dataclass(slots=True)
class Street:
    """The shops of a world, and the daemon that keeps their prices."""

    daemon: Conductor
    world: World
    calls: dict[str, Calls] = field(default_factory=dict)

    def price(self, shop: str, sku: str) -> Decimal:
        """What a buyer pays, by the shop's own books."""
        books, variant = self.world.shops[shop], self.world.listings[shop, sku]
        if isinstance(books, MedusaShop):
            return books.price(variant)
        return Decimal(variant.price).scaleb(-books.terms.precision)

    def struck(self, shop: str, sku: str) -> Decimal | None:
        """The struck-out price, by the shop's own books."""
        books, variant = self.world.shops[shop], self.world.listings[shop, sku]
        if isinstance(books, ShopifyShop):
            known = books.extras_of(variant).compare_at
            return None if known is None else Decimal(known).scaleb(-books.terms.precision)
        if isinstance(books, WooShop):
            post = books.posts[int(variant.id)]
            return Decimal(post.regular_price) if post.sale_price else None
        return None

    async def rules(self, text: str, *tables: tuple[str, str], guards: str = NO_GUARDS) -> None:
        """Let these rules rule, with their tables."""
        folder = self.daemon.folder / "mappings"
        folder.mkdir(exist_ok=True)
        for name, rows in tables:
            (folder / name).write_text(rows, encoding="utf-8")
        await self.daemon.change_rules("prices.yaml", text + guards)

    async def push(self, *shops: str) -> None:
        """The price pushes of these shops, or all."""
        for shop in shops or SHOPS:
            await self.daemon.run(shop, FlowName.PUSH_PRICES)

    async def look(self, *shops: str) -> None:
        """Read the catalogues of these shops, or all, from their beginning."""
        for shop in shops or SHOPS:
            await self.daemon.run(shop, FlowName.CATALOGUE)

    async def row(self, shop: str, sku: str) -> Any:
        """The stored price of a listing."""
        variant = self.world.listings[shop, sku]
        named = await self.name_of(shop, sku)
        async with self.daemon.store.read() as tx:
            found = await tx.one(
                sa.select(offer_price)
                .join(account, account.c.id == offer_price.c.account_id)
                .where(account.c.name == shop, offer_price.c.external_id == named)
            )
        assert variant is not None
        return found

    async def name_of(self, shop: str, sku: str) -> str:
        """The shop's id of a listing, as the connector names it."""
        async with self.daemon.store.read() as tx:
            found = await tx.scalar(
                sa.text(
                    "SELECT listing.external_id FROM listing JOIN account ON account.id = listing.account_id "
                    "WHERE account.name = :shop AND listing.remote_sku = :sku"
                ),
                {"shop": shop, "sku": sku},
            )
        return str(found)

    async def issues(self, kind: str) -> list[Issue]:
        """The open issues of a kind."""
        async with self.daemon.store.read() as tx:
            return await issues.list_open(tx, kind=kind)

    def told(self) -> dict[str, list[str]]:
        """By shop: the prices that it was told since this was asked last, in their order."""
        said = {shop: [str(item.price) for item in calls.sent] for shop, calls in self.calls.items()}
        for calls in self.calls.values():
            calls.batches.clear()
        return {shop: prices for shop, prices in said.items() if prices}


@asynccontextmanager
async def street(folder: Path, address: Path | str) -> AsyncIterator[Street]:
    """The shops, bound and in step; a supplier asks half of what the shops ask for the mug."""
    (folder / SUPPLIER).mkdir()
    world = _world(folder / SUPPLIER)
    async with (
        serve(world, People(world, orders_per_second=1, pace=1)) as served,
        httpx.AsyncClient(base_url=f"{served.base}/control", timeout=30) as control,
    ):
        daemon = await Conductor.open(folder, served.ready(), control, address)
        here = Street(daemon, world)
        try:
            for shop in SHOPS:
                here.calls[shop] = Calls()
                daemon.connectors[shop] = Listened(daemon.connectors[shop], here.calls[shop])
            await daemon.run("warehouse", FlowName.STOCK)
            await here.look()
            yield here
        finally:
            await daemon.close()


def _world(papers: Path) -> World:
    world = World(1)
    shops = [
        world.open_shop(VENDURE),
        world.open_medusa(MEDUSA),
        world.open_shopify(SHOPIFY),
        world.open_woocommerce(WOO),
    ]
    acme = world.open_supplier(SUPPLIER, folder=papers)
    for number, sku in enumerate(SKUS, 1):
        world.warehouse.add_product(sku, sku.title())
        world.warehouse.receive(sku, 100)
        for shop in shops:
            world.list_good(shop, sku, sku.title(), 1000 * number, physical=sku, units=50)
    acme.supplier.add_good("A-MUG", "MUG", 500, 40, name="Mug")
    acme.publish()
    return world
