"""What a model's fields are: their kind, where they are kept, how they are computed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TypeVar

from sandbox.warehouse.books import Warehouse
from sandbox.warehouse.refusals import Refusal
from sandbox.warehouse.rows import LocationType, Row
from sandbox.warehouse.store import Store
from sandbox.warehouse.tryton.errors import Broken

R = TypeVar("R", bound=Row)


class Kind(StrEnum):
    """The kinds of fields, as far as they differ on the wire or in a search."""

    TEXT = "text"
    INTEGER = "integer"
    FLOAT = "float"
    NUMERIC = "numeric"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    DURATION = "timedelta"
    ONE = "many2one"
    MANY = "one2many"
    REFERENCE = "reference"


@dataclass(slots=True)
class Look:
    """The books as one request sees them: with the context that it brought."""

    warehouse: Warehouse
    context: dict[str, object] = field(default_factory=dict)
    _zones: list[list[int]] | None = None

    @property
    def store(self) -> Store:
        """The tables."""
        return self.warehouse.store

    @property
    def company(self) -> int | None:
        """The company that the context names; without a context it is the user's own."""
        company = self.context.get("company", None if self.context else 1)
        return company if isinstance(company, int) else None

    @property
    def skip_warnings(self) -> bool:
        """Whether questions are answered with yes."""
        return bool(self.context.get("_skip_warnings"))

    def quantity(self, product: int, *, forecast: bool) -> float:
        """Units of a product in the context's locations; without locations it is always nought."""
        end = self.context.get("stock_date_end") or None
        if end is not None and not isinstance(end, date):
            kind = type(end).__name__
            raise Broken(f"'<' not supported between instances of '{kind}' and 'datetime.date'")
        moves = self.store.moves
        figure = moves.forecast if forecast else moves.quantity
        assign = bool(self.context.get("stock_assign"))
        return float(sum(figure(product, zone, assign=assign, end=end) for zone in self.zones()))

    def zones(self) -> list[list[int]]:
        """The sets of locations that figures are summed over."""
        if self._zones is None:
            self._zones = self._find_zones()
        return self._zones

    def _find_zones(self) -> list[list[int]]:
        wanted = self.context.get("locations") or [self.context.get("location")]
        if not isinstance(wanted, list) or wanted == [None]:
            return []
        ids = [number for number in wanted if isinstance(number, int)]
        missing = [str(number) for number in ids if number not in self.store.locations.rows]
        if missing:
            named = '", "'.join(missing)
            raise Refusal(f'You are trying to read records "{named}" of "Stock Location" that don\'t exist.')
        places = [self.store.locations.one(number) for number in ids]
        if all(place.type is LocationType.WAREHOUSE for place in places):
            if self.context.get("stock_skip_warehouse"):
                return [[place.storage_location] for place in places if place.storage_location]
            return [self.store.within(number) for number in ids]
        whole = self.context.get("with_childs", len(ids) == 1)
        inside = [self.store.within(number) if whole else [number] for number in ids]
        return [sorted({place for zone in inside for place in zone})]


Reader = Callable[[Look, Row], object]


@dataclass(frozen=True, slots=True)
class Field:
    """One field. Without `attribute` it is computed; without a search it cannot stand in a domain."""

    kind: Kind
    read: Reader
    attribute: str | None = None
    target: str | None = None
    inverse: str | None = None
    search: bool = True


def of(row_type: type[R], read: Callable[[Look, R], object]) -> Reader:
    """A reader for rows of one type."""

    def reader(look: Look, row: Row) -> object:
        if not isinstance(row, row_type):
            raise TypeError(f"{type(row).__name__} is not a {row_type.__name__}")
        return read(look, row)

    return reader


def kept(kind: Kind, name: str, target: str | None = None) -> dict[str, Field]:
    """A field that is kept in the row's attribute of the same name."""
    return {name: Field(kind, lambda _, row: getattr(row, name), name, target)}


def several(kind: Kind, *names: str) -> dict[str, Field]:
    """Kept fields of one kind."""
    return {key: entry for name in names for key, entry in kept(kind, name).items()}


def one(target: str, *names: str) -> dict[str, Field]:
    """Kept links to records of another model."""
    return {key: entry for name in names for key, entry in kept(Kind.ONE, name, target).items()}


def many(name: str, target: str, inverse: str, *, by_reference: str | None = None) -> dict[str, Field]:
    """The records of another model that point here; moves come newest first, as that model is ordered."""

    def read(look: Look, row: Row) -> object:
        key = (by_reference, row.id) if by_reference else row.id
        found = [other.id for other in look.store.tables[target].by(inverse, key)]
        return found[::-1] if target == "stock.move" else found

    return {name: Field(Kind.MANY, read, target=target, inverse=inverse)}


def computed(
    kind: Kind,
    name: str,
    read: Reader,
    target: str | None = None,
    *,
    search: bool = False,
    inverse: str | None = None,
) -> dict[str, Field]:
    """A field that is worked out when it is read."""
    return {name: Field(kind, read, target=target, search=search, inverse=inverse)}


def empty(*names: str, value: object = None, kind: Kind = Kind.TEXT) -> dict[str, Field]:
    """Fields of the real model that this warehouse never fills."""
    return {name: Field(kind, lambda _, __: value) for name in names}
