"""A vendor that asks for a pause, refuses the credentials, talks nonsense or says nothing at all."""

import asyncio
from collections.abc import Mapping

from connectors.conformance.bench import Bench, Opened
from connectors.conformance.checks import check, keep
from connectors.conformance.methods import Form, Method
from connectors.conformance.wire import Act, answering, silent
from connectors.contract import (
    AuthRejected,
    BadAnswer,
    Capability,
    ConnectorError,
    Done,
    Kind,
    Manifest,
    Rejected,
    Throttled,
    Unavailable,
)

_PAUSE = 1.0
_SLACK = 0.9
"""Clocks of loops are coarse; a pause of nine tenths is a pause."""
_PROBES = {Kind.STOREFRONT: "orders", Kind.WAREHOUSE: "stock", Kind.SUPPLIER: "offers"}


def _probe(manifest: Manifest) -> str:
    """A read that every connector of the kind has and that reaches the vendor each time."""
    if manifest.kind is Kind.COURIER:
        return "find_bookings" if manifest.can(Capability.BOOK) else "identity"
    return _PROBES[manifest.kind]


@check()
async def throttling_is_waited_out(bench: Bench) -> None:
    """A vendor that asks for a pause gets it, with a figure or without; then the call goes on and is answered."""
    probe = _probe(bench.manifest)
    for after in (_PAUSE, None):
        async with bench.opened() as opened:
            arguments = await bench.given(probe)
            await opened.call("identity")
            begun = len(opened.wire.sent)
            opened.wire.trouble(bench.throttled(after), times=1)
            try:
                await opened.call(probe, *arguments)
            except ConnectorError as error:
                keep(False, f"{probe} gives up when it is throttled once: {type(error).__name__}: {error}")
            times = [each.at for each in opened.wire.sent[begun:]]
            keep(len(times) > 1, f"{probe} did not ask again after it was throttled")
            pause = times[1] - times[0]
            keep(
                pause >= (after or 0.1) * _SLACK, f"{probe} asked again {pause:.2f} s after it was throttled"
            )


@check()
async def a_long_pause_is_told_and_not_called_into(bench: Bench) -> None:
    """A pause that is longer than the deadline is told as Throttled or as Retry, and nothing calls into it."""
    for method in bench.declared():
        arguments = await bench.given(method.name)
        async with bench.opened() as opened:
            await _ready(bench, opened)
            begun = len(opened.wire.sent)
            opened.wire.trouble(bench.throttled(600))
            try:
                result = await opened.call(method.name, *arguments, seconds=3)
            except Throttled:
                pass
            except ConnectorError as error:
                keep(False, f"{method.name}, throttled, raises {type(error).__name__}: {error}")
            else:
                if len(opened.wire.sent) > begun:
                    _nothing_decided(method, result, "throttled")
            calls = len(opened.wire.sent) - begun
            most = bench.manifest.limits.concurrency
            keep(calls <= most, f"{method.name} called {calls} times into a pause")


async def _ready(bench: Bench, opened: Opened) -> None:
    """Let it log in and learn what it wants to know of the account."""
    await opened.call("identity")
    probe = _probe(bench.manifest)
    await opened.call(probe, *await bench.given(probe))


@check()
async def refused_credentials_are_told_everywhere(bench: Bench) -> None:
    """With a wrong secret every method raises AuthRejected, so that the account is paused and a person told."""
    for method in bench.declared():
        arguments = await bench.given(method.name)
        async with bench.opened(secret="wrong-" + bench.secret[::-1]) as opened:
            try:
                result = await opened.call(method.name, *arguments)
            except AuthRejected:
                continue
            except ConnectorError as error:
                keep(False, f"{method.name} tells a refused secret as {type(error).__name__}: {error}")
            else:
                keep(False, f"{method.name} with a refused secret answers {type(result).__name__}")


_NONSENSE = (b"<html><body>It works!</body></html>", b"{}", b"null", b'{"data":')


@check()
async def an_answer_that_does_not_fit_is_not_guessed_at(bench: Bench) -> None:
    """A read of another shape raises BadAnswer, rather than an empty page; a write is neither done nor refused."""
    for body in _NONSENSE:
        act = answering(200, body, content_type="application/json")
        for method in bench.reads():
            await _read_nonsense(bench, method, act, body)
        for method in bench.writes():
            await _write_nonsense(bench, method, act, body)


async def _read_nonsense(bench: Bench, method: Method, act: Act, body: bytes) -> None:
    arguments = await bench.given(method.name)
    async with bench.opened() as opened:
        if method.name != "identity":  # a connector may remember it
            await _ready(bench, opened)
        begun = len(opened.wire.sent)
        opened.wire.trouble(act)
        try:
            result = await opened.call(method.name, *arguments)
        except (BadAnswer, Unavailable):
            return
        except ConnectorError as error:
            keep(False, f"{method.name} tells the answer {body!r} as {type(error).__name__}: {error}")
        else:
            unasked = len(opened.wire.sent) == begun
            told = isinstance(result, Mapping) and not any(isinstance(x, Done) for x in result.values())
            keep(unasked or told, f"{method.name} takes {body!r} for an answer")


async def _write_nonsense(bench: Bench, method: Method, act: Act, body: bytes) -> None:
    arguments = await bench.given(method.name)
    async with bench.opened() as opened:
        await _ready(bench, opened)
        opened.wire.trouble(act)
        try:
            result = await opened.call(method.name, *arguments)
        except (BadAnswer, Unavailable, Throttled):
            return
        except ConnectorError as error:
            keep(False, f"{method.name} tells the answer {body!r} as {type(error).__name__}: {error}")
        else:
            _nothing_decided(method, result, f"answered {body!r}")


def _nothing_decided(method: Method, result: object, why: str) -> None:
    for outcome in result.values() if isinstance(result, Mapping) else [result]:
        keep(not isinstance(outcome, Done | Rejected), f"{method.name}, {why}, is {type(outcome).__name__}")


_SECONDS = 0.5
_GUARD = 5.0
_READS = (Form.READ, Form.FEED)


@check()
async def deadlines_are_kept(bench: Bench) -> None:
    """A vendor that says nothing keeps nobody beyond the deadline; a write is then neither done nor refused."""
    for method in bench.declared():
        arguments = await bench.given(method.name)
        async with bench.opened() as opened:
            await _ready(bench, opened)
            begun = len(opened.wire.sent)
            opened.wire.trouble(silent)
            try:
                async with asyncio.timeout(_GUARD):
                    result = await opened.call(method.name, *arguments, seconds=_SECONDS)
            except TimeoutError:
                keep(False, f"{method.name} waits beyond its deadline")
            except (Unavailable, Throttled):
                continue
            except ConnectorError as error:
                keep(False, f"{method.name} tells silence as {type(error).__name__}: {error}")
            else:
                if len(opened.wire.sent) > begun:
                    keep(
                        method.batch or method.form not in _READS,
                        f"{method.name} takes silence for an answer",
                    )
                    _nothing_decided(method, result, "without an answer")
