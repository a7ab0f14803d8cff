"""Fills a fresh Tryton database: modules, a company, two warehouses, people, countries, products, a REST key.

setup.py CONFIG DATABASE KEYFILE STOCK, where STOCK is a JSON file of units by SKU; run by Tryton's Python.
"""

import datetime as dt
import json
import sys
from decimal import Decimal
from pathlib import Path

from proteus import Model, Wizard
from proteus import config as connection

CONFIG, DATABASE, KEYFILE, STOCK = sys.argv[1:]
MODULES = (  # the rest comes by dependency
    "purchase_request",
    "quality",
    "sale_supply",
    "stock_forecast",
    "stock_lot_sled",
    "stock_package_shipping",
    "stock_supply",
)
GROUPS = (
    "Stock",
    "Stock Administration",
    "Stock Force Assignment",
    "Stock Cancellation",
    "Product Administration",
    "Party Administration",
    "Purchase",
    "Purchase Administrator",
    "Purchase Request",
    "Sales",
    "Sales Administrator",
    "Quality",
    "Quality Administration",
)
COUNTRIES = {
    "DE": "Germany",
    "FR": "France",
    "GB": "United Kingdom",
    "US": "United States",
    "CN": "China",
    "JP": "Japan",
}
BATCH = 50  # more than about 90 in one create() fail on SQLite

session = connection.set_trytond(database=DATABASE, user="admin", config_file=CONFIG)


def only(model, *domain):
    (found,) = Model.get(model).find(list(domain))
    return found


def new(model, **values):
    record = Model.get(model)(**values)
    record.save()
    return record


def activate_modules():
    module = Model.get("ir.module")
    module.click(module.find([("name", "in", list(MODULES))]), "activate")
    Wizard("ir.module.activate_upgrade").execute("upgrade")


def open_books():
    """The company with its chart of accounts, in euros; gives the category that products need."""
    from trytond.modules.account.tests.tools import create_chart, create_fiscalyear, get_accounts
    from trytond.modules.account_invoice.tests.tools import (
        create_payment_term,
        set_fiscalyear_invoice_sequences,
    )
    from trytond.modules.company.tests.tools import create_company
    from trytond.modules.currency.tests.tools import get_currency

    create_company(currency=get_currency("EUR"))
    create_chart()
    year = set_fiscalyear_invoice_sequences(create_fiscalyear())
    year.save()
    year.click("create_period")
    term = create_payment_term()
    term.save()
    accounts = get_accounts()
    category = new(
        "product.category",
        name="Goods",
        accounting=True,
        account_expense=accounts["expense"],
        account_revenue=accounts["revenue"],
    )
    return category, term


def open_warehouses():
    main = only("stock.location", ("type", "=", "warehouse"))
    main.code = "WH-MAIN"
    main.save()
    zones = {
        f"{zone}_location": new("stock.location", name=f"{zone.title()} 2", type="storage")
        for zone in ("input", "output", "storage")
    }
    new("stock.location", name="Second", code="WH-2", type="warehouse", **zones)
    return main


def enter_people(term):
    for code, name in COUNTRIES.items():
        new("country.country", code=code, name=name)
    new("party.party", name="Web Customer", code="CUS-1", customer_payment_term=term)
    return new("party.party", name="Supplier One", code="SUP-1", supplier_payment_term=term)


def make_key():
    user = Model.get("res.user")(name="Sync", login="sync", password="sync-password-1")
    company = only("company.company")
    user.companies.append(company)
    user.company = Model.get("company.company")(company.id)
    for group in Model.get("res.group").find([("name", "in", list(GROUPS))]):
        user.groups.append(group)
    user.save()
    Path(KEYFILE).write_text(new("res.user.application", user=user, application="rest").key)


def stock_products(storage, category, supplier, unit, euro):
    """In bulk through the server's own pool, which is ten times quicker; takes ids only."""
    from trytond.pool import Pool
    from trytond.transaction import Transaction

    base = {
        "type": "goods",
        "default_uom": unit,
        "sale_uom": unit,
        "purchase_uom": unit,
        "salable": True,
        "purchasable": True,
        "account_category": category,
        "list_price": Decimal(10),
    }

    def template(sku):
        price = {"quantity": 0, "unit_price": Decimal(5)}
        terms = {"currency": euro, "lead_time": dt.timedelta(days=2), "prices": [("create", [price])]}
        bought = {"party": supplier, "code": f"S1-{sku}", **terms}
        variant = {"suffix_code": sku, "cost_price": Decimal(5)}
        return {
            **base,
            "name": f"Product {sku}",
            "products": [("create", [variant])],
            "product_suppliers": [("create", [bought])],
        }

    units = list(json.loads(Path(STOCK).read_text()).items())
    with Transaction().start(DATABASE, session.user, context=session.context):
        templates, inventories = Pool().get("product.template"), Pool().get("stock.inventory")
        for start in range(0, len(units), BATCH):
            part = units[start : start + BATCH]
            made = templates.create([template(sku) for sku, _ in part])
            lines = [
                {"product": record.products[0].id, "quantity": float(number)}
                for record, (_, number) in zip(made, part, strict=True)
            ]
            count = {"location": storage, "empty_quantity": "keep", "lines": [("create", lines)]}
            inventories.confirm(inventories.create([count]))
        lots = {"lot_required": ["supplier", "storage", "customer"]}
        dated = {"shelf_life_state": "optional", "expiration_state": "optional"}
        variant = {"suffix_code": "SKU-LOT", "cost_price": Decimal(1)}
        templates.create(
            [{**base, **lots, **dated, "name": "With lots", "products": [("create", [variant])]}]
        )


def main():
    activate_modules()
    category, term = open_books()
    warehouse = open_warehouses()
    supplier = enter_people(term)
    make_key()
    unit, euro = only("product.uom", ("symbol", "=", "u")), only("currency.currency", ("code", "=", "EUR"))
    stock_products(warehouse.storage_location.id, category.id, supplier.id, unit.id, euro.id)


main()
