"""What suppliers have refused of an order: where its units are held, who is not asked again, and who decides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connectors.contract import Kind
from sync.domain.confirm import HoldWanted
from sync.domain.ids import AccountId
from sync.domain.lifecycle import CancelState, Release, WorkState
from sync.domain.routing import LineKey
from sync.flows.flow import FlowContext
from sync.store.cases import StoredCase
from sync.store.fulfilments import Work


@dataclass(frozen=True, slots=True)
class Refused:
    """By line and SKU, the suppliers that would not send it; `n` is the last fulfilment that was refused."""

    by: Mapping[LineKey, frozenset[str]] = field(default_factory=dict)
    n: int = 0

    @property
    def accounts(self) -> frozenset[str]:
        """Everyone that refused anything of it."""
        return frozenset(account for accounts in self.by.values() for account in accounts)

    @property
    def hold(self) -> str:
        """The name of the hold that asks a person."""
        return f"supplier refused {self.n}"


def refused_of(ctx: FlowContext, case: StoredCase) -> Refused:
    """What is refused and was not asked for again by a person's word."""
    by: dict[LineKey, frozenset[str]] = {}
    last = 0
    for work in case.work:
        keys = _no(ctx, work)
        if not keys or f"supplier refused {work.n}" in case.decided:
            continue
        last = max(last, work.n)
        for key in keys:
            by[key] = by.get(key, frozenset()) | {work.account_id}
    return Refused(by, last)


def _no(ctx: FlowContext, work: Work) -> frozenset[LineKey]:
    view = ctx.accounts.get(AccountId(work.account_id))
    if view is None or view.kind is not Kind.SUPPLIER:
        return frozenset()
    if work.cancel in (CancelState.REQUESTED, CancelState.STOPPED):
        return frozenset()  # it was our wish
    whole = work.lines if work.state is WorkState.REFUSED else ()
    return frozenset((*work.refused, *whole))


def held_at(case: StoredCase, no: Refused) -> dict[LineKey, str]:
    """Where each line's missing units are to come from: where it is reserved, unless that was refused."""
    found: dict[LineKey, str] = {}
    for row in sorted(case.reservations, key=lambda row: (row.created_at, row.id)):
        key = row.order_line_id, row.sku
        if row.account_id not in no.by.get(key, frozenset()):
            found[key] = row.account_id
    return found


def asked_for(
    ctx: FlowContext, units: Mapping[LineKey, int], no: Refused, reasons: Sequence[str]
) -> HoldWanted:
    """Nobody else has it in time: a person decides."""
    named = ", ".join(f"{count} × {sku}" for (_, sku), count in sorted(units.items())[:5])
    who = ", ".join(sorted(ctx.accounts[AccountId(one)].name for one in no.accounts if one in ctx.accounts))
    because = f" ({'; '.join(reasons)})" if reasons else ""
    return HoldWanted(
        no.hold,
        f"{who} will not send {named}{because}, and nobody else has it in time",
        "Cancel those lines in the shop, or find goods: it goes on by itself when somebody has them. "
        "Release the order to ask the supplier again.",
        release=Release.AUTOMATIC,
    )
