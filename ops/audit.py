"""Known vulnerabilities of the pinned packages: says what was found, and plainly what could not be looked up.

    python ops/audit.py requirements.lock … [--strict]

pip-audit ends well where its service knows none of the packages, as a mirror of the index that keeps no
advisories does; here that counts as not audited. PyPI's own service is asked first, then OSV. Exit codes: 0
nothing known (or, without --strict, nobody could be asked: a line says so), 1 a vulnerability, 3 with --strict
where nobody could be asked.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

SERVICES = ("pypi", "osv")
SECONDS = 120


@dataclass(frozen=True, slots=True)
class Report:
    """What one service says: packages that it knows, those that it does not, and findings in words."""

    service: str
    known: int = 0
    unknown: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    why: str = ""
    """Why it could not be asked at all."""

    @property
    def whole(self) -> bool:
        """Whether every package was looked up."""
        return not self.why and self.known > 0 and not self.unknown


def read(service: str, text: str) -> Report:
    """A report of pip-audit (its JSON)."""
    try:
        packages = json.loads(text)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return Report(service, why="it cannot be reached")
    found = tuple(line for package in packages for line in _findings(package))
    unknown = tuple(package["name"] for package in packages if "skip_reason" in package)
    return Report(service, len(packages) - len(unknown), unknown, found)


def _findings(package: dict[str, object]) -> Iterator[str]:
    vulnerabilities = package.get("vulns", [])
    for each in vulnerabilities if isinstance(vulnerabilities, list) else []:
        mended = ", ".join(each.get("fix_versions", [])) or "no version yet"
        yield f"{package['name']} {package['version']}: {each['id']}, mended in {mended}"


def ask(service: str, locks: Sequence[Path]) -> Report:
    """Have pip-audit look all packages of the lock files up."""
    files = [part for lock in locks for part in ("-r", str(lock))]
    command = (sys.executable, "-m", "pip_audit", "--no-deps", "--disable-pip", "--progress-spinner", "off")
    more = ("--timeout", "10", "--format", "json", "--vulnerability-service", service)
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program, no shell
            [*command, *more, *files], capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return Report(service, why="it does not answer in time")
    return read(service, done.stdout)


def verdict(reports: Sequence[Report], *, strict: bool) -> tuple[int, list[str]]:
    """The exit code, and the lines to print."""
    findings = sorted({line for report in reports for line in report.findings})
    if findings:
        return 1, [*findings, f"audit: {len(findings)} known vulnerabilities"]
    best = max(reports, key=lambda report: report.known)
    if best.whole:
        return 0, [f"audit: {best.known} packages, no known vulnerability ({best.service})"]
    if best.known:
        lacking = ", ".join(best.unknown)
        told = (
            f"audit: PARTLY DONE ({best.service}): nothing known of {best.known} packages; unknown: {lacking}"
        )
    else:
        reasons = "; ".join(f"{each.service}: {each.why or 'it knows no package'}" for each in reports)
        told = f"audit: NOT DONE, no vulnerability service could be asked ({reasons})"
    return 3 if strict else 0, [told]


def main(arguments: Sequence[str]) -> int:
    """Ask one service after the other, until one knows every package."""
    locks = [Path(each) for each in arguments if not each.startswith("--")]
    reports: list[Report] = []
    for service in SERVICES:
        reports.append(ask(service, locks))
        if reports[-1].whole or reports[-1].findings:
            break
    code, lines = verdict(reports, strict="--strict" in arguments)
    for line in lines:
        print(line)  # noqa: T201 - a program
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
