"""Where each setting of `stock:` stands, and which of them made a term: terms hold its number alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from config.yaml import Located, MapNode
from sync.domain.rules import RuleRef
from sync.domain.sku import normal_sku

Path = tuple[str, ...]
"""The keys from the section's own down to the setting: `("share", "main")`."""
_SECTION = "stock"
_BY_SKU = "safety_by_sku"
_DEFAULTS = "defaults/"


@dataclass(frozen=True, slots=True)
class StockPlaces:
    """The lines of all keys of one file's `stock:`."""

    file: str = ""
    """As messages name it; empty where the section stands in no file of the admins."""
    lines: Mapping[Path, int] = field(default_factory=dict, repr=False)

    def of(self, term: str, account: str = "", name: str = "") -> RuleRef | None:
        """The setting that made a term on a shop; `name` is the SKU or the supplier that the term is about.

        The most specific one: a SKU's own before that of all, a shop's own before that of all. None where no
        file says anything.
        """
        for path in _paths(term, account, name):
            line = self.lines.get(path)
            if line is not None:
                return RuleRef(".".join((_SECTION, *path)), self.file, line)
        return None


def stock_places(root: MapNode) -> StockPlaces:
    """Those of the admins' own `stock:`; built-in defaults stand in no file that anybody could change."""
    section = root.child(_SECTION)
    if not isinstance(section, MapNode) or section.file.startswith(_DEFAULTS):
        return StockPlaces()
    return StockPlaces(section.file, dict(_lines(section, ())))


def _lines(node: Located, above: Path) -> Iterator[tuple[Path, int]]:
    if not isinstance(node, MapNode):
        return
    for key, value in node:
        own = (normal_sku(key.text) or key.text) if above == (_BY_SKU,) else key.text
        yield (*above, own), key.line
        yield from _lines(value, (*above, own))


def _paths(term: str, account: str, name: str) -> tuple[Path, ...]:
    """The settings that may have made a term, the most specific first."""
    match term:
        case "safety":
            return (_BY_SKU, normal_sku(name) or name), ("safety_stock",)
        case "buffer":
            return ("by_account", account), ("buffer",)
        case "share" | "cap" | "least_shown":
            return ((term, account),)
        case "rest":
            return (("share", "shared"),)
        case "mode" | "priority":
            return ((term,),)
        case "use":
            return ("suppliers", name, "use"), ("suppliers", name, "less")
        case "max_age":
            return (("suppliers", name, "max_age"),)
    return ()
