"""What the shop is told of a request: our answer, pieces that are cancelled, and what came back."""

from typing import Any

from connectors.contract import CancelLines, Deadline, Done, Outcome, RequestAnswer, RequestReceipt
from sync.domain.aftersales import ChannelAnswer
from sync.flows.back.doing import ANSWER, CANCEL_LINES, RECEIVE, came_back
from sync.flows.back.situation import Matter, read
from sync.flows.flow import FlowContext, FlowName
from sync.flows.sending.sender import NotWanted, Prepared, Ready
from sync.flows.wakes import Wakes
from sync.store import issues, orders
from sync.store.back import cases
from sync.store.database import Tx
from sync.store.events import add_event
from sync.store.outbox import OutboxRow


class _OfCase:
    """A write to the shop about one case."""

    operation: str
    absolute = True
    done_words: str

    async def _matter(self, tx: Tx, ctx: FlowContext, row: OutboxRow) -> Matter | None:
        case = await cases.get(tx, row.payload["case"])
        return None if case is None else await read(tx, ctx, case)

    async def prepare(self, tx: Tx, ctx: FlowContext, row: OutboxRow) -> Prepared:
        matter = await self._matter(tx, ctx, row)
        request = None if matter is None else self.request(matter, row)
        return NotWanted("there is nothing to tell any more") if request is None else Ready(request)

    async def identify(self, tx: Tx, ctx: FlowContext, row: OutboxRow) -> Any | None:
        matter = await self._matter(tx, ctx, row)
        return None if matter is None else self.request(matter, row)

    def request(self, matter: Matter, row: OutboxRow) -> Any | None:
        raise NotImplementedError

    async def send(self, ctx: FlowContext, request: Any, deadline: Deadline) -> Outcome[None]:
        raise NotImplementedError

    async def look_up(self, ctx: FlowContext, request: Any, deadline: Deadline) -> Outcome[None]:
        return await self.send(ctx, request, deadline)

    async def done(
        self, tx: Tx, ctx: FlowContext, row: OutboxRow, outcome: Done[None], wakes: Wakes
    ) -> dict[str, Any]:
        await issues.clear(tx, _key(row))
        if row.order_id is not None:
            await add_event(tx, row.order_id, "told", f"{ctx.account.name} {self.done_words}")
        await cases.ask_review(tx, [row.payload["case"]])
        wakes.add(ctx.account.id, FlowName.WAY_BACK)
        return {}

    async def refused(self, tx: Tx, ctx: FlowContext, row: OutboxRow, reason: str, wakes: Wakes) -> None:
        case = await cases.get(tx, row.payload["case"])
        reference = "a request" if case is None else case.reference
        await issues.raise_issue(
            tx,
            key=_key(row),
            kind="return.not_told",
            account_id=ctx.account.id,
            order_id=row.order_id,
            subject=reference,
            what=f"{ctx.account.name} refuses {row.operation} for {reference}",
            why=reason,
            todo=f"Do it in the shop by hand, or mend the cause and run: entrepot issues retry {row.id}",
        )
        if row.order_id is not None:
            await add_event(tx, row.order_id, "not_told", f"{ctx.account.name} refused: {reason}")
        await cases.ask_review(tx, [row.payload["case"]])
        wakes.add(ctx.account.id, FlowName.WAY_BACK)

    async def dropped(self, tx: Tx, ctx: FlowContext, row: OutboxRow, reason: str, wakes: Wakes) -> None:
        del tx, ctx, row, reason, wakes


def _key(row: OutboxRow) -> str:
    return f"return.not_told:{row.id}"


class AnswerRequest(_OfCase):
    """Yes or no."""

    operation = ANSWER
    done_words = "has our answer"

    def request(self, matter: Matter, row: OutboxRow) -> RequestAnswer:
        answer = ChannelAnswer(row.payload["answer"])
        yes = answer in (ChannelAnswer.APPROVED, ChannelAnswer.STOPPED)
        remote = matter.request.remote
        return RequestAnswer(remote.external_id, remote.kind, yes, row.payload["reason"])

    async def send(self, ctx: FlowContext, request: RequestAnswer, deadline: Deadline) -> Outcome[None]:
        return await ctx.storefront.answer_request(request, deadline)


def _unsure(matter: Matter, line: str) -> int:
    """Pieces that other cases want stopped, and of which the warehouse has not said yet that they are."""
    return sum(one.standing.stops.get(line, 0) for one in matter.siblings if not one.standing.answered_as)


class CancelAtShop(_OfCase):
    """Pieces that were stopped are taken off the shop's order."""

    operation = CANCEL_LINES
    done_words = "has taken the stopped pieces off the order"

    def request(self, matter: Matter, row: OutboxRow) -> CancelLines | None:
        left = tuple(
            (line.external_id, most)
            for line in matter.order.lines
            if line.at_most is not None and line.quantity > (most := line.at_most + _unsure(matter, line.id))
        )
        if not left:
            return None
        return CancelLines(matter.order.row.external_id, left, matter.case.reference)

    async def send(self, ctx: FlowContext, request: CancelLines, deadline: Deadline) -> Outcome[None]:
        return await ctx.storefront.cancel_lines(request, deadline)


class ReceiveRequest(_OfCase):
    """What came back, in all. The shop may put good pieces into its own stock: its figure is not known any more."""

    operation = RECEIVE
    done_words = "shows what came back"

    def request(self, matter: Matter, row: OutboxRow) -> RequestReceipt | None:
        remote = matter.request.remote
        lines = tuple((line, good, other) for line, (good, other) in sorted(came_back(matter).items()))
        if not lines:
            return None
        complete = matter.custody.complete and matter.case.told.complete
        return RequestReceipt(remote.external_id, remote.kind, lines, complete)

    async def send(self, ctx: FlowContext, request: RequestReceipt, deadline: Deadline) -> Outcome[None]:
        return await ctx.storefront.receive_request(request, deadline)

    async def done(
        self, tx: Tx, ctx: FlowContext, row: OutboxRow, outcome: Done[None], wakes: Wakes
    ) -> dict[str, Any]:
        matter = await self._matter(tx, ctx, row)
        if matter is not None:
            good = {line: units for line, (units, _) in came_back(matter).items()}
            back = {
                line.variant_external_id: good[line.external_id]
                for line in matter.order.lines
                if line.external_id in good
            }
            await orders.shop_moved(tx, ctx.account.id, back)
            wakes.add(ctx.account.id, FlowName.PUSH_STOCK)
        return await super().done(tx, ctx, row, outcome, wakes)


__all__ = ["AnswerRequest", "CancelAtShop", "ReceiveRequest"]
