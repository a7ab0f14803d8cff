"""The peers and the bench's own connector: installed by name, from the lock file with its hashes, for this alone.

A peer lives in a virtual environment of its own under the user's cache, so that nothing of it is in ours. The
connector of the bench's shop is installed as any author's is, in a folder that only the measured program is
shown (PYTHONPATH).
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).parent
LOCK = HERE / "requirements.lock"
CONNECTOR = HERE / "connector"


def cache() -> Path:
    """The bench's part of the user's cache."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "entrepot-bench"


def peer_python() -> Path:
    """The interpreter of the peers' environment; it is made where it is not there yet."""
    python = cache() / f"peers-{_digest(LOCK)}" / "bin" / "python"
    ready = python.parents[1] / "ready"
    if not ready.exists():
        folder = python.parents[1]
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        _pip(python, "--require-hashes", "-r", LOCK)
        ready.touch()
    return python


def connector_path() -> Path:
    """A folder that holds the installed connector of the bench's shop."""
    sources = [*sorted(CONNECTOR.rglob("*.py")), CONNECTOR / "pyproject.toml"]
    folder = cache() / f"connector-{_digest(*sources)}"
    if not (folder / "ready").exists():
        shutil.rmtree(folder, ignore_errors=True)
        _pip(sys.executable, "--no-deps", "--no-build-isolation", "--target", folder, CONNECTOR)
        (folder / "ready").touch()
    return folder


def _pip(python: Path | str, *args: str | Path) -> None:
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *args]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})


def _digest(*files: Path) -> str:
    found = hashlib.sha256(f"{sys.version_info[:2]}".encode())
    for file in files:
        found.update(file.name.encode() + b"\0" + file.read_bytes())
    return found.hexdigest()[:12]
