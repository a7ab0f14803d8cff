"""Every fault of the line, at every request of a call: one effect, no lost order, and the quantity that was asked for.

The kit loses answers, throttles and is silent; here stand the others that servers and what is before them are known for.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from connectors.conformance import Act, Opened, Wire, answering
from connectors.conformance.wire import Heard
from connectors.contract import ConnectorError, Done, Page, Unknown
from sandbox.clock import Clock
from sandbox.storefront.woocommerce.builder import running
from sandbox.storefront.woocommerce.rules import Rules

from .conftest import V8, V11
from .test_kit import WooCommerceBench

TRIES = 4
FINDERS = {"confirm_shipment": "find_shipment", "refund": "find_refund"}
PAGE = b"<html><head><title>Error</title></head><body>jane@example.com</body></html>"


def after(status: int, body: bytes | None = None, **headers: str) -> Act:
    """The shop does it, and something else is answered; without `body`, half of what it said."""

    async def act(wire: Wire, request: httpx.Request) -> httpx.Response:
        await wire.truly(request)
        told = wire.heard[-1].body
        named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        return Heard(status, named, told[: len(told) // 2] if body is None else body).again()

    return act


async def no_connection(wire: Wire, request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


async def reset_before(wire: Wire, request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("reset", request=request)


async def reset_after(wire: Wire, request: httpx.Request) -> httpx.Response:
    await wire.truly(request)
    raise httpx.RemoteProtocolError("the answer broke off", request=request)


FAULTS: dict[str, Act] = {
    "no connection": no_connection,
    "reset before the effect": reset_before,
    "reset after the effect": reset_after,
    "half an answer": after(200),
    "half an answer to a creating write": after(201),
    "a bad gateway before the effect": answering(502, PAGE),
    "a bad gateway after the effect": after(502, PAGE),
    "a gateway that waited too long": after(504, PAGE),
    "a proxy of its own numbers": after(524, PAGE),
    "maintenance": answering(503, PAGE, retry_after="0"),
    "PHP fails before the effect": answering(500, PAGE),
    "PHP fails after the effect": after(500, PAGE),
    "a page in place of the answer": after(200, PAGE),
    "an empty answer": after(200, b""),
    "an answer without end": after(200, b"[]", content_length="999999999999"),
    "a packing that was not asked for": after(200, b"\x00", content_encoding="br"),
    "a firewall": answering(403, PAGE),
    "throttled": answering(429, PAGE, retry_after="0"),
}


@pytest.fixture(
    scope="module",
    params=[pytest.param(V11, id="11.0"), pytest.param(replace(V8, tracking=True), id="8.6")],
)
def bench(request: pytest.FixtureRequest) -> Iterator[WooCommerceBench]:
    rules: Rules = request.param
    with running(rules, clock=Clock()) as street:
        yield WooCommerceBench(street)


async def test_no_order_is_lost_by_a_page_that_met_a_fault(bench: WooCommerceBench) -> None:
    made = set(await bench.fill("orders", 3))
    everyone = [(fault, step) for fault in FAULTS for step in range(2)]
    found = await asyncio.gather(*(read_through(bench, FAULTS[fault], step) for fault, step in everyone))
    for (fault, step), told in zip(everyone, found, strict=True):
        assert made <= told, f"{fault} at request {step}"


async def read_through(bench: WooCommerceBench, fault: Act, step: int) -> set[str]:
    found: set[str] = set()
    async with bench.opened() as opened:
        opened.wire.trouble(fault, skip=step, times=1)
        cursor, complete = None, False
        while not complete:
            try:
                page = await opened.call("orders", cursor)
            except ConnectorError:
                continue
            assert isinstance(page, Page) and not page.broken
            found |= {order.external_id for order in page.records}
            cursor, complete = page.cursor or cursor, page.complete
    return found


class Trial:
    """One call of one method whose request number `step` meets a fault."""

    def __init__(self, bench: WooCommerceBench, method: str, fault: str, step: int) -> None:
        self.bench, self.method, self.fault, self.step = bench, method, fault, step
        self.arguments: tuple[object, ...] = ()

    def __str__(self) -> str:
        return f"{self.method}, {self.fault} at request {self.step}"

    async def run(self) -> None:
        self.arguments = await self.bench.arguments(self.method)
        async with self.bench.opened() as opened:
            await opened.call("identity")
            opened.wire.trouble(FAULTS[self.fault], skip=self.step, times=1)
            result = await self.stubbornly(opened)
            if not done(result) and self.method in FINDERS:
                found = await opened.call(FINDERS[self.method], *self.arguments)
                result = found if done(found) else result
            if not done(result):
                result = await self.stubbornly(opened)
            assert done(result), f"{self}: {result}"

    async def stubbornly(self, opened: Opened) -> object:
        """As the engine does: asked again until it is done, or in doubt."""
        result: object = None
        for _ in range(TRIES):
            try:
                result = await opened.call(self.method, *self.arguments)
            except ConnectorError as error:
                assert "jane@example.com" not in str(error)
                continue
            if done(result) or any(isinstance(each, Unknown) for each in outcomes(result)):
                break
        return result


def outcomes(result: object) -> list[object]:
    return list(result.values()) if isinstance(result, dict) else [result]


def done(result: object) -> bool:
    return all(isinstance(each, Done) for each in outcomes(result))


async def trials(bench: WooCommerceBench, method: str) -> list[Trial]:
    """Every fault at every request that the method has."""
    arguments = await bench.arguments(method)
    async with bench.opened() as opened:
        await opened.call("identity")
        before = len(opened.wire.sent)
        assert done(await opened.call(method, *arguments))
        requests = len(opened.wire.sent) - before
    assert requests > 1
    return [Trial(bench, method, fault, step) for fault in FAULTS for step in range(requests)]


@pytest.mark.parametrize("method", ["confirm_shipment", "refund", "note"])
async def test_a_creating_write_has_one_effect_whatever_happens_on_the_line(
    bench: WooCommerceBench, method: str
) -> None:
    tried = await trials(bench, method)
    await asyncio.gather(*(trial.run() for trial in tried))
    for trial in tried:
        assert await bench.effects(method, trial.arguments) == 1, trial


async def test_a_quantity_ends_as_it_was_asked_for_whatever_happens_on_the_line(
    bench: WooCommerceBench,
) -> None:
    tried = await trials(bench, "set_quantities")
    await asyncio.gather(*(trial.run() for trial in tried))
    for trial in tried:
        (batch,) = trial.arguments
        assert isinstance(batch, list)
        assert [await bench.quantity(item.variant) for item in batch] == [4, 4], trial
