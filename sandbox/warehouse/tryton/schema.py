"""The models that the dialect answers for, with the field names of Tryton 8.2.

Fields of modules that are not used here are there and empty, so that asking for them is no error; a name that
the real model lacks is unknown here too.
"""

from collections.abc import Callable

from sandbox.warehouse.names import full_address, record_name
from sandbox.warehouse.rows import (
    Address,
    Company,
    Contact,
    Country,
    Currency,
    CustomerReturn,
    Inventory,
    InventoryLine,
    Location,
    Move,
    Named,
    Package,
    Party,
    Product,
    Row,
    Shipment,
    Template,
    Transfer,
    Unit,
)
from sandbox.warehouse.store import BACK, INTERNAL, OUT
from sandbox.warehouse.tryton.documents import (
    customer_return,
    inventory,
    inventory_line,
    move,
    package,
    shipment,
    transfer,
)
from sandbox.warehouse.tryton.fields import Field, Kind, Look, computed, empty, kept, many, of, one, several

Model = dict[str, Field]

_COMMON: Model = {
    **several(Kind.INTEGER, "id"),
    **several(Kind.TIMESTAMP, "create_date", "write_date", "last_modified_at"),
    **computed(Kind.TEXT, "rec_name", lambda look, row: record_name(look.store, row), search=True),
    **empty("create_uid", "write_uid", "xml_id"),
}
_ACTIVE = several(Kind.BOOLEAN, "active")
_NAMED = {**several(Kind.TEXT, "name"), **_ACTIVE}


def _location() -> Model:
    place = "stock.location"
    return {
        **several(Kind.TEXT, "name", "code", "type"),
        **_ACTIVE,
        **one(place, "parent", "storage_location", "input_location", "output_location"),
        **one(place, "lost_found_location", "picking_location"),
        **many("childs", place, "parent"),
        **many("waste_locations", place, "waste_warehouses"),
        **computed(Kind.MANY, "waste_warehouses", of(Location, _waste_warehouses), place),
        **empty("address", "provisioning_location", "overflowing_location"),
        **empty("supplier_return_location", "quantity", "forecast_quantity", "quantity_uom", "cost_value"),
        **empty("allow_pickup", "flat_childs", value=False, kind=Kind.BOOLEAN),
    }


def _waste_warehouses(_: Look, row: Location) -> list[int]:
    return [] if row.waste_warehouses is None else [row.waste_warehouses]


def _party() -> Model:
    return {
        **_NAMED,
        **several(Kind.TEXT, "code"),
        **many("addresses", "party.address", "party"),
        **many("contact_mechanisms", "party.contact_mechanism", "party"),
        **computed(Kind.TEXT, "full_name", of(Party, lambda _, row: row.name)),
        **computed(
            Kind.ONE,
            "customer_location",
            lambda look, _: look.store.location("CUS").id,
            "stock.location",
        ),
        **computed(
            Kind.ONE,
            "supplier_location",
            lambda look, _: look.store.location("SUP").id,
            "stock.location",
        ),
        **{
            name: entry
            for kind in ("email", "phone", "mobile", "website", "fax")
            for name, entry in _reached_by(kind).items()
        },
        **empty("lang", "replaced_by", "tax_identifier"),
        **empty("identifiers", "categories", value=(), kind=Kind.MANY),
    }


def _reached_by(kind: str) -> Model:
    def read(look: Look, row: Party) -> object:
        return next((c.value for c in look.store.contacts.by("party", row.id) if c.type == kind), "")

    return computed(Kind.TEXT, kind, of(Party, read))


def _address() -> Model:
    return {
        **several(Kind.TEXT, "party_name", "attn", "building_name", "street", "postal_code", "city"),
        **several(Kind.INTEGER, "sequence"),
        **several(Kind.BOOLEAN, "active", "delivery", "invoice"),
        **one("party.party", "party"),
        **one("country.country", "country"),
        **computed(Kind.TEXT, "full_address", of(Address, lambda look, row: full_address(look.store, row))),
        **computed(Kind.TEXT, "street_unstructured", of(Address, lambda _, row: row.street), search=True),
        **computed(
            Kind.TEXT,
            "street_single_line",
            of(Address, lambda _, row: " ".join((row.street or "").split("\n")) or None),
            search=True,
        ),
        **empty("building_number", "floor_number", "post_box", "post_office", "private_bag", "room_number"),
        **empty("street_name", "subdivision", "unit_number"),
    }


def _template() -> Model:
    return {
        **_NAMED,
        **several(Kind.TEXT, "code", "type"),
        **several(Kind.NUMERIC, "list_price"),
        **several(Kind.BOOLEAN, "salable", "purchasable", "consumable"),
        **one("product.uom", "default_uom"),
        **many("products", "product.product", "template"),
        **empty("account_category", "cost_price", "cost_price_method", "sale_uom", "purchase_uom", "weight"),
        **empty("weight_uom", "volume", "length", "width", "height", "lead_time", "lot_required"),
        **empty("product_suppliers", "categories", value=(), kind=Kind.MANY),
    }


def _product() -> Model:
    return {
        **several(Kind.TEXT, "code", "suffix_code", "description"),
        **several(Kind.NUMERIC, "list_price", "cost_price"),
        **_ACTIVE,
        **one("product.template", "template"),
        **_of_template(Kind.TEXT, "name", "type"),
        **_of_template(Kind.BOOLEAN, "salable", "purchasable", "consumable"),
        **_of_template(Kind.ONE, "default_uom", target="product.uom"),
        **computed(
            Kind.TEXT,
            "prefix_code",
            of(Product, lambda look, row: look.store.templates.one(row.template).code),
        ),
        **computed(
            Kind.NUMERIC,
            "list_price_used",
            of(Product, _list_price_used),
        ),
        **computed(
            Kind.FLOAT, "quantity", lambda look, row: look.quantity(row.id, forecast=False), search=True
        ),
        **computed(
            Kind.FLOAT,
            "forecast_quantity",
            lambda look, row: look.quantity(row.id, forecast=True),
            search=True,
        ),
        **empty("weight", "weight_uom", "volume", "length", "width", "height", "position", "lead_time"),
        **empty("cost_value", "sale_uom", "purchase_uom", "replaced_by", "account_category", "lot_required"),
        **empty("identifiers", "product_suppliers", "categories", value=(), kind=Kind.MANY),
    }


def _list_price_used(look: Look, row: Product) -> object:
    own = row.list_price
    return look.store.templates.one(row.template).list_price if own is None else own


def _of_template(kind: Kind, *names: str, target: str | None = None) -> Model:
    def field(name: str) -> Model:
        read = of(Product, lambda look, row: getattr(look.store.templates.one(row.template), name))
        return computed(kind, name, read, target, search=True)

    return {key: entry for name in names for key, entry in field(name).items()}


def _unit() -> Model:
    return {
        **_NAMED,
        **several(Kind.TEXT, "symbol"),
        **several(Kind.INTEGER, "digits"),
        **several(Kind.FLOAT, "rounding", "factor", "rate"),
        **one("product.uom.category", "category"),
    }


def _currency() -> Model:
    return {
        **_NAMED,
        **several(Kind.TEXT, "code", "symbol"),
        **several(Kind.INTEGER, "digits"),
        **several(Kind.NUMERIC, "rounding"),
        **empty("numeric_code", "rate"),
    }


def _model(fields: Model) -> Model:
    return {**_COMMON, **fields}


ROWS: dict[str, Callable[..., Row]] = {
    "stock.location": Location,
    "country.country": Country,
    "currency.currency": Currency,
    "product.uom": Unit,
    "product.uom.category": Named,
    "company.company": Company,
    "party.party": Party,
    "party.address": Address,
    "party.contact_mechanism": Contact,
    "product.template": Template,
    "product.product": Product,
    "stock.move": Move,
    OUT: Shipment,
    BACK: CustomerReturn,
    INTERNAL: Transfer,
    "stock.inventory": Inventory,
    "stock.inventory.line": InventoryLine,
    "stock.package": Package,
    "stock.package.type": Named,
}

MODELS: dict[str, Model] = {
    "stock.location": _model(_location()),
    "country.country": _model({**_NAMED, **several(Kind.TEXT, "code"), **empty("code3", "code_numeric")}),
    "currency.currency": _model(_currency()),
    "product.uom": _model(_unit()),
    "product.uom.category": _model({**several(Kind.TEXT, "name"), **many("uoms", "product.uom", "category")}),
    "company.company": _model(
        {
            **one("party.party", "party"),
            **one("currency.currency", "currency"),
            **several(Kind.TEXT, "timezone"),
        }
    ),
    "party.party": _model(_party()),
    "party.address": _model(_address()),
    "party.contact_mechanism": _model(
        {
            **several(Kind.TEXT, "type", "value", "name"),
            **_ACTIVE,
            **kept(Kind.ONE, "party", "party.party"),
        }
    ),
    "product.template": _model(_template()),
    "product.product": _model(_product()),
    "stock.move": _model(move()),
    OUT: _model(shipment()),
    BACK: _model(customer_return()),
    INTERNAL: _model(transfer()),
    "stock.inventory": _model(inventory()),
    "stock.inventory.line": _model(inventory_line()),
    "stock.package": _model(package()),
    "stock.package.type": _model({**_NAMED, **empty("length", "width", "height", "packaging_weight")}),
}
