"""Every patch says what it breaks, names tests that exist, and applies to the code as it is."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.bite.patches import FOLDER, ROOT, BadHeader, Patch, chosen, every, read

PATCHES = every()


def test_there_are_enough_of_them() -> None:
    assert len(PATCHES) >= 25


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.name)
def test_a_patch_names_tests_that_exist_and_changes_the_product(patch: Patch) -> None:
    for test in patch.tests:
        path, _, name = test.partition("::")
        code = (ROOT / path).read_text(encoding="utf-8")
        assert re.search(rf"^(async )?def {re.escape(name.partition('[')[0])}\(", code, re.MULTILINE), test
    assert patch.changes
    assert not [name for name in patch.changes if name.startswith("tests/")], "a test is not to be broken"


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.name)
def test_a_patch_applies_to_the_code_as_it_is(patch: Patch) -> None:
    """Where it does not: break the same law by hand, and write the `git diff` of that below its header."""
    done = subprocess.run(
        ["git", "apply", "--check", str(patch.path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Law: a\nTest: b::test_c\nWhy: d\n", "there is no diff"),
        ("Law: a\nWhy: d\n\ndiff --git a/x b/x\n", "a line `Test:`"),
        ("Law: a\nLaw: b\nTest: b::test_c\nWhy: d\n\ndiff --git a/x b/x\n", "one line `Law:`"),
        ("Laws: a\n\ndiff --git a/x b/x\n", "a header line is"),
    ],
)
def test_a_header_that_lacks_something_is_told(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "some.patch"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadHeader, match=f"some.patch: .*{re.escape(what)}"):
        read(path)


def test_a_name_that_no_patch_has_is_told() -> None:
    with pytest.raises(LookupError, match=f"there is no patch nonsense in {FOLDER.relative_to(ROOT)}"):
        chosen(["nonsense"])
