"""A conductor instead of the engine: it runs passes one by one, so that a test says what happens when.

Everything else is the real thing: a store, the registered flows and connectors, and the sandbox's
servers over HTTP on loopback. The clock is the machine's plus an offset that a test moves.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import sqlalchemy as sa

from connectors import registry
from connectors.contract import Kind
from connectors.contract.lanes import in_lane
from connectors.contract.notifier import Notifier
from connectors.transport import Secret, Setup, VendorClock
from mappings import Rulebook, load_mappings
from sync.domain.ids import AccountId, OrderId
from sync.domain.people import Address
from sync.flows.flow import AccountView, Flow, FlowContext, FlowName, InForce, PassResult, Timing
from sync.flows.register import FLOWS, on_config, on_live
from sync.store import accounts, cases, events, flow_states, issues, migrate
from sync.store import leases as leasing
from sync.store.database import Fence, Store
from sync.store.sealing import KeyRing, Sealer, new_key
from sync.store.tables import customer_order, reservation, stock_level

SENDER = Address(name="Main", street=("Hauptstr. 1",), city="Hamburg", postal_code="20095", country="DE")
_TTL = 120.0
_ROUND = timedelta(seconds=3)


class Clock:
    """The machine's time, and as much later as the test says."""

    def __init__(self) -> None:
        self.offset = timedelta(0)

    def now(self) -> datetime:
        """The present moment."""
        return datetime.now(UTC) + self.offset


@dataclass(slots=True)
class Conductor:
    """The daemon's parts, moved by hand."""

    folder: Path
    control: httpx.AsyncClient
    clock: Clock
    store: Store
    conf: dict[str, tuple[str, dict[str, Any], str]]
    place: Path | str
    """Where its database is: a file, or a URL."""
    views: dict[AccountId, AccountView] = field(default_factory=dict)
    connectors: dict[str, Any] = field(default_factory=dict)
    vendor_clocks: dict[str, VendorClock] = field(default_factory=dict)
    leases: dict[str, leasing.AccountLease] = field(default_factory=dict)
    hints: list[tuple[AccountId, FlowName]] = field(default_factory=list)
    notifiers: dict[str, Notifier] = field(default_factory=dict)
    """The ways to customers besides their shop."""
    rules: tuple[tuple[tuple[str, str], ...], Rulebook] | None = None
    _seen: tuple[tuple[tuple[AccountView, ...], Timing], InForce] | None = None
    timing: Timing = field(
        default_factory=lambda: Timing(
            intervals=dict.fromkeys(FlowName, 0.0),
            full_stock_seconds=3600.0,
            call_seconds=20.0,
            velocity_window_seconds=0.0,
        )
    )

    @classmethod
    async def open(
        cls,
        folder: Path,
        ready: dict[str, Any],
        control: httpx.AsyncClient,
        address: Path | str | None = None,
    ) -> "Conductor":
        """The accounts of a sandbox world, all live, in a database (None: a file that is made in the folder)."""
        clock = Clock()
        place = address or folder / "entrepot.sqlite3"
        migrate.upgrade(place)
        store = await Store.open(place, clock=clock, sealer=Sealer(KeyRing.parse(new_key())))
        self = cls(folder, control, clock, store, _configuration(ready), place)
        await self.take_over()
        return self

    async def take_over(self, live: bool = True) -> None:
        """Open accounts and leases, as a process that starts does."""
        kinds = {name: registry.find(entry[0]).manifest.kind.value for name, entry in self.conf.items()}
        async with self.store.write() as tx:
            wishes = [accounts.Configured(name, entry[0], kinds[name]) for name, entry in self.conf.items()]
            rows = await accounts.reconcile(tx, wishes)
            for row in rows.values():
                if live:
                    await accounts.go_live(tx, row.id, who="test")
            for name, row in rows.items():
                lease = await leasing.take_account(tx, row.id, "conductor", 3600)
                assert lease is not None
                self.leases[name] = lease
                for flow in FLOWS:
                    if Kind(row.kind) in flow.kinds:
                        await flow_states.ensure(tx, row.id, flow.name)
        await self.look_at_accounts()
        for name, (connector, options, secret) in self.conf.items():
            entry, told = registry.find(connector), Secret(secret)
            clock = self.vendor_clocks.setdefault(name, VendorClock())
            self.connectors[name] = entry.open(
                Setup(name, entry.options(**options), told, self.clock, ZoneInfo("UTC"), vendor_clock=clock)
            )

    async def look_at_accounts(self) -> None:
        """Read the accounts' conditions again."""
        async with self.store.read() as tx:
            rows = await accounts.list_all(tx)
        self.views = {
            row.id: AccountView(
                row.id,
                row.name,
                row.connector,
                Kind(row.kind),
                row.live_from,
                sender=SENDER,
                dropship=row.kind == Kind.SUPPLIER,
            )
            for row in rows
        }

    def view(self, name: str) -> AccountView:
        """An account by its name."""
        return next(view for view in self.views.values() if view.name == name)

    async def close(self) -> None:
        """Close connectors and database."""
        for connector in self.connectors.values():
            await connector.close()
        await self.store.close()

    # --- passes -----------------------------------------------------------------------------------

    async def run(self, name: str, *flows: FlowName) -> list[PassResult]:
        """Run these flows of one account until each has no more."""
        return [result for flow in flows for result in await self._passes(name, _flow(flow))]

    async def _passes(self, name: str, flow: Flow) -> list[PassResult]:
        results = []
        async with self.store.write() as tx:
            fence = await leasing.take_flow(tx, self.leases[name], flow.name, _TTL)
        assert fence is not None
        try:
            for _ in range(50):
                begun = self.clock.now()
                with in_lane(flow.lane):
                    result = await flow.run(self.context(name, fence))
                results.append(result)
                async with self.store.write() as tx:
                    await flow_states.succeed(
                        tx, fence, begun_at=begun, next_due_at=self.clock.now(), more=result.more
                    )
                    if not result.more:  # in one transaction, as the engine ends a pass
                        await leasing.release_flow(tx, fence)
                        return results
        except BaseException:
            async with self.store.write() as tx:
                await leasing.release_flow(tx, fence)
            raise
        raise AssertionError(f"{flow.name} of {name} never ends")

    def context(self, name: str, fence: Fence) -> FlowContext:
        """What a pass is given."""

        async def fresh(flow: FlowName, since: datetime) -> bool:
            del since
            await self.run(name, flow)
            return True

        view = self.view(name)
        return FlowContext(
            account=view,
            connector=self.connectors[name],
            manifest=registry.find(view.connector).manifest,
            store=self.store,
            fence=fence,
            in_force=self._in_force,
            clock=self.clock,
            hint=lambda account, flow: self.hints.append((account, flow)),
            fresh=fresh,
            vendor_ahead=lambda: self.vendor_clocks[name].ahead,
        )

    async def settle(self, rounds: int = 4, without: Sequence[str] = ()) -> None:
        """Run every flow of every account some times over, as hints and ticks would; what was put off comes due.

        The catalogue is read in the first round alone: seconds later it is not due again in life either.
        """
        for at in range(rounds):
            await self.later(_ROUND)
            for view in list(self.views.values()):
                if view.name in without:
                    continue
                for flow in FLOWS:
                    if at and flow.name == FlowName.CATALOGUE:
                        continue
                    if view.kind in flow.kinds and (view.live or flow.observes):
                        await self._passes(view.name, flow)

    def _in_force(self) -> InForce:
        """What rules now, also in the middle of a pass."""
        views = tuple(self.views.values())
        if self.rules is None or self._seen is None or self._seen[0] != (views, self.timing):
            kinds = {view.name: view.kind.value for view in views}
            couriers = {view.name: ("loopback",) for view in views if view.kind == Kind.COURIER}
            manifests = {one.id: registry.find(one.connector).manifest for one in views}
            rules = self._rules(kinds, couriers)
            said = InForce(rules, self.timing, self.views, manifests, self.notifiers)
            self._seen = (views, self.timing), said
        return self._seen[1]

    def _rules(self, kinds: dict[str, str], couriers: dict[str, tuple[str, ...]]) -> Rulebook:
        """The mapping files, read again only where a test has changed them or the accounts."""
        wanted = tuple(sorted(kinds.items()))
        if self.rules is None or self.rules[0] != wanted:
            self.rules = wanted, load_mappings(self.folder / "mappings", kinds, carriers=couriers)
        return self.rules[1]

    async def change_rules(self, file: str, text: str, *, on: Sequence[str] = ()) -> None:
        """Write a mapping file and let it rule: laid on all shops, or on these alone so far."""
        folder = self.folder / "mappings"
        folder.mkdir(exist_ok=True)
        (folder / file).write_text(text, encoding="utf-8")
        self.rules = None
        for view in self.views.values():
            if view.kind == Kind.STOREFRONT and (not on or view.name in on):
                await self.under_lease(view.name, on_config)

    async def went_live(self, name: str) -> None:
        """What the engine does once an account has gone live."""
        await self.look_at_accounts()
        await self.under_lease(name, on_live)

    async def under_lease(self, name: str, act: Callable[[FlowContext], Awaitable[None]]) -> None:
        """Do something as the engine does it beside the passes of an account."""
        async with self.store.write() as tx:
            fence = await leasing.take_flow(tx, self.leases[name], "config", _TTL)
        assert fence is not None
        await act(self.context(name, fence))
        async with self.store.write() as tx:
            await leasing.release_flow(tx, fence)

    # --- the sandbox's levers ---------------------------------------------------------------------

    async def act(self, path: str, **body: Any) -> Any:
        """Pull a lever of the sandbox world."""
        answer = await self.control.post(path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def later(self, by: timedelta) -> None:
        """Let time pass, for us and for every system."""
        self.clock.offset += by
        clocks = (await self.control.get("/clocks")).json()
        moved = {name: self.clock.offset.total_seconds() for name in clocks}
        assert (await self.control.put("/clocks", json=moved)).status_code == 200

    async def buy(self, shop: str, **lines: int) -> str:
        """A shopper buys (SKUs with `_` for `-`); returns the order's number."""
        wanted = [{"sku": sku.replace("_", "-"), "quantity": units} for sku, units in lines.items()]
        return str((await self.act("/buy", shop=shop, lines=wanted))["order"])

    async def books(self) -> Any:
        """The state of every system, by its own books."""
        return (await self.control.get("/books")).json()

    async def open_shipments(self) -> list[Any]:
        """The warehouse's shipments that are neither done nor cancelled."""
        shipments = (await self.books())["warehouse"]["shipments"]
        return [one for one in shipments if one["state"] not in ("done", "cancelled")]

    async def judged(self) -> Any:
        """The sandbox's verdict; orders under an open issue are named to it."""
        async with self.store.read() as tx:
            named = [one.subject for one in await issues.list_open(tx) if "/" in one.subject]
        return await self.act("/judge", held=named)

    # --- our own state ----------------------------------------------------------------------------

    async def order(self, number: str) -> cases.StoredCase:
        """An order with everything that belongs to it."""
        async with self.store.read() as tx:
            order_id = await tx.scalar(
                sa.select(customer_order.c.id).where(customer_order.c.number == number)
            )
            assert order_id is not None, f"order {number} was not pulled"
            found = await cases.load(tx, str(order_id))
        assert found is not None
        return found

    async def timeline(self, number: str) -> list[str]:
        """The kinds of the order's events, oldest first."""
        case = await self.order(number)
        async with self.store.read() as tx:
            return [event.kind for event in await events.timeline(tx, OrderId(case.row.id))]

    async def issue_kinds(self) -> list[str]:
        """The kinds of the open issues, sorted."""
        async with self.store.read() as tx:
            return sorted(issue.kind for issue in await issues.list_open(tx))

    async def level(self, sku: str) -> Any:
        """The stored figure of a SKU: on_hand, reserved."""
        async with self.store.read() as tx:
            return await tx.one(sa.select(stock_level).where(stock_level.c.sku == sku))

    async def held_units(self, number: str) -> int:
        """Units that an order's reservations still hold."""
        case = await self.order(number)
        async with self.store.read() as tx:
            found = await tx.scalar(
                sa.select(sa.func.sum(reservation.c.quantity - reservation.c.released)).where(
                    reservation.c.order_id == case.row.id
                )
            )
        return int(found or 0)

    async def offers(self, sku: str) -> dict[str, Any]:
        """The stored quantities of a SKU's listings, by shop."""
        async with self.store.read() as tx:
            rows = await tx.all(
                sa.text(
                    "SELECT account.name AS shop, o.* FROM offer_quantity o "
                    "JOIN listing ON listing.id = o.listing_id JOIN account ON account.id = o.account_id "
                    "WHERE listing.remote_sku = :sku"
                ),
                {"sku": sku},
            )
        return {row.shop: row for row in rows}


def with_shops(ready: dict[str, Any], shops: tuple[str, ...] | None) -> dict[str, Any]:
    """The world's accounts: all of them, or of its shops these alone."""
    accounts = ready["accounts"].items()
    kept = {
        name: entry
        for name, entry in accounts
        if shops is None or entry["kind"] != "storefront" or name in shops
    }
    return {**ready, "accounts": kept}


def _flow(name: FlowName) -> Flow:
    return next(flow for flow in FLOWS if flow.name == name)


def _configuration(ready: dict[str, Any]) -> dict[str, tuple[str, dict[str, Any], str]]:
    made: dict[str, tuple[str, dict[str, Any], str]] = {}
    for name, entry in ready["accounts"].items():
        match entry["connector"]:
            case "vendure":
                options = {"url": entry["url"], "username": entry["username"], "overlap_seconds": 1}
                made[name] = ("vendure", options, entry["password"])
            case "medusa":
                made[name] = ("medusa", {"url": entry["url"], "overlap_seconds": 1}, entry["key"])
            case "woocommerce":
                options = {
                    "url": entry["url"],
                    "overlap_seconds": 5,
                    "refund_by_gateway": False,
                }  # by transfer
                made[name] = ("woocommerce", options, entry["secret"])
            case "shopify":
                options = {"url": entry["url"], "client_id": entry["client_id"], "overlap_seconds": 5}
                made[name] = ("shopify", options, entry["secret"])
            case "tryton":
                options = {key: entry[key] for key in ("url", "database", "warehouse")} | {
                    "customer": "CUS-1"
                }
                made[name] = ("tryton", options, entry["key"])
            case "feed":
                rest = {key: value for key, value in entry.items() if key not in ("connector", "kind", "key")}
                made[name] = ("feed", rest, entry["key"])
            case "karrio":
                made[name] = ("karrio", {"url": entry["url"], "live_tracking": True}, entry["key"])
    return made
