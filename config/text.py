"""Text files as people save them: UTF-8 with or without BOM and UTF-16 are read.

Nothing is guessed: a file in GBK or another code page is refused, and the message names the first bad byte
and the mend, unless the caller was told the encoding (a CSV table may name it).
"""

import codecs
from pathlib import Path

from config.errors import ConfigError, Problem

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_MOST_BLANK = 1 << 26


def read_bytes(path: Path, file: str, most: int) -> bytes:
    """The file's bytes. ConfigError where it is absent, unreadable, a folder, or larger than `most` bytes."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(most + 1)
    except FileNotFoundError:
        raise _whole(file, "there is no such file") from None
    except IsADirectoryError:
        raise _whole(file, "this is a folder, not a file") from None
    except PermissionError:
        raise _whole(file, "this user may not read it") from None
    except OSError as error:
        raise _whole(file, f"it cannot be read: {error.strerror or 'input/output error'}") from None
    if len(raw) > most:
        raise _whole(file, f"the file is larger than {most // 1024} KiB")
    return raw


def decode(raw: bytes, file: str, encoding: str | None = None) -> str:
    """The text of a file, without its BOM. `encoding` is what an admin stated; a BOM overrules it."""
    for bom, name in _BOMS:
        if raw.startswith(bom):
            return _strict(raw[len(bom) :], name, file, offset=len(bom))
    if b"\x00" in raw:
        at = raw.index(b"\x00")
        before = raw[:at].decode("latin-1")
        raise ConfigError([_byte_problem(before, at, file, "a NUL byte (UTF-16 without its mark?)")])
    return _strict(raw, encoding or "utf-8", file, offset=0)


def is_blank(path: Path) -> bool:
    """Whether a file that can be read holds nothing but white space, as one that a crash emptied."""
    return not decode(read_bytes(path, path.name, _MOST_BLANK), path.name).strip()


def _strict(raw: bytes, encoding: str, file: str, offset: int) -> str:
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        found = f"byte 0x{raw[error.start]:02X} is not {encoding.upper()}"
        if encoding == "utf-8" and _is_gbk(raw):
            found += " (the file looks like GBK)"
        before = raw[: error.start].decode(encoding, "replace")
        raise ConfigError([_byte_problem(before, error.start + offset, file, found)]) from None
    if "\x00" in text:
        before = text[: text.index("\x00")]
        at = len(before.encode(encoding)) + offset
        raise ConfigError([_byte_problem(before, at, file, "a NUL character")])
    return text


def _is_gbk(raw: bytes) -> bool:
    try:
        raw.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return True


def _byte_problem(before: str, at: int, file: str, found: str) -> Problem:
    """`before` is the text that could be read, `at` the first byte that could not."""
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    what = f"{found} at byte {at}: save the file as UTF-8 in your editor (Save as, Encoding: UTF-8)"
    return Problem(file, line, column, "", what)


def _whole(file: str, what: str) -> ConfigError:
    return ConfigError([Problem(file, 0, 0, "", what)])
