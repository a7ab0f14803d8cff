"""`python -m tests.crash.commits run --config FOLDER`: the real program, which kills itself at a commit.

It is the program as installed, with listeners of SQLAlchemy beside it: they see what each transaction writes,
count its steps, and send SIGKILL to their own process just before or just after the commit of the planned one.
ENTREPOT_CRASH names a JSON file: `names` (a file of orders by number, see scenario), `trace` (a file that gets
each committed step; what stands there already was reached by earlier lives), `points` (steps with their cuts),
`again` and `again_cut` (a key: any step of it), `killed` (a file that gets a line for each death).

A commit is told from the table, the columns that are set, and the order that the row belongs to; columns that
move at every look (when something was last read) are no step.
"""

import json
import os
import re
import signal
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.crash.steps import Cut

VARIABLE = "ENTREPOT_CRASH"
_WRITE = re.compile(r'\s*(?:INSERT INTO|UPDATE)\s+"?(\w+)"?', re.I)
_SET = re.compile(r"\bSET\b(.*?)(?:\bWHERE\b|\bRETURNING\b|$)", re.I | re.S)
_COLUMN = re.compile(r'(?:^|,)\s*"?(\w+)"?\s*=')
_NUMBER = re.compile(r"(?<![A-Z0-9])[A-Z0-9]{16}(?![A-Z0-9])")
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_INSERTED = {
    "customer_order": "taken in",
    "reservation": "made",
    "fulfilment": "planned",
    "parcel": "seen",
    "purchase_order": "planned",
    "supplier_report": "read",
    "issue": "raised",
    "tracking_event": "read",
    "sale_request": "read",
    "back_case": "opened",
    "back_receipt": "read",
}
"""Tables of which a new row is a step."""
_CHANGED = {
    "reservation": {"quantity": "changed", "counted": "counted", "released": "released"},
    "parcel": {
        "booked_at": "booked",
        "labelled_at": "labelled",
        "left_at": "left",
        "told_at": "told",
        "delivered_at": "delivered",
        "delivery_told_at": "delivery told",
        "voided_at": "voided",
    },
    "po_line": {"accepted": "accepted", "despatched": "despatched", "refused": "refused"},
    "offer_quantity": {"desired": "wanted", "acked": "acknowledged"},
    "back_case": {"verdict": "judged", "standing": "stood", "due": "owed", "told": "told"},
}
"""Columns whose change is a step."""
_STATES = {"customer_order", "fulfilment", "purchase_order", "outbox", "message"}
"""Tables of which each new state is a step."""
_CHILDREN = (
    "order_line",
    "fulfilment",
    "parcel",
    "purchase_order",
    "reservation",
    "sale_request",
    "back_case",
    "message",
)


class Watch:
    """What the transactions of this process write; kills it where it was told to."""

    def __init__(self, wish: Mapping[str, Any]) -> None:
        self._names_file = Path(wish["names"])
        self._trace = Path(wish["trace"])
        self._killed = Path(wish["killed"])
        self._points: list[dict[str, Any]] = wish["points"]
        self._again: str = wish["again"]
        self._again_cut: str = wish["again_cut"]
        self._names: dict[str, str] = {}
        self._keys: dict[str, str] = {}
        self._operations: dict[str, str] = {}
        self._seen: Counter[tuple[str, str]] = Counter()
        for line in self._trace.read_text().splitlines():
            step = json.loads(line)
            self._seen[step["operation"], step["key"]] += 1

    def listen(self) -> None:
        """Listen to every engine that is made from now on."""
        sa.event.listen(sa.Engine, "after_cursor_execute", self._executed)
        sa.event.listen(sa.Engine, "rollback", self._forget)
        sa.event.listen(sa.Engine, "commit", self._committing)
        sa.event.listen(sa.Pool, "checkin", self._committed)

    # --- what is written ---------------------------------------------------------------------------

    def _executed(
        self, conn: sa.Connection, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
    ) -> None:
        found = _WRITE.match(statement)
        if found is None or found[1] not in {*_INSERTED, *_CHANGED, *_STATES}:
            return
        compiled = getattr(context, "compiled_parameters", None)
        for row in compiled or (parameters if many else [parameters]):
            conn.info.setdefault("written", []).append((found[1], statement, row))

    def _forget(self, conn: sa.Connection) -> None:
        conn.info.pop("written", None)

    # --- around the commit -------------------------------------------------------------------------

    def _committing(self, conn: sa.Connection) -> None:
        written = conn.info.pop("written", None)
        if not written:
            return
        told = []
        for operation, key in sorted(self._steps(conn, written)):
            self._seen[operation, key] += 1
            told.append({"operation": operation, "key": key, "n": self._seen[operation, key]})
        death = self._death(told)
        if death is not None and death["cut"] == Cut.BEFORE_COMMIT:
            self._die(death)
        conn.info["committed"] = told, death

    def _committed(self, dbapi: Any, record: Any) -> None:
        told, death = record.info.pop("committed", ((), None))
        if told:
            with self._trace.open("a") as trace:
                trace.writelines(json.dumps(one) + "\n" for one in told)
        if death is not None:
            self._die(death)

    def _death(self, told: list[dict[str, Any]]) -> dict[str, Any] | None:
        """The point that one of these steps meets, or the second death of one."""
        if self._again and any(one["key"] == self._again for one in told):
            return {"again": self._again, "cut": self._again_cut}
        return next((point for point in self._points if point["step"] in told), None)

    def _die(self, death: dict[str, Any]) -> None:
        with self._killed.open("a") as killed:
            killed.write(json.dumps(death) + "\n")
        os.kill(os.getpid(), signal.SIGKILL)

    def _steps(self, conn: sa.Connection, written: list[Any]) -> set[tuple[str, str]]:
        steps: set[tuple[str, str]] = set()
        for table, statement, row in written:
            if key := self._key(conn, row):
                steps.update((what, key) for what in self._what(table, statement, row))
        return steps

    # --- what it means -----------------------------------------------------------------------------

    def _what(self, table: str, statement: str, row: Any) -> Iterator[str]:
        """The operations of one written row."""
        given = row if isinstance(row, Mapping) else {}
        about = f"{table} {self._operation(row)}".strip() if table == "outbox" else table
        inserted = statement.lstrip()[:6].upper() == "INSERT"
        if table in _STATES and "state" in given:
            yield f"commit: {about} {given['state']}"
            if given.get("cancel", "none") != "none":
                yield f"commit: {about} cancel {given['cancel']}"
        elif inserted and table in _INSERTED:
            yield f"commit: {about} {_INSERTED[table]}"
        if not inserted:
            settings = _SET.search(statement)
            columns = set(_COLUMN.findall(settings[1])) if settings else set()
            for column in sorted(columns & set(_CHANGED.get(table, {}))):
                yield f"commit: {about} {_CHANGED[table][column]}"

    def _operation(self, row: Any) -> str:
        if isinstance(row, Mapping) and "operation" in row:
            return str(row["operation"])
        return next((self._operations[text] for text in _texts(row) if text in self._operations), "")

    def _key(self, conn: sa.Connection, row: Any) -> str:
        """The order that a row belongs to by its name in the script, else its SKU; empty: none."""
        texts = list(_texts(row))
        for text in texts:
            for number in _NUMBER.findall(text):
                if name := self._name(number):
                    return name
        ids = [text for text in texts if _ID.fullmatch(text)]
        if any(id not in self._keys for id in ids):
            self._learn(conn)
            self._keys.update({id: "" for id in ids if id not in self._keys})
        return next((self._keys[id] for id in ids if self._keys[id]), "")

    def _name(self, number: str) -> str:
        if number not in self._names:
            self._names = json.loads(self._names_file.read_text())
        return self._names.get(number, "")

    def _learn(self, conn: sa.Connection) -> None:
        """Read what belongs to what, inside the very transaction."""

        def rows(sql: str) -> Any:
            return conn.exec_driver_sql(sql).all()

        for id, number in rows("SELECT id, number FROM customer_order"):
            self._keys[id] = self._name(number.removeprefix("#"))  # as Shopify shows it
        for table in _CHILDREN:
            for id, order in rows(f"SELECT id, order_id FROM {table}"):
                self._keys[id] = self._keys.get(order, "")
        for id, order, operation in rows("SELECT id, order_id, operation FROM outbox"):
            self._keys[id] = self._keys.get(order, "")
            self._operations[id] = operation
        offers = "SELECT o.id, l.id, l.remote_sku FROM offer_quantity o JOIN listing l ON l.id = o.listing_id"
        for offer, listing, sku in rows(offers):
            self._keys[offer] = self._keys[listing] = sku or ""


def _texts(row: Any) -> Iterator[str]:
    values = row.values() if isinstance(row, Mapping) else row or ()
    return (value for value in values if isinstance(value, str))


def main() -> None:
    """Listen, then be the program."""
    Watch(json.loads(Path(os.environ[VARIABLE]).read_text())).listen()
    from daemon import main as program

    program()


if __name__ == "__main__":
    main()
