"""Every fault that a server can show, and every limit, as a caller on the network meets it."""

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from sandbox.faults import Fault, mixture
from sandbox.people import People
from sandbox.serving import Served, serve
from sandbox.world import build

STOCK = 'mutation($u:Int!){updateProductVariants(input:[{id:"1",stockOnHand:$u}]){id}}'


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    world = build(seed=1)
    async with serve(world, People(world)) as served:
        yield served


class Caller:
    """A plain administrator of the shop `main`, and the control levers."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.account = served.ready()["accounts"]["main"]
        self.http = httpx.AsyncClient(timeout=5)

    async def __aenter__(self) -> "Caller":
        await self.log_in()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def log_in(self) -> None:
        answer = await self.ask(
            "mutation($u:String!,$p:String!){login(username:$u,password:$p){__typename}}",
            u=self.account["username"],
            p=self.account["password"],
        )
        self.http.headers["authorization"] = f"Bearer {answer.headers['vendure-auth-token']}"

    async def ask(self, query: str, **variables: Any) -> httpx.Response:
        url = f"{self.account['url']}/admin-api"
        return await self.http.post(url, json={"query": query, "variables": variables})

    async def fault(self, kind: str, **more: Any) -> None:
        rule = {"kind": kind, "calls": [1], **more}
        answer = await self.http.put(f"{self.served.base}/control/faults", json={"shop:main": [rule]})
        assert answer.status_code == 200, answer.text

    def stock(self) -> int:
        """What really stands in the shop's books."""
        return self.served.world.shops["main"].catalogue.variants["1"].on_hand


@pytest.fixture
async def caller(served: Served) -> AsyncIterator[Caller]:
    async with Caller(served) as caller:
        yield caller


@pytest.mark.parametrize("kind", ["outage", "drop_before"])
async def test_a_connection_dropped_before_the_effect_leaves_no_effect(caller: Caller, kind: str) -> None:
    await caller.fault(kind)
    with pytest.raises(httpx.RemoteProtocolError):
        await caller.ask(STOCK, u=7)
    assert caller.stock() == 0


async def test_a_connection_dropped_after_the_effect_leaves_the_effect(caller: Caller) -> None:
    await caller.fault("drop_after")
    with pytest.raises(httpx.RemoteProtocolError):
        await caller.ask(STOCK, u=7)
    assert caller.stock() == 7


async def test_a_connection_dropped_in_the_answer_gives_half_of_it(caller: Caller) -> None:
    await caller.fault("drop_during")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
        await caller.ask(STOCK, u=7)
    assert caller.stock() == 7


async def test_an_outage_lasts_until_it_is_lifted(caller: Caller) -> None:
    await caller.fault("outage", calls=[], rate=1)
    for _ in range(3):
        with pytest.raises(httpx.RemoteProtocolError):
            await caller.ask(STOCK, u=7)
    await caller.http.put(f"{caller.served.base}/control/faults", json={"shop:main": []})
    assert (await caller.ask(STOCK, u=7)).status_code == 200


async def test_an_error_before_the_effect_leaves_no_effect(caller: Caller) -> None:
    await caller.fault("error_before", status=500)
    assert (await caller.ask(STOCK, u=7)).status_code == 500
    assert caller.stock() == 0


async def test_an_error_after_the_effect_leaves_the_effect(caller: Caller) -> None:
    await caller.fault("error_after", status=502)
    assert (await caller.ask(STOCK, u=7)).status_code == 502
    assert caller.stock() == 7


async def test_throttling_says_when_to_come_back_or_does_not(caller: Caller) -> None:
    await caller.fault("throttle", seconds=3)
    answer = await caller.ask(STOCK, u=7)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "3")
    await caller.fault("throttle_bare")
    answer = await caller.ask(STOCK, u=7)
    assert (answer.status_code, "retry-after" in answer.headers) == (429, False)
    assert caller.stock() == 0


async def test_a_truncated_answer_is_whole_http_and_no_json(caller: Caller) -> None:
    await caller.fault("truncate")
    answer = await caller.ask(STOCK, u=7)
    assert answer.status_code == 200
    with pytest.raises(ValueError):
        answer.json()
    assert caller.stock() == 7


async def test_a_huge_answer_is_still_json(caller: Caller) -> None:
    await caller.fault("huge")
    answer = await caller.ask(STOCK, u=7)
    assert len(answer.content) > 4_000_000
    assert answer.json()["data"]


async def test_one_byte_at_a_time_arrives_whole(caller: Caller) -> None:
    await caller.fault("slow", seconds=0)
    assert (await caller.ask(STOCK, u=7)).json()["data"] == {"updateProductVariants": [{"id": "1"}]}


async def test_a_caller_who_will_not_wait_for_the_bytes_meets_a_timeout(caller: Caller) -> None:
    await caller.fault("slow", seconds=1)
    with pytest.raises(httpx.ReadTimeout):
        await caller.http.post(
            f"{caller.account['url']}/admin-api", json={"query": "{orders{totalItems}}"}, timeout=0.2
        )


async def test_a_delayed_call_takes_effect_after_its_caller_gave_up(caller: Caller) -> None:
    await caller.fault("delay", seconds=0.3)
    query = {"query": STOCK, "variables": {"u": 7}}
    with pytest.raises(httpx.ReadTimeout):
        await caller.http.post(f"{caller.account['url']}/admin-api", json=query, timeout=0.1)
    assert caller.stock() == 0
    await caller.fault("delay", seconds=0.3)
    assert (await caller.ask("{orders{totalItems}}")).status_code == 200
    assert caller.stock() == 7


PAGE = "query($s:Int!){productVariants(options:{skip:$s,take:2,sort:{id:ASC}}){items{id}}}"


async def page(caller: Caller, skip: int) -> list[str]:
    items = (await caller.ask(PAGE, s=skip)).json()["data"]["productVariants"]["items"]
    return [item["id"] for item in items]


async def test_a_duplicated_page_repeats_its_neighbour(caller: Caller) -> None:
    await caller.fault("duplicate_page", calls=[], rate=1)
    assert [await page(caller, 0), await page(caller, 2)] == [["1", "2"], ["2", "3"]]


async def test_a_shifted_page_leaves_a_record_out(caller: Caller) -> None:
    await caller.fault("shift_page", calls=[], rate=1)
    assert [await page(caller, 0), await page(caller, 2)] == [["1", "2"], ["4", "5"]]


async def test_expired_credentials_are_forbidden_until_the_next_log_in(caller: Caller) -> None:
    await caller.fault("expire")
    answer = await caller.ask("{orders{totalItems}}")
    assert answer.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    await caller.log_in()
    assert (await caller.ask("{orders{totalItems}}")).json() == {"data": {"orders": {"totalItems": 0}}}


@pytest.mark.parametrize("system", ["warehouse", "courier"])
async def test_a_system_with_fixed_keys_answers_401_when_they_expire(caller: Caller, system: str) -> None:
    rules = {system: [{"kind": "expire", "rate": 1}]}
    await caller.http.put(f"{caller.served.base}/control/faults", json=rules)
    path = "/tryton/warehouse/rest/model/product.product" if system == "warehouse" else "/karrio/v1/shipments"
    assert (await caller.http.get(f"{caller.served.base}{path}")).status_code == 401


async def test_a_clock_that_is_off_shows_in_what_the_server_writes_and_in_its_date(caller: Caller) -> None:
    answer = await caller.http.put(f"{caller.served.base}/control/clocks", json={"shop:main": 3600})
    assert answer.json()["shop:main"] == 3600
    right = datetime.now(UTC)
    answer = await caller.ask(
        'mutation{createProduct(input:{translations:[{languageCode:en,name:"n"}]}){createdAt}}'
    )
    written = datetime.fromisoformat(answer.json()["data"]["createProduct"]["createdAt"])
    said = parsedate_to_datetime(answer.headers["date"])
    for moment in (written, said):
        assert 3590 <= (moment - right).total_seconds() <= 3660
    other = await caller.http.get(f"{caller.served.base}/karrio/v1/shipments")
    assert (parsedate_to_datetime(other.headers["date"]) - right).total_seconds() < 60


async def test_a_rule_strikes_only_what_it_matches_and_as_often_as_it_may(caller: Caller) -> None:
    await caller.fault("error_before", calls=[], rate=1, match="stockOnHand", times=1)
    assert (await caller.ask("{orders{totalItems}}")).status_code == 200
    assert (await caller.ask(STOCK, u=7)).status_code == 503
    assert (await caller.ask(STOCK, u=7)).status_code == 200


async def test_a_rule_can_strike_by_the_number_of_the_call(caller: Caller) -> None:
    await caller.fault("error_before", calls=[2, 4])
    statuses = [(await caller.ask("{orders{totalItems}}")).status_code for _ in range(5)]
    assert statuses == [200, 503, 200, 503, 200]


async def test_a_process_can_be_killed_at_the_point_of_the_fault(caller: Caller) -> None:
    victim = await asyncio.create_subprocess_exec(sys.executable, "-c", "import time; time.sleep(60)")
    await caller.fault("drop_after", kill=victim.pid)
    with pytest.raises(httpx.RemoteProtocolError):
        await caller.ask(STOCK, u=7)
    assert await victim.wait() == -9
    assert caller.stock() == 7


async def test_a_fault_that_does_not_exist_is_refused(caller: Caller) -> None:
    url = f"{caller.served.base}/control/faults"
    for rule, text in (
        ({"kind": "earthquake"}, "'earthquake' is not a valid Fault"),
        ({"kind": "delay", "minutes": 1}, "a fault has no minutes"),
    ):
        answer = await caller.http.put(url, json={"shop:main": [rule]})
        assert answer.status_code == 400
        assert text in answer.json()["error"]
    assert (await caller.http.put(url, json={"moon": []})).status_code == 404


async def test_faults_are_counted_where_they_can_be_read(caller: Caller) -> None:
    await caller.fault("error_before")
    await caller.ask("{orders{totalItems}}")
    rules = (await caller.http.get(f"{caller.served.base}/control/faults")).json()["shop:main"]
    assert (rules[0]["seen"], rules[0]["hits"]) == (1, 1)


@pytest.mark.parametrize("shape", ["fixed", "sliding", "leaky"])
async def test_a_limit_refuses_what_is_beyond_it(caller: Caller, shape: str) -> None:
    limit = {"shape": shape, "calls": 2, "seconds": 86_400}
    await caller.http.put(f"{caller.served.base}/control/limits", json={"shop:main": limit})
    answers = [await caller.ask("{orders{totalItems}}") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2].headers["retry-after"]) >= 1
    limits = (await caller.http.get(f"{caller.served.base}/control/limits")).json()
    assert limits["shop:main"]["refused"] == 1
    lifted = await caller.http.put(f"{caller.served.base}/control/limits", json={"shop:main": None})
    assert lifted.json() == {}
    assert (await caller.ask("{orders{totalItems}}")).status_code == 200


async def test_calls_are_counted_by_system_path_and_status(caller: Caller) -> None:
    await caller.fault("drop_before")
    with pytest.raises(httpx.RemoteProtocolError):
        await caller.ask("{orders{totalItems}}")
    calls = caller.served.world.ledger.calls()
    assert calls == {("shop:main", "/admin-api", 200): 1, ("shop:main", "/admin-api", 0): 1}


async def test_a_clock_that_a_fault_puts_off_stays_off(caller: Caller) -> None:
    await caller.fault("clock", seconds=45)
    for _ in range(2):
        answer = await caller.ask(STOCK, u=1)
        off = parsedate_to_datetime(answer.headers["date"]) - datetime.now(UTC)
        assert 40 < off.total_seconds() <= 46


async def test_a_fault_by_schedule_strikes_in_its_window_alone(caller: Caller) -> None:
    """The window is counted from the moment when the rule was set; the clock of another server moves it not."""
    await caller.fault("outage", calls=[], rate=1.0, after=3600)
    assert (await caller.ask(STOCK, u=3)).status_code == 200, "not yet"
    await caller.fault("outage", calls=[], rate=1.0, until=3600)
    with pytest.raises(httpx.RemoteProtocolError):
        await caller.ask(STOCK, u=4)
    await caller.fault("outage", calls=[], rate=1.0, until=0)
    assert (await caller.ask(STOCK, u=5)).status_code == 200, "not any more"
    assert caller.stock() == 5


async def test_all_faults_of_a_seed_are_the_same_in_every_run(served: Served) -> None:
    """`--faults all`: each kind is among them, for each server, and chance is the seed's own."""
    rules = [mixture(build(seed=3).random("mixture/shop:main")) for _ in range(2)]
    assert rules[0] == rules[1]
    assert {rule.kind for rule in rules[0]} == set(Fault)
    assert rules[0] != mixture(build(seed=4).random("mixture/shop:main"))
