"""Pictures of a listing, read from this machine: only files that are pictures, and no larger than a shop takes.

A path may come from another system's list, so nothing else of this machine can be sent to a shop by its name.
"""

import stat
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from connectors.contract import Rejected

MOST_BYTES = 20_000_000
_BEGINNINGS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"RIFF", b"\x00\x00\x00")
"""PNG, JPEG, GIF, WebP, and AVIF or HEIC."""


def read_pictures(paths: Sequence[str]) -> dict[str, bytes] | Rejected:
    """Contents by the name that they are uploaded under: a hash, then the file's own name."""
    pictures: dict[str, bytes] = {}
    for path in paths:
        content = _content(path)
        if isinstance(content, Rejected):
            return content
        pictures[f"{sha256(content).hexdigest()[:16]}-{Path(path).name}"] = content
    return pictures


def _content(path: str) -> bytes | Rejected:
    if "://" in path:
        return _no(f"{path}: pictures must be files on this machine, not addresses")
    if "\x00" in path:
        return _no("the name of a picture holds a NUL character")
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):
            return _no(f"picture {path}: is no file")
        with Path(path).open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except OSError as error:
        return _no(f"picture {path}: {error.strerror or 'cannot be read'}")
    if len(content) > MOST_BYTES:
        return _no(f"picture {path}: is larger than {MOST_BYTES // 1_000_000} MB")
    if not content.startswith(_BEGINNINGS):
        return _no(f"picture {path}: is no PNG, JPEG, GIF, WebP or AVIF")
    return content


def _no(why: str) -> Rejected:
    return Rejected(why, code="PICTURE")
