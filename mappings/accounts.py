"""The accounts that mappings may name, and what is wrong where one names no account, or the wrong kind."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from config.errors import Placed, Problem, listed, near, problem_at, shown
from config.yaml import ListNode, Located, MapNode
from mappings.couriers import Couriers

STOREFRONT, WAREHOUSE, COURIER, SUPPLIER = "storefront", "warehouse", "courier", "supplier"
_TITLES = {STOREFRONT: "shop", WAREHOUSE: "warehouse", COURIER: "courier", SUPPLIER: "supplier"}


@dataclass(frozen=True, slots=True)
class Accounts:
    """The accounts that mappings may name: their kinds by name, in the order of `entrepot.yaml`."""

    kinds: Mapping[str, str]
    couriers: Couriers
    dropship: frozenset[str] = frozenset()
    """The suppliers that send to buyers."""
    ways: frozenset[str] | None = None
    """The ways to customers that `entrepot.yaml` sets up besides the shops; None: it is not looked at."""
    speaking: frozenset[str] | None = None
    """The shops whose connectors can tell their customers something; None: it is not known."""

    def of(self, *kinds: str) -> list[str]:
        """The names of the accounts of these kinds."""
        return [name for name, kind in self.kinds.items() if kind in kinds]

    def check(self, name: str, kinds: tuple[str, ...], place: Placed, path: str) -> Iterator[Problem]:
        """A problem where `name` is no account, or one of another kind."""
        allowed = self.of(*kinds)
        if name in allowed:
            return
        kind = self.kinds.get(name)
        what = f"there is no account {shown(name)}"
        if kind is not None:
            what = f"the account {shown(name)} is a {_TITLES.get(kind, kind)}"
        names = listed(allowed) or f"no {_TITLES[kinds[0]]} account exists"
        yield problem_at(place, path, what, allowed=names, hint=near(name, allowed))

    def each(self, names: Collection[str], node: Located, *kinds: str) -> Iterator[Problem]:
        """Problems of names in a list, or of the one that stands alone; `node` is where they stand."""
        for index, name in enumerate(names):
            place = node.find(index) if isinstance(node, ListNode) else node
            yield from self.check(name, kinds, place, place.path)

    def keys(self, node: Located | None, *kinds: str) -> Iterator[Problem]:
        """Problems of a mapping whose keys are accounts. None: there is no such mapping."""
        if isinstance(node, MapNode):
            for key, _ in node:
                yield from self.check(key.text, kinds, key, key.path)

    def sender(self, name: str, place: Placed, path: str) -> Iterator[Problem]:
        """A problem where an account is no supplier that sends to buyers."""
        problems = list(self.check(name, (SUPPLIER,), place, path))
        if not problems and name not in self.dropship:
            what = f"{shown(name)} does not send to buyers"
            allowed = f"dropship: true at {name} in entrepot.yaml"
            problems.append(problem_at(place, path, what, allowed=allowed))
        yield from problems

    def senders(self, names: Collection[str], node: Located) -> Iterator[Problem]:
        """Problems of a list of suppliers that must send to buyers."""
        for index, name in enumerate(names):
            place = node.find(index) if isinstance(node, ListNode) else node
            yield from self.sender(name, place, place.path)
