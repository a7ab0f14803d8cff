"""From the catalogue's table to what every listing shall say: stored beside what its shop took; what differs is sent.

Only a listing that sells one piece of one SKU says what the table says of that SKU: a pack or a set is another thing.
What the table does not own stays the shop's: it is named to the connector as kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from connectors.contract import Capability, Deadline, Done, Outcome, PutListing, Rejected, Retry
from sync.domain.clock import to_micros
from sync.domain.listing import RemoteVariant
from sync.flows.flow import FlowContext
from sync.flows.selling.inability import Inability
from sync.flows.selling.tally import Tally
from sync.flows.side_by_side import side_by_side
from sync.store import issues, offer_contents, offer_facts
from sync.store.database import Tx
from sync.store.locking import lock_contents
from sync.store.offer_contents import DesiredContent, StoredContent, UnsentContent

_BATCHES = 5
_TOGETHER = 20
"""So many go in one call: a connector may need several requests for each, and pictures take their time."""
_SOON = timedelta(seconds=15)


CANNOT = Inability(
    Capability.PUT_LISTINGS,
    kind="content.cannot",
    unsent=offer_contents.count_unsent,
    what="the connector {connector} cannot write content: {shop} keeps its own",
    why="{unsent} listing(s) do not say what the table of content says",
    todo="Write it in the shop by hand, or leave {shop} out of `accounts` under `content:`.",
)


@dataclass(frozen=True, slots=True)
class WorkedOut:
    """What listings shall say, and those of which the catalogue owns nothing."""

    desired: tuple[DesiredContent, ...]
    left: tuple[str, ...]


async def work_out(tx: Tx, ctx: FlowContext, listing_ids: Sequence[str]) -> WorkedOut:
    """What these listings shall say by the rules in `ctx`; nothing is written."""
    desired = []
    if ctx.rulebook.contents.rows:
        for row in await offer_facts.listed(tx, listing_ids):
            if list(row.components.values()) != [1]:
                continue
            (sku,) = row.components
            content = ctx.rulebook.content(row.account, sku)
            if content is not None:
                kept = StoredContent(content.title, content.description, content.pictures)
                one = DesiredContent(row.listing_id, row.account_id, row.external_id, kept, content.digest)
                desired.append(one)
    owned = {one.listing_id for one in desired}
    return WorkedOut(tuple(desired), tuple(one for one in listing_ids if one not in owned))


async def write_down(tx: Tx, ctx: FlowContext, listing_ids: Sequence[str]) -> bool:
    """Store what these listings shall say: they are new, bound otherwise, or ruled otherwise. Whether any is to."""
    ctx = ctx.ruled_now()
    worked = await work_out(tx, ctx, listing_ids)
    freed = await offer_contents.want(tx, worked.desired, ctx.rulebook.version)
    freed += await offer_contents.release(tx, worked.left)
    await issues.clear_all(tx, [refused_key(listing) for listing in freed])
    return bool(worked.desired)


async def rules_changed(tx: Tx, ctx: FlowContext, listing_ids: Sequence[str]) -> None:
    """New rules rule these listings; what was refused is tried again."""
    retried = await offer_contents.forget_refusals(tx, listing_ids)
    await issues.clear_all(tx, [refused_key(listing) for listing in retried])
    await write_down(tx, ctx, listing_ids)


async def reread(
    tx: Tx,
    ctx: FlowContext,
    variants: Sequence[RemoteVariant],
    changed: Sequence[str],
    begun: datetime,
) -> bool:
    """A page of listings, read from `begun` on, `changed` of which (our ids) are new or not what they were.

    What people changed of the catalogue's content in the shop is sent again. Whether any is to be sent.
    """
    since = begun - ctx.manifest.limits.lag
    drifted = await offer_contents.note_shown(tx, ctx.account.id, variants, since)
    return await write_down(tx, ctx, changed) or bool(drifted)


async def push(ctx: FlowContext, tally: Tally) -> bool:
    """Send some batches. Whether there may be more."""
    limit = _BATCHES * _TOGETHER
    async with ctx.store.read() as tx:
        rows = await offer_contents.unsent(tx, ctx.account.id, limit)
    limits = replace(ctx.manifest.limits, batch_items=min(_TOGETHER, ctx.manifest.limits.batch_items))
    await side_by_side(limits, rows, partial(_send, ctx, tally))
    return len(rows) == limit


async def _send(ctx: FlowContext, tally: Tally, rows: Sequence[UnsentContent]) -> None:
    batch = [_request(row) for row in rows]
    answers = await ctx.storefront.put_listings(batch, Deadline.after(ctx.timing.call_seconds))
    async with ctx.store.write(ctx.fence) as tx:
        await lock_contents(tx, [row.listing_id for row in rows])
        await _book(tx, ctx, rows, answers, tally)


async def _book(
    tx: Tx,
    ctx: FlowContext,
    rows: Sequence[UnsentContent],
    answers: Mapping[str, Outcome[str]],
    tally: Tally,
) -> None:
    """What the shop says to each item. An answer that is in doubt is asked again: content may be written twice."""
    now = ctx.clock.now()
    taken: list[UnsentContent] = []
    for row in rows:
        answer = answers.get(row.listing_id)
        if isinstance(answer, Done):
            taken.append(row)
            tally.sent += 1
        elif isinstance(answer, Rejected):
            tally.refused += 1
            if await offer_contents.refuse(tx, row.id, row.desired, answer.reason):
                await _tell_refused(tx, ctx, row, answer.reason)
        else:
            tally.waiting += 1
            after = answer.after if isinstance(answer, Retry) and answer.after else _SOON
            await offer_contents.postpone(tx, [row.id], to_micros(now + after))
    await offer_contents.acknowledge(tx, {row.id: row.desired for row in taken})
    await issues.clear_all(tx, [refused_key(row.listing_id) for row in taken])


def _request(row: UnsentContent) -> PutListing:
    owned = row.content
    texts = {"title": owned.title, "description": owned.description}
    return PutListing(
        key=row.listing_id,
        external_id=row.external_id,
        title=row.title if owned.title is None else owned.title,
        description=row.description if owned.description is None else owned.description,
        sku=row.sku,
        pictures=owned.pictures or (),
        kept=frozenset(name for name, text in texts.items() if text is None),
    )


async def _tell_refused(tx: Tx, ctx: FlowContext, row: UnsentContent, why: str) -> None:
    shop = ctx.account.name
    await issues.raise_issue(
        tx,
        key=refused_key(row.listing_id),
        kind="content.refused",
        account_id=ctx.account.id,
        subject=f"{shop}:{row.external_id}",
        what=f"{shop} refuses the texts or pictures of {row.external_id}",
        why=why,
        todo="Mend its row in the table of content, or the listing in the shop; it is sent again when the row or the "
        "rules change.",
    )


def refused_key(listing: str) -> str:
    """The issue of content that the shop refused."""
    return f"content.refused:{listing}"
