"""YAML as people save it: read as it was meant, whatever YAML 1.1 would have made of it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import ConfigError
from config.yaml import load, parse

TRAPS = "a: 00123\nb: 16:00\nc: NO\nd: 1e3\ne: 0x1F\nf: 2026-06-01\ng: yes\nh: 1_000\ni: .5\nj: '~'\nk: ''\n"


def plain(raw: bytes, folder: Path) -> object:
    """What a file of these bytes says."""
    path = folder / "x.yaml"
    path.write_bytes(raw)
    node = load(path)
    return None if node is None else node.plain()


def test_every_scalar_stays_the_text_that_was_written(tmp_path: Path) -> None:
    assert plain(TRAPS.encode(), tmp_path) == {
        "a": "00123", "b": "16:00", "c": "NO", "d": "1e3", "e": "0x1F", "f": "2026-06-01",
        "g": "yes", "h": "1_000", "i": ".5", "j": "~", "k": "",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["a:", "a: ~", "a: null", "a: NULL"])
def test_no_value_is_told_from_an_empty_text(text: str, tmp_path: Path) -> None:
    assert plain(text.encode(), tmp_path) == {"a": None}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_with_its_mark_is_read(encoding: str, tmp_path: Path) -> None:
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    assert plain((mark + "a: 仓库 🎁\n").encode(encoding), tmp_path) == {"a": "仓库 🎁"}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system_count_as_lines(end: str) -> None:
    root = parse(f"a: 1{end}b:{end}  - x{end}  - y", "x.yaml")
    assert root is not None
    assert root.plain() == {"a": "1", "b": ["x", "y"]}
    assert root.find("b", 1).line == 4


def test_aliases_are_read_where_they_stay_small(tmp_path: Path) -> None:
    assert plain(b"a: &x {k: v}\nb: *x\n", tmp_path) == {"a": {"k": "v"}, "b": {"k": "v"}}


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n"])
def test_a_file_without_a_value_is_none(text: str, tmp_path: Path) -> None:
    assert plain(text.encode(), tmp_path) is None


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    try:
        parse(text, "x.yaml")
    except ConfigError as error:
        assert all(problem.file == "x.yaml" and str(problem) for problem in error.problems)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_with_a_place(raw: bytes) -> None:
    from config.text import decode

    try:
        decode(raw, "x.yaml")
    except ConfigError as error:
        assert error.problems[0].line >= 1
