"""Whatever the rules and the world: a plan says what the pushes send, an applied plan is sent, and no price is too low.

Rules, goods and events are drawn by chance, one drawing after the other in one world of three shops that are live and
one that is only observed. What was sent is read in the shops' own books, before and after; what a price must at
least be is computed from the drawn goods by plain arithmetic.
"""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from sandbox.people import People
from sandbox.serving import serve
from sandbox.storefront.shopify.books import ShopifyShop
from sandbox.world import World
from sync.domain.plan import Field, PlanRow, Standing
from sync.engine.applying import Fate, approve, as_args, compare
from sync.engine.plan_files import FORM, Head, PlanWriter, read_plan, refusal
from sync.flows.flow import FlowContext
from sync.flows.flow import FlowName as F
from sync.flows.selling import price_times, promises, states
from sync.flows.trying import planning
from sync.store import plans
from sync.store.database import Fence
from sync.store.tables import account, listing
from tests.databases.fixtures import Place
from tests.integration.flows.conductor import Conductor
from tests.integration.flows.drawn_rules import LIVE, OBSERVED, SHOPS, SKUS, Good, Rules, draw

SEED, DRAWINGS = 1, 14
LEAST = 0.02
"""Each class of what may happen is so large a share of the drawings, or the test says nothing."""
FIRST, SECOND = (Field.QUANTITY, Field.PRICE), (Field.STATE, Field.CONTENT)
"""Planned one after the other: what is taken down leaves its units to the other shops."""
PUSHES = {
    Field.QUANTITY: F.PUSH_STOCK,
    Field.PRICE: F.PUSH_PRICES,
    Field.STATE: F.PUSH_LISTINGS,
    Field.CONTENT: F.PUSH_LISTINGS,
}
WRITES = ("set_quantities", "set_prices", "set_published", "put_listings")
CLASSES = frozenset(
    {
        *("sent: quantity", "sent: price", "sent: state", "sent: content", "raised", "lowered"),
        *("held: quantity", "held: price", "held: state", "applied at once", "applied after the push"),
        *("let through of one shop alone", "guards on", "guards off", "a floor", "no floor"),
        *(
            "a promotion in force",
            "a promotion that is over",
            "a rule takes down",
            "a buffer",
            "shares",
            "a cap",
        ),
        *("a reserve", "priority", "shared stock", "least shown", "tax with", "tax without", "coupons share"),
        *("struck out", "at its floor", "back up", "bought"),
    }
)
Key = tuple[str, Field, str]
"""(shop, field, SKU)"""
Books = dict[Key, Any]


@dataclass(slots=True)
class Heard:
    """The real connector, with its writes counted."""

    connector: Any
    writes: list[tuple[str, Any]] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        real = getattr(self.connector, name)
        if name not in WRITES:
            return real

        async def call(batch: Sequence[Any], *more: Any) -> Any:
            self.writes += [(name, item) for item in batch]
            return await real(batch, *more)

        return call


@dataclass(slots=True)
class Stage:
    """One world, and what has happened in it."""

    daemon: Conductor
    world: World
    heard: dict[str, Heard]
    chance: Random
    skus: dict[tuple[str, str], str] = field(default_factory=dict)
    """(shop, its id of a listing) → SKU"""
    titles: dict[str, str] = field(default_factory=dict)
    """What the catalogue says now, by SKU."""
    labels: set[str] = field(default_factory=set)
    """What happened in this drawing."""

    def books(self) -> Books:
        """What every shop shows, by its own books."""
        found: Books = {}
        for shop in SHOPS:
            for sku in SKUS:
                variant, shelf = self.world.listings[shop, sku], self.world.shops[shop]
                price, struck = Decimal(variant.price).scaleb(-shelf.terms.precision), None
                if isinstance(shelf, ShopifyShop):
                    known = shelf.extras_of(variant).compare_at
                    struck = None if known is None else Decimal(known).scaleb(-shelf.terms.precision)
                found[shop, Field.QUANTITY, sku] = variant.saleable
                found[shop, Field.PRICE, sku] = (price, struck)
                found[shop, Field.STATE, sku] = variant.live
                found[shop, Field.CONTENT, sku] = (variant.name, variant.product.name)
        return found

    def key(self, row: PlanRow) -> Key:
        """Where a row shows in the books."""
        return row.account, row.field, self.skus[row.account, row.listing]

    def writes(self) -> int:
        """How many values were told to shops since this was asked last."""
        assert not self.heard[OBSERVED].writes, "nothing is ever written to a shop that is only observed"
        count = sum(len(one.writes) for one in self.heard.values())
        for one in self.heard.values():
            one.writes.clear()
        return count

    async def looking(self) -> FlowContext:
        """The context of whoever looks."""
        shop = self.daemon.view(LIVE[0])
        return self.daemon.context(shop.name, Fence(shop.id, "", 0, 0.0))

    async def plan(self, fields: Sequence[Field], shops: Sequence[str] = LIVE) -> list[PlanRow]:
        """Every row of a plan, as the guards judge it; what is counted agrees with it."""
        views = [self.daemon.view(shop) for shop in shops]
        parts = await planning.plan_stored(await self.looking(), views, fields, rows=10**6)
        for part in parts:
            by = Counter(row.standing for row in part.first)
            assert len(part.first) == part.changes
            told = (part.held, part.refused, part.waiting, part.sent)
            assert told == tuple(
                by[one] for one in (Standing.HELD, Standing.REFUSED, Standing.WAITING, Standing.SEND)
            ), (part.account, part.field, told, by)
        return [row for part in parts for row in part.first]

    async def push(self, fields: Sequence[Field]) -> None:
        """The pushes of these fields, as ticks would; a raise that waits for another shop comes due."""
        for flow in dict.fromkeys(PUSHES[one] for one in fields):
            for _ in range(3 if flow is F.PUSH_STOCK else 1):
                await self.daemon.later(timedelta(seconds=6))
                for shop in LIVE if flow is F.PUSH_STOCK else SHOPS:
                    if flow is F.PUSH_STOCK:  # a raise waits for what others may have sold unknown to us
                        await self.daemon.run(shop, F.ORDERS)
                    await self.daemon.run(shop, flow)

    async def worked_out(self) -> None:
        """What is due by now is worked out, as every push does it before it sends."""

        async def due(ctx: FlowContext) -> None:
            await promises.turn(ctx, F.PUSH_STOCK)
            await promises.settle(ctx)
            await price_times.work_out_due(ctx)
            await states.decide_due(ctx)

        for shop in SHOPS:
            await self.daemon.under_lease(shop, due)

    async def read(self) -> None:
        """Every system is read and orders are handled; nothing is pushed."""
        for shop in SHOPS:
            await self.daemon.run(shop, F.ORDERS, F.REVIEW)
            if self.chance.random() < 0.4:
                await self.daemon.run(shop, F.CATALOGUE)
        await self.daemon.run("warehouse", F.OUTBOX, F.STOCK)

    async def rules(self, rules: Rules) -> None:
        """Let them rule."""
        folder = self.daemon.folder / "mappings"
        folder.mkdir(exist_ok=True)
        for name, text in rules.tables(self.daemon.clock.now()).items():
            (folder / name).write_text(text, encoding="utf-8")
        self.titles = {good.sku: good.title for good in rules.goods}
        await self.daemon.change_rules("rules.yaml", rules.yaml())


@asynccontextmanager
async def stage(folder: Path, database: Place, seed: int) -> AsyncIterator[Stage]:
    """The shops, bound and in step; one of them is only observed."""
    world = World(1)
    for sku in SKUS:
        world.warehouse.add_product(sku, sku)
        world.warehouse.receive(sku, 30)
    for name in SHOPS:
        shop = world.open_shopify(name) if name == "shopify" else world.open_shop(name)
        for sku in SKUS:
            world.list_good(shop, sku, sku, 1000, physical=sku, units=0)
    async with (
        serve(world, People(world, orders_per_second=1, pace=1)) as served,
        httpx.AsyncClient(
            base_url=f"{served.base}/control", timeout=30, limits=httpx.Limits(max_keepalive_connections=0)
        ) as control,
    ):
        daemon = await Conductor.open(folder, served.ready(), control, database.address)
        here = Stage(daemon, world, {}, Random(seed))
        try:
            async with daemon.store.write() as tx:
                observed = account.c.name == OBSERVED
                await tx.run(sa.update(account).where(observed).values(mode="observe", live_from=None))
            await daemon.look_at_accounts()
            for shop in SHOPS:
                here.heard[shop] = daemon.connectors[shop] = Heard(daemon.connectors[shop])
            await daemon.run("warehouse", F.STOCK)
            await daemon.settle(rounds=3)
            async with daemon.store.read() as tx:
                query = sa.select(account.c.name, listing.c.external_id, listing.c.remote_sku)
                found = await tx.all(query.join(listing, listing.c.account_id == account.c.id))
            here.skus = {(row.name, row.external_id): row.remote_sku for row in found}
            here.writes()
            yield here
        finally:
            await daemon.close()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_what_is_planned_is_sent_and_what_is_applied_too(tmp_path: Path, database: Place) -> None:
    seen = Counter[str]()
    async with stage(tmp_path, database, SEED) as here:
        for _ in range(DRAWINGS):
            here.labels = set()
            rules = await _something_else(here)
            await _stage_by_stage(here, rules)
            seen.update(here.labels | rules.labels)
    rare = {one: seen[one] for one in CLASSES if seen[one] < LEAST * DRAWINGS}
    assert not rare, "the test has to see all of it to say something"


async def _something_else(here: Stage) -> Rules:
    """Time passes, goods come and go, somebody buys, and other rules rule: what there is to do is worked out."""
    daemon, chance = here.daemon, here.chance
    await daemon.later(chance.choice((timedelta(minutes=2), timedelta(hours=2), timedelta(hours=25))))
    for sku in SKUS:
        what = chance.random()
        if what < 0.2:
            await daemon.act("/warehouse/receive", sku=sku, quantity=chance.randint(1, 30))
        elif what < 0.5:
            await daemon.act("/warehouse/count", sku=sku, missing=chance.choice((1, 5, 10**6)))
    for _ in range(chance.randint(0, 2)):
        lines = [{"sku": chance.choice(SKUS), "quantity": 1}]
        sold = await daemon.control.post("/buy", json={"shop": chance.choice(LIVE), "lines": lines})
        here.labels |= {"bought"} if sold.status_code == 200 else set()
    rules = draw(chance, daemon.clock.now())
    await here.rules(rules)
    await here.read()
    await here.worked_out()
    await daemon.later(timedelta(minutes=2))
    await here.read()
    await here.worked_out()
    return rules


async def _stage_by_stage(here: Stage, rules: Rules) -> None:
    for fields in (FIRST, SECOND):
        await here.worked_out()
        rows = await here.plan(fields)
        _note(here, rows)
        if here.chance.random() < 0.3:
            here.labels.add("applied at once")
        else:
            here.labels.add("applied after the push")
            await _planned_is_sent(here, fields, rows)
            if here.chance.random() < 0.4:
                here.labels.add("let through of one shop alone")
                await _applied_is_sent(here, fields, [here.chance.choice(LIVE)])
        await _applied_is_sent(here, fields, LIVE)
        if fields is FIRST:
            _nothing_too_cheap(here, rules)
            await _no_guard_would_send_more(here, rules, fields)
    _nothing_too_cheap(here, rules)


async def _planned_is_sent(here: Stage, fields: Sequence[Field], rows: Sequence[PlanRow]) -> None:
    """What is not held goes out, and nothing else."""
    free = [row for row in rows if row.standing in (Standing.SEND, Standing.WAITING)]
    held = [row for row in rows if row.standing is Standing.HELD]
    await _only_these(here, fields, must=free, may=[], late=_waiting(here, rows, held))


async def _applied_is_sent(here: Stage, fields: Sequence[Field], shops: Sequence[str]) -> None:
    """Of a plan of some shops every row goes out, held or not; a second time nothing is left to do."""
    every = await here.plan(fields)
    path = here.daemon.folder / "plan.json"
    mine = [row for row in every if row.account in shops]
    await _written(here, path, fields, shops)
    args = await _readable(here, path, len(mine))
    never = [row for row in mine if row.note.startswith("below ") or row.standing is Standing.REFUSED]
    told, _ = await approve(here.daemon.store, args)
    assert told == {"approved": len(args["rows"]), "moved": 0}
    held = [row for row in every if row not in mine and row.standing is Standing.HELD]
    others = [row for row in every if row not in mine and row not in held]
    await _only_these(
        here,
        fields,
        must=[row for row in mine if row not in never],
        may=others,
        late=_waiting(here, mine, held),
    )
    if tuple(shops) != LIVE:
        return
    now = await compare(here.daemon.store, read_plan(path))
    left = len(args["rows"]) - now.count(Fate.DONE)
    assert left <= len(never) + len(_turned(here, mine)), (now.counts, now.moved, never)
    told, _ = await approve(here.daemon.store, args)
    assert told["approved"] <= len(never)
    await here.push(fields)
    assert here.writes() == 0, "a plan that was applied is done"


async def _written(here: Stage, path: Path, fields: Sequence[Field], shops: Sequence[str]) -> None:
    """The file that `plan --out` writes."""
    ctx, store = await here.looking(), here.daemon.store
    async with store.read() as tx:
        head = Head(FORM, here.daemon.clock.now(), await plans.database_id(tx), ctx.rulebook.version)
    views = [here.daemon.view(shop) for shop in shops]
    with PlanWriter(path, head, store.sealer) as writer:
        await planning.plan_stored(ctx, views, fields, rows=0, take=writer.add)


async def _readable(here: Stage, path: Path, rows: int) -> dict[str, Any]:
    """The file as `apply` reads it: nothing of it has moved."""
    plan, ctx, store = read_plan(path), await here.looking(), here.daemon.store
    why = refusal(
        plan,
        database=plan.database,
        rules=ctx.rulebook.version,
        now=here.daemon.clock.now(),
        sealer=store.sealer,
    )
    assert why == ""
    fates = await compare(store, plan)
    assert fates.count(Fate.OPEN) + fates.count(Fate.APPROVED) == len(plan.rows) <= rows, fates
    return {"who": "test", "plan": plan.mark, "seconds": 7200, "rows": as_args(plan.rows)}


async def _only_these(
    here: Stage,
    fields: Sequence[Field],
    *,
    must: Sequence[PlanRow],
    may: Sequence[PlanRow],
    late: set[Key],
) -> None:
    """Push: the books show these rows' values, and of everything else what they showed before."""
    before = here.books()
    await here.push(fields)
    after, writes = here.books(), here.writes()
    if Field.STATE in fields:  # the units of what went down are the others', and are not pushed yet
        assert all(before[key] == after[key] for key in before if key[1] in FIRST)
    turned = _turned(here, must)
    allowed = {here.key(row): row for row in (*must, *may)}
    for key, row in allowed.items():
        reached = _shows(row, after[key], here.titles[key[2]])
        waits = key in late or key in turned or row not in must
        assert reached or (waits and before[key] == after[key]), (row, before[key], after[key])
    changed = {key for key in before if before[key] != after[key]}
    assert changed <= allowed.keys(), [(key, before[key], after[key]) for key in changed - allowed.keys()]
    assert len(changed) <= writes, (changed, writes)


def _shows(row: PlanRow, shown: Any, title: str) -> bool:
    """Whether the books say what a row was to bring about."""
    if row.field is Field.QUANTITY:
        return bool(shown == int(row.after))
    if row.field is Field.STATE:
        return bool(shown == (row.after == "up"))
    if row.field is Field.CONTENT:
        return title in shown
    price, struck = shown
    if row.account != "shopify" or row.after_compare_at is None:
        return bool(price == Decimal(row.after))
    return bool((price, str(struck or "")) == (Decimal(row.after), row.after_compare_at))


def _turned(here: Stage, rows: Sequence[PlanRow]) -> set[Key]:
    """Listings that need not go up or down any more once another shop's listing of the goods did."""
    switched = [here.key(row) for row in rows if row.field is Field.STATE]
    often = Counter(sku for _, _, sku in switched)
    return {key for key in switched if often[key[2]] > 1}


def _waiting(here: Stage, rows: Sequence[PlanRow], held: Sequence[PlanRow]) -> set[Key]:
    """Raises that wait for what a guard keeps from coming down elsewhere."""
    down = [
        row
        for row in held
        if row.field is Field.QUANTITY and (row.before is None or int(row.after) < int(row.before))
    ]
    stuck = {(here.key(row)[2], row.account) for row in down}
    return {
        here.key(row)
        for row in rows
        if row.field is Field.QUANTITY
        and (row.before is None or int(row.after) > int(row.before))
        and any(sku == here.key(row)[2] and shop != row.account for sku, shop in stuck)
    }


async def _no_guard_would_send_more(here: Stage, rules: Rules, fields: Sequence[Field]) -> None:
    """With every guard off the shops show what they show already."""
    if here.chance.random() < 0.5:
        return
    before = here.books()
    await here.rules(rules.unguarded())
    await here.push(fields)
    assert here.books() == before
    assert here.writes() == 0
    await here.rules(rules)


def _nothing_too_cheap(here: Stage, rules: Rules) -> None:
    books = here.books()
    for shop in LIVE:
        for good in rules.goods:
            if rules.managed(good):
                price = Fraction(books[shop, Field.PRICE, good.sku][0])
                why = rules.too_cheap(good, shop, price)
                assert not why, (shop, good, price, why, rules.yaml())
                _note_at_floor(here, rules, good, shop, price)


def _note_at_floor(here: Stage, rules: Rules, good: Good, shop: str, price: Fraction) -> None:
    if rules.too_cheap(good, shop, price - (10 if shop == "yen" else 1)):
        here.labels.add("at its floor")


def _note(here: Stage, rows: Sequence[PlanRow]) -> None:
    """What this drawing brings about."""
    for row in rows:
        word = {Standing.SEND: "sent", Standing.HELD: "held"}.get(row.standing, str(row.standing))
        here.labels.add(f"{word}: {row.field}")
        here.labels |= {"struck out"} if row.after_compare_at else set()
        here.labels |= {"back up"} if row.after == "up" else set()
        here.labels |= {"raised" if row.move > 0 else "lowered"} if row.field is Field.QUANTITY else set()
