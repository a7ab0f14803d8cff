"""Which connectors there are: the built-in ones by name, and those of other packages.

Another package offers one by an entry point of the group `entrepot.connectors` that names a module like our
own connector packages: it has `MANIFEST`, `OPTIONS` and `open_connector`, and `webhook_reader` where its
vendor sends webhooks (and `SIGNED_WITH` where it signs them with a secret of its own choice), `code_grant`
where a person gives it a token. A built-in name cannot be taken
over, a name that two packages offer is nobody's, and a connector written for another contract is refused
before it is opened.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint
from types import ModuleType

from pydantic import BaseModel

from connectors.contract import CONTRACT, Courier, Manifest, Storefront, Supplier, Warehouse, WebhookReader
from connectors.names import BUILT_IN, foreign, names, offered
from connectors.transport import CodeGrant, Secret, Setup

Connector = Storefront | Warehouse | Courier | Supplier

__all__ = [
    "BUILT_IN",
    "BadConnector",
    "Connector",
    "Entry",
    "UnknownConnector",
    "entry_of",
    "find",
    "names",
    "survey",
]


class UnknownConnector(LookupError):
    """No connector has this name."""


class BadConnector(Exception):
    """A connector's package cannot be used; the text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A connector that can be opened. `options` validates its part of the YAML."""

    manifest: Manifest
    options: type[BaseModel]
    opener: Callable[[Setup], Connector]
    webhook_reader: Callable[[Secret, BaseModel], WebhookReader] | None = None
    """Reads the deliveries of an account by its webhook secret and options; None where the vendor sends none."""
    code_grant: Callable[[Setup], CodeGrant] | None = None
    """Gets a token by a person's yes at the vendor; None where the vendor has no such way."""
    signed_with: str = ""
    """What the vendor signs its deliveries with, in words, where that cannot be a secret that we tell it."""

    def open(self, setup: Setup) -> Connector:
        """Make the connector of one account; nothing is called yet. The caller closes it."""
        return self.opener(replace(setup, connector=self.manifest.name))


@cache
def find(name: str) -> Entry:
    """The connector of this name. Raises UnknownConnector, or BadConnector where it cannot be used."""
    if name in BUILT_IN:
        return entry_of(name, import_module(BUILT_IN[name]))
    points = foreign().get(name)
    if points is None:
        raise UnknownConnector(f"there is no connector {name!r}; there are: {', '.join(names())}")
    if len(points) > 1:
        packages = " and ".join(sorted(_package(each) for each in points))
        raise BadConnector(f"connector {name!r} is offered by {packages}: uninstall all but one of them")
    (point,) = points
    try:
        module = point.load()
    except Exception as error:
        raise BadConnector(f"connector {name!r}: {point.value} cannot be loaded: {error}") from error
    return entry_of(name, module)


def survey() -> tuple[tuple[Manifest, ...], tuple[str, ...]]:
    """Every connector that can be used, by name; and what is wrong with those of other packages that cannot."""
    usable: list[Manifest] = []
    refused = [
        f"connector {each.name!r} of {_package(each)} is not used: the name is that of a built-in connector"
        for each in offered()
        if each.name in BUILT_IN
    ]
    for name in names():
        try:
            usable.append(find(name).manifest)
        except BadConnector as error:
            refused.append(str(error))
    return tuple(usable), tuple(refused)


def entry_of(name: str, module: ModuleType) -> Entry:
    """Check one connector package. Raises BadConnector."""
    manifest = getattr(module, "MANIFEST", None)
    if not isinstance(manifest, Manifest):
        raise BadConnector(f"connector {name!r}: {module.__name__} has no MANIFEST")
    if manifest.contract != CONTRACT:
        raise BadConnector(
            f"connector {name!r} was written for contract {manifest.contract}, "
            f"this program has contract {CONTRACT}: install a version of it that fits"
        )
    if manifest.name != name:
        raise BadConnector(f"connector {name!r} calls itself {manifest.name!r} in its MANIFEST")
    options, opener = getattr(module, "OPTIONS", None), getattr(module, "open_connector", None)
    if not (isinstance(options, type) and issubclass(options, BaseModel)):
        raise BadConnector(f"connector {name!r}: {module.__name__} has no OPTIONS, a pydantic model")
    if not callable(opener):
        raise BadConnector(f"connector {name!r}: {module.__name__} has no open_connector")
    reader = getattr(module, "webhook_reader", None)
    if reader is not None and not callable(reader):
        raise BadConnector(f"connector {name!r}: {module.__name__}.webhook_reader cannot be called")
    grant = getattr(module, "code_grant", None)
    if grant is not None and not callable(grant):
        raise BadConnector(f"connector {name!r}: {module.__name__}.code_grant cannot be called")
    return Entry(manifest, options, opener, reader, grant, str(getattr(module, "SIGNED_WITH", "")))


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.value
