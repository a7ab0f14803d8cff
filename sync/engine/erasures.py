"""Who was erased, in a file beside the database: a backup that is restored does not know of later erasures.

A line is a blind index in hex and the moment in microseconds since 1970: nobody can read a person out of it. The
file is only added to; what is in it is done again by each run of retention.
"""

import os
import re
from collections.abc import Collection
from pathlib import Path

FILE = "erased"
_LINE = re.compile(r"([0-9a-f]{32}) (\d{1,18})")


def note(data: Path, digests: Collection[bytes], at: int) -> None:
    """Add these people."""
    if not digests:
        return
    text = "".join(f"{digest.hex()} {at}\n" for digest in sorted(digests))
    descriptor = os.open(data / FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, text.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def noted(data: Path) -> dict[bytes, int]:
    """Everybody in the file, each with the latest moment. A line that was cut short by a crash is left out."""
    try:
        text = (data / FILE).read_text("ascii", errors="replace")
    except FileNotFoundError:
        return {}
    found: dict[bytes, int] = {}
    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        if match is not None:
            digest, at = bytes.fromhex(match[1]), int(match[2])
            found[digest] = max(at, found.get(digest, 0))
    return found
