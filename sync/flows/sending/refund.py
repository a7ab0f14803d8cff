"""Give money back, once a key: looked at again at the very moment of sending.

A refund goes out only while the case still plans it, the balance of the order's money plans it with this amount,
that money was read from the shop within the minute and after our last write to it was answered, and the hour's limits
leave room for what no person decided. Else the case is looked at first, which reads the shop.
"""

from datetime import timedelta
from typing import Any

from connectors.contract import Deadline, Done, Outcome, RefundRequest
from sync.domain.clock import from_micros, to_micros
from sync.domain.confirm import HoldWanted
from sync.domain.guards import refunds_over
from sync.domain.ids import AccountId, OrderId
from sync.domain.ledger import RefundState, balanced
from sync.domain.lifecycle import Release
from sync.domain.money import Money
from sync.domain.waiting import About, Topic, Word
from sync.domain.way_back import plan
from sync.flows.back.situation import Matter, read, situation
from sync.flows.flow import FlowContext, FlowName
from sync.flows.sending.sender import NotWanted, NotYet, Prepared, Ready
from sync.flows.wakes import Wakes
from sync.store import holds, issues
from sync.store.back import cases, money, requests
from sync.store.database import Tx
from sync.store.events import add_event
from sync.store.outbox import OutboxRow
from sync.telemetry import metrics

LIMIT = "limit of automatic refunds"
_HOUR = timedelta(hours=1)
_ASKED = timedelta(minutes=5)
_SOON, _AGAIN = timedelta(seconds=5), timedelta(seconds=30)
"""How long a look at the case takes, and how long it is waited for when it has failed once."""
_FRESH = timedelta(minutes=1)
_ROUNDS = 3
"""So many passes of the outbox a reading lasts at least, however rare they are."""


class GiveBack:
    """One refund of one case."""

    operation = money.REFUND
    absolute = False

    async def prepare(self, tx: Tx, ctx: FlowContext, row: OutboxRow) -> Prepared:
        matter = await self._matter(tx, ctx, row)
        if matter is None or matter.ledger is None or matter.case.verdict is None:
            return NotWanted("the case that it was for is no longer stored")
        kind = matter.case.kind or matter.request.remote.kind
        if plan(situation(matter, matter.case.verdict, kind)).money_held:
            return NotYet("a person is asked about this case first", _ASKED)
        refund = balanced(matter.ledger).refunds.get(row.key)
        if refund is None or refund.state != RefundState.PLANNED or refund.amount != row.payload["amount"]:
            return await _look_first(tx, matter, row, "what the case is owed has changed")
        if not matter.case.verdict.by_person and (late := await self._over(tx, ctx, row)) is not None:
            return late
        if not await money.read_since_written(tx, OrderId(matter.order.row.id), _oldest(tx, ctx)):
            return await _look_first(tx, matter, row, money.READ_FIRST)
        return Ready(_request(matter, row))

    async def _over(self, tx: Tx, ctx: FlowContext, row: OutboxRow) -> NotYet | None:
        """Why it waits: a person said no when it waited, or the hour's limits leave no room, which is told."""
        said = (await holds.decided(tx, Topic.REFUND, ctx.account.id)).get(LIMIT)
        spoken = said is not None and row.created_at <= said.at
        if said is not None and spoken and said.word is Word.REJECTED:
            return NotYet(f"{said.who} said that the money does not move", _ASKED)
        since = to_micros(from_micros(tx.now()) - _HOUR)
        sent = await money.sent_since(tx, ctx.account.id, since)
        amount = Money(row.payload["amount"], row.payload["currency"])
        why = refunds_over(ctx.rulebook.guards, sent, amount)
        key = limited_key(ctx.account.id)
        if why and spoken:
            return None
        await _end_asked(tx, ctx.account.id, room=not why)
        if not why:
            await issues.clear(tx, key)
            return None
        metrics.REFUNDS.labels(ctx.account.name, "limited").inc()
        what = f"refunds at {ctx.account.name} wait: {why}"
        asks = HoldWanted(
            LIMIT,
            f"{why}; a fault or a fraud looks like this",
            "Look at the cases with `entrepot returns list`. A yes lets go what waits by then.",
            Release.MANUAL,
        )
        name, wakes = ctx.account.name, FlowName.OUTBOX.value
        worth = await money.waiting(tx, ctx.account.id)
        about = About(Topic.REFUND, ctx.account.id, name, ctx.account.id, value=worth, wakes=wakes)
        hold = await holds.keep_one(tx, about, asks, tell=False)
        await issues.raise_issue(
            tx,
            key=key,
            kind="refund.limited",
            account_id=ctx.account.id,
            subject=name,
            what=what,
            why="more than the limit of automatic refunds within an hour; a fault or a fraud looks like this",
            todo=f"Look at the cases with `entrepot returns list`. If they are right: entrepot holds approve {hold}, "
            "or raise `guards: refunds` in the mappings. They go on by themselves when an hour has passed.",
        )
        return NotYet(why, _ASKED)

    async def _matter(self, tx: Tx, ctx: FlowContext, row: OutboxRow) -> Matter | None:
        request = await requests.of_account(tx, ctx.account.id, row.payload["case"])
        case = await cases.of_request(tx, request.id) if request is not None else None
        return None if case is None else await read(tx, ctx, case)

    async def identify(self, tx: Tx, ctx: FlowContext, row: OutboxRow) -> RefundRequest | None:
        matter = await self._matter(tx, ctx, row)
        return None if matter is None else _request(matter, row)

    async def send(self, ctx: FlowContext, request: RefundRequest, deadline: Deadline) -> Outcome[Money]:
        return await ctx.storefront.refund(request, deadline)

    async def look_up(self, ctx: FlowContext, request: RefundRequest, deadline: Deadline) -> Outcome[Money]:
        return await ctx.storefront.find_refund(request, deadline)

    async def done(
        self, tx: Tx, ctx: FlowContext, row: OutboxRow, outcome: Done[Money], wakes: Wakes
    ) -> dict[str, Any]:
        amount = row.payload["amount"] if outcome.echo is None else outcome.echo.minor
        await self._heard(
            tx, ctx, row, wakes, "refunded", f"{Money(amount, row.payload['currency'])} given back"
        )
        metrics.REFUNDS.labels(ctx.account.name, "done").inc()
        return {"refund": outcome.external_id, "amount": amount}

    async def refused(self, tx: Tx, ctx: FlowContext, row: OutboxRow, reason: str, wakes: Wakes) -> None:
        metrics.REFUNDS.labels(ctx.account.name, "refused").inc()
        await self._heard(
            tx, ctx, row, wakes, "refund_refused", f"{ctx.account.name} refuses a refund: {reason}"
        )

    async def dropped(self, tx: Tx, ctx: FlowContext, row: OutboxRow, reason: str, wakes: Wakes) -> None:
        metrics.REFUNDS.labels(ctx.account.name, "dropped").inc()
        await self._heard(tx, ctx, row, wakes, "refund_dropped", f"a refund is no longer wanted: {reason}")

    async def _heard(
        self, tx: Tx, ctx: FlowContext, row: OutboxRow, wakes: Wakes, kind: str, what: str
    ) -> None:
        """What became of it is a fact that the case is planned from anew."""
        if row.order_id is not None:
            await add_event(tx, row.order_id, kind, what, refund=row.key)
        request = await requests.of_account(tx, ctx.account.id, row.payload["case"])
        case = await cases.of_request(tx, request.id) if request is not None else None
        if case is not None:
            await cases.reopen(tx, case.id)
            wakes.add(ctx.account.id, FlowName.WAY_BACK)


def limited_key(account: AccountId) -> str:
    """The issue of automatic refunds that wait for room in the hour."""
    return f"refund.limited:{account}"


async def _end_asked(tx: Tx, account: AccountId, *, room: bool) -> None:
    """End a question when there is room; one answered by no when nothing that it keeps waits, or more has come."""
    for one in await holds.open_about(tx, account):
        if (one.topic, one.rule) != (Topic.REFUND, LIMIT):
            continue
        ends = room
        if one.decided_at is not None:
            ends = not room or not await money.waits(tx, account, to_micros(one.decided_at))
        if ends:
            await holds.close(tx, one.id, holds.CAUSE_GONE)


def _oldest(tx: Tx, ctx: FlowContext) -> int:
    """When the order's money must have been read at the earliest, in microseconds."""
    passes = timedelta(seconds=_ROUNDS * ctx.timing.intervals.get(FlowName.OUTBOX, 0.0))
    return to_micros(from_micros(tx.now()) - max(_FRESH, passes))


async def _look_first(tx: Tx, matter: Matter, row: OutboxRow, why: str) -> NotYet:
    """The case is looked at, also where it was done: that reads the shop, and writes the balance anew."""
    await cases.reopen(tx, matter.case.id)
    return NotYet(why, _AGAIN if row.last_error == why else _SOON, FlowName.WAY_BACK)


def _request(matter: Matter, row: OutboxRow) -> RefundRequest:
    external = {line.id: line.external_id for line in matter.order.lines}
    due = matter.case.due
    first = row.payload["n"] == 1 and due is not None
    lines = [
        (external[line], one.units)
        for line, one in (due.claims.items() if due is not None and first else ())
        if one.units and line in external
    ]
    kind = (matter.case.kind or matter.request.remote.kind).value.replace("_", " ")
    return RefundRequest(
        key=row.key,
        order=matter.order.row.external_id,
        amount=Money(row.payload["amount"], row.payload["currency"]),
        payment=None,
        lines=tuple(lines),
        restock=False,
        reason=f"{kind} {matter.case.reference}",
    )
