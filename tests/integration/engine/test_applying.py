"""A person's word on rows of a plan: exactly those values pass the guards, for a while, and it is kept who said so."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from sync.domain.plan import Field
from sync.engine.applying import Fate, as_args, fate
from sync.engine.plan_files import FileRow
from sync.flows.flow import FlowName
from sync.store import accounts, audit, plans
from sync.store.tables import listing, offer_price, offer_quantity, offer_state
from tests.integration.engine.bureau import Bureau

pytestmark = pytest.mark.usefixtures("no_key_outside")
Rows = Mapping[tuple[str, str], Any]


async def stock_up(office: Bureau, *, live: bool = True) -> None:
    """One listing whose quantity, price and state are unsent."""

    async def put(tx: Any) -> None:
        if live:
            await accounts.go_live(tx, office.id, who="ann")
        shop, id = office.id, tx.new_id()
        await tx.run(
            sa.insert(listing).values(
                id=id, account_id=shop, external_id="7", title="Mug", published=1, bound=1, seen_at=tx.now()
            )
        )
        common = {"account_id": shop, "listing_id": id, "external_id": "7", "changed_at": tx.now()}
        quantity = {"id": tx.new_id(), "desired": 9, "acked": 4, "retry_at": tx.now() + 10**9, **common}
        await tx.run(sa.insert(offer_quantity).values(**quantity))
        price = {"id": tx.new_id(), "currency": "EUR", "desired": "9.99", "acked": "8.00", **common}
        await tx.run(sa.insert(offer_price).values(**price))
        await tx.run(sa.insert(offer_state).values(id=tx.new_id(), desired=0, acked=1, **common))

    await office.in_store(put)


def rows(**changes: Any) -> list[FileRow]:
    """The plan of that listing."""
    return [
        FileRow("shop", Field.QUANTITY, "7", "4", "9"),
        FileRow("shop", Field.PRICE, "7", "8.00", changes.get("price", "9.99")),
        FileRow("shop", Field.STATE, "7", "up", "down"),
    ]


async def apply(office: Bureau, planned: list[FileRow], seconds: float = 3600) -> dict[str, Any]:
    return await office.do("approve-plan", plan="abcdef", seconds=seconds, rows=as_args(planned))


async def stored(office: Bureau, field: Field) -> plans.StoredOffer:
    found = await office.in_store(lambda tx: plans.by_key(tx, field, office.id, [("7", "")]))
    offer: plans.StoredOffer = found["7", ""]
    return offer


async def test_planned_values_may_pass_for_a_while_and_their_pushes_are_woken(office: Bureau) -> None:
    await stock_up(office)
    assert await apply(office, rows()) == {"approved": 3, "moved": 0}
    for field, value in ((Field.QUANTITY, "9"), (Field.PRICE, "9.99"), (Field.STATE, "down")):
        offer = await stored(office, field)
        assert offer.approved == value
        now = await office.in_store(_now)
        assert offer.approved_until is not None
        assert 0 < offer.approved_until - now <= 3600 * 10**6
        assert offer.retry_at is None, "it is sent at once"
    if office.listening:
        assert set(office.hints) == {FlowName.PUSH_STOCK, FlowName.PUSH_PRICES, FlowName.PUSH_LISTINGS}


async def _now(tx: Any) -> int:
    return int(tx.now())


async def test_who_applied_what_is_kept(office: Bureau) -> None:
    await stock_up(office)
    await apply(office, rows())
    lines = [line for line in await office.in_store(audit.latest) if line.what == "plan applied"]
    assert {line.who for line in lines} == {"ann"}
    assert sorted(json.loads(line.data)["field"] for line in lines) == ["price", "quantity", "state"]
    assert {(line.subject, json.loads(line.data)["plan"]) for line in lines} == {("shop", "abcdef")}


async def test_a_row_that_has_moved_is_not_let_through(office: Bureau) -> None:
    await stock_up(office)
    assert await apply(office, rows(price="5.00")) == {"approved": 2, "moved": 1}
    assert (await stored(office, Field.PRICE)).approved is None


async def test_nothing_is_let_through_to_a_shop_that_is_only_observed(office: Bureau) -> None:
    await stock_up(office, live=False)
    assert await apply(office, rows()) == {"approved": 0, "moved": 3}
    assert (await stored(office, Field.QUANTITY)).approved is None


async def test_nobody_lets_anything_through_for_longer_than_a_week(office: Bureau) -> None:
    await stock_up(office)
    await apply(office, rows(), seconds=10**9)
    now = await office.in_store(_now)
    until = (await stored(office, Field.PRICE)).approved_until
    assert until is not None
    assert until - now <= 7 * 86_400 * 10**6


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, Fate.OPEN),
        ({"approved": "9.99", "approved_until": 11}, Fate.APPROVED),
        ({"approved": "9.99", "approved_until": 10}, Fate.OPEN),
        ({"approved": "9.98", "approved_until": 11}, Fate.OPEN),
        ({"acked": "9.99"}, Fate.DONE),
        ({"rejected": "9.99"}, Fate.REFUSED),
        ({"rejected": "9.98"}, Fate.OPEN),
        ({"acked": "8.50"}, Fate.MOVED),
        ({"acked": None}, Fate.MOVED),
        ({"desired": "9.50"}, Fate.MOVED),
        ({"desired": None}, Fate.MOVED),
        ({"desired_compare_at": "12.00"}, Fate.MOVED),
    ],
)
async def test_how_a_row_stands_is_said_of_its_stored_value(
    office: Bureau, changes: dict[str, Any], wanted: Fate
) -> None:
    await stock_up(office)
    offer = replace(await stored(office, Field.PRICE), **changes)
    assert fate(FileRow("shop", Field.PRICE, "7", "8.00", "9.99"), offer, 10) is wanted
    assert fate(FileRow("shop", Field.PRICE, "7", "8.00", "9.99"), None, 10) is Fate.MOVED
