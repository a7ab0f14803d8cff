"""Installs locked packages into the cache: a Python environment by pip, a Node tree by npm."""

import shutil
import sys
from pathlib import Path

from tests.peers.systems import cache
from tests.peers.systems.process import run

SEEDS = Path(__file__).with_name("seeds")


def python_environment(name: str, lock: Path) -> Path:
    """A virtual environment with exactly what `lock` names, hashes checked; gives its folder.

    Scripts in its bin folder carry the building folder's name in their first line: run them as
    `bin/python bin/SCRIPT`.
    """
    version = ".".join(map(str, sys.version_info[:2]))

    def build(target: Path) -> None:
        run([sys.executable, "-m", "venv", target], cwd=target)
        pip = [target / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        run([*pip, "--require-hashes", "-r", lock], cwd=target, env=_settings())

    return cache.entry(f"{name}-python", cache.key_of(version, lock), build)


def node_tree(name: str, seed: Path) -> Path:
    """The folder whose node_modules hold exactly what the seed's package-lock.json names."""

    def build(target: Path) -> None:
        for file in ("package.json", "package-lock.json"):
            shutil.copy(seed / file, target)
        run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=target, env=_settings())

    lock = cache.key_of(seed / "package.json", seed / "package-lock.json")
    return cache.entry(f"{name}-node", lock, build)


def _settings() -> dict[str, str]:
    """The machine's settings of pip and npm (mirrors, certificates), which the clean environment drops."""
    import os

    prefixes = (
        "PIP_",
        "NPM_CONFIG_",
        "npm_config_",
        "SSL_",
        "REQUESTS_",
        "NODE_EXTRA_CA",
        "HTTP",
        "http",
        "NO_PROXY",
    )
    return {name: value for name, value in os.environ.items() if name.startswith(prefixes)}
