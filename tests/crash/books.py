"""Whether nothing was lost, doubled or oversold, and whether our books say what the world's books say.

Our books are read here by a plain connection to the daemon's database; nothing of the product is asked.
"""

from collections import Counter
from typing import Any

import sqlalchemy as sa

from sandbox.deeds import Deeds, code_of, read
from sandbox.judge import judge
from sandbox.settling import open_matters
from tests.crash.scenario import HELD, ORDERS, Hands

_HOLDING = ("order.", "parcel.", "record.broken")
"""Issues of these kinds account for an order that is neither shipped nor cancelled."""

OFFERS, ACCOUNTS = 160, 8
"""Of the mixed world: listings that lead to a SKU, and accounts."""


class Ours:
    """The daemon's database, read only: a SQLite file's path, or PostgreSQL's URL."""

    def __init__(self, database: str) -> None:
        url = database.replace("postgresql://", "postgresql+psycopg://")
        if url == database:
            url = f"sqlite:///{database}"
        self._engine = sa.create_engine(url, poolclass=sa.NullPool)

    def rows(self, sql: str) -> list[Any]:
        """All rows; none while the database has no tables yet."""
        try:
            with self._engine.connect() as connection:
                return list(connection.execute(sa.text(sql)).all())
        except (sa.exc.OperationalError, sa.exc.ProgrammingError):
            return []

    def unsent(self) -> list[str]:
        """Quantities that a shop does not show yet; or that none is wanted yet."""
        rows = self.rows("SELECT desired, acked, external_id FROM offer_quantity WHERE desired IS NOT NULL")
        return [f"quantity of {row.external_id}" for row in rows if row.desired != row.acked]

    def unready(self) -> list[str]:
        """Which accounts do not work yet, and how many quantities are not planned; nothing: the shops may sell."""
        accounts = len([row for row in self.rows("SELECT live_from FROM account") if row.live_from])
        offers = len(self.rows("SELECT id FROM offer_quantity WHERE desired IS NOT NULL"))
        missing = {"accounts": ACCOUNTS - accounts, "quantities": OFFERS - offers}
        return [f"{number} {what} are missing" for what, number in missing.items() if number > 0]

    def held(self) -> list[str]:
        """Orders that open issues name."""
        rows = self.rows("SELECT kind, subject FROM issue WHERE closed_at IS NULL")
        return sorted({row.subject for row in rows if row.kind.startswith(_HOLDING) and "/" in row.subject})

    def open_work(self) -> list[str]:
        """What the daemon has not brought to its end."""
        writes = "SELECT operation, key, state FROM outbox WHERE closed_at IS NULL AND state <> 'held'"
        found = [f"{row.operation} {row.key} is {row.state}" for row in self.rows(writes)]
        untold = (
            "SELECT number FROM parcel WHERE left_at IS NOT NULL AND told_at IS NULL AND voided_at IS NULL"
        )
        return found + [f"parcel {row.number} is not told" for row in self.rows(untold)] + self.unsent()


def restless(hands: Hands, ours: Ours) -> list[str]:
    """What is still to come; nothing: the world has come to rest. One order is held, and is not waited for."""
    held = f"{ORDERS[HELD].shop}/{hands.number(HELD)}"
    found = [*hands.left, *open_matters(hands.world.ledger.entries(), [held])]
    if found:
        return found
    return [*_unfinished(hands, ours), *ours.open_work()]


def _unfinished(hands: Hands, ours: Ours) -> list[str]:
    """Orders that our books do not have, or have open; the held one must be there."""
    rows = ours.rows("SELECT number, closed_at, state FROM customer_order")
    known = {code_of(row.number): row for row in rows}
    found = [f"order {name} is not taken in" for number, name in hands.names.items() if number not in known]
    for number, row in known.items():
        name = hands.names.get(number, number)
        if row.closed_at is None and (name != HELD or row.state != "held"):
            found.append(f"order {name} is {row.state}")
    return found


def broken(hands: Hands, ours: Ours) -> list[str]:
    """Every promise that was broken, in words; empty: all were kept."""
    ledger = hands.world.ledger
    held = ours.held()
    verdict = judge(ledger.entries(), held, ledger.calls())
    deeds = read(ledger.entries())
    found = [f"lost: {one}" for one in verdict.lost]
    found += [f"oversold: {sku} by {units}" for sku, units in verdict.oversold.items()]
    found += [f"{one.what}: {one.where} by {one.beyond:g}" for one in verdict.duplicates]
    expected = f"{ORDERS[HELD].shop}/{hands.number(HELD)}"
    found += [f"held, and should not be: {one}" for one in held if one != expected]
    return found + _not_as_scripted(hands, deeds) + _books_differ(hands, ours, deeds)


def _not_as_scripted(hands: Hands, deeds: Deeds) -> list[str]:
    found = []
    for number, name in hands.names.items():
        order = deeds.orders[number]
        if order.shipped != Counter(ORDERS[name].ships):
            found.append(f"order {name!r}: {dict(order.shipped)} left, not {dict(ORDERS[name].ships)}")
        if order.fulfilled != Counter(ORDERS[name].ships):
            found.append(f"order {name!r}: the shop was told of {dict(order.fulfilled)}")
    return found


def _books_differ(hands: Hands, ours: Ours, deeds: Deeds) -> list[str]:
    """Orders, and parcels that were told, by order."""
    numbers = Counter(code_of(row.number) for row in ours.rows("SELECT number FROM customer_order"))
    found = []
    if numbers != Counter(list(hands.names)):
        found.append(f"our orders: {sum(numbers.values())}, the shops': {len(hands.names)}")
    told = Counter(
        code_of(row.number)
        for row in ours.rows(
            "SELECT o.number FROM parcel p JOIN customer_order o ON o.id = p.order_id "
            "WHERE p.told_at IS NOT NULL AND p.told_external_id IS NOT NULL"
        )
    )
    for number, name in hands.names.items():
        theirs = deeds.orders[number].parcels_told
        if told[number] != theirs:
            found.append(f"order {name!r}: we told {told[number]} parcels, the shop knows {theirs}")
    return found
