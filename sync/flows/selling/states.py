"""From rules and quantities to whether every listing shall be up: marked where a cause may have come, decided later.

Whoever moves what a listing would show, a binding or the rules marks the listing in the same transaction
(`look_again`); the push of its shop decides on what is marked and on what is due by time (`decide_due`). So a
quantity that moves costs one row, and only where it may matter: there is nothing to sell, or there was nothing.

A shop that switches single variants has each listing decided on alone; of any other a product's listings are
decided on together.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from connectors.contract import Capability
from mappings.facts import OfferFacts
from sync.domain.ids import AccountId
from sync.domain.listing import RemoteVariant
from sync.domain.publishing import Cause, Judged, Member, Present, StateRule, decide, judge
from sync.flows.flow import FlowContext
from sync.flows.selling.offer_facts import facts_of
from sync.store import issues, listings, offer_facts, offer_states, state_answers
from sync.store.database import Tx
from sync.store.offer_states import DecidedState, LookAt, StateRow
from sync.store.offers import Desired

SLICE = 500
_SLICES = 20
"""So many slices make a pass."""
_BY_HAND = frozenset({Cause.BLOCKED, Cause.EXPIRED})
"""Causes that people should hear of where they overruled them."""


async def look_again(tx: Tx, ctx: FlowContext, desired: Iterable[Desired]) -> None:
    """What these listings show, or would, was worked out again: mark those whose state that may move."""
    if not ctx.rulebook.listing_rules.rules:
        return
    marked = []
    for one in desired:
        up = bool(one.terms.get("published", False))
        sells = bool(one.terms.get("potential"))
        marked.append(LookAt(one.listing_id, one.account_id, one.external_id, closely=not (up and sells)))
    await offer_states.look_again(tx, marked)


async def rules_changed(tx: Tx, ctx: FlowContext, rows: Sequence[tuple[str, str]]) -> None:
    """New rules rule these listings, by (our id, the shop's): all are decided on again, refused ones too."""
    ids = [listing_id for listing_id, _ in rows]
    retried = await state_answers.forget_refusals(tx, ids)
    await issues.clear_all(tx, [refused_key(one) for one in retried])
    if ctx.rulebook.listing_rules.rules:
        account = AccountId(ctx.account.id)
        await offer_states.look_again(tx, [LookAt(one, account, name, closely=True) for one, name in rows])
    else:
        await offer_states.look_at_known(tx, ids)


async def as_known(
    tx: Tx, ctx: FlowContext, variants: Sequence[RemoteVariant], begun: datetime
) -> list[RemoteVariant]:
    """A page of listings whose reading began then; of those that we switched since, as we know them to be."""
    since = begun - ctx.manifest.limits.lag
    known = await state_answers.newer_than(tx, ctx.account.id, [one.external_id for one in variants], since)
    return [replace(one, published=known.get(one.external_id, one.published)) for one in variants]


async def note_shown(tx: Tx, ctx: FlowContext, variants: Sequence[RemoteVariant], begun: datetime) -> bool:
    """What the shop showed in a page (`as_known`). Whether any listing is to be decided on again for it."""
    since = begun - ctx.manifest.limits.lag
    return await state_answers.note_shown(tx, ctx.account.id, variants, since)


async def decide_due(ctx: FlowContext) -> bool:
    """Decide on what is due now. Whether there is more: a pass is bounded."""
    for _ in range(_SLICES):
        async with ctx.store.read() as tx:
            due = await offer_states.due(tx, ctx.account.id, SLICE)
        if not due:
            return False
        async with ctx.store.write(ctx.fence) as tx:
            ctx = ctx.ruled_now()
            decided = await work_out(tx, ctx, due)
            freed = await offer_states.store(tx, decided, cause="rule", config_version=ctx.rulebook.version)
            await issues.clear_all(tx, [refused_key(listing) for listing in freed])
            await _tell_overruled(tx, ctx, decided)
    return True


async def work_out(tx: Tx, ctx: FlowContext, listing_ids: Sequence[str]) -> list[DecidedState]:
    """What these listings, and those that are switched with them, shall be by the rules in `ctx` now.

    Nothing is written. Of one that is bound to nothing no rule says anything.
    """
    whole = not ctx.manifests[ctx.account.id].can(Capability.PUBLISH_VARIANTS)
    mine = await listings.of_products(tx, listing_ids) if whole else listing_ids
    units = await offer_states.units(tx, mine, whole=whole)
    members = [row for rows in units.values() for row in rows]
    listed = await offer_facts.listed(tx, [row.listing_id for row in members if row.bound])
    facts = await facts_of(tx, ctx, listed)
    now = ctx.clock.now()
    decided: list[DecidedState] = []
    for rows in units.values():
        decided += _decided(ctx, rows, facts, now)
    return decided


def _decided(
    ctx: FlowContext, rows: Sequence[StateRow], facts: Mapping[str, OfferFacts], now: datetime
) -> list[DecidedState]:
    """One unit."""
    rules: dict[str, StateRule | None] = {}
    seen: dict[str, Present] = {}
    judged: dict[str, Judged] = {}
    for row in rows:
        known = facts.get(row.listing_id)
        rule = None if known is None else ctx.rulebook.listing_rule(known)
        rules[row.listing_id] = rule
        seen[row.listing_id] = _present(ctx, row, known)
        judged[row.listing_id] = judge(rule, seen[row.listing_id], row.memory, now)
    unit = decide([Member(row.listing_id, row.published, judged[row.listing_id]) for row in rows])
    return [
        DecidedState(
            row=row,
            desired=unit.desired,
            memory=judged[row.listing_id].memory,
            causes=judged[row.listing_id].causes,
            terms=_terms(rules[row.listing_id], seen[row.listing_id], judged[row.listing_id], unit.terms),
            next_at=judged[row.listing_id].next_at,
        )
        for row in rows
    ]


def _present(ctx: FlowContext, row: StateRow, facts: OfferFacts | None) -> Present:
    """A listing of several goods is blocked, or expired, where one of them is."""
    skus = () if facts is None else [sku for sku, _ in facts.components]
    goods = [known for sku in skus if (known := ctx.rulebook.goods_of(sku)) is not None]
    last = min((one.expires for one in goods if one.expires is not None), default=None)
    zone = ctx.accounts[ctx.account.id].timezone
    expires_at = None
    if last is not None:
        expires_at = datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC)
    return Present(row.published, row.potential, any(one.blocked for one in goods), expires_at)


def _terms(
    rule: StateRule | None, now: Present, judged: Judged, unit: Mapping[str, object]
) -> dict[str, object]:
    """JSON values, times in UTC. The quantity is told where it decides: one that is up and sells needs none."""
    if rule is None:
        return {}
    memory = judged.memory
    terms: dict[str, object] = {
        "rule": rule.name,
        "wish": judged.wish.value,
        "causes": [cause.value for cause in judged.causes],
        "ours": memory.ours,
        **unit,
    }
    if not now.published or not now.quantity:
        terms |= {"quantity": now.quantity, "put_back_at": rule.put_back_at}
    if now.blocked:
        terms["blocked"] = True
    told = {
        "expires_at": now.expires_at,
        "nothing_to_sell_since": memory.below_since,
        "may_be_up_since": memory.above_since if not now.published else None,
        "next_at": judged.next_at,
    }
    terms |= {name: at.isoformat() for name, at in told.items() if at is not None}
    if memory.overruled:
        terms["put_up_by_people_despite"] = sorted(cause.value for cause in memory.overruled)
    return terms


async def _tell_overruled(tx: Tx, ctx: FlowContext, decided: Sequence[DecidedState]) -> None:
    """People put up what is blocked or expired: they are not fought, but they hear of it."""
    shop = ctx.account.name
    fine = []
    for one in decided:
        causes = sorted(cause.value for cause in one.memory.overruled & _BY_HAND)
        if not causes or not one.row.published:
            fine.append(_overruled_key(one.row.listing_id))
            continue
        await issues.raise_issue(
            tx,
            key=_overruled_key(one.row.listing_id),
            kind="listing.overruled",
            account_id=ctx.account.id,
            subject=f"{shop}:{one.row.external_id}",
            what=f"listing {one.row.external_id} on {shop} is up although its goods are {' and '.join(causes)}",
            why="we had taken it down, and somebody put it up again in the shop",
            todo="Take it down in the shop, or mend the table of goods; it is left as it is until then.",
        )
    await issues.clear_all(tx, fine)


def _overruled_key(listing: str) -> str:
    return f"listing.overruled:{listing}"


def refused_key(listing: str) -> str:
    """The issue of a listing that the shop would not put up or take down."""
    return f"listing.refused:{listing}"


def issue_keys(listing: str) -> tuple[str, str]:
    """The issues of a listing's state: all to be cleared where it is gone."""
    return refused_key(listing), _overruled_key(listing)
