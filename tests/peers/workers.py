"""Which worker runs what: each real system is started once for all tests that need it."""

from xdist.scheduler import LoadScopeScheduling

SITUATIONS, PEERS, CONFORMANCE = "tests/peers/scenarios/", "tests/peers/", "tests/conformance/"
OF_THE_WAY_BACK = tuple(
    f"{SITUATIONS}test_{name}" for name in ("way_back", "decided_by_link", "way_back_elsewhere")
)
OF_ORDERS = tuple(f"{SITUATIONS}test_{name}" for name in ("an_order", "cancels", "kills", "restored"))


class BySystem(LoadScopeScheduling):  # type: ignore[misc]
    """All four systems are started for each third of the situations, which take longest and come first. The rest is
    given out in pieces that need one of them, or all."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(OF_THE_WAY_BACK):
            return "situations of the way back"
        if nodeid.startswith(SITUATIONS):
            return "situations of orders" if nodeid.startswith(OF_ORDERS) else "other situations"
        if nodeid.startswith(PEERS):
            return "systems"
        if nodeid.startswith(CONFORMANCE):
            system, _, module = nodeid.removeprefix(CONFORMANCE).partition("/")
            return f"{system}, the kit" if module.startswith("test_kit") else system
        return str(super()._split_scope(nodeid))
