"""The deeds of a plan, written in the transaction that planned them. Doing them twice changes nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from connectors.contract import Capability, Kind, Operation
from sync.domain.aftersales import (
    Announce,
    AnswerChannel,
    ChannelAnswer,
    Charge,
    Deed,
    Dispose,
    Intercept,
    Interception,
    LetBack,
    MakeLabel,
    Owe,
    RequestKind,
    Reserve,
    Ship,
    Standing,
    StopWarehouse,
)
from sync.domain.custody import approve, figures
from sync.domain.ids import AccountId, OrderId
from sync.domain.ledger import balanced
from sync.domain.refunds import owe
from sync.domain.routing import LineKey
from sync.flows.asking import ask_review
from sync.flows.back import numbers
from sync.flows.back.houses import house_of
from sync.flows.back.situation import Matter
from sync.flows.flow import FlowContext, FlowName
from sync.flows.wakes import Wakes
from sync.store import cases as order_cases
from sync.store import issues, merging, order_lines, outbox
from sync.store.back import cases, goods, money
from sync.store.database import Tx
from sync.store.events import add_event

ANSWER, CANCEL_LINES, RECEIVE = "answer_request", "cancel_lines", "receive_request"
"""Outbox operations of the way back that decide or show something at the shop; each may be repeated."""


@dataclass(slots=True)
class Doer:
    """Writes the deeds of one case. `standing` is what was done for it, by now."""

    tx: Tx
    ctx: FlowContext
    matter: Matter
    wakes: Wakes
    standing: Standing

    @property
    def order_id(self) -> OrderId:
        """The order that the case belongs to."""
        return OrderId(self.matter.order.row.id)

    @property
    def shop(self) -> AccountId:
        """The shop that the request came from."""
        return AccountId(self.matter.order.row.account_id)

    async def do(self, deed: Deed) -> None:
        """Write one deed, and what was done."""
        match deed:
            case StopWarehouse(lines=lines):
                await self._stop(lines)
            case AnswerChannel(answer=answer, reason=reason):
                await self._answer(answer, reason)
            case Intercept(lines=lines):
                await self._intercept(lines)
            case LetBack(lines=lines):
                await self._let_back(lines)
            case MakeLabel():
                await self._label()
            case Announce(lines=lines):
                await self._announce(lines)
            case Dispose():
                await self._dispose(deed)
            case Owe():
                await self._owe(deed)
            case Charge(amount=amount):
                await self._charge(amount)
            case Reserve(goods=units):
                await self._reserve(units)
            case Ship():
                await self._ship()
        await cases.stand(self.tx, self.matter.case.id, self.standing)

    async def _event(self, kind: str, what: str, **data: object) -> None:
        await add_event(self.tx, self.order_id, kind, f"{self.matter.case.reference}: {what}", **data)

    async def _stop(self, lines: Mapping[str, int]) -> None:
        """No more of these lines leaves: the order's own review asks the warehouse to stop what it has."""
        known = {line.id: line for line in self.matter.order.lines}
        most: dict[str, int | None] = {}
        stops: dict[str, int] = {}
        for line, pieces in lines.items():
            limit = known[line].at_most
            now = known[line].quantity if limit is None else limit
            stops[line] = min(now, pieces)
            most[line] = now - stops[line]
        await order_cases.limit_lines(self.tx, most)
        self.standing = replace(self.standing, stop_asked=True, stops=stops)
        await self._event("stop_asked", f"{sum(lines.values())} piece(s) shall not leave")
        await ask_review(self.tx, self.order_id, self.wakes)

    async def _answer(self, answer: ChannelAnswer, reason: str) -> None:
        """Tell the shop, where it asked; cancelled pieces are taken off its order first."""
        request, case = self.matter.request, self.matter.case
        self.standing = replace(self.standing, answered=answer)
        await self._event("answered", f"{answer.value}{f': {reason}' if reason else ''}")
        manifest = self.ctx.manifests[self.shop]
        stopped = case.kind == RequestKind.CANCELLATION and answer != ChannelAnswer.REFUSED
        if stopped:
            last = max(one.standing.answered_as for one in self.matter.siblings)
            self.standing = replace(self.standing, answered_as=last + 1)
        if stopped and manifest.can(Capability.CANCEL_LINES):
            await self._queue(CANCEL_LINES, money.aggregate(self.order_id), "1", {"case": case.id})
        if request.entered_by is None and manifest.can(Capability.ANSWER_REQUEST):
            await self._queue(
                ANSWER,
                f"request:{request.id}",
                answer.value,
                {"case": case.id, "answer": answer.value, "reason": reason},
            )

    async def _queue(self, operation: str, aggregate: str, n: str, payload: Mapping[str, object]) -> None:
        """A write to the shop that asked, once per case and `n`."""
        key = f"{operation}:{self.shop}:{self.matter.name}:{n}"
        await outbox.enqueue(
            self.tx,
            account_id=self.shop,
            operation=operation,
            key=key,
            aggregate=aggregate,
            payload=payload,
            order_id=self.order_id,
            config_version=self.ctx.rulebook.version,
        )
        self.wakes.add(self.shop, FlowName.OUTBOX)

    async def _intercept(self, lines: Mapping[str, int]) -> None:
        """Ask the couriers that can turn parcels round; where none can, a person hears of it."""
        asked = False
        for parcel in self.matter.order.parcels:
            ours = parcel.courier_id is not None and parcel.left_at is not None and parcel.ended_at is None
            if not ours or not any(line in lines for line, _ in parcel.lines):
                continue
            courier = AccountId(str(parcel.courier_id))
            manifest = self.ctx.manifests.get(courier)
            if manifest is None or not manifest.can(Capability.INTERCEPT) or parcel.tracking is None:
                continue
            if await merging.alive_beside(self.tx, parcel.id, parcel.label_of):
                await self._event("intercept", f"{parcel.tracking} carries goods of another order, too")
                continue
            await outbox.enqueue(
                self.tx,
                account_id=courier,
                operation=Operation.INTERCEPT.value,
                key=f"intercept:{courier}:{parcel.tracking}",
                aggregate=f"parcel:{parcel.id}",
                payload={"parcel": parcel.id, "case": self.matter.case.id},
                order_id=self.order_id,
                config_version=self.ctx.rulebook.version,
            )
            self.wakes.add(courier, FlowName.OUTBOX)
            asked = True
        how = Interception.ASKED if asked else Interception.FAILED
        self.standing = replace(self.standing, interception=how)
        await self._event("intercept", "asked to turn round" if asked else "no courier can turn it round")

    async def _let_back(self, lines: Mapping[LineKey, int]) -> None:
        custody = self.matter.custody
        for key, units in lines.items():
            custody = approve(custody, key, units, self.tx.now())
        await goods.write_lines(self.tx, self.matter.case.id, custody.lines)

    async def _label(self) -> None:
        """Queue a label at the first live courier that makes such; else the buyer sends by himself."""
        self.standing = replace(self.standing, label=True)
        courier = next(
            (
                one
                for one in self.ctx.of_kind(Kind.COURIER)
                if one.live and self.ctx.manifests[one.id].can(Capability.BOOK)
            ),
            None,
        )
        house = self._house()
        if courier is None or house is None or self.ctx.accounts[house].sender is None:
            await self._event("no_label", "no courier makes a label for the way back: the buyer sends it")
            return
        await outbox.enqueue(
            self.tx,
            account_id=courier.id,
            operation=RETURN_LABEL,
            key=f"{RETURN_LABEL}:{self.shop}:{self.matter.name}",
            aggregate=f"label:{self.matter.case.id}",
            payload={"case": self.matter.case.id, "warehouse": house},
            order_id=self.order_id,
            config_version=self.ctx.rulebook.version,
        )
        self.wakes.add(courier.id, FlowName.OUTBOX)

    def _house(self) -> AccountId | None:
        return house_of(self.ctx, self.matter.order)

    async def _announce(self, lines: Mapping[LineKey, int]) -> None:
        """What comes back and the warehouse does not know of yet."""
        before = self.standing.announced
        self.standing = replace(self.standing, announced=dict(lines))
        house = self._house()
        takes = house is not None and self.ctx.manifests[house].can(Capability.RETURN_RECEIPTS)
        units: dict[str, int] = {}
        for key, count in lines.items():
            if count > before.get(key, 0):
                units[key[1]] = units.get(key[1], 0) + count - before.get(key, 0)
        if not units:
            return
        if house is None or not takes:
            await self._event("not_announced", "no warehouse takes announcements of returns")
            return
        n = await outbox.count_of(self.tx, f"back:{self.matter.case.id}") + 1
        reference = self.matter.case.reference if n == 1 else f"{self.matter.case.reference}+{n}"
        await outbox.enqueue(
            self.tx,
            account_id=house,
            operation=Operation.ANNOUNCE_RETURN.value,
            key=f"{Operation.ANNOUNCE_RETURN.value}:{self.shop}:{self.matter.name}:{n}",
            aggregate=f"back:{self.matter.case.id}",
            payload={
                "case": self.matter.case.id,
                "reference": reference,
                "units": units,
                "number": numbers.known(self.matter),
            },
            order_id=self.order_id,
            config_version=self.ctx.rulebook.version,
        )
        self.wakes.add(house, FlowName.OUTBOX)
        await self._event("announced", f"{sum(units.values())} unit(s) announced to the warehouse")

    async def _dispose(self, deed: Dispose) -> None:
        """Say where the units go: warehouses are told by people."""
        sku = deed.key[1]
        instructed = {**self.standing.instructed, (deed.key, deed.disposal): deed.units}
        self.standing = replace(self.standing, instructed=instructed)
        where = deed.disposal.value.replace("_", " ")
        await self._event("goes", f"{deed.units} × {sku}: {where}")
        await issues.raise_issue(
            self.tx,
            key=dispose_key(self.matter.case.id, sku, deed.disposal.value),
            kind="return.goes",
            account_id=self._house(),
            order_id=self.order_id,
            subject=self.matter.case.reference,
            what=f"{self.matter.case.reference}: {deed.units} × {sku} shall be {where}",
            why=f"rule {self.matter.case.verdict.rule if self.matter.case.verdict else ''!r} of returns says so",
            todo="Book it so at the warehouse; this clears by itself when it is.",
            owner=self.matter.case.owner,
        )

    async def _owe(self, deed: Owe) -> None:
        ledger = self.matter.ledger
        if ledger is None:
            return
        owed = owe(ledger, self.matter.name, deed.wanted, deed.less, self.matter.before)
        await cases.owe(self.tx, self.matter.case.id, owed.ledger.dues[self.matter.name])
        await self._write(owed.ledger)
        amount = ledger.money(owed.ledger.dues[self.matter.name].amount)
        await self._event("owed", f"{amount} is owed{f': {owed.reason}' if owed.reason else ''}")

    async def came_up(self) -> bool:
        """Nothing is owed yet; what people gave back until now was before the case came up. Whether that was new."""
        ledger, case = self.matter.ledger, self.matter.case
        if ledger is None or case.due is not None:
            return False
        await cases.owe(self.tx, case.id, owe(ledger, self.matter.name, {}, 0).ledger.dues[self.matter.name])
        return True

    async def balance(self) -> bool:
        """What people gave back meanwhile counts: planned refunds shrink or go. Whether that changed any."""
        ledger = self.matter.ledger
        return ledger is not None and await self._write(balanced(ledger))

    async def _write(self, after: object) -> bool:
        ledger = self.matter.ledger
        if ledger is None or not isinstance(after, type(ledger)):
            return False
        version = self.ctx.rulebook.version
        changed = await money.write(self.tx, self.shop, self.order_id, ledger, after, config_version=version)
        if changed:
            self.wakes.add(self.shop, FlowName.OUTBOX)
        return changed

    async def _charge(self, amount: int) -> None:
        self.standing = replace(self.standing, charge_asked=True)
        await self._event("charge", f"the buyer owes {self.matter.order.row.currency} {amount} minor units")

    async def _reserve(self, units: Mapping[str, int]) -> None:
        """The other goods are order lines: those that the shop put there, else lines of our own. They wait."""
        self.standing = replace(self.standing, reserved=True)
        lines = list(self._instead_lines())
        if not lines:
            lines = await order_lines.add(self.tx, self.order_id, self.matter.case.reference, units)
        await order_cases.let_wait(self.tx, lines, wait=True)
        await self._event("reserved", f"{sum(units.values())} unit(s) are held for it")
        await ask_review(self.tx, self.order_id, self.wakes)

    async def _ship(self) -> None:
        self.standing = replace(self.standing, sent=True)
        await order_lines.take_up(self.tx, self.order_id, self.matter.case.reference)
        ours = [
            line.id
            for line in self.matter.order.lines
            if line.external_id.startswith(order_lines.name_of(self.matter.case.reference, ""))
        ]
        await order_cases.let_wait(self.tx, [*self._instead_lines(), *ours], wait=False)
        await self._event("let_go", "the other goods may leave")
        await ask_review(self.tx, self.order_id, self.wakes)

    def _instead_lines(self) -> Iterator[str]:
        known = self.matter.lines
        for one in self.matter.request.remote.instead:
            if one.line is not None and one.line in known:
                yield known[one.line].id

    async def show(self, *, stays_open: bool = False) -> None:
        """Tell the shop, where it shows that, what came back: pieces in all, and whether that ends the request."""
        manifest = self.ctx.manifests[self.shop]
        request = self.matter.request
        if request.entered_by is not None or not manifest.can(Capability.RECEIVE_REQUEST):
            return
        back = came_back(self.matter)
        complete = self.matter.custody.complete and not stays_open
        told = cases.Told(back, complete)
        if not back or self.matter.case.told == told:
            return
        await cases.tell(self.tx, self.matter.case.id, told)
        n = "-".join(f"{one}.{other}" for one, other in (back[line] for line in sorted(back)))
        await self._queue(
            RECEIVE,
            f"request:{request.id}",
            f"{n}{':all' if complete else ''}",
            {"case": self.matter.case.id},
        )


RETURN_LABEL = "return_label"


def dispose_key(case_id: str, sku: str, disposal: str) -> str:
    """The issue that says where units go."""
    return f"return.goes:{case_id}:{sku}:{disposal}"


def came_back(matter: Matter) -> dict[str, tuple[int, int]]:
    """By the shop's line: whole pieces that are back and inspected: good ones, and others."""
    external = {line.id: line for line in matter.order.lines}
    good: dict[str, dict[str, int]] = {}
    other: dict[str, dict[str, int]] = {}
    for one in figures(matter.custody).lines:
        line, sku = one.key
        per = (external[line].components or {}).get(sku, 1) if line in external else 1
        sound = sum(units for condition, units in one.conditions.items() if condition.value == "good")
        good.setdefault(line, {})[sku] = sound // per
        other.setdefault(line, {})[sku] = (one.inspected - sound) // per
    return {
        external[line].external_id: (min(good[line].values()), max(other[line].values()))
        for line in good
        if line in external and (any(good[line].values()) or any(other[line].values()))
    }
