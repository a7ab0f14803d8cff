"""The port for vendors, over real HTTP and a real store: it believes nobody, and forgets nothing that it has accepted."""

import asyncio
import hmac
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from config.schema import Listen
from connectors.contract import Delivery, Feed, Forged, Unreadable
from connectors.transport import Secret
from connectors.transport.signatures import Encoding, is_signed
from sync.domain.clock import SetClock
from sync.domain.ids import AccountId
from sync.engine.inbound.gate import Rate
from sync.engine.inbound.receiver import MOST_BYTES, Door, Receiver
from sync.engine.inbound.reception import Reception
from sync.engine.listening import Listener
from sync.flows.flow import FlowName
from sync.store import accounts, flow_states, leases
from sync.store.accounts import Configured
from sync.store.database import Store
from sync.store.sealing import Sealer
from sync.store.tables import inbox
from sync.telemetry import metrics

KEY = Secret("what-the-vendor-signs-with")
PATH = "a" * 32


@dataclass(frozen=True)
class Reader:
    """A vendor's reader of a few lines: a signature over the body, and what the body says."""

    carries: bool = False

    def read(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Check, then read `topic`."""
        if not is_signed(KEY, body, headers.get("x-signature", ""), encoding=Encoding.BASE64):
            raise Forged("the signature is not ours")
        if body.startswith(b"?"):
            raise Unreadable("it begins with a question mark")
        feeds = frozenset() if body == b"ping" else frozenset({Feed.ORDERS, Feed.PRODUCTS})
        return Delivery(headers.get("x-id", ""), "orders/updated", feeds, carries=self.carries)


@dataclass
class Post:
    """A receiver that runs, and how to send to it."""

    receiver: Receiver
    client: httpx.AsyncClient
    account: AccountId
    store: Store
    woken: list[tuple[AccountId, FlowName]] = field(default_factory=list)

    async def send(
        self, body: bytes, *, path: str = f"/hooks/shop/{PATH}", sign: bool = True, **more: str
    ) -> int:
        """One delivery; the status that its vendor hears."""
        signature = b64encode(hmac.digest(KEY.reveal().encode(), body, "sha256")).decode()
        headers = {"X-Signature": signature} if sign else {}
        headers |= {name.replace("_", "-"): value for name, value in more.items()}
        return (await self.client.post(path, content=body, headers=headers)).status_code

    async def due(self, flow: FlowName) -> bool:
        """Whether a flow is due by what is stored."""
        async with self.store.read() as tx:
            return (self.account, flow.value) in await flow_states.due(tx)

    async def ran(self, flow: FlowName, clock: SetClock) -> None:
        """A pass of it has begun and ended; the next one is due in an hour."""
        clock.move(timedelta(seconds=1))
        async with self.store.write() as tx:
            now = tx.now()
            await tx.exec(
                "UPDATE flow_state SET started_at = ?, next_due_at = ? WHERE flow = ?",
                (now, now + 3_600_000_000, flow.value),
            )

    async def ended(self, flow: FlowName, begun_at: datetime) -> None:
        """A pass that began then has ended well; the next one is due in an hour."""
        async with self.store.write() as tx:
            lease = await leases.take_account(tx, self.account, "test", 60)
            assert lease is not None
            fence = await leases.take_flow(tx, lease, flow.value, 60)
            assert fence is not None
            due = begun_at + timedelta(hours=1)
            await flow_states.succeed(tx, fence, begun_at=begun_at, next_due_at=due, more=False)
            await leases.release_flow(tx, fence)
            await leases.release_account(tx, lease)

    async def rows(self) -> int:
        """How many rows the inbox has."""
        async with self.store.read() as tx:
            return int(await tx.scalar(sa.select(sa.func.count()).select_from(inbox)))


@pytest.fixture(params=[False], ids=["hints"])
async def post(request: pytest.FixtureRequest, store: Store, clock: SetClock) -> AsyncIterator[Post]:
    async with store.write() as tx:
        rows = await accounts.reconcile(tx, [Configured("shop", "tiny", "storefront")])
        account = rows["shop"].id
        for flow in (FlowName.ORDERS, FlowName.CATALOGUE, FlowName.STOCK):
            await flow_states.ensure(tx, account, flow.value)
    await _run_all(store, account, clock)
    door = Door(account, "shop", PATH, Reader(carries=request.param))
    woken: list[tuple[AccountId, FlowName]] = []
    reception = Reception(store, lambda one, flow: woken.append((one, flow)), asyncio.get_running_loop().time)
    receiver = Receiver(Listen("127.0.0.1", 0), lambda: {"shop": door}, reception)
    receiver.bind()
    await receiver.start()
    async with httpx.AsyncClient(
        base_url=f"http://{receiver.address}", trust_env=False, timeout=20
    ) as client:
        yield Post(receiver, client, account, store, woken)
    await receiver.stop()


async def _run_all(store: Store, account: AccountId, clock: SetClock) -> None:
    """No flow is due for an hour."""
    async with store.write() as tx:
        for flow in (FlowName.ORDERS, FlowName.CATALOGUE, FlowName.STOCK):
            await tx.exec(
                "UPDATE flow_state SET next_due_at = ? WHERE account_id = ? AND flow = ?",
                (tx.now() + 3_600_000_000, account, flow.value),
            )


def _counted(outcome: str, account: str = "shop") -> float:
    return float(metrics.WEBHOOKS.labels(account, outcome)._value.get())


async def test_a_signed_delivery_is_durable_before_its_vendor_hears_that_we_have_it(post: Post) -> None:
    assert await post.send(b"changed") == 200
    assert await post.due(FlowName.ORDERS)
    assert await post.due(FlowName.CATALOGUE)
    assert not await post.due(FlowName.STOCK)
    assert (post.account, FlowName.ORDERS) in post.woken


@pytest.mark.parametrize("body", [b"changed", b"", b"?"])
async def test_what_is_not_signed_has_no_effect(post: Post, body: bytes) -> None:
    assert await post.send(body, sign=False) == 401
    assert await post.send(body, sign=False, X_Signature="AAAA") == 401
    assert not await post.due(FlowName.ORDERS)
    assert post.woken == []


async def test_a_flood_of_forged_and_repeated_deliveries_leaves_the_database_as_it_is(post: Post) -> None:
    assert await post.send(b"changed", X_Id="7") == 200
    before = len(post.woken)
    repeated = _counted("repeated")
    answers = [await post.send(b"changed", X_Id="7") for _ in range(20)]
    answers += [await post.send(b"forged %d" % n, sign=False) for n in range(20)]
    assert answers == [200] * 20 + [401] * 20
    assert (len(post.woken), await post.rows()) == (before, 0)
    assert _counted("repeated") == repeated + 20


async def test_a_wrong_address_says_nothing_of_which_accounts_there_are(post: Post) -> None:
    answers = [
        await post.client.post(path, content=b"x")
        for path in (
            f"/hooks/shop/{'b' * 32}",
            f"/hooks/nobody/{PATH}",
            "/hooks/shop/",
            f"/hooks/nobody/{'0' * 32}",
        )
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert "shop" not in "".join(answer.text for answer in answers)


async def test_only_posts_are_taken(post: Post) -> None:
    assert (await post.client.get(f"/hooks/shop/{PATH}")).status_code == 405


async def test_a_body_that_is_too_large_is_not_read_to_its_end(post: Post) -> None:
    assert await post.send(b"x" * (MOST_BYTES + 1)) == 413

    async def drops() -> AsyncIterator[bytes]:
        for _ in range(MOST_BYTES // 65_536 + 2):
            yield b"y" * 65_536

    try:
        answer = await post.client.post(f"/hooks/shop/{PATH}", content=drops())
        assert answer.status_code == 413
    except httpx.WriteError:
        pass  # it was cut off while it was sent
    assert not await post.due(FlowName.ORDERS)


async def test_more_than_a_vendor_sends_is_put_off(post: Post) -> None:
    post.receiver._rates["shop"] = Rate(per_second=0.001, burst=2)
    assert [await post.send(b"forged", sign=False) for _ in range(3)] == [401, 401, 429]
    limited = await post.client.post(f"/hooks/shop/{PATH}", content=b"x")
    assert int(limited.headers["Retry-After"]) >= 1


async def test_a_signed_delivery_that_does_not_fit_makes_us_look_at_everything(post: Post) -> None:
    assert await post.send(b"?") == 200
    assert await post.due(FlowName.ORDERS)
    assert await post.due(FlowName.STOCK)


async def test_a_ping_wakes_nobody(post: Post) -> None:
    assert await post.send(b"ping") == 200
    assert post.woken == []


async def test_a_flow_that_reads_everything_is_woken_once_a_minute_at_most(post: Post) -> None:
    for n in range(5):
        assert await post.send(b"changed", X_Id=str(n)) == 200
    assert post.woken.count((post.account, FlowName.CATALOGUE)) == 1
    assert post.woken.count((post.account, FlowName.ORDERS)) >= 1


async def test_what_comes_sooner_is_stored_as_due_when_the_minute_is_over(
    post: Post, clock: SetClock
) -> None:
    """Its vendor hears 200: so the news must outlive us, though nobody is woken for it now."""
    assert await post.send(b"changed", X_Id="1") == 200
    await post.ran(FlowName.CATALOGUE, clock)
    assert await post.send(b"changed", X_Id="2") == 200
    assert not await post.due(FlowName.CATALOGUE)
    assert await post.send(b"changed", X_Id="3") == 200
    clock.move(timedelta(seconds=61))
    assert await post.due(FlowName.CATALOGUE)


async def test_what_comes_while_a_pass_runs_is_stored_for_another_one(post: Post, clock: SetClock) -> None:
    async with post.store.write() as tx:
        now = tx.now()
        await tx.exec(
            "UPDATE flow_state SET next_due_at = ?, started_at = ? WHERE flow = ?", (now, now, "orders")
        )
    clock.move(timedelta(seconds=1))
    assert await post.send(b"changed") == 200
    async with post.store.read() as tx:
        state = await flow_states.state(tx, post.account, "orders")
        assert state is not None
        assert (state.next_due_at, state.started_at) == (clock.now(), clock.now() - timedelta(seconds=1))
    begun = clock.now() - timedelta(seconds=1)
    await post.ended(FlowName.ORDERS, begun)
    assert await post.due(FlowName.ORDERS), "the pass that ran did not see it"
    await post.ended(FlowName.ORDERS, clock.now())
    assert not await post.due(FlowName.ORDERS), "one that began after it did"


async def test_a_flow_that_backs_off_keeps_its_time(post: Post) -> None:
    async with post.store.write() as tx:
        await tx.exec("UPDATE flow_state SET attempts = 3 WHERE flow = ?", ("orders",))
    assert await post.send(b"changed") == 200
    assert not await post.due(FlowName.ORDERS)


async def test_what_cannot_be_stored_is_asked_for_again_and_then_taken(post: Post) -> None:
    async with post.store.write() as tx:
        await tx.run(
            sa.text(
                "CREATE TRIGGER refuse BEFORE UPDATE ON flow_state BEGIN SELECT RAISE(ABORT, 'full'); END"
            )
        )
    assert await post.send(b"changed", X_Id="1") == 503
    async with post.store.write() as tx:
        await tx.run(sa.text("DROP TRIGGER refuse"))
    assert await post.send(b"changed", X_Id="1") == 200
    assert await post.due(FlowName.ORDERS)


async def test_who_dribbles_is_put_out_and_the_next_one_is_heard(post: Post) -> None:
    post.receiver.slowest = 0.05
    host, _, port = str(post.receiver.address).rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"POST /hooks/shop/{PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nab".encode())
    await writer.drain()
    assert (await reader.readline()).startswith(b"HTTP/1.1 408")
    writer.close()
    assert await post.send(b"changed") == 200


async def test_who_connects_and_says_nothing_is_put_out() -> None:
    """Callers are counted: seventy silent ones must not keep everybody else out."""
    listener = Listener(Listen("127.0.0.1", 0), Starlette(), what="test", key="test")
    listener.patience = 0.05
    await listener.start()
    host, _, port = str(listener.address).rpartition(":")
    silent = [await asyncio.open_connection(host, int(port)) for _ in range(70)]
    for reader, writer in silent:
        assert await reader.read() == b""
        writer.close()
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"http://{listener.address}/")).status_code == 404
    await listener.stop()


async def test_who_knocks_before_it_serves_waits_and_is_answered() -> None:
    listener = Listener(Listen("127.0.0.1", 0), Starlette(), what="test", key="test")
    listener.bind()
    async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
        knock = asyncio.create_task(client.get(f"http://{listener.address}/"))
        await asyncio.sleep(0)
        await listener.start()
        assert (await knock).status_code == 404
    await listener.stop()


async def test_many_at_once_are_all_answered_and_share_their_writes(post: Post) -> None:
    answers = await asyncio.gather(*(post.send(b"changed", X_Id=f"many-{n}") for n in range(40)))
    assert set(answers) == {200}
    assert 1 <= post.woken.count((post.account, FlowName.ORDERS)) <= 40


@pytest.mark.parametrize("post", [True], indirect=True, ids=["carries"])
async def test_a_delivery_that_carries_data_is_kept_once_and_sealed(post: Post) -> None:
    body = b"the only copy of Ada Lovelace's return"
    assert [await post.send(body, X_Id="d-1") for _ in range(3)] == [200] * 3
    assert await post.rows() == 1
    async with post.store.read() as tx:
        row = await tx.one(sa.select(inbox))
        assert row is not None
        assert b"Lovelace" not in row.payload_sealed
        sealer: Sealer = tx.sealer
        assert sealer.open("inbox", row.id, "payload", row.payload_sealed) == body


@pytest.mark.parametrize("post", [True], indirect=True, ids=["carries"])
async def test_one_that_is_replayed_under_other_ids_and_topics_makes_no_second_row(post: Post) -> None:
    """No vendor signs the id: whoever has seen a delivery could make up any number of them."""
    answers = [await post.send(b"the return of order 7", X_Id=f"made-up-{n}") for n in range(20)]
    assert set(answers) == {200}
    assert await post.rows() == 1


@pytest.mark.parametrize("post", [True], indirect=True, ids=["carries"])
async def test_a_delivery_is_kept_once_also_after_a_restart(post: Post) -> None:
    """What was said before is forgotten with the process; the database is not."""
    assert await post.send(b"body", X_Id="d-1") == 200
    post.receiver._said._known.clear()
    assert await post.send(b"body", X_Id="d-1") == 200
    assert await post.rows() == 1
