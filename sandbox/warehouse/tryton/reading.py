"""Records as JSON: the fields that were asked for, nested along their paths."""

from sandbox.warehouse.rows import Row
from sandbox.warehouse.tryton.codec import encode
from sandbox.warehouse.tryton.errors import Broken
from sandbox.warehouse.tryton.fields import Field, Kind, Look
from sandbox.warehouse.tryton.schema import MODELS


class Tree(dict[str, "Tree"]):
    """The wanted fields by name, each with the fields wanted behind it (none: the plain value)."""


def tree(model: str, paths: list[str]) -> Tree:
    """The tree of the paths; without any it is the record's name. Raises Broken for an unknown name."""
    root = Tree()
    for path in paths or ["rec_name"]:
        node, here = root, model
        parts = path.split(".")
        for depth, name in enumerate(parts):
            field = MODELS[here].get(name) if name != "__name__" else None
            if name != "__name__" and field is None:
                raise Broken(repr(name))
            node = node.setdefault(name, Tree())
            if depth + 1 < len(parts):
                here = _target(field)
    return root


def _target(field: Field | None) -> str:
    if field is not None and field.kind is Kind.REFERENCE:
        raise Broken("'Reference' object has no attribute 'get_target'")
    if field is None or field.target is None:
        raise Broken("'Field' object has no attribute 'get_target'")
    return field.target


def read(look: Look, model: str, row: Row, wanted: Tree) -> dict[str, object]:
    """One record."""
    fields = MODELS[model]
    result: dict[str, object] = {"id": row.id, "__name__": model}
    for name, inner in wanted.items():
        if name == "__name__":
            continue
        field = fields[name]
        value = field.read(look, row)
        if inner and field.target:
            result[name] = _linked(look, field.target, value, inner)
        elif isinstance(value, tuple) and field.kind is Kind.MANY:
            result[name] = list(value)
        else:
            result[name] = encode(value)
    return result


def _linked(look: Look, target: str, value: object, inner: Tree) -> object:
    table = look.store.tables[target]
    if isinstance(value, list | tuple):
        return [read(look, target, table.one(number), inner) for number in value]
    return read(look, target, table.one(value), inner) if isinstance(value, int) else None
