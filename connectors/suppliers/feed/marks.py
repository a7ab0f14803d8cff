"""Our own folder beside the supplier's: who it is, what the last lists held, which orders were sent.

A list's digest has a line for each row: its mark, pieces in a pack, and code, in the order of the file. It is
named by the hash of the list, and a cursor names the hash, so that a cursor of an older day never meets the
wrong one. Nothing here is personal. Every method blocks.
"""

import errno
import io
import json
import os
import uuid
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from connectors.suppliers.feed.folder import new_file, reachable, sync_folder

BROKEN = "!"
"""The mark of a code whose row cannot be used."""
_KEPT = 6
_README = "Entrepot's own marks of what was read here and sent from here. Leave them.\n"


class Marks:
    """The state folder of one account."""

    def __init__(self, account: str, root: Path) -> None:
        self._account = account
        self._root = root

    def ready(self) -> None:
        """Make the folder where it is not there yet."""
        with reachable(self._account):
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder("lists")
            self._folder("orders")
            if not (self._root / "README.txt").exists():
                self._write(self._root / "README.txt", _README)

    def _folder(self, name: str) -> Path:
        """A folder of ours below the root. A link in its place is refused: who can write here may have put it."""
        made = self._root / name
        for place in (self._root, made):
            if place.is_symlink():
                raise OSError(errno.ELOOP, "Too many levels of symbolic links")
        made.mkdir(mode=0o700, exist_ok=True)
        return made

    def identity(self) -> str:
        """Drawn once, and kept for as long as the folder."""
        self.ready()
        with reachable(self._account):
            place = self._root / "identity"
            if not place.exists():
                self._write(place, uuid.uuid4().hex)
            return place.read_text().strip()

    def begin(self, digest: str) -> "DigestWriter":
        """Write the digest of a list."""
        self.ready()
        with reachable(self._account):
            return DigestWriter(self._root / "lists" / f"{digest}.part", self._list(digest))

    def has(self, digest: str) -> bool:
        """Whether the digest of this list is here."""
        return self._list(digest).is_file()

    def rows(self, digest: str) -> Iterator[tuple[str, int, str]]:
        """(mark, pieces in a pack, code) of each row; nothing where the digest is not here."""
        if not self.has(digest):
            return
        with self._list(digest).open(encoding="utf-8", newline="\n") as stream:
            for line in stream:
                mark, pieces, code = line.rstrip("\n").split("\t", 2)
                yield mark, int(pieces), code

    def packs(self, codes: Iterable[str]) -> dict[str, int]:
        """Pieces in a pack of these codes, by the last list; codes that it does not have are absent."""
        wanted = set(codes)
        current = self.current()
        return {
            code: pieces
            for mark, pieces, code in (self.rows(current) if current else ())
            if code in wanted and mark != BROKEN
        }

    def current(self) -> str | None:
        """The digest of the last list that was read to its end."""
        try:
            return (self._root / "current").read_text().strip() or None
        except FileNotFoundError:
            return None

    def settle(self, digest: str, keep: Iterable[str]) -> None:
        """This list was read to its end; digests that are neither kept nor new go."""
        self.ready()
        with reachable(self._account):
            self._write(self._root / "current", digest)
            needed = {digest, *keep}
            found = sorted((self._root / "lists").iterdir(), key=lambda path: path.stat().st_mtime)
            for old in found[:-_KEPT]:
                if old.name.partition(".")[0] not in needed:
                    old.unlink(missing_ok=True)

    def spool(self, content: bytes, name: str, *, kept: bool) -> tuple[Path, str]:
        """Lay a download down to be read; gives its place and its hash. One that is not `kept` is for `forget`."""
        self.ready()
        with reachable(self._account):
            digest = sha256(content).hexdigest()
            folder = self._folder("downloads" if kept else "passing")
            place = self.download(digest, name) if kept else folder / f"{digest[:32]}{Path(name).suffix}"
            draft = place.with_name(place.name + ".part")
            with new_file(draft) as stream:
                stream.write(content)
            draft.replace(place)
            for old in sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime)[:-3]:
                old.unlink(missing_ok=True)
            return place, digest

    def download(self, digest: str, name: str) -> Path:
        """Where a kept download lies."""
        return self._root / "downloads" / f"{digest[:32]}{Path(name).suffix}"

    def forget(self, place: Path) -> None:
        """A download was read."""
        with reachable(self._account):
            place.unlink(missing_ok=True)

    def acceptance(self, digest: str) -> Path:
        """The file by which a person accepts a list that no `.accepted` can lie beside."""
        return self._root / f"{digest[:12]}.accepted"

    def intend(self, order: str, lines: Mapping[str, int] | None = None) -> None:
        """From now on a draft that is gone has become the order. `lines` are pieces by code."""
        self.ready()
        with reachable(self._account):
            self._write(self._order(order), json.dumps(dict(lines or {})))

    def ordered(self, order: str) -> dict[str, int]:
        """The lines of an order that was intended; empty where they are not known."""
        with reachable(self._account):
            try:
                found = json.loads(self._order(order).read_text())
            except (FileNotFoundError, ValueError):
                return {}
        return {str(code): int(pieces) for code, pieces in found.items()}

    def intended(self, order: str) -> bool:
        """Whether this order was about to be sent, or was."""
        with reachable(self._account):
            return self._order(order).is_file()

    def _order(self, name: str) -> Path:
        return self._root / "orders" / f"{sha256(name.encode()).hexdigest()[:40]}"

    def _list(self, digest: str) -> Path:
        return self._root / "lists" / f"{digest[:32]}.digest"

    @staticmethod
    def _write(place: Path, text: str) -> None:
        draft = place.with_name(place.name + ".part")
        with new_file(draft) as stream:
            stream.write(text.encode())
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(place)
        sync_folder(place.parent)


class DigestWriter:
    """Writes one digest; it counts only when it was kept."""

    def __init__(self, draft: Path, place: Path) -> None:
        self._draft = draft
        self._place = place
        self._stream = io.TextIOWrapper(new_file(draft), encoding="utf-8", newline="\n")

    def add(self, mark: str, pieces: int, code: str) -> None:
        """One row."""
        self._stream.write(f"{mark}\t{pieces}\t{' '.join(code.split())}\n")

    def keep(self) -> None:
        """The list was read to its end."""
        self._stream.close()
        self._draft.replace(self._place)

    def drop(self) -> None:
        """The list is not used."""
        self._stream.close()
        self._draft.unlink(missing_ok=True)
