"""The support table of README.md is made from the manifests, and the page for authors names every check."""

import sys

import pytest
from doc_pages import DOCS, ROOT, read

from connectors import registry
from connectors.conformance import every_check


@pytest.fixture
def generate(monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setattr(sys, "path", [str(DOCS), *sys.path])
    import generate

    return generate


def test_the_support_table_is_what_the_manifests_say(generate: object) -> None:
    assert not generate.readme_is_stale()  # type: ignore[attr-defined]
    table = read(ROOT / "README.md")
    for name in registry.BUILT_IN:
        manifest = registry.find(name).manifest
        assert f"`{name}`" in table
        assert all(f"{each.by.value}: {each.what}" in table for each in manifest.verified)


def test_an_old_table_is_noticed_and_a_page_without_marks_refused(generate: object) -> None:
    page = read(ROOT / "README.md")
    old = page.replace("`tryton`", "`tryton-9`")
    assert generate.with_support(old) == page  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="no marks of the support table"):
        generate.with_support("# Entrepot\n")  # type: ignore[attr-defined]


def test_the_page_for_authors_names_every_check_with_what_it_states() -> None:
    page = read(DOCS / "reference" / "conformance.md")
    for check in every_check():
        assert f"`{check.name}`" in page
        assert " ".join(check.states.split("\n\n")[0].split()) in page
