"""What lies on disk, in a form that tells one state of the files from another.

Small files are told apart by their content, so that a save of the same size within one tick of a drive's clock
is seen, and one that changed nothing is not. Tables of megabytes are told apart by times, size and inode.
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config import ConfigError, Settings
from config.secrets import Source
from sync.engine.refusals import StartRefused
from sync.engine.settings_file import FILE, read_settings
from sync.engine.wiring import Configuration, read_configuration

Stamp = frozenset[tuple[str, str]]
"""(path, what is in it) of every file that is there."""
_SMALL = 1 << 20
_TRIES = 10
_OF_THIS_PROCESS = os.urandom(32)
"""The key of the digests: one of a secret is of no use to anybody else."""
_READ = frozenset({".yaml", ".yml", ".csv"})


@dataclass(frozen=True, slots=True)
class Found:
    """One reading: what was read or why it was refused, and the state of the files that says so."""

    configuration: Configuration | None
    refused: ConfigError | StartRefused | None
    stamp: Stamp

    def good(self) -> Configuration:
        """The configuration. Raises ConfigError or StartRefused where it was refused."""
        if self.configuration is None:
            raise self.refused or StartRefused("nothing was read")
        return self.configuration


class Disk:
    """The files of one configuration folder. Does I/O: call it in a thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file: str | None = None
        self._settings: Settings | None = None

    @property
    def settings(self) -> Settings | None:
        """`entrepot.yaml` as it was last looked at; None while it cannot be read."""
        return self._settings

    def stamp(self) -> Stamp:
        """The state of `entrepot.yaml`, and of the mappings and secrets that it leads to."""
        file = _told(self.folder / FILE)
        if file is None or file != self._file:
            self._file, self._settings = file, _settings_in(self.folder)
        paths = {self.folder / FILE}
        if self._settings is not None:
            paths.update(mapping_files(self._settings.mappings), secret_files(self._settings))
        return frozenset((str(path), told) for path in paths if (told := _told(path)) is not None)

    def read(self) -> Found:
        """Read and check everything, and again while somebody writes: what is half written is not taken over."""
        for _ in range(_TRIES):
            before = self.stamp()
            found = _read(self.folder, before)
            if self.stamp() == before:
                break
        return found


def mapping_files(folder: Path) -> Iterator[Path]:
    """The mapping files and tables of a folder, without an editor's hidden and backup files."""
    try:
        yield from (path for path in folder.iterdir() if path.suffix in _READ and path.name[0] != ".")
    except OSError:
        return


def secret_files(settings: Settings) -> Iterator[Path]:
    """The secrets that lie in files."""
    for account in settings.accounts.values():
        for secret in (account.secret, account.webhook_secret):
            if secret is not None and secret.source is Source.FILE:
                yield settings.secrets / secret.name


def _read(folder: Path, stamp: Stamp) -> Found:
    try:
        return Found(read_configuration(folder), None, stamp)
    except (ConfigError, StartRefused) as error:
        return Found(None, error, stamp)


def _settings_in(folder: Path) -> Settings | None:
    try:
        return read_settings(folder)
    except (ConfigError, StartRefused):
        return None


def _told(path: Path) -> str | None:
    """Where a file really lies, and its state; None where it cannot be read."""
    try:
        about = path.stat()
        if about.st_size > _SMALL:
            state = f"{about.st_mtime_ns}:{about.st_ctime_ns}:{about.st_size}:{about.st_ino}"
        else:
            state = hashlib.blake2b(path.read_bytes(), key=_OF_THIS_PROCESS).hexdigest()
        return f"{path.resolve()}:{state}"
    except OSError:
        return None
