"""Writes: an outcome for each item, one effect however often they are sent, and found again when in doubt."""

from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass, replace

from connectors.conformance.bench import Bench, Opened
from connectors.conformance.checks import check, keep, with_form
from connectors.conformance.methods import Form, Method, declared
from connectors.conformance.wire import losing
from connectors.contract import (
    Capability,
    ConnectorError,
    Done,
    Manifest,
    Rejected,
    Repeat,
    Retry,
    Unavailable,
    Unknown,
)

_MOST_REQUESTS = 40


def _with_batches(manifest: Manifest) -> bool:
    return any(each.batch for each in declared(manifest))


@check(when=_with_batches, wired=False)
async def one_bad_item_leaves_the_others_done(bench: Bench) -> None:
    """A batch gives one outcome for each item by its own key; one that the vendor does not know stops none."""
    for method in (each for each in bench.declared() if each.batch):
        (batch,) = await bench.given(method.name)
        if not isinstance(batch, Sequence) or len(batch) < 2:
            raise ValueError(f"the bench gives {method.name} no batch of two items or more")
        bad = _unknown(bench, method, batch[0])
        items = [batch[0], bad, *batch[1:]]
        async with bench.opened() as opened:
            outcomes = await opened.call(method.name, items)
        if not isinstance(outcomes, Mapping):
            keep(False, f"{method.name} gives no outcome for each item")
            continue
        wanted = {_key(method, each) for each in items}
        keep(set(outcomes) == wanted, f"{method.name} gives outcomes for other keys than it was asked for")
        for item in batch:
            outcome = outcomes[_key(method, item)]
            keep(_is_fine(method, outcome), f"{method.name}: a good item beside a bad one is {outcome}")
        stray = outcomes[_key(method, bad)]
        keep(isinstance(stray, Rejected | Retry), f"{method.name}: an item that is not there is {stray}")


def _is_fine(method: Method, outcome: object) -> bool:
    return isinstance(outcome, Done) or (method.name == "track" and isinstance(outcome, Retry))


def _unknown(bench: Bench, method: Method, item: object) -> object:
    if isinstance(item, tuple):
        return (item[0], bench.missing)
    if not is_dataclass(item) or isinstance(item, type):
        return bench.missing
    changes = {method.item: bench.missing}
    if hasattr(item, "key"):
        changes["key"] = "entrepot-missing"
    return replace(item, **changes)


def _key(method: Method, item: object) -> str:
    if isinstance(item, tuple):
        return str(item[1])
    if isinstance(item, str):
        return item
    return str(getattr(item, "key", None) or getattr(item, method.item))


@check(when=with_form(Form.ABSOLUTE), wired=False)
async def an_absolute_write_may_be_repeated(bench: Bench) -> None:
    """Sent twice, an absolute write is done twice with the same echo, and has one effect."""
    for method in bench.writes():
        if method.form is not Form.ABSOLUTE:
            continue
        arguments = await bench.given(method.name)
        async with bench.opened() as opened:
            first = await opened.call(method.name, *arguments)
            second = await opened.call(method.name, *arguments)
        for outcome in (*_each(first), *_each(second)):
            well = isinstance(outcome, Done) or (bench.manifest.kind == "supplier" and _is_open(outcome))
            keep(well, f"{method.name}, sent twice, is {outcome}")
        keep(first == second, f"{method.name}, sent twice, does not say the same twice")
        if method.capability is Capability.SET_QUANTITIES:
            await _books_agree(bench, arguments[0])


def _is_open(outcome: object) -> bool:
    """A supplier answers later whether it stops an order."""
    return isinstance(outcome, Unknown)


def _each(result: object) -> Sequence[object]:
    return list(result.values()) if isinstance(result, Mapping) else [result]


async def _books_agree(bench: Bench, batch: object) -> None:
    for item in batch if isinstance(batch, Sequence) else ():
        shown = await bench.quantity(item.variant)
        keep(shown == item.quantity, f"set_quantities: {item.quantity} was asked for, the shop sells {shown}")


def _creating(bench: Bench) -> list[tuple[Method, Repeat]]:
    repeats = bench.manifest.repeats
    return [
        (each, repeats[each.operation])
        for each in bench.declared()
        if each.operation is not None and each.operation in repeats
    ]


@check(when=with_form(Form.CREATING), wired=False)
async def a_creating_write_sent_twice_has_one_effect(bench: Bench) -> None:
    """The same request again makes nothing new, unless the manifest says that nobody can tell (`none`)."""
    for method, repeat in _creating(bench):
        arguments = await bench.given(method.name)
        async with bench.opened() as opened:
            first = await opened.call(method.name, *arguments)
            keep(isinstance(first, Done), f"{method.name} on a healthy server is {first}")
            count = await bench.effects(method.name, arguments)
            shown = count == 1 or (count is None and repeat is Repeat.NONE)
            keep(shown, f"{method.name} is done, and the server's books show it {count} times")
            if repeat is Repeat.NONE:
                continue
            again = await opened.call(method.name, *arguments)
        keep(isinstance(again, Done), f"{method.name}, sent again, is {again}")
        count = await bench.effects(method.name, arguments)
        keep(count == 1, f"{method.name}, sent twice, has {count} effects")


@check(when=with_form(Form.CREATING), wired=False)
async def what_was_never_sent_is_not_found(bench: Bench) -> None:
    """A look-up finds nothing of a request that never left."""
    for method, _ in _creating(bench):
        if method.finder:
            arguments = await bench.given(method.name)
            async with bench.opened() as opened:
                found = await _found(opened, method, arguments)
            keep(found is not True, f"{method.finder} finds what was never sent")


@check(when=with_form(Form.CREATING))
async def a_creating_write_is_found_again_by_its_declared_means(bench: Bench) -> None:
    """Whichever answer of a creating write is lost, what the manifest declares leads to exactly one effect."""
    for method, repeat in _creating(bench):
        for step in range(_MOST_REQUESTS):
            arguments = await bench.given(method.name)
            async with bench.opened() as opened:
                await opened.call("identity")
                before = len(opened.wire.sent)
                opened.wire.trouble(losing, skip=step, times=1)
                outcome = await _outcome(opened, method, arguments)
                opened.wire.calm()
                if len(opened.wire.sent) - before <= step:
                    break
                await _one_effect(bench, opened, method, repeat, arguments, outcome)


async def _outcome(opened: Opened, method: Method, arguments: tuple[object, ...]) -> object:
    try:
        return await opened.call(method.name, *arguments)
    except Unavailable as error:
        return Retry(str(error))
    except ConnectorError as error:
        keep(False, f"{method.name}, its answer lost, raises {type(error).__name__}: {error}")
        return None


async def _one_effect(
    bench: Bench,
    opened: Opened,
    method: Method,
    repeat: Repeat,
    arguments: tuple[object, ...],
    outcome: object,
) -> None:
    keep(not isinstance(outcome, Rejected), f"{method.name}, its answer lost, is {outcome}")
    done = await bench.effects(method.name, arguments)
    if done is None and repeat is Repeat.NONE:
        return
    told = isinstance(outcome, Done | Unknown)
    keep(not done or told or repeat is not Repeat.NONE, _CERTAIN.format(method.name))
    keep(bool(done) or not isinstance(outcome, Done), f"{method.name} is said to be done and is not")
    if repeat is Repeat.NONE and isinstance(outcome, Unknown):
        keep(done in (0, 1), f"{method.name} has {done} effects")
        return
    found = await _found(opened, method, arguments) if isinstance(outcome, Unknown) else None
    keep(not (found is False and done), f"{method.name}: it was done, and {method.finder} does not find it")
    if not isinstance(outcome, Done) and found is not True:
        again = await opened.call(method.name, *arguments)
        keep(isinstance(again, Done), f"{method.name}, sent again after a lost answer, is {again}")
    count = await bench.effects(method.name, arguments)
    keep(count == 1, f"{method.name}, after a lost answer, has {count} effects")


_CERTAIN = "{0}: it was done, no answer came, nobody can look it up, and it is said to be unsent"


async def _found(opened: Opened, method: Method, arguments: tuple[object, ...]) -> bool | None:
    """True if the declared look-up finds all of it, False if it says surely not, None if there is no look-up."""
    if not method.finder:
        return None
    if method.finder in ("find_shipment", "find_refund"):
        verdict = await opened.call(method.finder, *arguments)
        return True if isinstance(verdict, Done) else None
    reference = getattr(arguments[0], "reference", "")
    found = await opened.call(method.finder, reference)
    return bool(found) if isinstance(found, Sequence) else None
