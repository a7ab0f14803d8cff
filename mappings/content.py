"""`content:` compiled: the texts and pictures that the catalogue keeps in step, from a table.

A picture is an https address, or the name of a file in the folder `pictures` beside the table. No name leads out
of that folder: neither a path nor a link in it.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from config.errors import Problem, listed, shown
from config.yaml import Located
from mappings.accounts import STOREFRONT
from mappings.reading import Reading
from mappings.schema import ContentModel
from mappings.tables import BadRow, Row, gather, rows_of
from sync.domain.sku import normal_sku

PICTURES = "pictures"
EVERY = "*"
_LONGEST_TITLE = 255
_MOST_PICTURES = 50
_FILE = re.compile(r"[^./\\:\x00-\x1f][^/\\:\x00-\x1f]*")
Key = tuple[str, str]
"""(account or `*`, SKU)"""


@dataclass(frozen=True, slots=True)
class Content:
    """What a listing shall say and show. A field that is None is the shop's own.

    `pictures` are addresses, or paths of files on this machine. `digest` moves with any of it, and with a file.
    """

    title: str | None = None
    description: str | None = None
    pictures: tuple[str, ...] | None = None
    stamps: tuple[str, ...] = field(default=(), repr=False)
    """Of each picture that is a file: its size and when it was changed."""

    def __bool__(self) -> bool:
        return self.title is not None or self.description is not None or self.pictures is not None

    @property
    def digest(self) -> str:
        """SHA-256, shortened: the same for the same content."""
        names = None if self.pictures is None else [_name(picture) for picture in self.pictures]
        whole = json.dumps([self.title, self.description, names, self.stamps], ensure_ascii=False)
        return hashlib.sha256(whole.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class ContentRules:
    """`content:` compiled. `accounts` are the shops on which it is kept in step."""

    accounts: frozenset[str] = frozenset()
    rows: Mapping[Key, Content] = field(default_factory=dict, repr=False)

    def of(self, account: str, sku: str) -> Content | None:
        """What the listing of one SKU shall say on a shop: its own row, cell by cell, then that of every shop."""
        if account not in self.accounts:
            return None
        own, every = self.rows.get((account, sku)), self.rows.get((EVERY, sku))
        if own is None or every is None:
            return own or every or None
        pictured = own if own.pictures is not None else every
        return Content(
            every.title if own.title is None else own.title,
            every.description if own.description is None else own.description,
            pictured.pictures,
            pictured.stamps,
        )


def content_rules(model: ContentModel | None, node: Located, reading: Reading) -> ContentRules:
    """The rules of a bound section, where there is one; `node` is its located text."""
    if model is None:
        return ContentRules()
    shops = reading.accounts.of(STOREFRONT)
    accounts = tuple(shop for shop in shops if not model.accounts or shop in model.accounts)

    def read(path: Path, file: str) -> dict[Key, Content]:
        return content_table(path, file, model.fields, accounts, reading.warnings)

    rows = reading.table(model.table, node.find("table"), read)
    if rows is None:
        return ContentRules()
    reading.tables[model.table] = [[*key, content.digest] for key, content in sorted(rows.items())]
    return ContentRules(frozenset(accounts), rows)


def content_table(
    path: Path, file: str, fields: Sequence[str], accounts: Sequence[str], warnings: list[Problem]
) -> dict[Key, Content]:
    """`sku,account,title,description,pictures`: those of `fields` are read, and must have their column."""
    folder = path.parent / PICTURES

    def read(row: Row) -> tuple[Key, Content]:
        sku, account = normal_sku(row.cells["sku"]), row.cells.get("account", "") or EVERY
        if sku is None:
            raise BadRow("sku", "the cell is empty")
        if account != EVERY and account not in accounts:
            what = f"no content is kept in step on {shown(account)}"
            raise BadRow("account", what, listed(accounts))
        content = _content({name: row.cells[name] for name in fields}, folder)
        if not content:
            raise BadRow(fields[0], "every cell of the content is empty")
        return (account, sku), content

    columns = ("account", "title", "description", "pictures")
    optional = tuple(name for name in columns if name not in fields)
    rows = rows_of(path, file, "utf-8", required=("sku", *fields), optional=optional)
    return gather(rows, read, file, "sku", warnings)


def _content(cells: Mapping[str, str], folder: Path) -> Content:
    title, pictures = cells.get("title") or None, cells.get("pictures") or None
    if title is not None and len(title) > _LONGEST_TITLE:
        raise BadRow("title", f"it has {len(title)} characters", f"at most {_LONGEST_TITLE}")
    if title is not None and "\n" in title:
        raise BadRow("title", "it has more than one line", "one line")
    named = _pictures(pictures, folder) if pictures is not None else None
    return Content(
        title,
        cells.get("description") or None,
        None if named is None else tuple(place for place, _ in named),
        () if named is None else tuple(stamp for _, stamp in named if stamp),
    )


def _pictures(cell: str, folder: Path) -> list[tuple[str, str]]:
    """(address or path, stamp of the file)"""
    names = [name.strip() for name in cell.split("|")]
    if len(names) > _MOST_PICTURES:
        raise BadRow(PICTURES, f"there are {len(names)}", f"at most {_MOST_PICTURES}")
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise BadRow(PICTURES, f"{shown(twice)} stands twice" if twice else "a name between two | is empty")
    return [(_address(name), "") if "://" in name else _file(name, folder) for name in names]


def _address(text: str) -> str:
    """Only of an address without a user: what stands before an @ may be a password, and is never shown."""
    allowed = "an https address, or a file's name"
    try:
        parts = urlsplit(text)
        if "@" in parts.netloc:
            raise BadRow(PICTURES, "an address names a user", allowed)
        plain = parts.scheme == "https" and bool(parts.hostname)
    except ValueError:
        plain = False
    if not plain or re.search(r"[\s\x00-\x1f]", text):
        raise BadRow(PICTURES, f"{shown(text)} is not an address that shops may fetch", allowed)
    return text


def _file(name: str, folder: Path) -> tuple[str, str]:
    if not name:
        raise BadRow(PICTURES, "a name between two | is empty")
    if not _FILE.fullmatch(name):
        allowed = f"a file's name without its path, such as mug.jpg, from the folder {PICTURES}"
        raise BadRow(PICTURES, f"{shown(name)} is a path, or a hidden file", allowed)
    place = folder / name
    try:
        if not place.resolve(strict=True).is_relative_to(folder.resolve()):
            raise BadRow(PICTURES, f"{shown(name)} leads out of the folder {PICTURES}")
        if not place.is_file():
            raise BadRow(PICTURES, f"{shown(name)} is no file")
        stat = place.stat()
    except OSError:
        raise BadRow(PICTURES, f"there is no {shown(name)} in the folder {PICTURES}") from None
    return str(place.absolute()), f"{stat.st_size}:{stat.st_mtime_ns}"


def _name(picture: str) -> str:
    return picture if "://" in picture else Path(picture).name
