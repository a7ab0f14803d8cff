"""A request that people enter here: price protection, a part refund, goods once more, what a buyer asked by mail."""

from collections.abc import Mapping, Sequence

from sync.domain.aftersales import RequestKind
from sync.domain.clock import from_micros
from sync.domain.ids import AccountId
from sync.domain.money import Money
from sync.domain.requests import InsteadLine, RemoteRequest, RequestLine, RequestState
from sync.store.back import requests
from sync.store.cases import StoredCase
from sync.store.database import Tx


async def enter(
    tx: Tx,
    order: StoredCase,
    kind: RequestKind,
    lines: Mapping[str, tuple[int, int]],
    *,
    who: str,
    reason: str = "",
    instead: Sequence[InsteadLine] = (),
    tracking: Sequence[str] = (),
    price: Money | None = None,
) -> str:
    """Write a request down; its case is opened by the next pass. Returns its name, such as `by-hand-1`.

    `lines`: by the order line's external id, pieces and money without goods (minor units). `price`: what other goods
    of an exchange cost with tax; None: nobody knows, and a person is asked. The name counts an order's
    requests entered here, so that entering it anew after a backup was put back finds what was done for it.
    """
    account = AccountId(order.row.account_id)
    n = await requests.entered(tx, order.row.id) + 1
    remote = RemoteRequest(
        external_id=f"{order.row.external_id}/by-hand-{n}",
        order=order.row.external_id,
        kind=kind,
        state=RequestState.ASKED,
        lines=tuple(
            RequestLine(line, units, reason, allowance=money)
            for line, (units, money) in sorted(lines.items())
        ),
        asked_at=from_micros(tx.now()),
        instead=tuple(instead),
        tracking=tuple(tracking),
        price=price,
    )
    await requests.save(tx, account, remote, tx.now(), entered_by=who)
    return remote.external_id
