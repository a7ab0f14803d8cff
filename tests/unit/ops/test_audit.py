"""What the audit of the pinned packages prints: never that all is well where nobody was asked."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

PROGRAM = Path(__file__).parents[3] / "ops" / "audit.py"


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", PROGRAM)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["audit"] = module
    spec.loader.exec_module(module)
    return module


FINE = {"name": "httpx", "version": "0.28.1", "vulns": []}
UNKNOWN = {"name": "pyyaml", "skip_reason": "Dependency not found on PyPI and could not be audited"}
HOLED = {
    "name": "starlette",
    "version": "0.1",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["0.2"]}, {"id": "PYSEC-2", "fix_versions": []}],
}


def told(
    audit: ModuleType, *services: list[dict[str, object]] | None, strict: bool = False
) -> tuple[int, list[str]]:
    """What is said after each service gave these packages; None: it could not be reached."""
    texts = ["Traceback" if found is None else json.dumps({"dependencies": found}) for found in services]
    reports = [audit.read(name, text) for name, text in zip(audit.SERVICES, texts, strict=False)]
    found: tuple[int, list[str]] = audit.verdict(reports, strict=strict)
    return found


def test_all_known_and_nothing_found(audit: ModuleType) -> None:
    assert told(audit, [FINE]) == (0, ["audit: 1 packages, no known vulnerability (pypi)"])


def test_a_vulnerability_is_named_with_its_mend_and_fails(audit: ModuleType) -> None:
    assert told(audit, [FINE, HOLED, UNKNOWN]) == (
        1,
        [
            "starlette 0.1: PYSEC-1, mended in 0.2",
            "starlette 0.1: PYSEC-2, mended in no version yet",
            "audit: 2 known vulnerabilities",
        ],
    )


@pytest.mark.parametrize(("strict", "code"), [(False, 0), (True, 3)])
def test_where_nobody_knows_anything_it_says_that_nothing_was_done(
    audit: ModuleType, strict: bool, code: int
) -> None:
    reasons = "pypi: it knows no package; osv: it cannot be reached"
    line = f"audit: NOT DONE, no vulnerability service could be asked ({reasons})"
    assert told(audit, [UNKNOWN], None, strict=strict) == (code, [line])


@pytest.mark.parametrize(("strict", "code"), [(False, 0), (True, 3)])
def test_packages_that_nobody_knows_are_named(audit: ModuleType, strict: bool, code: int) -> None:
    line = "audit: PARTLY DONE (pypi): nothing known of 1 packages; unknown: pyyaml"
    assert told(audit, [FINE, UNKNOWN], None, strict=strict) == (code, [line])
