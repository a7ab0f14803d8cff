"""Where the state lies: a SQLite file, or a PostgreSQL database by its URL, which never holds a password.

A password in a file that is read, copied and kept under version control is soon a password of many. The
driver (libpq) finds it by itself: in ~/.pgpass or the file of PGPASSFILE, in PGPASSWORD, in the service of
PGSERVICEFILE; or none is needed (a socket with peer authentication, a client certificate).
"""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

SQLITE, POSTGRESQL = "sqlite", "postgresql"
ALLOWED = "sqlite:///PATH, or postgresql://USER@HOST/DATABASE"
_URL = "postgresql://USER@HOST/DATABASE"
_ELSEWHERE = (
    "a password does not belong into this file: put it into ~/.pgpass, the file of PGPASSFILE, or PGPASSWORD"
)
_SCHEMES = {"postgresql", "postgres", "postgresql+psycopg"}
_SECRET_OPTIONS = {"password", "sslpassword", "passfile"}


class BadDatabase(ValueError):
    """A text is not a database that we know: `what`, and what is `allowed`. It holds no password."""

    def __init__(self, what: str, allowed: str = ALLOWED) -> None:
        super().__init__(what)
        self.what = what
        self.allowed = allowed


@dataclass(frozen=True, slots=True)
class Database:
    """One database. `str` of it is its place as a person would say it, and can be shown anywhere."""

    path: Path | None
    """The SQLite file; None on PostgreSQL."""
    url: str
    """`postgresql://…`, without a password; empty for SQLite."""
    beside: Path
    """What the daemon's lock and socket are named after: the file, or a name in the data folder."""

    @property
    def kind(self) -> str:
        """`sqlite` or `postgresql`."""
        return POSTGRESQL if self.path is None else SQLITE

    @property
    def address(self) -> Path | str:
        """What the store is opened with."""
        return self.url if self.path is None else self.path

    def __str__(self) -> str:
        return str(self.address)


def sqlite_at(path: Path) -> Database:
    """The database of a SQLite file."""
    return Database(path, "", path)


def postgresql_at(url: str, data: Path) -> Database:
    """The database of a URL that `check_url` let pass; lock and socket lie in the data folder."""
    rest = url.partition("://")[2]
    return Database(None, f"postgresql://{rest}", data / "entrepot.postgresql")


def is_postgresql(url: str) -> bool:
    """Whether the text means PostgreSQL, rightly written or not."""
    return url.partition("://")[0].startswith("postgres") and "://" in url


def check_url(url: str) -> None:
    """Raise BadDatabase unless the URL names a PostgreSQL database and holds no password."""
    scheme = url.partition("://")[0]
    if scheme not in _SCHEMES:
        raise BadDatabase("this is not a database")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise BadDatabase("this is not the URL of a database") from None
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if parts.password is not None or _SECRET_OPTIONS & set(options):
        raise BadDatabase(_ELSEWHERE, _URL)
    if not unquote(parts.path).strip("/") or parts.fragment:
        raise BadDatabase("the URL names no database", _URL)
