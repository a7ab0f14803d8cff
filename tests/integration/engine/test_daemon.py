"""The whole daemon in this process, before an empty shop of the sandbox: commands, reload, health, and its end."""

import asyncio
import json
import logging
import signal
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from config import ConfigError
from sandbox.people import People
from sandbox.serving import serve
from sandbox.world import build
from sync.cli.demo.settings import write_folder
from sync.domain.clock import SystemClock
from sync.engine import service
from sync.engine.control import command, connect, daemon_pid, socket_path
from sync.engine.opening import open_store
from sync.engine.refusals import CommandRefused, StartRefused
from sync.engine.settings_file import read_settings
from sync.flows.flow import FlowName
from sync.store import accounts, flow_states, issues
from tests.integration.engine.workshop import metric

pytestmark = pytest.mark.usefixtures("no_key_outside")
SHOP = "empty"


@dataclass
class House:
    """A folder, and the daemon that works on it."""

    folder: Path
    control: httpx.AsyncClient
    task: "asyncio.Task[int] | None" = None

    async def start(self) -> None:
        """Start the daemon and wait until it is ready."""
        self.task = asyncio.create_task(service.serve(self.folder))
        await self.until("ready", self.ready)

    async def until(self, what: str, fact: Callable[[], Any]) -> Any:
        """Ask until it is so."""
        for _ in range(600):
            assert self.task is None or not self.task.done(), self.task
            found = await fact()
            if found:
                return found
            await asyncio.sleep(0.02)
        raise AssertionError(f"this did not become true: {what}")

    async def do(self, name: str, **args: Any) -> dict[str, Any]:
        """A person's command."""
        return await command(self.folder, name, who="ann", **args)

    async def get(self, path: str) -> httpx.Response:
        """Ask the listener."""
        address = (await self.do("status"))["metrics"]
        async with httpx.AsyncClient() as client:
            return await client.get(f"http://{address}{path}")

    async def ready(self) -> bool:
        """Whether /readyz says so."""
        try:
            return (await self.get("/readyz")).status_code == 200
        except (StartRefused, httpx.HTTPError):
            return False

    async def open(self) -> bool:
        """Whether the shop is worked on."""
        return bool((await self.do("status"))["accounts"][SHOP]["open"])

    async def issues(self) -> list[issues.Issue]:
        """The open issues of the daemon itself and its accounts."""
        store = await open_store(read_settings(self.folder), SystemClock(), read_only=True)
        try:
            async with store.read() as tx:
                found = await issues.list_open(tx)
                return [each for each in found if each.kind.startswith(("config.", "account."))]
        finally:
            await store.close()

    async def account(self, name: str = SHOP) -> accounts.AccountRow | None:
        """The account as the store has it."""
        store = await open_store(read_settings(self.folder), SystemClock(), read_only=True)
        try:
            async with store.read() as tx:
                return await accounts.by_name(tx, name)
        finally:
            await store.close()

    async def succeeded(self) -> set[str]:
        """The flows that have succeeded ever."""
        store = await open_store(read_settings(self.folder), SystemClock(), read_only=True)
        try:
            async with store.read() as tx:
                return {one.flow for one in await flow_states.states(tx) if one.last_success_at is not None}
        finally:
            await store.close()

    def settings(self) -> Any:
        """entrepot.yaml as it is (JSON is YAML)."""
        return json.loads((self.folder / "entrepot.yaml").read_text("utf-8"))

    def write(self, settings: Any) -> None:
        """Save entrepot.yaml."""
        (self.folder / "entrepot.yaml").write_text(json.dumps(settings), "utf-8")

    async def reload_with(self, settings: Any) -> Any:
        """Change the file and say so on the socket that the daemon listens on: the file may name another."""
        reader, writer = await connect(read_settings(self.folder))
        self.write(settings)
        writer.write(b'{"command": "reload"}\n')
        answer = json.loads(await reader.readline())
        writer.close()
        return answer["result"]

    async def stop(self) -> int:
        """Stop it as a person does, and give its exit code."""
        assert self.task is not None
        await self.do("stop")
        return await self.task


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    world = build(seed=1, stocked=False, bulk=False)
    async with (
        serve(world, People(world, orders_per_second=1, pace=1)) as served,
        httpx.AsyncClient(base_url=f"{served.base}/control", timeout=30) as control,
    ):
        ready = served.ready()
        ready |= {"accounts": {SHOP: ready["accounts"][SHOP]}, "overrides": []}
        folder = tmp_path / "house"
        folder.mkdir()
        write_folder(folder, ready)
        made = House(folder, control)
        yield made
        if made.task is not None and not made.task.done():
            await made.stop()
    root.handlers, root.level = handlers, level


async def test_it_works_says_so_and_ends_well_and_leaves_nothing_behind(house: House) -> None:
    await house.start()
    assert (await house.get("/healthz")).json() == {"ok": True}
    assert (await house.get("/readyz")).json() == {"ok": True, "waiting": []}
    page = await house.get("/metrics")
    assert page.headers["content-type"].startswith("text/plain")
    assert 'entrepot_passes_total{account="empty",flow="orders",outcome="done"}' in page.text
    settings = read_settings(house.folder)
    assert await house.stop() == 0
    assert daemon_pid(settings) is None
    assert not socket_path(settings).exists()


async def test_it_is_alive_and_not_ready_while_a_shop_does_not_answer(house: House) -> None:
    told = house.settings()
    told["accounts"][SHOP]["url"] = "http://127.0.0.1:9"
    house.write(told)
    house.task = asyncio.create_task(service.serve(house.folder))

    async def answers() -> httpx.Response | None:
        try:
            return await house.get("/readyz")
        except (StartRefused, httpx.HTTPError):
            return None

    async def names_it() -> bool:
        answer = await answers()
        return answer is not None and answer.json() == {"ok": False, "waiting": [SHOP]}

    await house.until("it says for whom it waits", names_it)
    answer = await answers()
    assert answer is not None and answer.status_code == 503

    async def alive() -> bool:
        return (await house.get("/healthz")).status_code == 200

    await house.until("it is alive", alive)


async def test_a_port_that_is_taken_is_told_and_keeps_no_lock(house: House) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        port = taken.getsockname()[1]
        house.write(house.settings() | {"metrics": {"listen": f"127.0.0.1:{port}"}})
        with pytest.raises(StartRefused) as refused:
            await service.serve(house.folder)
    assert str(refused.value) == (
        f"the metrics address 127.0.0.1:{port} cannot be used (Address already in use): "
        "set another one under `metrics: {listen: …}` in entrepot.yaml, or stop what uses it"
    )
    assert refused.value.exit_code == 2
    assert daemon_pid(read_settings(house.folder)) is None


async def test_without_a_metrics_address_it_works_and_listens_to_nobody(house: House) -> None:
    house.write(house.settings() | {"metrics": {"listen": "off"}})
    house.task = asyncio.create_task(service.serve(house.folder))

    async def works() -> bool:
        try:
            return await house.open()
        except (StartRefused, KeyError):
            return False

    await house.until("the shop is worked on", works)
    assert (await house.do("status"))["metrics"] is None


async def test_a_start_that_fails_after_it_listens_closes_its_doors(house: House) -> None:
    (house.folder / "secrets" / SHOP).unlink()
    with pytest.raises(ConfigError, match="the secret file empty does not exist"):
        await service.serve(house.folder)
    settings = read_settings(house.folder)
    assert not socket_path(settings).exists()
    assert daemon_pid(settings) is None


async def test_a_round_that_names_a_flow_runs_no_other(house: House) -> None:
    report = await service.once(house.folder, flows=[FlowName.ORDERS])
    assert (report.passes, report.failed, report.unfinished) == (1, [], False)
    assert await house.succeeded() == {"orders"}


async def test_a_round_that_names_nothing_runs_what_is_due(house: House) -> None:
    await service.once(house.folder)
    assert {"orders", "catalogue", "review", "push_stock", "outbox"} <= await house.succeeded()


async def test_a_second_one_is_refused_while_it_works(house: House) -> None:
    await house.start()
    with pytest.raises(StartRefused, match="a daemon already works on this database, pid "):
        await service.once(house.folder)


async def test_a_signal_ends_it_as_a_command_does(house: House) -> None:
    await house.start()
    assert house.task is not None
    signal.raise_signal(signal.SIGTERM)
    assert await house.task == 0


async def test_who_is_paused_is_not_worked_on_until_resumed(house: House) -> None:
    await house.start()
    await house.do("pause", account=SHOP)
    assert not await house.open()
    assert (await house.do("status"))["accounts"][SHOP]["reason"] == "a person paused it"
    assert await house.ready(), "a pause is no disturbance"
    await house.do("resume", account=SHOP)
    await house.until("it is worked on again", house.open)


async def test_who_goes_live_is_written_to_without_a_restart(house: House) -> None:
    told = house.settings()
    del told["accounts"][SHOP]["mode"]
    house.write(told)
    await house.start()
    before = metric("passes_total", account=SHOP, flow="push_stock", outcome="done")
    await house.do("hint", account=SHOP, flow=FlowName.PUSH_STOCK.value)
    await asyncio.sleep(0)
    assert metric("passes_total", account=SHOP, flow="push_stock", outcome="done") == before
    await house.do("live", account=SHOP)

    async def pushed() -> bool:
        return metric("passes_total", account=SHOP, flow="push_stock", outcome="done") > before

    await house.until("stock is pushed", pushed)


async def test_a_good_change_is_taken_over(house: House) -> None:
    await house.start()
    rules = (await house.do("status"))["rules"]
    (house.folder / "mappings" / "stock.yaml").write_text("stock:\n  buffer: {units: 2}\n")
    told = await house.do("reload")
    assert told["accepted"] is True
    assert told["rules"] == (await house.do("status"))["rules"] != rules
    assert metric("config_last_reload_successful") == 1


async def test_a_change_is_seen_without_being_told(house: House) -> None:
    await house.start()
    rules = (await house.do("status"))["rules"]
    (house.folder / "mappings" / "stock.yaml").write_text("stock:\n  buffer: {units: 2}\n")

    async def changed() -> bool:
        return bool((await house.do("status"))["rules"] != rules)

    await house.until("the change rules", changed)


async def test_a_bad_change_keeps_the_last_good_rules_until_it_is_mended(house: House) -> None:
    await house.start()
    rules = (await house.do("status"))["rules"]
    file = house.folder / "mappings" / "stock.yaml"
    file.write_text("stock:\n  buffer: {units: two}\n")
    told = await house.do("reload")
    assert told["accepted"] is False
    assert "mappings/stock.yaml:2:" in told["why"]
    assert (await house.do("status"))["rules"] == rules
    assert metric("config_last_reload_successful") == 0
    (issue,) = await house.issues()
    assert (issue.kind, issue.why) == ("config.rejected", told["why"])
    assert issue.what == "the changed configuration was refused; the last good one stays in force"
    assert issue.todo == "Mend the files; `entrepot check` says the same. They are read again by themselves."
    await house.do("pause", account=SHOP)
    assert metric("config_last_reload_successful") == 0, "a command mends no file"
    file.write_text("stock:\n  buffer: {units: 2}\n")
    assert (await house.do("reload"))["accepted"] is True
    assert metric("config_last_reload_successful") == 1
    assert await house.issues() == []


async def test_a_refused_change_that_was_mended_while_nobody_worked_is_forgotten_at_the_start(
    house: House,
) -> None:
    await house.start()
    file = house.folder / "mappings" / "stock.yaml"
    file.write_text("stock:\n  buffer: {units: two}\n")
    await house.do("reload")
    await house.stop()
    file.unlink()
    await house.start()
    assert await house.issues() == []
    assert metric("config_last_reload_successful") == 1


async def test_a_change_that_is_refused_late_changes_nothing_that_is_stored(house: House) -> None:
    """The new account's secret is missing: the old account is neither renamed nor paused."""
    await house.start()
    told = house.settings()
    shop = told["accounts"].pop(SHOP)
    told["accounts"]["renamed"] = shop | {"renamed_from": SHOP}
    told["accounts"]["second"] = shop | {"secret": "file:nowhere"}
    house.write(told)
    answer = await house.do("reload")
    assert answer["accepted"] is False
    assert "the secret file nowhere does not exist" in answer["why"]
    assert await house.account("renamed") is None
    row = await house.account()
    assert row is not None
    assert row.condition is accounts.Condition.OK
    assert await house.open()


@pytest.mark.parametrize(
    ("key", "value"), [("metrics", {"listen": "127.0.0.1:1"}), ("database", "sqlite:///other.sqlite3")]
)
async def test_what_takes_a_restart_is_refused_and_named(house: House, key: str, value: object) -> None:
    await house.start()
    before = house.settings()
    answer = await house.reload_with(before | {key: value})
    assert answer == {"accepted": False, "why": f"`{key}` changed: that takes a restart of the daemon"}
    house.write(before)
    assert (await house.do("reload"))["accepted"] is True


async def test_new_credentials_are_used_after_a_reload(house: House) -> None:
    await house.start()
    secret = house.folder / "secrets" / SHOP
    right = secret.read_text()
    secret.write_text("wrong")
    await house.do("reload")

    async def refused() -> bool:
        return [each.kind for each in await house.issues()] == ["account.needs_reauth"]

    await house.until("a person is asked", refused)
    secret.write_text(right)
    await house.do("reload")
    await house.until("it is worked on again", house.open)
    assert await house.issues() == []


async def test_new_credentials_in_a_file_are_seen_without_being_told(house: House) -> None:
    secret = house.folder / "secrets" / SHOP
    right = secret.read_text()
    secret.write_text("wrong")
    house.task = asyncio.create_task(service.serve(house.folder))

    async def refused() -> bool:
        row = await house.account() if daemon_pid(read_settings(house.folder)) else None
        return row is not None and row.condition is accounts.Condition.NEEDS_REAUTH

    await house.until("a person is asked", refused)
    secret.write_text(right)
    await house.until("it is worked on", house.open)
    assert await house.issues() == []


async def test_a_shorter_interval_rules_at_once(house: House) -> None:
    """A flow that was due in days is not left to wait for them."""
    told = house.settings()
    told["schedule"]["catalogue"] = "7 days"
    house.write(told)
    await house.start()

    def passes() -> float:
        return metric("passes_total", account=SHOP, flow="catalogue", outcome="done")

    before = passes()

    told["schedule"]["catalogue"] = "100 ms"
    house.write(told)
    assert (await house.do("reload"))["accepted"] is True

    async def again() -> bool:
        return passes() >= before + 3

    await house.until("the catalogue is read again and again", again)


async def test_a_command_whose_accounts_cannot_be_taken_over_says_that_it_is_stored(house: House) -> None:
    await house.start()
    (house.folder / "secrets" / SHOP).unlink()
    with pytest.raises(CommandRefused) as refused:
        await house.do("pause", account=SHOP)
    assert str(refused.value).startswith("that is stored, but the daemon cannot take the accounts over: ")
    assert not await house.open()


async def test_an_account_that_is_no_longer_configured_is_paused_with_an_issue(house: House) -> None:
    await house.start()
    told = house.settings()
    told["accounts"] = {}
    house.write(told)
    assert (await house.do("reload"))["accepted"] is True
    assert [each.kind for each in await house.issues()] == ["account.vanished"]
    assert (await house.do("status"))["accounts"] == {}
