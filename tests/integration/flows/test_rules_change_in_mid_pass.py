"""Rules that change while a pass runs: what was read before is worked out by the rules in force when it is stored."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from sync.flows.flow import FlowName
from tests.databases.fixtures import Place
from tests.integration.flows.priced import SHOPIFY, VENDURE, Street, street
from tests.integration.flows.test_prices import ALL, GOODS

CHEAPER = ("goods.csv", "sku,cost\nMUG,0.52\nJUG,0.98\n")


class Slow:
    """The real connector; between a page's reading and its storing, something happens."""

    def __init__(self, connector: Any, meanwhile: Callable[[], Awaitable[None]]) -> None:
        self._connector = connector
        self._meanwhile = meanwhile

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connector, name)

    async def products(self, *given: Any) -> Any:
        """A page of the shop's, and what happens then."""
        page = await self._connector.products(*given)
        await self._meanwhile()
        return page


@pytest.fixture
async def here(tmp_path: Path, database: Place) -> AsyncIterator[Street]:
    async with street(tmp_path, database.address) as found:
        yield found


@pytest.mark.parametrize("shop", [VENDURE, SHOPIFY])
async def test_a_page_that_was_read_under_the_old_rules_brings_no_old_price_back(
    here: Street, shop: str
) -> None:
    await here.rules(ALL, GOODS)
    await here.push()  # the shop's listings are other ones now than those that were read before
    connectors = here.daemon.connectors
    connectors[shop] = Slow(connectors[shop], lambda: here.rules(ALL, CHEAPER))
    await here.daemon.run(shop, FlowName.CATALOGUE)
    row = await here.row(shop, "MUG")
    assert (row.desired, row.acked) == ("1.99", "10.99"), "the price by the rules that were laid meanwhile"
