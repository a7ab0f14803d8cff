"""The buttons of each model, pressed on one record."""

from sandbox.warehouse.assigning import needs_units, set_states, warn_without_origin
from sandbox.warehouse.names import model_label, record_name
from sandbox.warehouse.refusals import Refusal, RowsLocked
from sandbox.warehouse.rows import Move, MoveState, Row
from sandbox.warehouse.store import INTERNAL, OUT
from sandbox.warehouse.tryton.errors import Forbidden
from sandbox.warehouse.tryton.fields import Look

_MOVES = {"do": MoveState.DONE, "draft": MoveState.DRAFT, "cancel": MoveState.CANCELLED}


def press(look: Look, model: str, row: Row, action: str) -> None:
    """Press a button; raises Forbidden for one that the model does not have."""
    if action == "assign_try" and model in (OUT, INTERNAL) and look.warehouse.locked_tries > 0:
        look.warehouse.locked_tries -= 1
        raise RowsLocked("stock_move")
    if isinstance(row, Move):
        _press_move(look, row, action)
        return
    desk = look.warehouse.desks.get(model)
    if desk is None or not desk.offers(action):
        raise Forbidden
    desk.press(row, action, skip_warnings=look.skip_warnings)


def offers(look: Look, model: str, action: str) -> bool:
    """Whether the model has the button at all."""
    if model == "stock.move":
        return action in _MOVES
    desk = look.warehouse.desks.get(model)
    return desk is not None and desk.offers(action)


def _press_move(look: Look, move: Move, action: str) -> None:
    if action not in _MOVES:
        raise Forbidden
    shown = {
        "do": move.state in (MoveState.DRAFT, MoveState.ASSIGNED)
        and not (move.state is MoveState.DRAFT and needs_units(look.store, move)),
        "draft": move.state is MoveState.ASSIGNED,
        "cancel": move.state is not MoveState.CANCELLED,
    }[action]
    if not shown or move.shipment:
        name = record_name(look.store, move)
        raise Refusal(f'You can not call "{action}" on "{name}" of "{model_label("stock.move")}".')
    with look.store.transaction():
        if action == "do":
            warn_without_origin(look.store, [move], look.skip_warnings)
        was = move.state
        set_states(look.store, [move], _MOVES[action])
        _tell(look, move, was)


def _tell(look: Look, move: Move, was: MoveState) -> None:
    ends = [look.store.locations.one(end).type for end in (move.from_location, move.to_location)]
    sign = {MoveState.DONE: 1, MoveState.CANCELLED: -1}.get(move.state, 0)
    if ends == ["supplier", "storage"] and sign and (sign > 0 or was is MoveState.DONE):
        look.store.record("received", sku=look.store.sku(move.product), quantity=sign * move.units)
