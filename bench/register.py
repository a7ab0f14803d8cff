"""Which benchmarks there are. Each is a module with `measure(Wish) -> Report`, loaded when it is run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from importlib.util import find_spec

from bench.places import Kind
from bench.report import Report


class Databases(StrEnum):
    """What --database takes."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"
    BOTH = "both"

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The databases that it names."""
        return tuple(Kind) if self is Databases.BOTH else (Kind(self.value),)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asked for. `scale` 1.0 is the stated size; `peers` off leaves the peer out."""

    scale: float = 1.0
    databases: Databases = Databases.BOTH
    peers: bool = True

    def sized(self, whole: int, least: int = 1) -> int:
        """A size of the stated job, scaled."""
        return max(least, round(whole * self.scale))


KNOWN: Mapping[str, str] = {
    "pull": "100,000 orders through the whole order intake, beside dlt",
    "push": "10,000 changed of 1,000,000 offers, at 10 calls of 100 a second, beside aiolimiter",
    "unsent": "1,000 unsent of 1,000,000 offers found, and a recompute of all",
    "recompute": "a changed mapping folder: 200,000 SKUs on 6 channels, quantities and prices; and one changed SKU",
    "plan": "what would be sent of 1,200,000 offers: as stored, and by another mapping folder",
}


def names() -> tuple[str, ...]:
    """Those whose module is here, in order."""
    return tuple(name for name in KNOWN if find_spec(f"bench.{name}") is not None)


def find(name: str) -> Callable[[Wish], Report]:
    """The benchmark of this name. Raises LookupError."""
    if name not in names():
        raise LookupError(f"there is no benchmark {name!r}; there are: {', '.join(names())}")
    measure: Callable[[Wish], Report] = import_module(f"bench.{name}").measure
    return measure
