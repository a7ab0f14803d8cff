"""Holding units for a paper: assign what is free, split off what is short, or let the short part go.

Shared by outbound and internal shipments. A move that cannot be served whole keeps the missing quantity as a
draft, and what was found is assigned on a new move beside it.
"""

from dataclasses import fields

from sandbox.warehouse.names import record_name
from sandbox.warehouse.refusals import Warned
from sandbox.warehouse.rows import LocationType, Move, MoveState
from sandbox.warehouse.store import Store

_HELD = frozenset({LocationType.STORAGE})
_ORIGIN_NEEDED = frozenset({LocationType.CUSTOMER, LocationType.SUPPLIER})


def needs_units(store: Store, move: Move) -> bool:
    """Whether units must be found before the move can be done."""
    return bool(move.units) and store.locations.one(move.from_location).type in _HELD


def assign_free(store: Store, moves: list[Move]) -> bool:
    """Assign draft moves as far as units are free; whether all were served whole."""
    served = True
    for move in moves:
        if move.state is MoveState.DRAFT:
            served &= _serve(store, move)
    return served


def _serve(store: Store, move: Move) -> bool:
    picks = _find(store, move)
    found = sum(quantity for _, quantity in picks)
    whole = found >= move.units
    if not whole:
        if not picks:
            return False
        store.moves.change(move, quantity=move.units - found)
    for place, quantity in picks:
        if whole and place == picks[0][0]:
            store.moves.change(move, from_location=place, quantity=quantity, state=MoveState.ASSIGNED)
            continue
        part = split(store, move, quantity, from_location=place)
        store.moves.change(part, state=MoveState.ASSIGNED)
    return whole


def _find(store: Store, move: Move) -> list[tuple[int, float]]:
    wanted, picks = move.units, []
    for place in store.within(move.from_location or 0):
        if place == move.to_location:
            continue
        free = store.moves.free(move.product or 0, place)
        if free < 1 or wanted <= 0:
            continue
        picks.append((place, min(free, wanted)))
        wanted -= min(free, wanted)
    return picks


def split(store: Store, move: Move, quantity: float, **changes: object) -> Move:
    """A copy of a move with its own quantity; the caller lowers the first one."""
    values = {field.name: getattr(move, field.name) for field in fields(move)}
    values |= {"quantity": quantity, "package": None, "state": MoveState.DRAFT, "write_date": None, **changes}
    return store.moves.add(lambda i, t: Move(**{**values, "id": i, "create_date": t}))


def set_states(store: Store, moves: list[Move], state: MoveState) -> None:
    """Bring moves to a state where that state can be reached; a done move only ever becomes cancelled."""
    for move in moves:
        reachable = {
            MoveState.DRAFT: (MoveState.ASSIGNED,),
            MoveState.ASSIGNED: (MoveState.DRAFT,),
            MoveState.DONE: (MoveState.DRAFT, MoveState.ASSIGNED),
            MoveState.CANCELLED: (MoveState.DRAFT, MoveState.ASSIGNED, MoveState.DONE),
        }[state]
        if move.state not in reachable:
            continue
        values: dict[str, object] = {"state": state}
        if state is MoveState.DONE:
            values["effective_date"] = move.effective_date or store.today()
        elif state is MoveState.DRAFT:
            values["effective_date"] = None
        elif state is MoveState.CANCELLED:
            values["package"] = None
        store.moves.change(move, **values)


def warn_without_origin(store: Store, moves: list[Move], skip: bool) -> None:
    """Ask for a confirmation when units cross the company's border without a paper that says why."""
    if skip:
        return
    bare = [move for move in moves if not move.origin and _crosses(store, move)]
    if bare:
        named = ", ".join(record_name(store, move) for move in bare[:5]) + "..." * (len(bare) > 5)
        raise Warned(f'Stock moves "{named}" have no origin.')


def _crosses(store: Store, move: Move) -> bool:
    ends = (store.locations.one(move.from_location).type, store.locations.one(move.to_location).type)
    return (ends[0] in _ORIGIN_NEEDED) is not (ends[1] in _ORIGIN_NEEDED)


def remove_moves(store: Store, moves: list[Move]) -> None:
    """Delete moves that have not happened."""
    for move in moves:
        store.moves.remove(move)
