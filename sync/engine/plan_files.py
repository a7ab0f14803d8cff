"""A plan as a file: to be read by people, kept, and applied later, exactly as it is or not at all.

It holds no personal data. Its mark is a digest under this database's key, so that a file that was changed, or
was made by another database, is told apart; white space does not count.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import IO

import msgspec

from sync.domain.plan import Field, PlanRow, Standing
from sync.store.sealing import Sealer

FORM = 1
LASTS = timedelta(hours=24)
LARGEST = 1 << 30
_SKEW = timedelta(minutes=5)


class PlanRefused(Exception):
    """A plan cannot be read or applied; the text says why and what to do."""


class FileRow(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True):
    """One row of a file; see `sync.domain.plan.PlanRow`."""

    account: str
    field: Field
    listing: str
    before: str | None
    after: str
    place: str = ""
    sku: str = ""
    title: str = ""
    currency: str = ""
    before_compare_at: str | None = None
    after_compare_at: str | None = None
    standing: Standing = Standing.SEND
    why: str = ""
    note: str = ""

    @property
    def named(self) -> str:
        """The listing as people name it, with what of it."""
        return f"{self.field.value} of {self.account}:{self.listing}"


class Head(msgspec.Struct, frozen=True):
    """What a plan rests on."""

    entrepot_plan: int
    made_at: datetime
    database: str
    rules: str


class PlanFile(Head, frozen=True):
    """The whole file."""

    rows: list[FileRow]
    mark: str


class PlanWriter:
    """Writes a plan row by row, beside its place; it is put there, mode 0600, when the last row is written."""

    def __init__(self, path: Path, head: Head, sealer: Sealer) -> None:
        self._path = path
        self._beside = path.with_name(f".{path.name}.{os.getpid()}")
        self._head = head
        self._sealer = sealer
        self._digest = _Digest(head)
        self._file: IO[bytes] | None = None
        self.rows = 0

    def __enter__(self) -> "PlanWriter":
        number = os.open(self._beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        self._file = os.fdopen(number, "wb")
        self._file.write(msgspec.json.encode(self._head)[:-1] + b',"rows":[')
        return self

    def add(self, row: PlanRow) -> None:
        """The next row."""
        kept = FileRow(**{name: getattr(row, name) for name in FileRow.__struct_fields__})
        line = msgspec.json.encode(kept)
        self._digest.add(line)
        self._written.write((b",\n" if self.rows else b"\n") + line)
        self.rows += 1

    @property
    def _written(self) -> IO[bytes]:
        if self._file is None:
            raise ValueError("the file is not open")
        return self._file

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                mark = self._digest.under(self._sealer)
                self._written.write(b'\n],"mark":' + msgspec.json.encode(mark) + b"}\n")
                self._written.close()
                self._beside.replace(self._path)
        finally:
            self._written.close()
            with contextlib.suppress(FileNotFoundError):
                self._beside.unlink()


class _Digest:
    """Of a plan's values: the same however they are laid out."""

    def __init__(self, head: Head) -> None:
        values = (head.entrepot_plan, head.made_at, head.database, head.rules)
        self._sum = hashlib.sha256(msgspec.json.encode(values))

    def add(self, line: bytes) -> None:
        self._sum.update(b"\n" + line)

    def under(self, sealer: Sealer) -> str:
        return sealer.digest("plan", self._sum.digest()).hex()


def read_plan(path: Path) -> PlanFile:
    """Read a file. Raises PlanRefused where it is none, with line and column where its JSON breaks."""
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise PlanRefused(f"{path} is larger than a plan may be ({size >> 20} MB)")
        text = path.read_bytes()
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise PlanRefused(
            f"{path} cannot be read ({why}); make a plan with: entrepot plan --out {path}"
        ) from None
    try:
        plan = msgspec.json.decode(text, type=PlanFile)
    except msgspec.ValidationError as error:
        raise PlanRefused(f"{path} is no plan: {error}; make one with: entrepot plan --out {path}") from None
    except (msgspec.DecodeError, RecursionError):
        raise PlanRefused(_broken(path, text)) from None
    if plan.entrepot_plan != FORM:
        raise PlanRefused(
            f"{path} is a plan of another version of this program: plan again with: entrepot plan --out {path}"
        )
    return plan


def _broken(path: Path, text: bytes) -> str:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        where = f", line {error.lineno}, column {error.colno}: {error.msg}"
    except (ValueError, RecursionError):
        where = ""
    else:
        where = ""
    return f"{path} is not JSON{where}; make a plan with: entrepot plan --out {path}"


def refusal(plan: PlanFile, *, database: str, rules: str, now: datetime, sealer: Sealer) -> str:
    """Why a file cannot be applied here and now; empty where it can. What its rows say is not looked at."""
    if plan.database != database:
        return "it was made by another database"
    if plan.mark != _mark(plan, sealer):
        return "the file was changed after it was made"
    if now - plan.made_at > LASTS:
        return f"it was made at {plan.made_at:%Y-%m-%d %H:%M} UTC, more than 24 hours ago"
    if plan.made_at - now > _SKEW:
        return f"it was made at {plan.made_at:%Y-%m-%d %H:%M} UTC, which is yet to come: look at the clock"
    if plan.rules != rules:
        return (
            f"it was made with other rules ({plan.rules[:8]}) than those that are in force now ({rules[:8]})"
        )
    return ""


def _mark(plan: PlanFile, sealer: Sealer) -> str:
    digest = _Digest(plan)
    for row in plan.rows:
        digest.add(msgspec.json.encode(row))
    return digest.under(sealer)


def groups(plan: PlanFile) -> Iterator[tuple[str, Field, list[FileRow]]]:
    """The rows by account and field, in the file's order of these."""
    found: dict[tuple[str, Field], list[FileRow]] = {}
    for row in plan.rows:
        found.setdefault((row.account, row.field), []).append(row)
    for (account, field), rows in found.items():
        yield account, field, rows
