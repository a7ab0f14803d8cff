"""Corner Shop passes the conformance kit."""

import pytest
from corner_bench import CornerBench
from entrepot_cornershop import MANIFEST

from connectors.conformance import Check, checks_for


@pytest.mark.parametrize("check", checks_for(MANIFEST), ids=str)
async def test_kit(check: Check) -> None:
    await check(CornerBench())
