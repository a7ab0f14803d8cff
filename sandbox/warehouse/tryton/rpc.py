"""The JSON-RPC side door: reads, buttons, and the wizard for part shipments. HTTP Basic, not the key.

The wizard answers as the real one does: `ignore` with an empty `partial` changes nothing and says nothing.
"""

from dataclasses import dataclass, field

from sandbox.warehouse.assigning import needs_units
from sandbox.warehouse.refusals import Refusal
from sandbox.warehouse.rows import MoveState, Row, Shipment, ShipmentState
from sandbox.warehouse.store import OUT
from sandbox.warehouse.tryton import reading, searching
from sandbox.warehouse.tryton.actions import offers, press
from sandbox.warehouse.tryton.errors import Broken, Forbidden
from sandbox.warehouse.tryton.fields import Look
from sandbox.warehouse.tryton.schema import MODELS

_WIZARD = "wizard.stock.shipment.assign"


@dataclass(slots=True)
class Wizards:
    """The open sessions of the part-shipment wizard: its moves by session id."""

    sessions: dict[int, list[int]] = field(default_factory=dict)
    last: int = 0


def call(look: Look, wizards: Wizards, method: str, parameters: list[object]) -> object:
    """Answer one call; the last parameter is the context. Raises Refusal, Broken or Forbidden."""
    context = parameters[-1] if parameters and isinstance(parameters[-1], dict) else {}
    look.context = context
    arguments = parameters[:-1]
    if method.startswith(_WIZARD + "."):
        return _wizard(look, wizards, method.removeprefix(_WIZARD + "."), arguments)
    if method.startswith("model."):
        model, _, name = method.removeprefix("model.").rpartition(".")
        if model not in MODELS:
            raise Broken(repr(model))
        return _model(look, model, name, arguments)
    raise Forbidden


def _model(look: Look, model: str, name: str, arguments: list[object]) -> object:
    given = dict(enumerate(arguments))
    match name:
        case "search":
            return [row.id for row in _found(look, model, given)]
        case "search_count":
            return searching.count(look, model, given.get(0, []))
        case "search_read":
            wanted = reading.tree(model, _names(given.get(4)))
            return [_flat(look, model, row.id, wanted) for row in _found(look, model, given)]
        case "read":
            wanted = reading.tree(model, _names(given.get(1)))
            return [_flat(look, model, number, wanted) for number in _ids(look, model, given.get(0))]
    if not offers(look, model, name):
        raise Forbidden
    for number in _ids(look, model, given.get(0)):
        press(look, model, look.store.tables[model].one(number), name)
    return None


def _found(look: Look, model: str, given: dict[int, object]) -> list[Row]:
    offset, limit = given.get(1) or 0, given.get(2)
    if not isinstance(offset, int) or not isinstance(limit, int | None):
        raise Broken("invalid literal for int()")
    page = searching.Page(offset, limit)
    return searching.search(look, model, given.get(0, []), given.get(3), page)


def _flat(look: Look, model: str, number: int, wanted: reading.Tree) -> dict[str, object]:
    record = reading.read(look, model, look.store.tables[model].one(number), wanted)
    record.pop("__name__")
    return record


def _names(value: object) -> list[str]:
    return [str(name) for name in value] if isinstance(value, list) else ["id"]


def _ids(look: Look, model: str, value: object) -> list[int]:
    numbers = [number for number in value if isinstance(number, int)] if isinstance(value, list) else []
    if missing := [number for number in numbers if look.store.tables[model].get(number) is None]:
        raise Refusal(f'You are trying to read records "{missing[0]}" of "{model}" that don\'t exist.')
    return numbers


def _wizard(look: Look, wizards: Wizards, name: str, arguments: list[object]) -> object:
    match name, arguments:
        case "create", _:
            wizards.last += 1
            wizards.sessions[wizards.last] = []
            return [wizards.last, "start", "end"]
        case "delete", [int() as session]:
            wizards.sessions.pop(session, None)
            return None
        case "execute", [int() as session, dict() as data, str() as state]:
            if session not in wizards.sessions:
                raise Broken(repr(session))
            if isinstance(partial := data.get("partial"), dict) and isinstance(partial.get("moves"), list):
                wizards.sessions[session] = [number for number in partial["moves"] if isinstance(number, int)]
            return _execute(look, wizards.sessions[session], state)
    raise Forbidden


def _execute(look: Look, moves: list[int], state: str) -> object:
    row = _active(look)
    outbound = look.warehouse.outbound
    match state:
        case "start":
            outbound.press(row, "assign_try")
            return {} if row.state is ShipmentState.ASSIGNED else {"view": _view(look, row)}
        case "partial":
            return {"view": _view(look, row)}
        case "ignore":
            outbound.let_go(row, moves)
        case "force":
            outbound.press(row, "assign_force")
        case "cancel":
            outbound.press(row, "wait")
        case "end":
            pass
        case _:
            raise Broken(repr(state))
    return {}


def _view(look: Look, row: Shipment) -> dict[str, object]:
    missing = [
        move.id
        for move in look.warehouse.outbound.assignable(row)
        if move.state is MoveState.DRAFT and needs_units(look.store, move)
    ]
    buttons = [
        {"state": state, "string": label, "default": state == "end"}
        for state, label in (("cancel", "Cancel"), ("end", "Wait"), ("ignore", "Ignore"), ("force", "Force"))
    ]
    return {"state": "partial", "defaults": {"moves": missing}, "values": {}, "buttons": buttons}


def _active(look: Look) -> Shipment:
    number = look.context.get("active_id")
    row = look.store.shipments.get(number) if isinstance(number, int) else None
    if look.context.get("active_model") != OUT or row is None:
        raise Broken("'NoneType' object has no attribute 'assign_try'")
    return row
