"""Creating, changing and deleting records by the dialect's nested values.

A list of linked records is changed by commands: ["create", [values]], ["write", [ids], values],
["delete", [ids]], ["add", [ids]] and ["remove", [ids]]. As in the real system no value is derived from
another when it is written, apart from numbers, product codes and the company of the context; nothing
recognises a repeated request.
"""

from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from sandbox.warehouse.names import record_name
from sandbox.warehouse.refusals import Refusal
from sandbox.warehouse.rows import (
    CustomerReturn,
    Document,
    Inventory,
    Move,
    MoveState,
    Package,
    Party,
    Product,
    Row,
    Shipment,
    Template,
)
from sandbox.warehouse.store import BACK, INTERNAL, OUT
from sandbox.warehouse.tryton import checks
from sandbox.warehouse.tryton.errors import Broken
from sandbox.warehouse.tryton.fields import Field, Kind, Look
from sandbox.warehouse.tryton.schema import MODELS, ROWS

Values = dict[str, object]
_COMPANY_OWNED = (OUT, BACK, INTERNAL, "stock.move", "stock.inventory", "stock.package")
_PLANNED = (MoveState.DRAFT, MoveState.ASSIGNED)
_KEEPER = {"id", "create_date", "write_date", "last_modified_at"}
_NUMBERED = {"stock.package": "stock.package", "stock.inventory": "stock.inventory", BACK: BACK}


def create(look: Look, model: str, values: object) -> Row:
    """Make a record and those nested in it, all or none."""
    checks.may_write(model)
    with look.store.transaction():
        row = _create(look, model, _as_values(values))
        _afterwards(look, model, row, new=True, names=set(_as_values(values)))
        return row


def write(look: Look, model: str, row: Row, values: object) -> None:
    """Change a record and those nested in it, all or none."""
    checks.may_write(model)
    with look.store.transaction():
        _write(look, model, row, _as_values(values))
        _afterwards(look, model, row, new=False, names=set(_as_values(values)))


def delete(look: Look, model: str, row: Row) -> None:
    """Delete a record."""
    checks.may_write(model)
    with look.store.transaction():
        if isinstance(row, Shipment):
            look.warehouse.outbound.removed(row)
        elif isinstance(row, Move):
            if row.state not in (MoveState.DRAFT, MoveState.CANCELLED) and row.units:
                name = record_name(look.store, row)
                raise Refusal(
                    f'To delete stock move "{name}" you must cancel it or reset its state to draft.'
                )
            look.store.moves.remove(row)
        else:
            look.store.tables[model].remove(row)


def _as_values(values: object) -> Values:
    if not isinstance(values, dict):
        raise Broken(f"'{type(values).__name__}' object has no attribute 'copy'")
    return values


def _create(look: Look, model: str, values: Values) -> Row:
    plain, nested = _split(model, values)
    if plain.get("state") not in (None, "draft"):
        raise Refusal(f'You are not allowed to modify the field "State" of a new "{model}".')
    plain.pop("state", None)
    plain = {**_defaults(look, model), **plain}
    checks.links_exist(look, model, plain)
    if model in _NUMBERED and not plain.get("number"):
        plain["number"] = look.store.number(_NUMBERED[model])
    row = _insert(look, model, plain)
    if isinstance(row, Package):
        checks.may_change(look, model, row, ["type"])
    for name, commands in nested.items():
        _command(look, model, row, name, commands)
    _derive(look, model, row)
    checks.sound(look, model, row)
    return row


def _write(look: Look, model: str, row: Row, values: Values) -> None:
    plain, nested = _split(model, values)
    checks.may_change(look, model, row, list(values))
    checks.links_exist(look, model, plain)
    if plain:
        _change(look, row, model, plain)
    for name, commands in nested.items():
        _command(look, model, row, name, commands)
    _derive(look, model, row)
    checks.sound(look, model, row)


def _split(model: str, values: Values) -> tuple[Values, Values]:
    plain: Values = {}
    nested: Values = {}
    for name, value in values.items():
        field = MODELS[model].get(name)
        if field is None:
            raise Broken(repr(name))
        if field.kind is Kind.MANY:
            if value and field.inverse:
                nested[name] = value
        elif field.attribute and name not in _KEEPER:
            plain[name] = _stored(field.kind, value)
    return plain, nested


def _stored(kind: Kind, value: object) -> object:
    if value is None:
        return None
    try:
        match kind:
            case Kind.NUMERIC:
                return value if isinstance(value, Decimal) else Decimal(str(value))
            case Kind.FLOAT:
                return float(str(value))
            case Kind.DATE if isinstance(value, str):
                return date.fromisoformat(value)
            case Kind.BOOLEAN:
                return bool(value)
            case Kind.REFERENCE if isinstance(value, str):
                target, _, number = value.partition(",")
                return (target, int(number))
            case Kind.DURATION:
                return value if isinstance(value, timedelta) else None
            case _:
                return value
    except (ValueError, InvalidOperation) as error:
        raise Broken(str(error)) from None


def _defaults(look: Look, model: str) -> Values:
    values: Values = {}
    if model in _COMPANY_OWNED:
        values["company"] = look.company
    if model == "stock.inventory":
        values["date"] = look.store.today()
    return values


def _insert(look: Look, model: str, plain: Values) -> Row:
    if model == "stock.move":
        return look.store.moves.add(lambda i, t: Move(**{**plain, "id": i, "create_date": t}))
    build = ROWS[model]
    return look.store.tables[model].insert(lambda i, t: build(**{**plain, "id": i, "create_date": t}))


def _change(look: Look, row: Row, model: str, values: Values) -> None:
    if isinstance(row, Move):
        look.store.moves.change(row, **values)
    else:
        look.store.tables[model].change(row, **values)


def _command(look: Look, model: str, row: Row, name: str, commands: object) -> None:
    field = MODELS[model][name]
    if not isinstance(commands, list):
        raise Broken("'NoneType' object is not iterable")
    key = (model, row.id) if _points_by_reference(field) else row.id
    for command in commands:
        if not isinstance(command, list) or len(command) < 2:
            raise Broken("not enough values to unpack (expected 2, got 1)")
        _obey(look, field, key, str(command[0]), command[1:])


def _points_by_reference(field: Field) -> bool:
    return MODELS[str(field.target)][str(field.inverse)].kind is Kind.REFERENCE


def _obey(look: Look, field: Field, key: object, order: str, arguments: list[object]) -> None:
    target, inverse = str(field.target), str(field.inverse)
    first = arguments[0] if isinstance(arguments[0], list) else []
    match order:
        case "create":
            wire = f"{key[0]},{key[1]}" if isinstance(key, tuple) else key
            for values in first:
                _create(look, target, {**_as_values(values), inverse: wire})
        case "write":
            for ids, values in zip(arguments[::2], arguments[1::2], strict=False):
                for row in _rows(look, target, ids):
                    _write(look, target, row, _as_values(values))
        case "delete":
            for row in _rows(look, target, first):
                delete(look, target, row)
        case "add":
            for row in _rows(look, target, first):
                _change(look, row, target, {inverse: key})
        case "remove":
            for row in _rows(look, target, first):
                _change(look, row, target, {inverse: None})
        case _:
            raise Broken(repr(order))


def _rows(look: Look, model: str, ids: object) -> list[Row]:
    table = look.store.tables[model]
    numbers = [number for number in ids if isinstance(number, int)] if isinstance(ids, list) else []
    missing = [number for number in numbers if table.get(number) is None]
    if missing:
        raise Refusal(f'You are trying to read records "{missing[0]}" of "{model}" that don\'t exist.')
    return [table.one(number) for number in numbers]


def _derive(look: Look, model: str, row: Row) -> None:
    store = look.store
    match row:
        case Document():
            for move in store.moves_of((model, row.id)):
                if move.planned_date != row.planned_date and move.state in _PLANNED:
                    store.moves.change(move, planned_date=row.planned_date)
        case Party() if row.code is None:
            store.parties.change(row, code=store.number("party"))
        case Product() if row.template is not None:
            _derive_code(look, row)
        case Template():
            for product in store.products.by("template", row.id):
                _derive_code(look, product)
        case Inventory():
            look.warehouse.counts.expect(row)


def _derive_code(look: Look, product: Product) -> None:
    prefix = look.store.templates.one(product.template).code or ""
    code = f"{prefix}{product.suffix_code or ''}" or None
    if product.code != code:
        look.store.products.change(product, code=code)


def _afterwards(look: Look, model: str, row: Row, *, new: bool, names: set[str]) -> None:
    match row:
        case Shipment() if new:
            look.warehouse.outbound.created(row)
        case CustomerReturn() if new:
            facts = {"document": row.id, "reference": row.reference}
            look.store.record("return_announced", **facts, lines=look.warehouse.inbound.units(row))
        case Shipment() if names & {"moves", "outgoing_moves"}:
            look.warehouse.outbound.changed(row)
        case Package() if "shipping_reference" in names and row.shipping_reference:
            look.store.record(
                "tracking_set",
                package=row.id,
                shipment=row.shipment[1] if row.shipment else None,
                tracking=row.shipping_reference,
            )
