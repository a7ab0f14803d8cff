"""Records of a vendor that do not fit their description: kept as they came, told, and no obstacle to the others."""

from collections.abc import Iterable
from datetime import datetime

from connectors.contract import Broken
from sync.domain.clock import to_micros
from sync.flows.flow import FlowContext
from sync.store import broken, issues
from sync.store.database import Tx
from sync.telemetry import metrics


async def keep_broken(tx: Tx, ctx: FlowContext, feed: str, record: Broken) -> None:
    """A record that does not fit its description is kept as it came, and told."""
    external_id = record.external_id or "unknown"
    raw = b"" if ctx.account.masked else record.raw
    fresh = await broken.keep(
        tx, account_id=ctx.account.id, feed=feed, external_id=external_id, why=record.why, raw=raw
    )
    if fresh:
        metrics.RECORDS_BROKEN.labels(ctx.account.name, feed).inc()
    await issues.raise_issue(
        tx,
        key=_key(ctx, feed, external_id),
        kind="record.broken",
        account_id=ctx.account.id,
        subject=f"{ctx.account.name}/{external_id}",
        what=f"a record of {feed} from {ctx.account.name} cannot be read: {external_id}",
        why=record.why,
        todo="The record is kept. Correct it at the vendor, or report it with the connector's name; "
        "it is read again by itself.",
    )


async def readable_again(tx: Tx, ctx: FlowContext, feed: str, external_ids: Iterable[str]) -> None:
    """These were read rightly: what was told of them is cleared."""
    for external_id in await broken.resolve(tx, ctx.account.id, feed, external_ids):
        await issues.clear(tx, _key(ctx, feed, external_id))


async def whole_again(tx: Tx, ctx: FlowContext, feed: str, since: datetime | None) -> None:
    """Everything was read since then: what was not broken in it is gone, or came under another name."""
    if since is None:
        return
    for external_id in await broken.resolve_unseen(tx, ctx.account.id, feed, to_micros(since)):
        await issues.clear(tx, _key(ctx, feed, external_id))


def _key(ctx: FlowContext, feed: str, external_id: str) -> str:
    """The issue of a record that cannot be read."""
    return f"record.broken:{ctx.account.id}:{feed}:{external_id}"
