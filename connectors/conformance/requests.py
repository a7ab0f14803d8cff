"""Requests after the sale: told whole, answered once, and what came back booked once."""

from dataclasses import replace

from connectors.conformance.bench import Bench, Opened
from connectors.conformance.checks import Applies, check, keep
from connectors.conformance.feeds import finish_with
from connectors.conformance.wire import losing
from connectors.contract import (
    Capability,
    ConnectorError,
    Done,
    Manifest,
    Rejected,
    RequestAnswer,
    RequestReceipt,
    Unavailable,
)
from sync.domain.aftersales import RequestKind
from sync.domain.requests import RemoteRequest, RequestState

_FEW = 3
_MOST_REQUESTS = 40


def _can(capability: Capability) -> Applies:
    def applies(manifest: Manifest) -> bool:
        return manifest.can(Capability.REQUESTS) and manifest.can(capability)

    return applies


@check(when=_can(Capability.REQUESTS), wired=False)
async def requests_come_whole(bench: Bench) -> None:
    """The feed tells a request as reading it by its id does, with every unit that the shop's books show."""
    keys = set(await bench.fill("requests", _FEW))
    async with bench.opened() as opened:
        told = {bench.key("requests", each): each for each in await finish_with(bench, opened, "requests")}
        for key in sorted(keys):
            request = told.get(key)
            if not isinstance(request, RemoteRequest):
                keep(False, f"requests does not tell of {key}")
                continue
            keep(bool(request.order), f"request {key} names no order")
            units = {line.line: line.units for line in request.lines}
            keep(len(units) == len(request.lines), f"request {key} names a line of its order twice")
            keep(units == dict(await bench.asked(key)), f"request {key} comes with {units}")
            again = await _read(opened, request.kind, request.external_id)
            keep(again is not None, f"request finds nothing of {key}")
            keep(_bare(again) == _bare(request), f"request {key} read by its id is another than the feed's")
        for kind in RequestKind:
            missing = await opened.call("request", kind, bench.missing)
            keep(missing is None, f"request of an id that is not there is {missing!r}")


def _bare(request: RemoteRequest | None) -> RemoteRequest | None:
    return None if request is None else replace(request, raw=b"")


async def _read(opened: Opened, kind: RequestKind, id: str) -> RemoteRequest | None:
    found = await opened.call("request", kind, id)
    return found if isinstance(found, RemoteRequest) else None


@check(when=_can(Capability.ANSWER_REQUEST), wired=False)
async def an_answer_given_twice_is_done(bench: Bench) -> None:
    """A yes is done however often it is given, and so is a no, which then stands so in the shop."""
    for approved in (True, False):
        (answer,) = await bench.given("answer_request")
        if not isinstance(answer, RequestAnswer):
            raise ValueError("the bench gives answer_request no RequestAnswer")
        answer = replace(answer, approved=approved)
        async with bench.opened() as opened:
            for turn in ("first", "second"):
                outcome = await opened.call("answer_request", answer)
                keep(
                    isinstance(outcome, Done),
                    f"answer_request, approved={approved}, {turn} time, is {outcome}",
                )
            request = await _read(opened, answer.kind, answer.external_id)
        keep(request is not None, "a request that was answered is gone")
        if request is not None:
            refused = request.state in (RequestState.REFUSED, RequestState.WITHDRAWN)
            keep(
                refused is not approved,
                f"a request, answered approved={approved}, stands as {request.state.value}",
            )


@check(when=_can(Capability.RECEIVE_REQUEST), wired=False)
async def a_receipt_told_twice_is_booked_once(bench: Bench) -> None:
    """Receipts are totals: told twice, as they grow, and late after a greater one, they book each unit once.

    Before a receipt is complete the shop may also show nothing of it yet.
    """
    receipt = await _receipt(bench)
    part = _half(receipt)
    async with bench.opened() as opened:
        for told, booked in (
            (part, part),
            (part, part),
            (receipt, receipt),
            (receipt, receipt),
            (part, receipt),
        ):
            outcome = await opened.call("receive_request", told)
            keep(isinstance(outcome, Done), f"receive_request, told of {told.lines}, is {outcome}")
            await _books_show(bench, booked, waits=not booked.complete)
        request = await _read(opened, receipt.kind, receipt.external_id)
    if request is not None:
        shown = {line.line: (line.received, line.dismissed) for line in request.lines}
        wanted = {line: (good, bad) for line, good, bad in receipt.lines}
        keep(shown == wanted, f"a request of which {wanted} came back is told with {shown}")


@check(when=_can(Capability.RECEIVE_REQUEST))
async def a_receipt_whose_answer_is_lost_is_booked_once(bench: Bench) -> None:
    """Whichever answer is lost on the way, telling the same receipt again books each unit once."""
    for step in range(_MOST_REQUESTS):
        receipt = await _receipt(bench)
        async with bench.opened() as opened:
            await opened.call("identity")
            before = len(opened.wire.sent)
            opened.wire.trouble(losing, skip=step, times=1)
            try:
                outcome = await opened.call("receive_request", receipt)
            except Unavailable:
                outcome = None
            except ConnectorError as error:
                keep(False, f"receive_request, its answer lost, raises {type(error).__name__}: {error}")
            opened.wire.calm()
            reached = len(opened.wire.sent) - before > step
            keep(not isinstance(outcome, Rejected), f"receive_request, its answer lost, is {outcome}")
            if not isinstance(outcome, Done):
                again = await opened.call("receive_request", receipt)
                keep(isinstance(again, Done), f"receive_request, told again after a lost answer, is {again}")
        await _books_show(bench, receipt)
        if not reached:
            break


async def _receipt(bench: Bench) -> RequestReceipt:
    (receipt,) = await bench.given("receive_request")
    if not isinstance(receipt, RequestReceipt) or not any(good > 1 and bad for _, good, bad in receipt.lines):
        raise ValueError("the bench gives receive_request no line with two good pieces and a bad one")
    return receipt


def _half(receipt: RequestReceipt) -> RequestReceipt:
    lines = tuple((line, good // 2, 0) for line, good, _ in receipt.lines)
    return replace(receipt, lines=lines, complete=False)


async def _books_show(bench: Bench, receipt: RequestReceipt, *, waits: bool = False) -> None:
    wanted = {line: (good, bad) for line, good, bad in receipt.lines}
    shown = dict(await bench.booked(receipt.external_id))
    nothing = waits and not any(map(any, shown.values()))
    keep(nothing or shown == wanted, f"receive_request: {wanted} came back, the shop's books show {shown}")
