"""An editor that knows the JSON Schema marks wrong keys, types, units and missing names, and nothing that is right.

The texts are read as editors read YAML: `5` is a number to them, `true` a boolean.
"""

from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
import yaml

from config import ConfigError
from mappings import load_mappings, mappings_schema
from tests.unit.mappings.test_mapping_messages import ACCOUNTS, CARRIERS
from tests.unit.mappings.test_mapping_messages import CASES as BAD

EXAMPLE = Path(__file__).parent / "example"
VALIDATOR = jsonschema.Draft202012Validator(mappings_schema())


class Editor(yaml.SafeLoader):
    """Scalars as in YAML 1.2's core schema: no dates, no yes and no, no octal numbers, no times of day."""


Editor.yaml_implicit_resolvers = {
    first: [(tag, shape) for tag, shape in found if tag.rpartition(":")[2] in ("null", "float")]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for first in "tTfF":
    Editor.yaml_implicit_resolvers.setdefault(first, [])
Editor.add_implicit_resolver(
    "tag:yaml.org,2002:bool", __import__("re").compile(r"^(true|false)$"), list("tf")
)
Editor.add_implicit_resolver(
    "tag:yaml.org,2002:int", __import__("re").compile(r"^[-+]?(0|[1-9][0-9]*)$"), list("-+0123456789")
)


def marked(text: str) -> Iterator[str]:
    """Where an editor draws its wavy line: the path of each error's deepest cause."""
    for error in VALIDATOR.iter_errors(yaml.load(text, Loader=Editor)):
        deepest = jsonschema.exceptions.best_match([error])
        yield ".".join(str(step) for step in deepest.absolute_path)


@pytest.mark.parametrize("file", sorted(EXAMPLE.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_good_file_is_not_marked(file: Path) -> None:
    assert list(marked(file.read_text("utf-8"))) == []


def test_the_loader_takes_the_same_files_without_a_word() -> None:
    rules = load_mappings(EXAMPLE, ACCOUNTS, carriers=CARRIERS, dropship=["acme"], label="mappings")
    assert rules.warnings == ()


def test_the_example_has_every_section() -> None:
    found = {
        key for file in EXAMPLE.glob("*.yaml") for key in yaml.load(file.read_text("utf-8"), Loader=Editor)
    }
    assert found == set(mappings_schema()["properties"])  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("holdz: []", ""),
        ("holds: [{when: {country: DE}}]", "holds.0"),
        ("holds: [{name: a, wenn: {country: DE}}]", "holds.0"),
        ("holds: {name: a}", "holds"),
        ("holds: [{name: a, within: 2}]", "holds.0.within"),
        ("holds: [{name: a, when: {total_above: 5}}]", "holds.0.when.total_above"),
        ("holds: [{name: a, when: {total_above: 5 €}}]", "holds.0.when.total_above"),
        ("holds: [{name: a, when: {lines_at_least: 0}}]", "holds.0.when.lines_at_least"),
        ("holds: [{name: a, when: {country: Germany}}]", "holds.0.when.country"),
        ("stock: {buffer: {percent: 5}}", "stock.buffer.percent"),
        ("stock: {buffer: {percent: '5'}}", "stock.buffer.percent"),
        ("stock: {buffer: {units: many}}", "stock.buffer.units"),
        ("stock: {safety_stock: -1}", "stock.safety_stock"),
        ("stock: {share: {main: 50}}", "stock.share.main"),
        ("stock: {mode: strikt}", "stock.mode"),
        ("returns: [{name: a, do: accept}]", "returns.0.do"),
        ("returns: [{name: a, do: ask, answer_within: 2}]", "returns.0.answer_within"),
        ("returns: [{name: a, do: approve, freight: 5}]", "returns.0.freight"),
        ("returns: [{name: a, do: approve, goods: {broken: scrap}}]", "returns.0.goods"),
        ("returns: [{name: a, when: {request: any}, do: ask}]", "returns.0.when.request"),
        ("returns: [{name: a, when: {type: refund}, do: approve}]", "returns.0.when.type"),
        ("weights: {default: 3}", "weights.default"),
        ("weights: {default: 3 kg, table: weights.xlsx}", "weights.table"),
        ("skus: {match: [sku, table]}", "skus.match.1"),
        ("skus: {overrides: [{sku: A}]}", "skus.overrides.0"),
        ("fees: [{name: a, percent: 12}]", "fees.0.percent"),
        ("prices: [{price: keep}]", "prices.0"),
        ("prices: [{name: a, price: cost * 2, largest_move: 20%}]", "prices.0.largest_move"),
        ("prices: [{name: a, price: cost, convert: 2%}]", "prices.0.convert"),
        ("prices: [{name: a, price: cost, floor: {cover: [cost], margin: 15%}}]", "prices.0.floor.margin"),
        ("promotions: [{name: a, off: 20}]", "promotions.0.off"),
        ("listings: [{name: a, take_down: [never]}]", "listings.0.take_down"),
        ("guards: {price_move: 30%}", "guards.price_move"),
        ("guards: {prices_changing: 30}", "guards.prices_changing"),
        ("guards: {approval_lasts: 2}", "guards.approval_lasts"),
        ("rates: {table: rates.csv, longest: 7}", "rates.longest"),
    ],
)
def test_a_slip_is_marked_where_it_stands(text: str, place: str) -> None:
    assert any(found == place or found.startswith(f"{place}.") for found in marked(text)), list(marked(text))


@pytest.mark.parametrize("text", ["stock: {buffer: {percent: ５％}}", "guards: {price_move: off, from: 20}"])
def test_what_the_loader_reads_is_not_marked(text: str, tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(text, "utf-8")
    load_mappings(tmp_path, ACCOUNTS)
    assert list(marked(text)) == []


def test_no_bad_file_of_the_cases_is_marked_more_harshly_than_the_loader_reads_it(tmp_path: Path) -> None:
    """What only warns is a good file: nothing in it may be marked."""
    looked_at = 0
    for case in BAD.glob("*.yaml"):
        (tmp_path / "rules.yaml").write_bytes(case.read_bytes())
        try:
            load_mappings(tmp_path, ACCOUNTS, carriers=CARRIERS, dropship=["acme"])
        except ConfigError:
            continue
        looked_at += 1
        assert list(marked(case.read_text("utf-8"))) == [], case.name
    assert looked_at
