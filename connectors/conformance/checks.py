"""The list of checks, which of them concern a connector, and what a check that fails says."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from connectors.conformance.bench import Bench
from connectors.conformance.methods import FILLED, Form, declared
from connectors.contract import Manifest

Body = Callable[[Bench], Awaitable[None]]
Applies = Callable[[Manifest], bool]


class Unkept(AssertionError):
    """A promise of the contract is not kept; the text says which, in words."""


def keep(condition: bool, words: str) -> None:
    """Demand a fact. Raises Unkept."""
    if not condition:
        raise Unkept(words)


@dataclass(frozen=True, slots=True)
class Check:
    """One fact about a connector: `await check(bench)` raises Unkept where it is not so."""

    name: str
    states: str
    body: Body
    applies: Applies
    wired: bool

    async def __call__(self, bench: Bench) -> None:
        """See whether it is so."""
        await self.body(bench)

    def __str__(self) -> str:
        return self.name


_ALL: list[Check] = []


def check(*, when: Applies = lambda _: True, wired: bool = True) -> Callable[[Body], Body]:
    """Put a check on the list: its name is the function's, its statement the docstring.

    `wired` checks need a connector that talks over `Setup.http`.
    """

    def put(body: Body) -> Body:
        name = getattr(body, "__name__", "")
        _ALL.append(Check(name, (body.__doc__ or "").strip(), body, when, wired))
        return body

    return put


def with_feeds(manifest: Manifest) -> bool:
    """Kinds whose feeds a bench must fill."""
    return bool(FILLED[manifest.kind])


def with_form(form: Form, *, batch: bool = False) -> Applies:
    """Connectors that declare a method of this form."""

    def applies(manifest: Manifest) -> bool:
        return any(each.form is form and each.batch >= batch for each in declared(manifest))

    return applies


def every_check() -> tuple[Check, ...]:
    """All checks that there are, in the order in which they are best read."""
    return tuple(_ALL)


def checks_for(
    manifest: Manifest, *, exempt: Mapping[str, str] | None = None, wired: bool = True
) -> tuple[Check, ...]:
    """The checks that concern a connector.

    `exempt` leaves one out by name, with the reason why it cannot hold; a name that is not of the list, or
    an empty reason, is a ValueError. `wired=False` is for connectors that call nothing over HTTP.
    """
    found = [each for each in _ALL if each.applies(manifest) and (wired or not each.wired)]
    for name, reason in (exempt or {}).items():
        if name not in {each.name for each in found}:
            raise ValueError(f"no check of this connector is called {name!r}")
        if not reason.strip():
            raise ValueError(f"the exemption from {name!r} needs a reason")
    return tuple(each for each in found if each.name not in (exempt or {}))
