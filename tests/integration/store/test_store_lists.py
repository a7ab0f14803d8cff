"""`IN` with a list of values means the same on both databases, whatever collection it is and whatever it holds."""

from collections.abc import Collection
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from sync.domain.ids import AccountId
from sync.domain.lifecycle import OrderState
from sync.domain.people import Person
from sync.store import orders
from sync.store.database import Store
from sync.store.tables import customer_order
from tests.integration.store.samples import remote_order

ADA = Person(email="ada@example.com")
NUMBERS = ("1001", "1002", "1003")


@pytest.fixture
async def stored(store: Store, shop: AccountId) -> Store:
    """Three orders."""
    async with store.write() as tx:
        for number in NUMBERS:
            await orders.save(tx, shop, replace(remote_order(number), buyer=ADA), history=False, masked=False)
    return store


async def _found(store: Store, wanted: sa.ColumnElement[bool]) -> list[str]:
    query = sa.select(customer_order.c.number).where(wanted)
    async with store.read() as tx:
        return sorted(row.number for row in await tx.all(query))


@pytest.mark.parametrize(
    "values",
    [[], ["1001"], ("1001", "1003"), {"1002", "none"}, frozenset(NUMBERS), [f"{n}" for n in range(1003)]],
    ids=["none", "list", "tuple", "set", "frozenset", "a thousand"],
)
async def test_what_is_in_a_collection_and_what_is_not(stored: Store, values: Collection[str]) -> None:
    name = customer_order.c.number
    assert await _found(stored, name.in_(values)) == [one for one in NUMBERS if one in values]
    assert await _found(stored, name.not_in(values)) == [one for one in NUMBERS if one not in values]


async def test_texts_of_an_enumeration_and_plain_ones_stand_in_one_list(stored: Store) -> None:
    assert await _found(stored, customer_order.c.state.in_([OrderState.SENT, "new", OrderState.HELD])) == []
    async with stored.read() as tx:
        (state,) = {row.state for row in await tx.all(sa.select(customer_order.c.state))}
    member = OrderState(state)
    assert await _found(stored, customer_order.c.state.in_(["none", member])) == list(NUMBERS)


async def test_bytes_and_numbers_stand_in_lists(stored: Store) -> None:
    async with stored.read() as tx:
        row = await tx.one(sa.select(customer_order).where(customer_order.c.number == "1002"))
    assert row is not None
    assert row.email_index
    c = customer_order.c
    both = c.email_index.in_([b"none", row.email_index]) & c.placed_at.in_([0, row.placed_at])
    assert await _found(stored, both) == list(NUMBERS)
    assert await _found(stored, c.email_index.in_([b"none"])) == []


async def test_pairs_and_named_lists_are_what_they_were(stored: Store, shop: AccountId) -> None:
    c = customer_order.c
    pairs = sa.tuple_(c.account_id, c.number).in_([(shop, "1001"), (shop, "1003"), ("none", "1002")])
    assert await _found(stored, pairs) == ["1001", "1003"]
    named = sa.select(c.number).where(c.number.in_(sa.bindparam("names", expanding=True)))
    async with stored.read() as tx:
        for names in (["1001"], ["1002", "1003"], []):
            rows = await tx.all(named, {"names": names})
            assert sorted(row.number for row in rows) == names


def test_on_postgresql_a_statement_is_one_text_whatever_the_lists_length() -> None:
    """A mark for each value made every length a statement of its own, to be read and planned anew."""
    name = customer_order.c.number
    texts = {
        str(
            sa.select(name).where(name.in_(values), name.not_in(values)).compile(dialect=postgresql.dialect())
        )
        for values in (["1001"], NUMBERS)
    }
    (text,) = texts
    assert text.count("ANY (") == text.count("ALL (") == 1
