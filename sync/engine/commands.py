"""What a person can tell the daemon to do. The same functions serve the socket, and the command line when no
daemon runs; each works in one transaction and leaves a line in the audit trail.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from config import Settings
from sync.domain.ids import AccountId, IssueId, OrderId, OutboxId
from sync.domain.waiting import Via, Word
from sync.engine import applying, approving, persons, receiving, returning, rotating, settling_writes, telling
from sync.engine.approving import ApprovalRefused
from sync.engine.deciding import answering, deciding
from sync.engine.deciding.effects import By, DecisionRefused
from sync.engine.persons import RequestRefused
from sync.engine.refusals import CommandRefused
from sync.engine.rotating import RotationRefused
from sync.engine.settling_writes import WriteRefused
from sync.engine.telling import MessageRefused
from sync.flows.names import FlowName
from sync.store import accounts, audit, cases, credentials, decisions, issues, messages, outbox
from sync.store.accounts import AccountRow, Condition, OpenWorkLeft
from sync.store.credentials import StoredToken
from sync.store.database import Store, Tx

Args = Mapping[str, Any]
T = TypeVar("T")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Office:
    """Where commands work. `changed` is told that accounts must be looked at again, `hint` wakes a key."""

    store: Store
    changed: Callable[[], Awaitable[None]]
    hint: Callable[[AccountId, FlowName], None]
    settings: Settings


async def _account(tx: Tx, name: str) -> AccountRow:
    row = await accounts.by_name(tx, name)
    if row is None:
        known = ", ".join(one.name for one in await accounts.list_all(tx)) or "none"
        raise CommandRefused(f"there is no account {name!r}; there are: {known}")
    return row


async def live(office: Office, args: Args) -> dict[str, Any]:
    """An account may be written to from now on (or from `cutover`)."""
    cutover = _moment(args["cutover"]) if args.get("cutover") else None
    async with office.store.write() as tx:
        row = await _account(tx, args["account"])
        since = await accounts.go_live(tx, row.id, who=args["who"], live_from=cutover)
    await office.changed()
    return {"account": row.name, "live_from": since.isoformat()}


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise CommandRefused(f"{text!r} is no moment; write it as in 2026-03-01T00:00:00+01:00") from None


async def pause(office: Office, args: Args) -> dict[str, Any]:
    """Stop working on an account."""
    async with office.store.write() as tx:
        row = await _account(tx, args["account"])
        await accounts.pause(tx, row.id, who=args["who"])
    await office.changed()
    return {"account": row.name, "condition": "paused"}


async def resume(office: Office, args: Args) -> dict[str, Any]:
    """Work on an account again."""
    async with office.store.write() as tx:
        row = await _account(tx, args["account"])
        await accounts.resume(tx, row.id, who=args["who"])
    await office.changed()
    return {"account": row.name, "condition": "ok"}


async def accept_shop(office: Office, args: Args) -> dict[str, Any]:
    """The shop that answers under this name now is the same business."""
    async with office.store.write() as tx:
        row = await _account(tx, args["account"])
        await accounts.accept_shop(tx, row.id, who=args["who"])
    await office.changed()
    return {"account": row.name, "condition": "ok"}


async def remove(office: Office, args: Args) -> dict[str, Any]:
    """Stop for good and keep the history; refused while there is open work."""
    try:
        async with office.store.write() as tx:
            row = await _account(tx, args["account"])
            await accounts.remove(tx, row.id, who=args["who"])
            await credentials.forget(tx, row.id)
    except OpenWorkLeft as error:
        raise CommandRefused(str(error)) from None
    await office.changed()
    return {"account": args["account"], "removed": True}


async def keep_token(office: Office, args: Args) -> dict[str, Any]:
    """A person has said yes at the vendor: the account works with this token from now on."""
    token = StoredToken(args["access"], args.get("refresh"), args.get("scopes", ""))
    ends_at = _moment(args["ends_at"]) if args.get("ends_at") else None
    async with office.store.write() as tx:
        row = await _account(tx, args["account"])
        await credentials.put(tx, row.id, token, ends_at)
        await audit.record(tx, who=args["who"], what="account connected", subject=row.name)
        if row.condition is Condition.NEEDS_REAUTH:
            await accounts.resume(tx, row.id, who=args["who"])
    await office.changed()
    return {"account": row.name, "ends_at": args.get("ends_at"), "scopes": token.scopes}


async def hint(office: Office, args: Args) -> dict[str, Any]:
    """Look now."""
    async with office.store.read() as tx:
        row = await _account(tx, args["account"])
    flows = [_flow(args["flow"])] if args.get("flow") else list(FlowName)
    for flow in flows:
        office.hint(row.id, flow)
    return {"account": row.name, "flows": [flow.value for flow in flows]}


def _flow(name: str) -> FlowName:
    if name not in list(FlowName):
        raise CommandRefused(f"there is no flow {name!r}; there are: {', '.join(FlowName)}")
    return FlowName(name)


async def release(office: Office, args: Args) -> dict[str, Any]:
    """End an order's holds (or the one of `rule`) by a person's word."""
    shop, _, number = args["order"].rpartition("/")
    async with office.store.write() as tx:
        account_id = (await _account(tx, shop)).id if shop else None
        order_id = await _the_order(tx, number, account_id)
        case = await cases.load(tx, order_id)
        held = list(case.open_holds) if case is not None else []
        rules = [rule for rule in held if args.get("rule") in (None, rule, rule.removeprefix("rule "))]
        if case is None or not rules:
            named = f"; it is held by: {', '.join(held)}" if held else ""
            raise CommandRefused(f"order {number} has no such hold{named}")
        by = By(args["who"], Via.TERMINAL)
        try:
            done = [await deciding.decide(tx, case.open_holds[rule].id, Word.APPROVED, by) for rule in rules]
        except DecisionRefused as error:
            raise CommandRefused(str(error)) from None
    _wake(office, {key for one in done for key in one.wake})
    return {"order": number, "released": rules}


def _wake(office: Office, keys: Iterable[tuple[AccountId, FlowName]]) -> None:
    for account, flow in sorted(keys):
        office.hint(account, flow)


async def hold_approve(office: Office, args: Args) -> dict[str, Any]:
    """Say yes to what waits."""
    return await _decided(office, args, Word.APPROVED)


async def hold_reject(office: Office, args: Args) -> dict[str, Any]:
    """Say no to what waits."""
    return await _decided(office, args, Word.REJECTED)


async def _decided(office: Office, args: Args, word: Word) -> dict[str, Any]:
    told, wake = await _answered(answering.decided(office.store, args, word))
    _wake(office, wake)
    return told


async def hold_assign(office: Office, args: Args) -> dict[str, Any]:
    """Give what waits to a person or a queue."""
    return await _answered(answering.assigned(office.store, args))


async def hold_comment(office: Office, args: Args) -> dict[str, Any]:
    """Write something about what waits."""
    return await _answered(answering.commented(office.store, args))


async def _answered(said: Awaitable[T]) -> T:
    try:
        return await said
    except DecisionRefused as error:
        raise CommandRefused(str(error)) from None


async def _the_order(tx: Tx, number: str, account_id: AccountId | None) -> OrderId:
    found = await decisions.order_ids(tx, number, account_id)
    if not found:
        raise CommandRefused(f"there is no order {number}")
    if len(found) > 1:
        raise CommandRefused(f"several shops have an order {number}: say which, as in shop/{number}")
    return found[0]


async def issue_retry(office: Office, args: Args) -> dict[str, Any]:
    """Send a write that was refused or held once more."""
    async with office.store.write() as tx:
        row = await outbox.get(tx, OutboxId(args["issue"]))
        told = await messages.get(tx, args["issue"]) if row is None else None
        if told is not None:
            result = await _about_message(telling.tell_again(tx, told, args["who"]))
            office.hint(told.account_id, FlowName.MESSAGES)
            return result
        if row is None:
            raise CommandRefused(
                f"{args['issue']} is not a write that can be sent again; see: entrepot issues"
            )
        try:
            state, wakes = await settling_writes.again(tx, row, args["who"])
        except WriteRefused as error:
            raise CommandRefused(str(error)) from None
        await audit.record(tx, who=args["who"], what="write sent again", subject=row.key)
    _wake(office, wakes)
    return {"write": row.key, "state": state.value}


async def issue_done(office: Office, args: Args) -> dict[str, Any]:
    """A person has settled it: an issue by its id or key, or a held write that did happen."""
    what = args["issue"]
    wakes: settling_writes.Wakes = frozenset()
    async with office.store.write() as tx:
        row = await outbox.get(tx, OutboxId(what))
        told = await messages.get(tx, what) if row is None else None
        if told is not None:
            await _about_message(telling.was_told(tx, told, args["who"]))
        elif row is not None:
            try:
                wakes = await settling_writes.happened(tx, row, args["who"])
            except WriteRefused as error:
                raise CommandRefused(str(error)) from None
        else:
            issue = await issues.get(tx, IssueId(what))
            key = issue.key if issue is not None else what
            if not await issues.clear(tx, key, by=args["who"]):
                raise CommandRefused(f"there is no open issue {what}; see: entrepot issues")
        await audit.record(tx, who=args["who"], what="issue settled", subject=what)
    _wake(office, wakes)
    return {"issue": what, "closed": True}


async def _about_message(deed: Awaitable[Result]) -> Result:
    try:
        return await deed
    except MessageRefused as error:
        raise CommandRefused(str(error)) from None


async def messages_settle(office: Office, args: Args) -> dict[str, Any]:
    """Every message of a shop that was perhaps told counts as told."""
    async with office.store.write() as tx:
        row = await _account(tx, args["account"])
        count = await telling.settle_all(tx, row, args["who"])
    return {"account": row.name, "settled": count}


async def keys_begin(office: Office, args: Args) -> dict[str, Any]:
    """Begin a rotation of the sealing key, or find the one that was begun."""
    return await _rotated(rotating.begin(office.store, office.settings, args["who"]))


async def keys_slice(office: Office, args: Args) -> dict[str, Any]:
    """Re-seal the rows of one slice."""
    return await _rotated(
        rotating.go_on(office.store, office.settings, args["at"], args.get("limit", rotating.SLICE))
    )


async def keys_drop(office: Office, args: Args) -> dict[str, Any]:
    """Take the old sealing keys out of the key file."""
    return await _rotated(rotating.drop(office.store, office.settings, args["who"]))


async def _rotated(step: Awaitable[dict[str, Any]]) -> dict[str, Any]:
    try:
        return await step
    except RotationRefused as error:
        raise CommandRefused(str(error)) from None


async def forget(office: Office, args: Args) -> dict[str, Any]:
    """Erase a person's data."""
    try:
        return await persons.forget(office.store, office.settings.data, args)
    except RequestRefused as error:
        raise CommandRefused(str(error)) from None


async def person_exported(office: Office, args: Args) -> dict[str, Any]:
    """Somebody was shown a person's data."""
    return await persons.note_disclosure(office.store, args)


async def approve_plan(office: Office, args: Args) -> dict[str, Any]:
    """Rows of a plan may be sent in spite of any guard; their pushes are woken."""
    told, wake = await applying.approve(office.store, args)
    for account, flow in sorted(wake):
        office.hint(AccountId(account), flow)
    return told


async def approve(office: Office, args: Args) -> dict[str, Any]:
    """So much of what a guard keeps back may pass; its push is woken."""
    try:
        told, wake = await approving.approve(office.store, args)
    except ApprovalRefused as error:
        raise CommandRefused(str(error)) from None
    for account, flow in sorted(wake):
        office.hint(account, flow)
    return told


COMMANDS: Mapping[str, Callable[[Office, Args], Awaitable[dict[str, Any]]]] = {
    "live": live,
    "pause": pause,
    "resume": resume,
    "accept-shop": accept_shop,
    "remove": remove,
    "keep-token": keep_token,
    "hint": hint,
    "release": release,
    "returns-enter": returning.enter_request,
    "returns-decide": returning.decide,
    "returns-answer": returning.answer,
    "returns-received": receiving.received,
    "returns-join": returning.join,
    "returns-treat": returning.treat,
    "returns-meant": returning.meant,
    "issue-retry": issue_retry,
    "issue-done": issue_done,
    "messages-settle": messages_settle,
    "approve-plan": approve_plan,
    "approve": approve,
    "hold-approve": hold_approve,
    "hold-reject": hold_reject,
    "hold-assign": hold_assign,
    "hold-comment": hold_comment,
    "forget": forget,
    "person-exported": person_exported,
    "keys-begin": keys_begin,
    "keys-slice": keys_slice,
    "keys-drop": keys_drop,
}
