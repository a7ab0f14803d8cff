"""A person's word on what waits: bounds with an end, counted at that moment, and planned again by the next push."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from config.errors import near
from config.units import BadUnit, duration
from connectors.contract import Kind
from sync.domain.clock import from_micros
from sync.domain.guards import Guard, Guards
from sync.domain.ids import AccountId
from sync.domain.plan import Field
from sync.domain.waiting import Topic, Via, Word
from sync.flows.names import FlowName
from sync.store import approvals, audit, guarded, holds, stock
from sync.store.approvals import Held
from sync.store.database import Store, Tx
from sync.store.guarded import Largest

MOST_LASTING = timedelta(hours=24)
_FIELD = {guard: field for field, guards in guarded.GUARDS.items() for guard in guards}
_PUSHES = {
    Field.QUANTITY: FlowName.PUSH_STOCK,
    Field.PRICE: FlowName.PUSH_PRICES,
    Field.STATE: FlowName.PUSH_LISTINGS,
}
_ALSO = {"figures_to_zero": Guard.FIGURES}
"""A guard's key in the mapping files, where it has another name there."""


class ApprovalRefused(Exception):
    """Nothing of the kind waits, or the bounds are none; the text says which and what to do."""


@dataclass(frozen=True, slots=True)
class Waits:
    """What one guard keeps back at one account, as `approve` lists it."""

    guard: str
    account: str
    waiting: int
    unsent: int
    sent: int
    limit: int
    of: int
    since: datetime
    largest: tuple[Largest, ...]


async def listed(store: Store, account: str | None = None, rows: int = 3) -> list[Waits]:
    """What waits now, each with its largest moves."""
    async with store.read() as tx:
        held = [one for one in await approvals.all_waiting(tx) if account in (None, one.account)]
        return [await _shown(tx, one, rows) for one in held]


async def waits_of(tx: Tx, account_id: AccountId, guard: str, rows: int) -> Waits | None:
    """What one guard keeps back at an account; None where it keeps nothing back any more."""
    held = (
        one
        for one in await approvals.all_waiting(tx)
        if (one.account_id, one.what.guard) == (account_id, guard)
    )
    found = next(held, None)
    return None if found is None else await _shown(tx, found, rows)


async def _shown(tx: Tx, held: Held, rows: int) -> Waits:
    found = held.what
    return Waits(
        found.guard,
        held.account,
        found.waiting,
        found.unsent,
        found.sent,
        found.limit,
        found.of,
        from_micros(found.since),
        tuple(await _largest(tx, held, rows)),
    )


async def _largest(tx: Tx, held: Held, rows: int) -> Sequence[Largest]:
    if held.guard is Guard.FIGURES:
        figures = await stock.waiting(tx, held.account_id, rows)
        return [Largest(one.sku, "", str(one.on_hand), str(one.waiting)) for one in figures]
    condition = guarded.condition(held.guard, _judged_by(held), tx.now())
    return await guarded.largest(tx, held.account_id, _FIELD[held.guard], condition, rows)


def _judged_by(held: Held) -> Guards:
    """The limits by which the last pass found it waiting."""
    share = held.what.share
    return Guards(price_move=None if share is None else Decimal(share))


async def approve(
    store: Store, args: Mapping[str, Any]
) -> tuple[dict[str, Any], Collection[tuple[AccountId, FlowName]]]:
    """Approve bounds. Returns what to tell, and the flows to wake. ApprovalRefused where nothing waits."""
    wake: set[tuple[AccountId, FlowName]] = set()
    told = []
    async with store.write() as tx:
        for held in _chosen(await approvals.all_waiting(tx), args):
            bounds = await approve_held(tx, held, args, Via.TERMINAL)
            if bounds is not None:
                told.append(bounds)
                wake.add((held.account_id, flow_of(held)))
    if not told:
        raise ApprovalRefused("nothing waits any more; see: entrepot approve")
    return {"approved": told}, wake


async def approve_held(tx: Tx, held: Held, args: Mapping[str, Any], via: Via) -> dict[str, Any] | None:
    """Approve what one guard keeps back, and take it from the queue.

    What goes beyond the bounds waits anew, and asks again. None where the guard keeps nothing back any more.
    """
    count = await _count(tx, held)
    if not count:
        return None
    most = count if args.get("most") is None else int(args["most"])
    expires_at = tx.clock.now() + _lasting(held, args.get("lasts"))
    await approvals.approve(
        tx, held.account_id, held.guard, most=most, expires_at=expires_at, who=args["who"]
    )
    await holds.settle(
        tx, Topic.GUARD, held.account_id, held.guard.value, Word.APPROVED, who=args["who"], via=via
    )
    subject = f"{held.guard.value} at {held.account}"
    until = expires_at.isoformat()
    await audit.record(
        tx, who=args["who"], what="guard approved", subject=subject, most=most, there=count, until=until
    )
    return {
        "guard": held.guard.value,
        "account": held.account,
        "there": count,
        "most": most,
        "until": until,
    }


async def _count(tx: Tx, held: Held) -> int:
    """What there is of it now."""
    if held.guard is Guard.FIGURES:
        return await stock.count_waiting(tx, held.account_id)
    condition = guarded.condition(held.guard, _judged_by(held), tx.now())
    found = await guarded.count(tx, held.account_id, _FIELD[held.guard], {held.guard: condition})
    return found[held.guard]


def _chosen(held: Sequence[Held], args: Mapping[str, Any]) -> list[Held]:
    if not held:
        raise ApprovalRefused("nothing waits for a person")
    guard = None if args.get("guard") is None else _guard(str(args["guard"]))
    account = args.get("account")
    chosen = [one for one in held if guard in (None, one.guard) and account in (None, one.account)]
    if not chosen:
        raise ApprovalRefused(f"nothing waits for {_named(guard, account)}; what waits: {_words(held)}")
    if len(chosen) > 1 and not args.get("all"):
        raise ApprovalRefused(
            f"several wait: {_words(chosen)}; name one with GUARD and --account, or say --all"
        )
    if len(chosen) > 1 and args.get("most") is not None:
        raise ApprovalRefused(f"--most is for one of them; {_words(chosen)} wait")
    return chosen


def _guard(text: str) -> Guard:
    names = {guard.value: guard for guard in Guard} | _ALSO
    if text in names:
        return names[text]
    hint = near(text, names)
    meant = f"; did you mean {hint}?" if hint else ""
    raise ApprovalRefused(f"there is no guard {text!r}; there are: {', '.join(Guard)}{meant}")


def _named(guard: Guard | None, account: str | None) -> str:
    words = [] if guard is None else [guard.value]
    return " at ".join(words + ([] if account is None else [account]))


def _words(held: Sequence[Held]) -> str:
    return ", ".join(f"{one.guard.value} at {one.account}" for one in held)


def _lasting(held: Held, text: str | None) -> timedelta:
    if text is None:
        return min(timedelta(seconds=held.what.lasts), MOST_LASTING)
    try:
        lasts = duration(text)
    except BadUnit as error:
        raise ApprovalRefused(f"--for: {error.what}; allowed: {error.allowed}") from None
    if lasts > MOST_LASTING:
        raise ApprovalRefused(
            "--for: an approval lasts a day at most; what it is about is another matter then"
        )
    return lasts


def flow_of(held: Held) -> FlowName:
    """The flow that looks again."""
    if held.guard is Guard.FIGURES:
        return FlowName.STOCK if held.kind == Kind.WAREHOUSE.value else FlowName.OFFERS
    return _PUSHES[_FIELD[held.guard]]
