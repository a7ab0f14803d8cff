"""Writes selections of everything that a type of the pretend Shopify has, to a depth."""

from sandbox.storefront.shopify.schema import SCHEMA
from sandbox.storefront.vendure.graphql.schema import FieldType, Kind

_PAGE = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
_ARGUMENTS = {
    ("Product", "publishedOnPublication"): '(publicationId: "gid://shopify/Publication/1")',
    ("Publishable", "publishedOnPublication"): '(publicationId: "gid://shopify/Publication/1")',
    ("InventoryItem", "inventoryLevel"): '(locationId: "gid://shopify/Location/1")',
    ("Location", "inventoryLevel"): '(inventoryItemId: "gid://shopify/InventoryItem/1")',
    ("InventoryLevel", "quantities"): '(names: ["available", "on_hand", "committed", "incoming"])',
}
_LEFT_OUT = {("Job", "query")}


def arguments_of(owner: str, name: str) -> str:
    """The arguments that a field needs."""
    return _ARGUMENTS.get((owner, name), "")


def selection(name: str, depth: int) -> str:
    """All fields of a type in braces, objects down to `depth` below; a scalar has none."""
    kind = SCHEMA.kinds[name]
    if kind.leaf:
        return ""
    if name.endswith("Connection"):
        return _page(kind, depth)
    parts = [] if kind.form == "type" else ["__typename"]
    parts += [_field(kind, each, depth) for each in kind.fields.values()]
    if kind.form != "type":
        for option in sorted(SCHEMA.possible(name)):
            parts.append(f"... on {option} {selection(option, depth)}")
    kept = [part for part in parts if part]
    return f"{{ {' '.join(kept or ['__typename'])} }}"


def _small(kind: Kind, above: tuple[str, ...] = ()) -> bool:
    """Whether a type is but an amount, a count or the like: it is always selected whole."""
    if (
        kind.form != "type"
        or kind.name in above
        or "Node" in kind.interfaces
        or kind.name.endswith("Connection")
    ):
        return False
    bases = [SCHEMA.kinds[each.type.base] for each in kind.fields.values()]
    return all(base.leaf or _small(base, (*above, kind.name)) for base in bases)


def _page(kind: Kind, depth: int) -> str:
    node = SCHEMA.kinds[kind.name.replace("Connection", "Edge")].fields["node"].type.base
    inner = selection(node, depth)
    head = "__typename" if SCHEMA.kinds[node].form != "type" else next(iter(_leaves(SCHEMA.kinds[node])))
    return f"{{ edges {{ cursor node {{ {head} }} }} nodes {inner} {_PAGE} }}"


def _leaves(kind: Kind) -> list[str]:
    return [each.name for each in kind.fields.values() if SCHEMA.kinds[each.type.base].leaf]


def _field(owner: Kind, each: FieldType, depth: int) -> str:
    if (owner.name, each.name) in _LEFT_OUT:
        return ""
    base = SCHEMA.kinds[each.type.base]
    given = arguments_of(owner.name, each.name)
    if base.leaf:
        return f"{each.name}{given}"
    if depth <= 0 and not _small(base):
        return ""
    if base.name.endswith("Connection"):
        given = "(first: 2)"
    return f"{each.name}{given} {selection(base.name, depth - 1)}"
