"""A backup of yesterday is put back, or a shop goes live: nothing is refunded, announced, labelled, answered or told twice.

What was done since the copy is looked up first. What was asked before a shop went live is history. The sandbox's own
books judge, and a real mail server.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.notifiers.mail import Mail, MailServer, Wrapping
from sandbox.aftersale import Wish, ask, give_back
from sandbox.control import Control
from sandbox.people import People
from sandbox.storefront.medusa import deeds
from sandbox.storefront.medusa.books import MedusaShop
from sandbox.storefront.medusa.names import outside
from sandbox.world import World
from sync.domain.aftersales import ChannelAnswer, RequestKind
from sync.store import issues
from sync.store.back import cases
from tests.databases.fixtures import Place, database, found_server, migrated_file, postgresql
from tests.integration.backup.copies import converged, copied, restored
from tests.integration.flows.conductor import Conductor
from tests.integration.flows.returning import Back, bought, build, conducted, entries, fair
from tests.mail.post_office import PostOffice, opened

pytestmark = pytest.mark.timeout(600)
__all__ = ["database", "found_server", "migrated_file", "postgresql"]

DAY = timedelta(days=1)
CLAIM = 150
RULES = """
returns:
  - {name: stop it, when: {type: [refund_only, cancellation]}, do: stop_then_refund, refund: at_first_scan}
  - {name: cheaper now, when: {type: price_protection}, do: approve}
  - {name: back, when: {type: return}, do: approve, refund: after_inspection, goods: {good: restock}}
messages:
  stopped: {when: cancelled, via: mail, en: {subject: "Order {order} was cancelled", text: "It is stopped."}}
  money: {when: refunded, via: mail, en: {subject: "Money for {order}", text: "It is on its way."}}
"""


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    async with opened() as office:
        yield office


@pytest.fixture
async def daemon(tmp_path: Path, database: Place, office: PostOffice) -> AsyncIterator[Conductor]:
    world = build("vendure", "shopify")
    async with conducted(tmp_path, world, database.address, RULES) as daemon:
        server = MailServer("127.0.0.1", office.port, Wrapping.NONE, "Green Garden <orders@green.example>")
        daemon.notifiers["mail"] = Mail(server)
        yield daemon


async def _done(daemon: Conductor, office: PostOffice) -> dict[str, Any]:
    """What must not happen again, by the books of shops, warehouse, courier and mail server."""
    labels = [
        (facts["reference"], bool(facts.get("back"))) for facts in await entries(daemon, "label_bought")
    ]
    return {
        "refunds": [(facts["code"], facts["amount"]) for facts in await entries(daemon, "refunded")],
        "announced": [facts["reference"] for facts in await entries(daemon, "return_announced")],
        "labels": sorted(labels),
        "answers": [facts["code"] for facts in await entries(daemon, "return_answered")],
        "shown": [(facts["code"], facts["units"]) for facts in await entries(daemon, "returned_goods")],
        "called off": [facts["lines"] for facts in await entries(daemon, "order_cancelled")],
        "mails": sorted(str(given.mail["Subject"]) for given in office.mails),
    }


async def test_what_was_done_for_requests_since_the_copy_is_found_and_done_once(
    daemon: Conductor, office: PostOffice
) -> None:
    whole, half = await bought(daemon, "shopify", TEE_02=2), await bought(daemon, "shopify", TEE_03=2)
    claim = await bought(daemon, "main", TEE_01=1)
    for order in (whole, half, claim):
        await order.scanned(await order.sent(), "picked_up", "delivered")
    file = copied(daemon)

    await daemon.later(DAY)
    stopped = await bought(daemon, "main", TEE_03=1)
    await daemon.settle(rounds=2)
    await stopped.entered(RequestKind.CANCELLATION)
    await claim.entered(RequestKind.PRICE_PROTECTION, {"TEE-01": (0, CLAIM)})
    await whole.asks({"TEE-02": 1})
    await half.asks({"TEE-03": 1})
    await daemon.settle(rounds=6)
    await whole.received()
    before = await _done(daemon, office)
    (paid,) = [facts["paid"] for facts in await whole.entries("order_placed")]
    (all_of_it,) = [facts["paid"] for facts in await stopped.entries("order_placed")]
    assert sorted(amount for _, amount in before["refunds"]) == sorted([CLAIM, paid // 2, all_of_it])
    assert (len(before["announced"]), len(before["answers"]), len(before["shown"])) == (2, 2, 1)
    assert sum(back for _, back in before["labels"]) == 2
    assert before["called off"] == [{"TEE-03": 1}]
    assert f"Order {stopped.ours} was cancelled" in before["mails"]

    await restored(daemon, file)
    await daemon.settle(rounds=2)
    await claim.entered(RequestKind.PRICE_PROTECTION, {"TEE-01": (0, CLAIM)})  # what people entered is lost
    await stopped.entered(RequestKind.CANCELLATION)
    await converged(daemon)
    assert await _done(daemon, office) == before
    assert [(await order.case()).state for order in (whole, claim)] == [cases.DONE] * 2

    await half.received()
    after = await _done(daemon, office)
    (other,) = [facts["paid"] for facts in await half.entries("order_placed")]
    assert after["refunds"] == [*before["refunds"], (half.number, other // 2)]
    names = ("announced", "labels", "answers", "called off")
    assert [after[name] for name in names] == [before[name] for name in names]
    await fair(daemon)


async def test_what_staff_did_by_hand_since_the_copy_counts_before_anything_is_sent(
    daemon: Conductor, office: PostOffice
) -> None:
    order = await bought(daemon, "shopify", TEE_02=2)
    await order.scanned(await order.sent(), "picked_up", "delivered")
    await order.asks({"TEE-02": 1})
    await daemon.settle(rounds=3)
    file = copied(daemon)
    (paid,) = [facts["paid"] for facts in await order.entries("order_placed")]
    await daemon.act("/warehouse/return", reference=f"shopify/{order.ours}/R1")
    await daemon.act("/give-back", shop="shopify", order=order.number, amount=paid // 2)
    await restored(daemon, file)
    await converged(daemon)
    assert await order.refunds() == [paid // 2], "the goods are paid for already"
    assert (await order.case()).state == cases.DONE
    await fair(daemon)


def _before_us(world: World) -> tuple[str, str]:
    """Two orders of the day before: one whose buyer asks to send it back, one that staff paid back in part."""
    control = Control(world, People(world))
    shop, clock = world.shops["medusa"], world.clocks["shop:medusa"]
    assert isinstance(shop, MedusaShop)
    clock.offset = -DAY
    codes = []
    for sku in ("TEE-01", "TEE-02"):
        code = str(control.buy({"shop": "medusa", "lines": [{"sku": sku, "quantity": 1}]})["order"])
        order = shop.by_code[code]
        deeds.fulfil(shop, order, None, [{"id": outside("line", order.lines[0].id), "quantity": 1}])
        codes.append(code)
    ask(world, Wish("medusa", codes[0], {"TEE-01": 1}, {}))
    give_back(world, "medusa", codes[1], 500, "sorry")
    clock.offset = timedelta(0)
    return codes[0], codes[1]


async def test_what_was_asked_before_the_shop_went_live_is_history(
    tmp_path: Path, database: Place, office: PostOffice
) -> None:
    world = build("medusa")
    asked, paid_back = _before_us(world)
    async with conducted(tmp_path, world, database.address, RULES) as daemon:
        await daemon.settle(rounds=6)
        names = ("announced", "labels", "answers", "shown", "called off", "mails")
        assert await _done(daemon, office) == {name: [] for name in names} | {"refunds": [(paid_back, 500)]}
        async with daemon.store.read() as tx:
            assert await cases.of_order(tx, (await daemon.order(asked)).row.id) == []
            assert await issues.list_open(tx, kind="hold.waiting") == []

        order = Back(daemon, "medusa", paid_back)
        await order.asks({"TEE-02": 1})  # what is asked from now on is ours, whenever the goods were bought
        await daemon.settle(rounds=3)
        assert (await order.case()).standing.answered == ChannelAnswer.APPROVED
        assert (await _done(daemon, office))["announced"] == [f"medusa/{paid_back}/R1"]
