"""The editors' schema of the mapping files takes what the loader takes."""

import jsonschema
import pytest

from mappings import mappings_schema

GOOD: dict[str, object] = {
    "skus": {"match": ["sku", "table:skus.csv"], "overrides": [{"listing": "main:1", "sku": 123, "pack": 2}]},
    "stock": {"buffer": {"units": 2, "percent": "5%", "use": "sum"}, "safety_by_sku": {"A": 1}},
    "holds": [
        {"name": "a", "when": {"country": "DE", "total_above": "5 EUR", "any_line": {"sku": ["A", 12]}}}
    ],
    "routing": [{"name": "a", "when": {"account": ["main"]}, "to": "first", "otherwise": "split"}],
    "couriers": [{"name": "a", "use": "first", "when": {"warehouse": "wh", "payment": ["paid"]}}],
    "weights": {"default": "1 kg"},
    "statuses": {"wh": {"DONE": "shipped"}, "unknown": "issue"},
}


def test_it_is_a_schema_and_takes_good_files() -> None:
    schema = mappings_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(GOOD, schema)


@pytest.mark.parametrize(
    "wrong",
    [
        {"routng": []},
        {"holds": [{"when": {"country": "DE"}}]},
        {"holds": [{"name": "a", "wenn": {}}]},
        {"holds": [{"name": "a", "when": {"payment": "payed"}}]},
        {"routing": {"name": "a", "to": "first"}},
        {"statuses": {"wh": {"DONE": "shiped"}}},
        {"skus": {"match": []}},
    ],
)
def test_it_refuses_what_the_loader_refuses(wrong: dict[str, object]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, mappings_schema())
