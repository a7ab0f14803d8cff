"""Every SKU that the files name, with its place: found by the kind of the value, in whatever section it stands."""

from collections.abc import Iterator
from typing import Annotated, get_args, get_origin

from pydantic import BaseModel

from config.shape import Expected, fields, members
from config.yaml import ListNode, Located, MapNode, ScalarNode
from mappings.schema import MappingsModel
from mappings.schema.parts import SkuText
from sync.domain.sku import normal_sku

_MARKS = get_args(SkuText)[1:]


def sku_places(root: MapNode) -> Iterator[tuple[str, ScalarNode]]:
    """(SKU in its normal form, where it stands) of values and of keys."""
    yield from _places(MappingsModel, root)


def _places(expected: Expected, node: Located) -> Iterator[tuple[str, ScalarNode]]:
    if _is_sku(expected) and isinstance(node, ScalarNode):
        sku = normal_sku(node.text)
        if sku is not None:
            yield sku, node
        return
    for part in members(expected):
        if isinstance(part, type) and issubclass(part, BaseModel):
            yield from _in_model(part, node)
        elif get_origin(part) in (list, tuple, frozenset):
            yield from _in_list(get_args(part)[0], node)
        elif get_origin(part) is dict:
            yield from _in_mapping(get_args(part), node)


def _in_model(model: type[BaseModel], node: Located) -> Iterator[tuple[str, ScalarNode]]:
    for name, info in fields(model).items():
        child = node.child(name)
        if child is not None:
            marked = bool(set(_MARKS) & set(info.metadata))
            yield from _places(SkuText if marked else info.annotation, child)


def _in_list(inner: Expected, node: Located) -> Iterator[tuple[str, ScalarNode]]:
    """Where one text may stand for a list of one, it does."""
    items = node.items if isinstance(node, ListNode) else (node,) if isinstance(node, ScalarNode) else ()
    for item in items:
        yield from _places(inner, item)


def _in_mapping(inner: tuple[Expected, ...], node: Located) -> Iterator[tuple[str, ScalarNode]]:
    if isinstance(node, MapNode):
        for key, value in node:
            yield from _places(inner[0], key) if _is_sku(inner[0]) else ()
            yield from _places(inner[1], value)


def _is_sku(expected: Expected) -> bool:
    """Whether it is a SKU, or one that may be absent."""
    if get_origin(expected) is Annotated:
        return bool(set(_MARKS) & set(get_args(expected)[1:])) or _is_sku(get_args(expected)[0])
    parts = [part for part in get_args(expected) if part is not type(None)]
    return (
        get_origin(expected) not in (list, tuple, dict, frozenset) and len(parts) == 1 and _is_sku(parts[0])
    )
