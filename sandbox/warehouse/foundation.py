"""The set-up of a fresh installation: zones, company, units, the first parties and all countries."""

from sandbox.warehouse.countries import COUNTRIES
from sandbox.warehouse.rows import (
    Address,
    Company,
    Country,
    Currency,
    Location,
    LocationType,
    Named,
    Party,
    Unit,
)
from sandbox.warehouse.store import MAIN, SECOND, Store

_ZONES: tuple[tuple[str, str | None, LocationType], ...] = (
    ("Input Zone", "IN", LocationType.STORAGE),
    ("Output Zone", "OUT", LocationType.STORAGE),
    ("Storage Zone", "STO", LocationType.STORAGE),
    ("Lost and Found", None, LocationType.LOST_FOUND),
    ("Warehouse", MAIN, LocationType.WAREHOUSE),
    ("Supplier", "SUP", LocationType.SUPPLIER),
    ("Customer", "CUS", LocationType.CUSTOMER),
    ("Transit", None, LocationType.STORAGE),
    ("In 2", None, LocationType.STORAGE),
    ("Out 2", None, LocationType.STORAGE),
    ("Sto 2", None, LocationType.STORAGE),
    ("Second", SECOND, LocationType.WAREHOUSE),
)
TRANSIT = 8


def lay(store: Store) -> None:
    """Fill empty books."""
    _places(store)
    _units(store)
    store.currencies.insert(lambda i, t: Currency(id=i, create_date=t, name="Euro", code="EUR", symbol="€"))
    for name, code in (("Harbour Trading", store.number("party")), ("Supplier One", "SUP-1")):
        party(store, name, code)
    party(store, "Web Customer", "CUS-1")
    store.companies.insert(lambda i, t: Company(id=i, create_date=t, party=1, currency=1))
    for code, name in COUNTRIES.items():
        _country(store, code, name)


def _country(store: Store, code: str, name: str) -> None:
    store.countries.insert(lambda i, t: Country(id=i, create_date=t, name=name, code=code))


def _units(store: Store) -> None:
    for title in ("Units", "Weight"):
        _category(store, title)
    for name, symbol, category, digits, factor in (
        ("Unit", "u", 1, 0, 1.0),
        ("Kilogram", "kg", 2, 2, 1.0),
        ("Gram", "g", 2, 2, 0.001),
    ):
        _unit(store, name, symbol, category=category, digits=digits, factor=factor)


def _category(store: Store, title: str) -> None:
    store.unit_categories.insert(lambda i, t: Named(id=i, create_date=t, name=title))


def _unit(store: Store, name: str, symbol: str, *, category: int, digits: int, factor: float) -> None:
    store.units.insert(
        lambda i, t: Unit(
            id=i,
            create_date=t,
            name=name,
            symbol=symbol,
            category=category,
            digits=digits,
            rounding=10.0**-digits,
            factor=factor,
            rate=1 / factor,
        )
    )


def party(store: Store, name: str, code: str) -> Party:
    """A party with one empty address, as the client of the real system makes it."""
    row = store.parties.insert(lambda i, t: Party(id=i, create_date=t, name=name, code=code))
    store.addresses.insert(lambda i, t: Address(id=i, create_date=t, party=row.id))
    return row


def _places(store: Store) -> None:
    for name, code, kind in _ZONES:
        _place(store, name, code, kind)
    for warehouse, zones, lost in ((5, (1, 2, 3), 4), (12, (9, 10, 11), None)):
        for zone in zones:
            store.locations.change(store.locations.one(zone), parent=warehouse)
        store.locations.change(
            store.locations.one(warehouse),
            input_location=zones[0],
            output_location=zones[1],
            storage_location=zones[2],
            lost_found_location=lost,
        )


def _place(store: Store, name: str, code: str | None, kind: LocationType) -> None:
    store.locations.insert(lambda i, t: Location(id=i, create_date=t, name=name, code=code, type=kind))
