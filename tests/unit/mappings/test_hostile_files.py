"""Files that were made to do harm, or by a mistake of megabytes: refused by what they are, before they cost anything."""

from pathlib import Path

import pytest

from config import ConfigError
from config.units import BadUnit
from config.yaml import MAX_BYTES, MAX_DEPTH, MAX_NODES, parse
from mappings import load_mappings
from mappings.expr import compile_expr, compile_formula

LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{after}: &{after} [{','.join([f'*{before}'] * 10)}]\n"
    for before, after in zip("abcdefgh", "bcdefghi", strict=True)
)


def refusal(text: str) -> str:
    """What is said about a text."""
    with pytest.raises(ConfigError) as refused:
        parse(text, "x.yaml")
    return str(refused.value)


def refused_file(folder: Path, name: str, raw: bytes) -> str:
    """What is said about a folder with this file."""
    (folder / name).write_bytes(raw)
    with pytest.raises(ConfigError) as refused:
        load_mappings(folder, {"main": "storefront"}, label="mappings")
    return str(refused.value)


def test_ten_megabytes_are_not_even_read(tmp_path: Path) -> None:
    raw = b"holds: [" + b"a," * (5 << 20) + b"]"
    assert refused_file(tmp_path, "holds.yaml", raw) == (
        f"mappings/holds.yaml: the file is larger than {MAX_BYTES // 1024} KiB"
    )


def test_more_values_than_a_person_writes_are_refused_where_they_become_too_many() -> None:
    said = refusal("[" + "a," * (MAX_NODES + 10) + "]")
    assert said == f"x.yaml:1:{2 * MAX_NODES}: more than {MAX_NODES} values; put them into a table"


def test_a_hundred_thousand_aliases_are_refused() -> None:
    said = refusal("a: &a x\nb: [" + "*a," * 100_000 + "]\n")
    assert said.startswith("x.yaml:2:")
    assert f"more than {MAX_NODES} values" in said


def test_aliases_that_grow_by_ten_each_are_refused() -> None:
    assert f"more than {MAX_NODES} values (aliases expand to too much?)" in refusal(LAUGHS)


@pytest.mark.parametrize(
    "text", ["[" * 10_000, "{a: " * 10_000, "- " * 10_000, "? " * 10_000, "[" * 10_000 + "]" * 10_000]
)
def test_ten_thousand_levels_are_refused_with_their_place(text: str) -> None:
    said = refusal(text)
    assert said.startswith("x.yaml:1:")
    assert said.endswith(f"nested deeper than {MAX_DEPTH} levels")


@pytest.mark.parametrize(
    "text",
    [
        "!!python/object/apply:os.system [id]",
        "!!python/name:os.system",
        "!include /etc/passwd",
        "!!binary aGk=",
    ],
)
def test_tags_run_nothing_and_read_nothing(text: str) -> None:
    assert 'the tag "' in refusal(f"a: {text}")


def test_a_long_text_is_shown_cut_off() -> None:
    said = refusal("a: !!x " + "y" * 100_000) + refusal("y" * 100_000 + ": 1\n" + "y" * 100_000 + ": 2\n")
    assert len(said) < 300_000


def test_a_table_with_a_cell_of_megabytes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "skus.yaml").write_text("skus: {match: ['table:skus.csv']}\n")
    raw = b"account,listing,sku\nmain,1," + b"x" * (1 << 20) + b"\n"
    assert refused_file(tmp_path, "skus.csv", raw).startswith(
        "mappings/skus.csv:2:1: this is not CSV: field larger"
    )


@pytest.mark.parametrize(
    "source",
    [
        "(" * 300 + "1" + ")" * 300,
        "not " * 120 + "shipped",
        "-" * 400 + "1 > 0",
        "9**9**9**9 > 1",
        "'a' * 10**9 == note",
        "[x for x in range(10**9)]",
        "().__class__.__bases__[0].__subclasses__()",
        "note.format(note)",
        "f'{note:>1000000000}' == ''",
        "__import__('os').system('id')",
        "open('/etc/passwd').read() == note",
        "lambda: shipped",
        "total if shipped else total",
        "tags[0] == 'x'",
        "(total := 5) > 1",
        "starts(note, note, note)",
        "lower(lower(lower(lower(lower(lower(lower(lower(lower(lower(lower(lower(lower(lower(lower(lower(lower(lower"
        "(lower(lower(lower(note))))))))))))))))))))) == ''",
        "1 << 999999999 > 1",
        "total % 0 > 1",
        "total / (1 - 1) > 1",
        "1e400 > total",
        "\x00",
        "total > 1 # " + "x" * 600,
    ],
)
def test_a_hostile_expression_is_refused_when_it_is_read(source: str) -> None:
    with pytest.raises(BadUnit) as refused:
        compile_expr(source)
    assert refused.value.what
    assert len(refused.value.what) < 200


@pytest.mark.parametrize(
    "source",
    [
        "cost ** 9 ** 9 ** 9",
        "max(cost)" + " + max(cost)" * 60,
        "cost / map",
        "cost / 0",
        "cost % (1 - 1)",
        "min([cost for x in cost])",
        "cost.__class__",
        "(" * 400 + "cost" + ")" * 40,
        "-" * 450 + "cost",
        "cost if map else cost",
        "9" * 400,
        "cost > map",
    ],
)
def test_a_hostile_formula_is_refused_when_it_is_read(source: str) -> None:
    with pytest.raises(BadUnit) as refused:
        compile_formula(source)
    assert len(refused.value.what) < 200
