"""Whether nothing was lost, doubled or oversold, and whether our books say what the world's books say.

Our books are read here by a plain connection to the daemon's database; nothing of the product is asked.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from sandbox.deeds import Deeds, code_of, read
from sandbox.judge import ROUNDING, judge
from sandbox.settling import open_matters
from tests.crash.scenario import HELD, ORDERS, Hands
from tests.mail.post_office import Given

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

    def entered(self) -> set[str]:
        """The codes of orders for which people have entered a request."""
        asked = "SELECT o.number FROM sale_request r JOIN customer_order o ON o.id = r.order_id WHERE r.entered_by IS NOT NULL"
        return {code_of(row.number) for row in self.rows(asked)}

    def open_cases(self) -> list[str]:
        """The codes of orders with a case that is not at its end."""
        sql = "SELECT o.number FROM back_case b JOIN customer_order o ON o.id = b.order_id WHERE b.state = 'open'"
        return [code_of(row.number) for row in self.rows(sql)]

    def money_due(self, now: int) -> bool:
        """Whether a refund, or a look at a case, is due (microseconds): either must follow the other within a minute."""
        refunds = "SELECT next_at AS at FROM outbox WHERE operation = 'refund' AND state = 'queued'"
        looks = "SELECT review_at AS at FROM back_case WHERE review_at IS NOT NULL"
        return any(row.at <= now for row in [*self.rows(refunds), *self.rows(looks)])

    def messages(self) -> Counter[str]:
        """How many messages to customers there are, by way."""
        return Counter(row.way for row in self.rows("SELECT way FROM message"))

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
    return [*_unfinished(hands, ours), *_not_back(hands, ours), *ours.open_work()]


def _not_back(hands: Hands, ours: Ours) -> list[str]:
    """Whose way back is not at its end."""
    deeds = read(hands.world.ledger.entries())
    found = [f"no answer to the letter of {name}" for name in hands.returning.letters]
    for code, name in hands.names.items():
        back = ORDERS[name].back
        if back is not None and not deeds.orders[code].refunded:
            found.append(f"order {name} is not paid back")
    for code in ours.open_cases():
        back = ORDERS[hands.names[code]].back
        if back is None or not back.waits:
            found.append(f"the case of order {hands.names[code]} is open")
    return found


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


def broken(hands: Hands, ours: Ours, mails: Sequence[Given] = ()) -> list[str]:
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
    found += _not_as_scripted(hands, deeds) + _books_differ(hands, ours, deeds)
    return found + _back_wrong(hands, deeds) + _told_wrong(hands, ours, mails)


def _back_wrong(hands: Hands, deeds: Deeds) -> list[str]:
    """Refunds, announcements, labels and answers that the script does not ask for, or asks for and are not there."""
    found = []
    for code, name in hands.names.items():
        order, back = deeds.orders[code], ORDERS[name].back
        given = [facts["amount"] for facts in _facts(hands, "refunded") if facts["code"] == code]
        by_shop = bool(order.cancelled) and ORDERS[name].shop == "medusa"
        owed = [] if back is None else [back.owed(order.paid)]
        if not by_shop and (len(given) != len(owed) or abs(sum(given) - sum(owed)) > ROUNDING):
            found.append(f"order {name!r}: {given} was given back, not {owed}")
        sends = back is not None and bool(back.asks)
        announced = sum(times for where, times in deeds.announced.items() if code in where)
        labels = [
            one for one in deeds.labels.values() if one.back and code in one.reference and not one.voided
        ]
        answers = [facts for facts in _facts(hands, "return_answered") if facts["code"] == code]
        asked = sends and ORDERS[name].shop == "shopify"
        for what, there, wanted in (
            ("announced", announced, sends),
            ("labelled", len(labels), sends),
            ("answered", len(answers), asked),
        ):
            if there != int(wanted):
                found.append(f"order {name!r}: {what} {there} times on its way back")
        all_of_it = order.paid > 0 and order.refunded >= order.paid
        if all_of_it and order.shipped and not order.came_back:
            found.append(f"order {name!r} was shipped and fully refunded")
    return found


def _told_wrong(hands: Hands, ours: Ours, mails: Sequence[Given]) -> list[str]:
    """Customers who were told twice of one event; what nobody was told is held for a person, and counted there."""
    subjects = Counter(str(given.mail["Subject"]) for given in mails)
    found = [f"told {times} times: {subject}" for subject, times in subjects.items() if times > 1]
    notes = Counter(facts["code"] for facts in _facts(hands, "note_added") if facts["public"])
    found += [f"noted {times} times at {code}" for code, times in notes.items() if times > 1]
    delivered = sum(order.shop == "shopify" for order in ORDERS.values())
    if ours.messages()["mail"] < delivered:
        found.append(f"{ours.messages()['mail']} mails were meant to be sent, not {delivered}")
    return found


def _facts(hands: Hands, kind: str) -> list[dict[str, Any]]:
    return [entry.facts for entry in hands.world.ledger.entries() if entry.kind == kind]


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
