"""Which connectors can be found, and which are refused before they are opened."""

from dataclasses import replace
from types import ModuleType
from zoneinfo import ZoneInfo

import pytest

from connectors import registry
from connectors.couriers import karrio
from connectors.registry import BadConnector, UnknownConnector
from connectors.transport import Secret, Setup
from sync.domain.clock import SystemClock


def package(**parts: object) -> ModuleType:
    """A connector package of somebody else's."""
    module = ModuleType("acme_connector")
    whole = {
        "MANIFEST": replace(karrio.MANIFEST, name="acme"),
        "OPTIONS": karrio.OPTIONS,
        "open_connector": karrio.open_connector,
    }
    for name, part in (whole | parts).items():
        if part is not None:
            setattr(module, name, part)
    return module


@pytest.mark.parametrize("name", ["vendure", "tryton", "karrio"])
def test_each_built_in_connector_is_found_under_the_name_it_declares(name: str) -> None:
    assert registry.find(name).manifest.name == name


def test_the_names_are_sorted_and_hold_the_built_in_ones() -> None:
    assert set(registry.BUILT_IN) <= set(registry.names())
    assert list(registry.names()) == sorted(registry.names())


def test_an_unknown_name_is_told_with_the_known_ones() -> None:
    with pytest.raises(UnknownConnector, match=r"no connector 'vendur'; there are: .*karrio.*vendure"):
        registry.find("vendur")


@pytest.mark.parametrize("contract", [0, 2, 99])
def test_a_connector_for_another_contract_is_refused(contract: int) -> None:
    manifest = replace(karrio.MANIFEST, name="acme", contract=contract)
    expected = f"connector 'acme' was written for contract {contract}, this program has contract 1"
    with pytest.raises(BadConnector, match=expected):
        registry.entry_of("acme", package(MANIFEST=manifest))


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ({"MANIFEST": None}, "has no MANIFEST"),
        ({"MANIFEST": "karrio"}, "has no MANIFEST"),
        ({"MANIFEST": karrio.MANIFEST}, "calls itself 'karrio'"),
        ({"OPTIONS": None}, "has no OPTIONS"),
        ({"OPTIONS": dict}, "has no OPTIONS"),
        ({"open_connector": None}, "has no open_connector"),
    ],
)
def test_a_package_that_lacks_a_part_is_refused(parts: dict[str, object], why: str) -> None:
    with pytest.raises(BadConnector, match=why):
        registry.entry_of("acme", package(**parts))


async def test_opening_names_the_connector_to_the_metrics() -> None:
    seen: list[Setup] = []

    def opener(setup: Setup) -> object:
        seen.append(setup)
        return object()

    entry = registry.entry_of("acme", package(open_connector=opener))
    options = entry.options(url="http://127.0.0.1:1")
    entry.open(Setup("acc", options, Secret("key-1"), SystemClock(), ZoneInfo("UTC")))
    assert seen[0].connector == "acme"
