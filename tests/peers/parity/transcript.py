"""What one script saw on one side, and how two sides differ.

An answer is kept as its status and its *shape*: every key with its type, recursively, where text is told apart by
what it means (a moment with or without milliseconds, a number in text); states and error codes keep their value.
A *fact* is kept as a value
and compared as it is, so scripts state in it only what does not depend on ids or names.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

Shape = Any  # a name of a kind, {key: Shape}, or [Shape of the elements]

KINDS = (
    ("moment on the second", re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.0+)?Z")),
    ("moment", re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(Z|[+-]\d\d:\d\d)")),
    (
        "moment of another form",
        re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?( ?([+-]\d\d:?\d\d|Z))?"),
    ),
    ("date", re.compile(r"\d{4}-\d\d-\d\d")),
    ("digits", re.compile(r"\d+")),
    ("decimal", re.compile(r"-?\d+\.\d+")),
    ("empty", re.compile(r"")),
)


TELLING = {
    "__typename",
    "errorCode",
    "state",
    "fromState",
    "toState",
    "status",
}  # names whose text is a value
RANDOM = {
    "reference_number",
    "tracking_number",
    "tracking_numbers",
    "shipment_identifier",
    "shipment_identifiers",
}  # names whose text is drawn at random, of digits alone now and then
CODED = {"extensions", "errors", "messages"}  # below these, `code` is a value too


def shape(value: Any, name: str = "", above: str = "") -> Shape:
    """The shape of decoded JSON; `name` is the key that it stands under, `above` the key before that."""
    if isinstance(value, dict):
        return {key: shape(inner, key, name) for key, inner in value.items()}
    if isinstance(value, list):
        merged: list[Shape] = []
        for inner in value:
            found = shape(inner, name, above)
            merged = [_merge(merged[0], found)] if merged else [found]
        return merged
    if isinstance(value, str) and (name in TELLING or (name == "code" and above in CODED)):
        return f"{value!r}"
    if isinstance(value, str) and name in RANDOM and value:
        return "text"
    if isinstance(value, str):
        return next((name for name, pattern in KINDS if pattern.fullmatch(value)), "text")
    return "null" if value is None else type(value).__name__


def _merge(one: Shape, other: Shape) -> Shape:
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: _merge(one.get(key, "absent"), other.get(key, "absent")) for key in {**one, **other}}
    if isinstance(one, list) and isinstance(other, list):
        return [_merge(one[0], other[0])] if one and other else one or other
    if one == other:
        return one
    names = {
        part
        for side in (one, other)
        for part in (side.split("|") if isinstance(side, str) else [_kind(side)])
    }
    return "|".join(sorted(names))


def _kind(found: Shape) -> str:
    return "object" if isinstance(found, dict) else "list"


def body_shape(response: httpx.Response) -> Shape:
    """JSON by its shape, anything else by its media type."""
    kind = response.headers.get("content-type", "").partition(";")[0]
    if kind.endswith("json") and response.content:
        return shape(response.json())
    return f"<{kind or 'nothing'}{'' if response.content else ', empty'}>"


@dataclass(slots=True)
class Transcript:
    """Steps in order: a name, and what was seen there."""

    steps: dict[str, tuple[int | None, Shape]] = field(default_factory=dict)
    excerpts: dict[str, str] = field(default_factory=dict)

    def answer(self, step: str, response: httpx.Response, *, under: str = "") -> httpx.Response:
        """Keep an answer's status and shape; `under` names a dotted part when only that part matters."""
        found = body_shape(response)
        for key in under.split(".") if under else ():
            found = found.get(key, "absent") if isinstance(found, dict) else found
        self._keep(step, response.status_code, found)
        sent = _sent(response.request)
        call = f"{response.request.method} {response.request.url}"
        self.excerpts[step] = f"{call}\n{sent[:1500]}\n-> {response.status_code} {response.text[:3000]}"
        return response

    def status(self, step: str, response: httpx.Response) -> httpx.Response:
        """Keep the status and the kind of body alone, where the text is for people."""
        self.answer(step, response)
        found = body_shape(response)
        self.steps[step] = (response.status_code, found if isinstance(found, str) else _kind(found))
        return response

    def fact(self, step: str, value: Any) -> None:
        """Keep a value that must be the same on both sides."""
        self._keep(f"{step} (fact)", None, ["fact", value])

    def _keep(self, step: str, status: int | None, found: Shape) -> None:
        assert step not in self.steps, f"two steps named {step!r}"
        self.steps[step] = (status, found)


def _sent(request: httpx.Request) -> str:
    try:
        return request.content.decode(errors="replace")
    except httpx.RequestNotRead:
        return "(a form with files)"


def differences(real: Transcript, sandbox: Transcript) -> list[tuple[str, str]]:
    """(step, what differs), the real system's side first; empty when the sandbox does as the real one."""
    found: list[tuple[str, str]] = []
    precise, other_precise = _precise(real), _precise(sandbox)
    for step in {**real.steps, **sandbox.steps}:
        missing = (None, "step not reached")
        (status, one), (other_status, other) = real.steps.get(step, missing), sandbox.steps.get(step, missing)
        one, other = _by_chance(one, precise), _by_chance(other, other_precise)
        if status != other_status:
            found.append((step, f"status {status}, sandbox {other_status}"))
        found += [(step, line) for line in _compare("", one, other)]
    return found


def _named(found: Shape, name: str = "") -> Iterator[tuple[str, str]]:
    """Every (name, kind) in a shape."""
    if isinstance(found, dict):
        for key, inner in found.items():
            yield from _named(inner, key)
    elif isinstance(found, list) and found[:1] != ["fact"]:
        for inner in found:
            yield from _named(inner, name)
    elif isinstance(found, str):
        yield from ((name, kind) for kind in found.split("|"))


def _precise(side: Transcript) -> frozenset[str]:
    """The names of moments that this side tells with their milliseconds, somewhere in the script."""
    told = (each for _, found in side.steps.values() for each in _named(found))
    return frozenset(name for name, kind in told if kind == "moment")


def _by_chance(found: Shape, precise: frozenset[str], name: str = "") -> Shape:
    """One moment in a thousand is on the second by chance, where milliseconds are told: it counts as any other."""
    if isinstance(found, dict):
        return {key: _by_chance(inner, precise, key) for key, inner in found.items()}
    if isinstance(found, list) and found[:1] != ["fact"]:
        return [_by_chance(inner, precise, name) for inner in found]
    if isinstance(found, str) and name in precise:
        kinds = {"moment" if kind == "moment on the second" else kind for kind in found.split("|")}
        return "|".join(sorted(kinds))
    return found


def _compare(path: str, one: Shape, other: Shape) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in {**one, **other}:
            yield from _compare(f"{path}.{key}", one.get(key, "absent"), other.get(key, "absent"))
    elif isinstance(one, list) and isinstance(other, list) and one[:1] != ["fact"] != other[:1]:
        if one and other:
            yield from _compare(f"{path}[]", one[0], other[0])
    elif one != other:
        yield f"{path or 'answer'} is {_short(one)}, sandbox {_short(other)}"


def _short(found: Shape) -> str:
    if isinstance(found, list) and found[:1] == ["fact"]:
        return repr(found[1])
    return found if isinstance(found, str) else f"{_kind(found)} {str(found)[:160]}"
