"""Copies of the last commit to break: git worktrees in a temporary folder, gone afterwards.

The interpreter is this checkout's own, in which entrepot is installed from the checkout. So the copy stands
first on the path of every process of a run, and it is made sure that what is imported there is the copy.
"""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bite.patches import ROOT, Patch

PACKAGES = ("sync", "connectors", "mappings", "config", "sandbox", "tests")
_ASK = f"import {', '.join(PACKAGES)}; print(*({', '.join(p + '.__file__' for p in PACKAGES)},), sep='\\n')"


class Failed(Exception):
    """Git or the interpreter did not do what was asked; the text is what it said."""


class Scratch:
    """One copy of the last commit."""

    def __init__(self, place: Path) -> None:
        self.place = place.resolve()

    async def make(self, commit: str, extra: list[Path]) -> None:
        """Check the commit out, lay `extra` (paths of the checkout) over it, and see that it is imported."""
        await _told(ROOT, "git", "worktree", "add", "--quiet", "--detach", str(self.place), commit)
        for path in extra:
            self._lay(path)
        found = (await _told(self.place, sys.executable, "-c", _ASK, env=self.env)).split()
        strangers = [name for name in found if not Path(name).is_relative_to(self.place)]
        if strangers:
            raise Failed(f"the copy is not what is imported, but {', '.join(strangers)}")
        compiled = ["-m", "compileall", "-q", "--invalidation-mode", "checked-hash", *PACKAGES]
        await _told(self.place, sys.executable, *compiled, env=self.env)

    @property
    def env(self) -> dict[str, str]:
        """No byte code is written: that of a patched file could be taken for that of the next one."""
        ours = {"PYTHONPATH": str(self.place), "PYTHONDONTWRITEBYTECODE": "1"}
        return {key: value for key, value in os.environ.items() if not key.startswith("GIT_")} | ours

    async def apply(self, patch: Patch) -> None:
        """Break the law. Raises Failed where the code is no longer what the patch was made for."""
        await _told(self.place, "git", "apply", str(patch.path))

    async def compiles(self, patch: Patch) -> None:
        """Raises Failed where a file that the patch changed is no Python any more."""
        files = [name for name in patch.changes if name.endswith(".py")]
        check = "import sys; [compile(open(n, encoding='utf-8').read(), n, 'exec') for n in sys.argv[1:]]"
        await _told(self.place, sys.executable, "-c", check, *files, env=self.env)

    async def mend(self, patch: Patch) -> None:
        """Take the patch back."""
        await _told(self.place, "git", "apply", "--reverse", str(patch.path))

    async def remove(self) -> None:
        """Leave nothing behind, in the repository neither."""
        await said(ROOT, "git", "worktree", "remove", "--force", str(self.place))

    def _lay(self, path: Path) -> None:
        there, here = ROOT / path, self.place / path
        if there.is_dir():
            shutil.copytree(there, here, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            here.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(there, here)


@asynccontextmanager
async def copies(count: int, extra: list[Path]) -> AsyncIterator[list[Scratch]]:
    """So many copies of HEAD. Raises Failed where they cannot be made."""
    commit = (await _told(ROOT, "git", "rev-parse", "HEAD")).strip()
    with TemporaryDirectory(prefix="entrepot-bite-") as folder:
        made = [Scratch(Path(folder) / f"copy{n}") for n in range(count)]
        try:
            for copy in made:
                await copy.make(commit, extra)
            yield made
        finally:
            for copy in made:
                await copy.remove()


async def _told(place: Path, *command: str, env: dict[str, str] | None = None) -> str:
    code, text = await said(place, *command, env=env)
    if code:
        raise Failed(text.strip().splitlines()[-1] if text.strip() else f"{command[0]} ended with {code}")
    return text


async def said(place: Path, *command: str, env: dict[str, str] | None = None) -> tuple[int, str]:
    """Run a command to its end: its exit code, and what it wrote. Whoever is cancelled takes it along."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=place,
        env=env,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        out, _ = await process.communicate()
    except asyncio.CancelledError:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        raise
    return process.returncode or 0, out.decode(errors="replace")
