"""What records are called in messages and in the field `rec_name`."""

from sandbox.warehouse.rows import (
    Address,
    Company,
    Document,
    Inventory,
    Location,
    Move,
    Named,
    Package,
    Product,
    Ref,
    Row,
)
from sandbox.warehouse.store import Store

_SPECIAL = {
    "product.product": "Product",
    "country.country": "Country",
    "currency.currency": "Currency",
    "company.company": "Company",
    "party.party": "Party",
}


def model_label(model: str) -> str:
    """What a model is called: stock.shipment.out is a Stock Shipment Out."""
    return _SPECIAL.get(model) or " ".join(
        part.capitalize() for part in model.replace("_", " ").replace(".", " ").split()
    )


def field_label(name: str) -> str:
    """What a field is called: default_uom is the Default UoM."""
    return " ".join("UoM" if part == "uom" else part.capitalize() for part in name.split("_"))


def record_name(store: Store, row: Row) -> str:
    """What a record is called."""
    match row:
        case Product():
            name = store.templates.one(row.template).name
            return f"[{row.code}] {name}" if row.code else name or ""
        case Move():
            return move_name(store, row)
        case Document():
            parts = [part for part in (row.number, row.reference and f"[{row.reference}]") if part]
            return " ".join(parts) or f"({row.id})"
        case Inventory():
            place = record_name(store, store.locations.one(row.location))
            day = f"{row.date:%m/%d/%Y}" if row.date else ""
            return f"[{row.number}] {place} @ {day}"
        case Company():
            return record_name(store, store.parties.one(row.party))
        case Location():
            return f"[{row.code}] {row.name}" if row.code else row.name
        case Package():
            return row.number or str(row.id)
        case Address():
            return address_name(store, row)
        case Named():
            code = getattr(row, "code", None)
            return row.name or (f"[{code}]" if code else str(row.id))
        case _:
            return str(row.id)


def move_name(store: Store, move: Move) -> str:
    """Quantity, product and, where there is one, the paper that the move belongs to."""
    name = f"{move.units:g}\N{NO-BREAK SPACE}u {record_name(store, store.products.one(move.product))}"
    owner = move.shipment or move.origin
    row = referred(store, owner) if owner else None
    return f"{name} @ {record_name(store, row)}" if row else name


def referred(store: Store, ref: Ref) -> Row | None:
    """The record that a reference points to."""
    table = store.tables.get(ref[0])
    return table.get(ref[1]) if table else None


def full_address(store: Store, row: Address) -> str:
    """The address as it is printed, without the party's name."""
    city = " ".join(part for part in (row.postal_code, row.city) if part)
    country = store.countries.one(row.country).name.upper() if row.country else None  # type: ignore[union-attr]
    return "\n".join(part for part in (row.attn, row.street, city, country) if part)


def address_name(store: Store, row: Address) -> str:
    """The address in one line."""
    owner = store.parties.get(row.party) if row.party else None
    name = row.party_name or (owner.name if owner else None)
    street = " ".join(row.street.split("\n")) if row.street else None
    return ", ".join(part for part in (name, street, row.postal_code, row.city) if part)
