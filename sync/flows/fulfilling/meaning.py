"""What a warehouse's status means: what its connector makes of it, and an admin's word (`statuses:`) over that.

Settled before anything is decided from a reading. A status that nobody has given a meaning, or that shall be asked
about, moves nothing: a person hears of it. No word takes back what has left, and none makes goods that have left
cancelled: they would be sent twice.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from mappings import StatusVerdict
from sync.domain.lifecycle import WorkState
from sync.domain.shipments import FulfilmentState, RemoteFulfilment, RemoteFulfilmentLine, RemoteParcel
from sync.flows.flow import FlowContext

_PARCELLED = frozenset({FulfilmentState.PACKED, FulfilmentState.SHIPPED, FulfilmentState.CANCELLED})
"""The states in which a word leaves the parcels that the connector shows; before them none is packed."""


class Doubt(StrEnum):
    """Why a person is asked what a status means."""

    UNKNOWN = "neither the connector nor `statuses:` in the mappings knows what this means"
    WANTED = "`statuses:` in the mappings says that a person shall look"
    LEFT = "`statuses:` in the mappings says cancelled, and the connector that the goods have left"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What is taken of a reading: the state, and the lines and parcels that go with it."""

    state: FulfilmentState
    """With a doubt: the stored one; one that was only planned is waiting, since the warehouse has it."""
    lines: tuple[RemoteFulfilmentLine, ...]
    parcels: tuple[RemoteParcel, ...]
    overridden: bool = False
    """The state is an admin's word, not the connector's."""
    doubt: Doubt | None = None


def told_state(ctx: FlowContext, remote: RemoteFulfilment) -> FulfilmentState | None:
    """The state that a reading tells, by the admin's word first; None where a person must say."""
    state, _ = _told(remote, _word(ctx, remote))
    return state


def meaning_of(ctx: FlowContext, stored: WorkState, remote: RemoteFulfilment) -> Meaning | None:
    """What to take of a reading of a fulfilment that is stored as `stored`; None: nothing, it has ended."""
    return meaning(stored, remote, _word(ctx, remote))


def meaning(stored: WorkState, remote: RemoteFulfilment, word: StatusVerdict | None) -> Meaning | None:
    """The same with the admin's word on its status given. Pure."""
    state, doubt = _told(remote, word)
    if state is None:
        return None if stored.ended else Meaning(kept := _kept(stored), _lines(remote, kept), (), doubt=doubt)
    overridden = state is not remote.state
    if not _follows(stored, state, overridden=overridden):
        return None
    parcels = remote.parcels if not overridden or state in _PARCELLED else ()
    return Meaning(state, _lines(remote, state), parcels, overridden)


def _word(ctx: FlowContext, remote: RemoteFulfilment) -> StatusVerdict | None:
    return ctx.rulebook.status(ctx.account.name, remote.status) if remote.status else None


def _told(
    remote: RemoteFulfilment, word: StatusVerdict | None
) -> tuple[FulfilmentState | None, Doubt | None]:
    if word is None:
        return remote.state, Doubt.UNKNOWN if remote.state is None else None
    if word.state is None:
        return None, Doubt.WANTED
    if word.state is FulfilmentState.CANCELLED and remote.state is FulfilmentState.SHIPPED:
        return None, Doubt.LEFT
    return word.state, None


def _kept(stored: WorkState) -> FulfilmentState:
    return FulfilmentState.WAITING if stored is WorkState.PLANNED else FulfilmentState(stored.value)


def _follows(stored: WorkState, state: FulfilmentState, *, overridden: bool) -> bool:
    """Whether `state` may come after `stored`. Among open states a warehouse may go back, as its people do."""
    if stored is WorkState.SHIPPED:
        return state is FulfilmentState.SHIPPED or (state.ended and not overridden)
    return not stored.ended or not overridden or state.ended


def _lines(remote: RemoteFulfilment, state: FulfilmentState) -> tuple[RemoteFulfilmentLine, ...]:
    """Where a word says that it left, everything that the lines show did, unless they tell how much."""
    gone = state is FulfilmentState.SHIPPED
    if gone is (remote.state is FulfilmentState.SHIPPED):
        return remote.lines
    if gone and any(line.shipped for line in remote.lines):
        return remote.lines
    return tuple(replace(line, shipped=line.quantity if gone else 0) for line in remote.lines)
