"""What an admin may write of a feed, and what is said of each slip."""

from typing import Any

import pytest
from pydantic import ValidationError

from connectors import registry
from connectors.contract import Kind, Operation, Repeat
from connectors.suppliers.feed.options import Options

LIST = {"files": "stock.csv", "columns": {"code": "code"}}
FOLDER = {"folder": "/srv/acme", "list": LIST}


def refused(**options: Any) -> str:
    with pytest.raises(ValidationError) as told:
        Options.model_validate({**FOLDER, **options})
    return "; ".join(str(one["msg"]).removeprefix("Value error, ") for one in told.value.errors())


def test_the_connector_is_found_and_says_what_it_is() -> None:
    manifest = registry.find("feed").manifest
    assert manifest.kind is Kind.SUPPLIER
    assert manifest.repeats == {Operation.PLACE_ORDER: Repeat.REFERENCE}


def test_the_least_that_an_account_needs() -> None:
    options = Options.model_validate(FOLDER)
    assert str(options.marks) == "/srv/acme/.entrepot"
    assert (options.settle.total_seconds(), options.orders) == (30, None)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"folder": "acme"}, "must be an absolute path, such as /srv/feeds/acme"),
        ({"folder": None}, "say either folder or url"),
        ({"url": "https://x.example", "state": "/s"}, "say either folder or url"),
        ({"folder": None, "url": "ftp://x.example", "state": "/s"},
         "must begin with https:// (or http:// inside your own network)"),
        ({"folder": None, "url": "https://x.example"},
         "url needs `state`, a folder of ours such as /var/lib/entrepot/acme"),
        ({"folder": None, "url": "https://x.example", "state": "/s", "list": {**LIST, "files": "*.csv"}},
         "over HTTPS a path has no * [ ]: name one document"),
        ({"folder": None, "url": "https://x.example", "state": "/s", "list": {**LIST, "changes": "c.csv"}},
         "list.changes is for a folder"),
        ({"folder": None, "url": "https://x.example", "state": "/s", "despatches": {
            "files": "d.csv", "done": "done", "columns": {"reference": "a", "code": "b", "quantity": "c"}}},
         "despatches.done is for a folder"),
        ({"despatches": {"files": "d/*.csv", "done": "d/", "columns": {"reference": "a", "code": "b", "quantity": "c"}}},
         "despatches.done must be another folder than that of despatches.files"),
        ({"list": {**LIST, "files": "../stock.csv"}}, "'../stock.csv' must be a path inside the folder, without .. and **"),
        ({"list": {**LIST, "files": "/etc/*"}}, "'/etc/*' must be a path inside the folder, without .. and **"),
        ({"orders": {"folder": "a/../../b"}}, "'a/../../b' must be a path inside the folder, without .. and **"),
        ({"list": {**LIST, "encoding": "gbk2"}}, "is no encoding that this program knows; such as utf-8, gb18030, cp1252"),
        ({"list": {**LIST, "encoding": "base64"}}, "is no encoding of texts; such as utf-8, gb18030, cp1252"),
        ({"list": {**LIST, "thousands": "."}}, "thousands and decimal must be two different marks"),
        ({"list": {**LIST, "columns": {"code": "c", "cost": {"column": "d", "decimal": ",", "thousands": ","}},
                   "currency": "EUR"}}, "thousands and decimal must be two different marks"),
        ({"list": {**LIST, "columns": {"code": "c", "cost": "d"}}},
         "a cost needs a currency: add `currency: EUR`, or columns.currency"),
        ({"list": {**LIST, "columns": {"code": "c", "unit": "d"}}}, "columns.unit needs `units`, such as {Stk: 1, Paar: 2}"),
        ({"list": {**LIST, "guard": {"dated_by": "column"}}}, "guard.dated_by: column needs columns.date"),
        ({"orders": {"columns": {"a": "colour", "b": "pieces"}}}, "'colour' is no field of an order; there are: reference, "
         "line, code, pieces, packs, drop_ship, ship_by, name, company, street, street_1, street_2, city, region, "
         "postal_code, country, phone, email, note, =TEXT"),
        ({"orders": {"columns": {"a": "code"}}}, "columns must hold pieces or packs"),
        ({"orders": {"columns": {"a": "code", "b": "pieces"}}},
         "columns must hold reference (or head, with json): else nobody can answer the order"),
        ({"orders": {"head": {"a": "reference"}}}, "head is for the format json"),
        ({"orders": {"format": "json", "head": {"a": "code"}}},
         "head holds no fields of a line (code, line, packs, pieces): use columns"),
        ({"orders": {"method": "post"}}, "method: post needs a lookup that holds {reference}, to find an order again"),
    ],
)  # fmt: skip
def test_a_slip_says_what_is_wrong(options: dict[str, Any], why: str) -> None:
    assert refused(**options) == why
