"""One case of the way back as people read it: its verdict, its goods, its money, and what it asks."""

from typing import Any

from sync.domain.custody import figures
from sync.domain.ids import OrderId
from sync.engine.returning import case_named
from sync.store import cases, holds, orders
from sync.store.back import cases as back
from sync.store.back import goods, money
from sync.store.back.cases import BackCase
from sync.store.cases import StoredCase
from sync.store.database import Tx


async def document(tx: Tx, reference: str) -> dict[str, Any]:
    """One case as people read it: no personal data."""
    case = await case_named(tx, reference)
    order = await cases.load(tx, case.order_id) if case.order_id is not None else None
    custody = await goods.custody(tx, case)
    seen = figures(custody)
    told: dict[str, Any] = {
        "case": case.reference,
        "state": case.state,
        "kind": case.kind.value if case.kind else "unannounced goods",
        "answer": case.verdict.answer.value if case.verdict else "not judged yet",
        "rule": case.verdict.rule if case.verdict else "",
        "decided_by": case.decided_by or "",
        "owner": case.owner,
        "due_at": case.due_at,
        "told_the_shop": case.standing.answered.value if case.standing.answered else "",
        "waits": case.waits,
        "opened_at": case.opened_at,
        "closed_at": case.closed_at,
        "goods": [
            {
                "sku": line.key[1],
                "announced": line.advised,
                "let_back": line.approved,
                "received": line.received,
                "missing": line.missing,
                **{condition.value: units for condition, units in line.conditions.items()},
                "went": {goes.value: units for goes, units in line.disposed.items()},
            }
            for line in seen.lines
        ],
        "beyond": [{"sku": one.sku, "units": one.units} for one in seen.surplus],
        "questions": [
            {
                "hold": one.id,
                "rule": one.rule,
                "why": one.reason,
                "todo": one.todo,
                "since": one.opened_at,
                "said": one.word.value if one.word else "",
            }
            for one in await holds.open_about(tx, case.id)
        ],
    }
    if order is not None and case.order_id is not None:
        told |= await _money(tx, order, case)
    return told


async def _money(tx: Tx, order: StoredCase, case: BackCase) -> dict[str, Any]:
    shop = await orders.shop_name(tx, order.row.account_id)
    known = await back.of_order(tx, OrderId(order.row.id))
    ledger = await money.ledger(tx, f"{shop}/{order.row.number}", order, known)
    if ledger is None:
        return {"order": f"{shop}/{order.row.number}", "refunds": []}
    due = case.due
    return {
        "order": ledger.order,
        "paid": str(ledger.money(ledger.paid)),
        "owed": str(ledger.money(due.amount)) if due is not None else "",
        "refunds": [
            {
                "key": one.key,
                "amount": str(ledger.money(one.amount)),
                "state": one.state.value,
                "why": one.reason,
            }
            for one in ledger.refunds.values()
            if due is None or one.case == due.case
        ],
        "given_by_people": [
            {"refund": one.external_id, "amount": str(ledger.money(one.amount)), "meant": one.meant.value}
            for one in ledger.by_people
        ],
    }
