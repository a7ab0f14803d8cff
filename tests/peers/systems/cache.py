"""A folder outside git for what the real systems need: package trees, migrated databases, dumps.

An entry is made once per key and never changed. It is built in a sibling folder and renamed when whole, so
a killed build leaves nothing that looks finished; a file lock lets parallel runs wait for one build. The key
is a hash over every file and fact that the entry was made from.

`ENTREPOT_PEERS_CACHE` names the folder (default `~/.cache/entrepot-peers`).
"""

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

UNUSED_DAYS = 30


def folder() -> Path:
    """Where entries live; made when absent."""
    chosen = os.environ.get("ENTREPOT_PEERS_CACHE") or Path.home() / ".cache" / "entrepot-peers"
    path = Path(chosen).absolute()
    path.mkdir(parents=True, exist_ok=True)
    return path


def key_of(*parts: Path | str) -> str:
    """A hash over facts (str) and the contents of files and folders (Path, with the names inside)."""
    digest = hashlib.sha256()
    for part in parts:
        for line in _lines(part):
            digest.update(len(line).to_bytes(8, "big") + line)
    return digest.hexdigest()[:16]


def _lines(part: Path | str) -> Iterator[bytes]:
    if isinstance(part, str):
        yield part.encode()
    elif part.is_dir():
        for file in sorted(f for f in part.rglob("*") if f.is_file() and "__pycache__" not in f.parts):
            yield str(file.relative_to(part)).encode()
            yield file.read_bytes()
    else:
        yield part.read_bytes()


def entry(name: str, key: str, build: Callable[[Path], None]) -> Path:
    """The finished folder `name-key`; `build` fills a temporary sibling when there is none yet."""
    root = folder()
    done = root / f"{name}-{key}"
    with _locked(root / f"{name}.lock"):
        if not done.exists():
            _build(root, name, done, build)
        os.utime(done)
        _forget_old(root, name, keep=done)
    return done


def _build(root: Path, name: str, done: Path, build: Callable[[Path], None]) -> None:
    for half in root.glob(f".building-{name}-*"):
        shutil.rmtree(half)
    half = root / f".building-{name}-{os.getpid()}"
    half.mkdir()
    try:
        build(half)
    except BaseException:
        shutil.rmtree(half, ignore_errors=True)
        raise
    half.rename(done)


def _forget_old(root: Path, name: str, keep: Path) -> None:
    limit = time.time() - UNUSED_DAYS * 86400
    for old in root.glob(f"{name}-" + "[0-9a-f]" * 16):
        if old != keep and old.stat().st_mtime < limit:
            shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
