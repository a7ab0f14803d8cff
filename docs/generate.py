"""The reference pages, made from the code, so that they cannot say anything else than the program does.

`python docs/generate.py` writes docs/reference/*.md, and the support table in README.md; with `--check` it
writes nothing, names the pages that are not current, and exits 1 where there are any. What is on each page is
in docs/pages/.
"""

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

HERE = Path(__file__).resolve().parent
for folder in (HERE, HERE.parent):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

from pages.commands import commands  # noqa: E402  (found only through the paths above)
from pages.configuration import configuration  # noqa: E402
from pages.conformance import conformance  # noqa: E402
from pages.connectors import connectors, support  # noqa: E402
from pages.mappings import mappings  # noqa: E402
from pages.metrics import metrics  # noqa: E402

OUT = HERE / "reference"
PAGES: Mapping[str, Callable[[], str]] = {
    "configuration.md": configuration,
    "mappings.md": mappings,
    "metrics.md": metrics,
    "commands.md": commands,
    "connectors.md": connectors,
    "conformance.md": conformance,
}


README = HERE.parent / "README.md"
BEGIN, END = "<!-- support table: made by docs/generate.py -->\n", "<!-- end of the support table -->\n"


def with_support(text: str) -> str:
    """A page with the present support table between its marks. ValueError where the marks are not there."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("the page has no marks of the support table")
    return before + begin + support() + end + after


def readme_is_stale(path: Path = README) -> bool:
    """Whether the page's support table is not what the manifests say now."""
    text = path.read_text("utf-8")
    return with_support(text) != text


def stale(folder: Path = OUT) -> list[str]:
    """The pages whose file is not what the code says now."""
    found = []
    for name, page in PAGES.items():
        path = folder / name
        if not path.is_file() or path.read_text("utf-8") != page():
            found.append(name)
    return found


def write(folder: Path = OUT) -> list[str]:
    """Write the pages that are not current; returns their names."""
    names = stale(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_text(PAGES[name](), encoding="utf-8")
    return names


def main() -> int:
    """Write, or with --check only look. Returns the exit code."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 where a page is not current"
    )
    if arguments.parse_args().check:
        names = stale()
        for name in names:
            sys.stderr.write(f"docs/reference/{name} is not current: run python docs/generate.py\n")
        if old := readme_is_stale():
            sys.stderr.write("README.md is not current: run python docs/generate.py\n")
        return 1 if names or old else 0
    for name in write():
        sys.stdout.write(f"wrote docs/reference/{name}\n")
    if readme_is_stale():
        README.write_text(with_support(README.read_text("utf-8")), encoding="utf-8")
        sys.stdout.write("wrote README.md\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
