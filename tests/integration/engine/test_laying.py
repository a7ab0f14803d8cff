"""New rules are laid on what is stored of each shop, again and again until that went well."""

import io
import json
from dataclasses import replace

import sqlalchemy as sa

from mappings import Rulebook
from sync.engine.laying import Laying
from sync.flows.flow import FlowName
from tests.integration.engine.conftest import Opener
from tests.integration.engine.workshop import TinyFlow, Works


def laying(house: Works) -> Laying:
    made = Laying(house.runner, house.store)
    made.plan(house.house())
    return made


async def rename(house: Works, before: str, after: str) -> None:
    async with house.store.write() as tx:
        await tx.run(sa.text(f"ALTER TABLE {before} RENAME TO {after}"))


async def test_rules_are_in_force_when_they_are_laid_on_every_shop(works: Opener) -> None:
    house = await works(TinyFlow(FlowName.ORDERS), names=("one", "two"))
    await house.start()
    rules = laying(house)
    assert not rules.done
    await rules.go_on()
    assert rules.done


async def test_rules_wait_for_a_shop_whose_lease_is_not_ours(works: Opener) -> None:
    house = await works(TinyFlow(FlowName.ORDERS))
    rules = laying(house)
    await rules.go_on()
    assert not rules.done
    await house.start()
    await rules.go_on()
    assert rules.done


async def test_rules_that_cannot_be_laid_are_told_once_and_tried_again(
    works: Opener, log: io.StringIO
) -> None:
    house = await works(TinyFlow(FlowName.ORDERS))
    await house.start()
    rules = laying(house)
    await rename(house, "listing", "elsewhere")
    await rules.go_on()
    await rules.go_on()
    assert not rules.done
    said = [json.loads(line)["event"] for line in log.getvalue().splitlines()]
    assert said.count("the rules could not be laid on what is stored; it is tried again") == 1
    await rename(house, "elsewhere", "listing")
    await rules.go_on()
    assert rules.done


async def test_what_was_laid_is_not_laid_again_at_the_next_start(works: Opener) -> None:
    house = await works(TinyFlow(FlowName.ORDERS))
    await house.start()
    await laying(house).go_on()
    started_again = laying(house)
    await rename(house, "listing", "elsewhere")  # whoever laid now would stumble
    await started_again.go_on()
    assert started_again.done
    await rename(house, "elsewhere", "listing")


async def test_a_start_lays_again_what_a_stop_cut_short(works: Opener) -> None:
    house = await works(TinyFlow(FlowName.ORDERS), names=("one", "two"))
    await house.start()
    cut_short = laying(house)
    await rename(house, "listing", "elsewhere")
    await cut_short.go_on()
    await rename(house, "elsewhere", "listing")
    started_again = laying(house)
    await started_again.go_on()
    assert started_again.done


async def test_a_shop_that_went_live_is_laid_though_the_rules_are_the_same(
    works: Opener, log: io.StringIO
) -> None:
    house = await works(TinyFlow(FlowName.ORDERS), live=False)
    await house.start()
    await laying(house).go_on()
    await house.configure(live=True)
    went_live = laying(house)
    await rename(house, "listing_component", "elsewhere")
    await went_live.go_on()
    assert not went_live.done
    await rename(house, "elsewhere", "listing_component")
    await went_live.go_on()
    assert went_live.done


async def test_rules_that_come_back_are_laid_again_where_others_were_half_laid_meanwhile(
    works: Opener,
) -> None:
    house = await works(TinyFlow(FlowName.ORDERS))
    await house.start()
    rules = laying(house)
    await rules.go_on()
    await rename(house, "listing", "elsewhere")
    rules.plan(replace(house.house(), rulebook=Rulebook("others", "{}")))
    await rules.go_on()  # it was cut off somewhere
    rules.plan(house.house())
    await rules.go_on()
    assert not rules.done, "whoever lays now stumbles, so it is tried"
    await rename(house, "elsewhere", "listing")
    await rules.go_on()
    assert rules.done
