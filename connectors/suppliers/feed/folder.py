"""The supplier's folder: which files are there and whole, and writing files that appear all at once.

Nothing outside the folder is ever read or written: no symbolic link is followed below it. Every method
blocks, and is called in a thread.
"""

import errno
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from connectors.contract import Refused, Unavailable
from connectors.suppliers.feed.payloads import FileSeen

ACCEPTED = ".accepted"
MOST_FILES = 10_000
_MENDS = dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "free some space on its disk; nothing is lost") | {
    errno.ELOOP: "a symbolic link stands in it, which is not followed"
}
_UNFINISHED = (ACCEPTED, ".part", ".filepart", ".tmp", ".crdownload", "~")


@contextmanager
def reachable(account: str) -> Iterator[None]:
    """Tell an error of the file system as an outage, with its cause in the system's own words."""
    try:
        yield
    except OSError as error:
        what = error.strerror or type(error).__name__
        mend = _MENDS.get(error.errno or 0, "check that it is there and its mode")
        raise Unavailable(f"{account}: the folder cannot be used: {what}; {mend}") from None


class Folder:
    """The files of one supplier. `settle` is in seconds; `done_marker` replaces it."""

    def __init__(self, account: str, root: Path, settle: float, done_marker: str | None) -> None:
        self._account = account
        self._root = root
        self._settle = settle
        self._done_marker = done_marker
        self._looks: dict[str, tuple[str, float]] = {}

    def check(self) -> None:
        """Raises Unavailable where the folder is not there."""
        with reachable(self._account):
            if not stat.S_ISDIR(self._root.stat().st_mode):
                raise NotADirectoryError(20, "it is not a folder")

    def path(self, name: str) -> Path:
        """The whole path of a name that `find` gave, or of one inside the folder."""
        parts = PurePosixPath(name).parts
        if not parts or ".." in parts or name.startswith("/") or "\x00" in name:
            raise Refused(f"{self._account}: a path leads out of the folder", mendable=False)
        found = self._root
        for part in parts:
            found = found / part
            if found.is_symlink():
                raise Refused(f"{self._account}: {name} is, or lies behind, a symbolic link: not followed")
        return found

    def find(self, pattern: str, most: int | None = MOST_FILES) -> list[FileSeen]:
        """The files that the glob names, the oldest first. Raises Unavailable, Refused for too many."""
        self.check()
        with reachable(self._account):
            found = list(self._walk(self._root, PurePosixPath(pattern).parts, ""))
        if most is not None and len(found) > most:
            what = f"more than {most:,} files fit {pattern}"
            raise Refused(f"{self._account}: {what}: move old ones away (see the option `done`)")
        return sorted(found, key=lambda file: (file.at, file.name))

    def _walk(self, folder: Path, parts: tuple[str, ...], prefix: str) -> Iterator[FileSeen]:
        try:
            entries = list(os.scandir(folder))
        except (FileNotFoundError, NotADirectoryError):
            if not prefix:
                raise
            return
        for entry in entries:
            if not fnmatchcase(entry.name, parts[0]) or (entry.name[0] == "." and parts[0][0] != "."):
                continue
            if len(parts) > 1 and entry.is_dir(follow_symlinks=False):
                yield from self._walk(folder / entry.name, parts[1:], f"{prefix}{entry.name}/")
            elif len(parts) == 1 and entry.is_file(follow_symlinks=False) and self._is_list(entry.name):
                found = self._seen(prefix + entry.name, entry)
                if found is not None:
                    yield found

    def _is_list(self, name: str) -> bool:
        return not name.endswith((*_UNFINISHED, self._done_marker or ACCEPTED))

    @staticmethod
    def _seen(name: str, entry: os.DirEntry[str]) -> FileSeen | None:
        try:
            facts = entry.stat(follow_symlinks=False)
        except FileNotFoundError:  # taken away between two looks
            return None
        return FileSeen(name, stamp_of(facts), facts.st_size, datetime.fromtimestamp(facts.st_mtime, UTC))

    def stamp(self, name: str) -> str | None:
        """The present stamp of a file; None where it is gone."""
        with reachable(self._account):
            try:
                return stamp_of(self.path(name).stat())
            except FileNotFoundError:
                return None

    def is_whole(self, file: FileSeen) -> bool:
        """Whether nobody writes it any more, by its marker or by its rest."""
        if self._done_marker is not None:
            marker = self.path(file.name + self._done_marker)
            with reachable(self._account):
                return marker.is_file() and marker.stat().st_mtime_ns >= written_at(file.stamp)
        if time.time() - self._settle - file.at.timestamp() >= 0:
            return True
        stamp, since = self._looks.get(file.name, ("", 0.0))
        if stamp != file.stamp:  # a clock that is off: it must rest before our eyes
            self._looks[file.name] = (file.stamp, time.monotonic())
            return False
        return time.monotonic() - since >= self._settle

    def is_accepted(self, file: FileSeen) -> bool:
        """Whether a person put `NAME.accepted` beside it, after it was written."""
        mark = self.path(file.name + ACCEPTED)
        with reachable(self._account):
            return mark.is_file() and mark.stat().st_mtime_ns >= written_at(file.stamp)

    def exists(self, name: str) -> bool:
        """Whether there is such a file."""
        with reachable(self._account):
            return self.path(name).is_file()

    def draft(self, name: str, content: bytes) -> Path:
        """Write a file beside its place, under a name that nobody reads."""
        with reachable(self._account):
            target = self.path(name)
            target.parent.mkdir(parents=True, exist_ok=True)
            draft = self.draft_of(name)
            with new_file(draft) as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            return draft

    def draft_of(self, name: str) -> Path:
        """Where the draft of a file lies."""
        target = self.path(name)
        return target.with_name(f".{target.name}.tmp")

    def put(self, draft: Path, name: str) -> None:
        """Let a draft appear in its place, whole."""
        with reachable(self._account):
            target = self.path(name)
            draft.replace(target)
            sync_folder(target.parent)

    def move(self, name: str, to: str) -> str:
        """Move a file into another folder inside; gives its new name, which is free."""
        with reachable(self._account):
            source, target = self.path(name), self.path(to)
            target.mkdir(parents=True, exist_ok=True)
            place, n = target / source.name, 1
            while place.exists():
                place, n = target / f"{source.stem}.{n}{source.suffix}", n + 1
            source.rename(place)
            if self._done_marker is not None:
                source.with_name(source.name + self._done_marker).unlink(missing_ok=True)
            return f"{to.rstrip('/')}/{place.name}"


def plain_file(path: Path) -> BinaryIO:
    """Open a file to read. Raises OSError where it is a link, a pipe or a device, put there since it was seen."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.ELOOP, "it is no plain file")
    return os.fdopen(handle, "rb")


def new_file(path: Path) -> BinaryIO:
    """Open a file to write that is ours alone: what lies there, perhaps a link, goes first."""
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666), "wb")


def stamp_of(facts: os.stat_result) -> str:
    """What changes whenever a file is written anew, also where its time was set back to what it was."""
    return f"{facts.st_size}-{facts.st_ino}-{facts.st_ctime_ns}-{facts.st_mtime_ns}"


def written_at(stamp: str) -> int:
    """The file's time in a stamp, in nanoseconds since 1970."""
    return int(stamp.rpartition("-")[2])


def sync_folder(folder: Path) -> None:
    """See that a rename in this folder outlives a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
