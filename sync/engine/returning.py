"""What people do with the way back: enter a request, decide it, answer its questions, find a stray parcel's home."""

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sync.domain.aftersales import Answer, MoneyAt, RequestKind, Verdict
from sync.domain.ids import AccountId, OrderId
from sync.domain.ledger import Meant
from sync.domain.money import Money
from sync.domain.receipts import Condition, Disposal
from sync.domain.requests import InsteadLine
from sync.domain.waiting import Via, Word
from sync.domain.way_back import asks_for_verdict
from sync.engine.deciding.deciding import decide as decide_hold
from sync.engine.deciding.effects import By, DecisionRefused
from sync.engine.refusals import CommandRefused
from sync.flows.back.entering import enter
from sync.flows.flow import FlowName
from sync.store import audit, cases, holds, knowledge, reports
from sync.store.back import cases as back
from sync.store.back import goods, money
from sync.store.back.cases import BackCase
from sync.store.cases import StoredCase
from sync.store.database import Tx
from sync.store.events import add_event
from sync.store.locking import lock_orders
from sync.store.tables import customer_order

Args = Mapping[str, Any]


async def enter_request(office: Any, args: Args) -> dict[str, Any]:
    """Enter a request for an order: its kind, lines as SKU or the shop's line with pieces, money without goods."""
    kind = _kind(args["kind"])
    async with office.store.write() as tx:
        order = await _order(tx, args["order"])
        lines = _lines(order, args.get("lines") or {}, args.get("amounts") or {})
        if not lines and kind in (RequestKind.PRICE_PROTECTION, RequestKind.REFUND_ONLY):
            raise CommandRefused("say for which line: --line SKU=PIECES or --amount SKU=MONEY")
        wanted = lines or {line.external_id: (line.quantity, 0) for line in order.lines if line.quantity}
        name = await enter(
            tx,
            order,
            kind,
            wanted,
            who=args["who"],
            reason=args.get("reason") or "",
            instead=await _instead(tx, args.get("instead") or {}),
            tracking=args.get("tracking") or (),
            price=_price(args.get("price"), order.row.currency),
        )
        await audit.record(tx, who=args["who"], what="request entered", subject=name, kind=kind.value)
    office.hint(AccountId(order.row.account_id), FlowName.WAY_BACK)
    return {"order": args["order"], "request": name, "kind": kind.value}


def _kind(name: str) -> RequestKind:
    try:
        return RequestKind(name.replace("-", "_"))
    except ValueError:
        kinds = ", ".join(kind.value for kind in RequestKind)
        raise CommandRefused(f"there is no kind of request {name!r}; there are: {kinds}") from None


async def _order(tx: Tx, named: str) -> StoredCase:
    found = await reports.find_orders(tx, named)
    if not found:
        raise CommandRefused(f"there is no order {named}; see: entrepot orders list")
    if len(found) > 1:
        shops = ", ".join(f"{shop}/{named}" for shop, _ in found)
        raise CommandRefused(f"several shops have an order {named}: say which, as in {shops}")
    order = await cases.load(tx, found[0][1].row.id)
    if order is None:
        raise CommandRefused(f"there is no order {named}")
    return order


def _lines(order: StoredCase, pieces: dict[str, str], amounts: dict[str, str]) -> dict[str, tuple[int, int]]:
    """By the shop's line: pieces and minor units. A line is named by its SKU, or by the shop's id of it."""
    found: dict[str, tuple[int, int]] = {}
    for name in {**pieces, **amounts}:
        fitting = [line for line in order.lines if name in (line.external_id, line.remote_sku)]
        if len(fitting) != 1:
            names = ", ".join(line.remote_sku or line.external_id for line in order.lines)
            what = "no line" if not fitting else "several lines"
            raise CommandRefused(f"the order has {what} {name!r}; its lines are: {names}")
        line = fitting[0]
        count = _number(pieces.get(name, "0"), line.quantity, name)
        found[line.external_id] = (count, _minor(amounts.get(name), order.row.currency))
    return found


async def _instead(tx: Tx, units: dict[str, str]) -> list[InsteadLine]:
    """The other goods that go out, by SKU."""
    known = await knowledge.carried(tx, units)
    for sku, text in units.items():
        if not _is_count(text) or int(text) == 0:
            raise CommandRefused(
                f"{text!r} units of {sku} cannot go out; write a whole number, as in --instead {sku}=1"
            )
        if sku not in known:
            raise CommandRefused(f"no warehouse or supplier has {sku!r}; write the SKU as they do")
    return [InsteadLine(None, sku, int(text)) for sku, text in units.items()]


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _number(text: str, most: int, name: str) -> int:
    if not _is_count(text) or int(text) > most:
        raise CommandRefused(f"{text[:20]!r} pieces of {name} cannot be asked for; the order has {most}")
    return int(text)


def _minor(text: str | None, currency: str) -> int:
    if text is None:
        return 0
    amount = _amount(text, currency, "4.90")
    if amount.minor <= 0 or amount.major != Decimal(text):
        raise CommandRefused(f"{text} {currency} cannot be given back")
    return amount.minor


def _price(text: str | None, currency: str) -> Money | None:
    """What the other goods cost in all; nothing is a price, too."""
    if text is None:
        return None
    amount = _amount(text, currency, "19.90")
    if amount.minor < 0 or amount.major != Decimal(text):
        raise CommandRefused(f"{text} {currency} is not a price")
    return amount


_AMOUNT = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")


def _amount(text: str, currency: str, example: str) -> Money:
    if _AMOUNT.fullmatch(text) is None:
        raise CommandRefused(f"{text[:20]!r} is not an amount; write it as in {example}, in {currency}")
    return Money.of(Decimal(text), currency)


async def decide(office: Any, args: Args) -> dict[str, Any]:
    """A person's verdict on a case: it stands whatever the rules say, and is told to the shop."""
    async with office.store.write() as tx:
        case = await _held(tx, args["case"])
        if case.request_id is None:
            raise CommandRefused(
                f"nobody asked for {case.reference}: find its request, then: entrepot returns join {case.reference} …"
            )
        if case.standing.answered is not None and not args.get("anyway"):
            raise CommandRefused(f"{case.reference} was answered already: {case.standing.answered.value}")
        verdict = _verdict(case, args)
        await back.judge(tx, case.id, verdict, kind=case.kind, owner=case.owner, decided_by=args["who"])
        word = Word.APPROVED if verdict.answer is Answer.APPROVE else Word.REJECTED
        for asked in await holds.open_about(tx, case.id):
            if asks_for_verdict(asked.rule):
                await holds.settle_about(tx, case.id, asked.rule, word, who=args["who"])
        await back.reopen(tx, case.id)
        await _told(tx, case, args, f"{verdict.answer.value} by {args['who']}: {verdict.reason}".rstrip(": "))
    office.hint(case.account_id, FlowName.WAY_BACK)
    return {"case": case.reference, "answer": verdict.answer.value}


def _verdict(case: BackCase, args: Args) -> Verdict:
    answer = Answer.APPROVE if args["approve"] else Answer.REFUSE
    reason = args.get("reason") or ""
    if answer == Answer.REFUSE and not reason:
        raise CommandRefused("a refusal needs a reason, for the buyer reads it: --reason …")
    old = case.verdict or Verdict(rule="a person", answer=answer)
    changes: dict[str, Any] = {"answer": answer, "reason": reason, "by_person": True, "within": None}
    if args.get("refund"):
        changes["money_at"] = _money_at(args["refund"])
    return replace(old, **changes)


_MONEY = {
    "without_return": MoneyAt.WITHOUT_RETURN,
    "at_first_scan": MoneyAt.FIRST_SCAN,
    "at_receipt": MoneyAt.RECEIPT,
    "after_inspection": MoneyAt.INSPECTION,
}


def _money_at(name: str) -> MoneyAt:
    found = _MONEY.get(name.replace("-", "_"))
    if found is None:
        raise CommandRefused(f"money cannot go back {name!r}; say one of: {', '.join(_MONEY)}")
    return found


async def answer(office: Any, args: Args) -> dict[str, Any]:
    """A person says "go on" to one question of a case."""
    async with office.store.write() as tx:
        case = await case_named(tx, args["case"])
        standing = {one.rule: one for one in await holds.open_about(tx, case.id)}
        if args["rule"] not in standing:
            named = "; ".join(standing) or "nothing"
            raise CommandRefused(f"{case.reference} does not ask {args['rule']!r}; it asks: {named}")
        try:
            await decide_hold(tx, standing[args["rule"]].id, Word.APPROVED, By(args["who"], Via.TERMINAL))
        except DecisionRefused as error:
            raise CommandRefused(str(error)) from None
    office.hint(case.account_id, FlowName.WAY_BACK)
    return {"case": case.reference, "rule": args["rule"]}


_GOES = {
    "restock": Disposal.RESTOCKED,
    "scrap": Disposal.SCRAPPED,
    "to_supplier": Disposal.TO_SUPPLIER,
    "to_customer": Disposal.TO_CUSTOMER,
}


async def treat(office: Any, args: Args) -> dict[str, Any]:
    """A person says of a case's goods in a condition whether they are paid for, and where they go."""
    condition, goes = args["condition"], (args.get("goes") or "").replace("-", "_")
    if condition not in list(Condition):
        raise CommandRefused(f"{condition!r} is no condition of goods; say one of: {', '.join(Condition)}")
    if goes and goes not in _GOES:
        raise CommandRefused(f"goods cannot go {args['goes']!r}; say one of: {', '.join(_GOES)}")
    if condition == Condition.WRONG and goes == "restock":
        raise CommandRefused("wrong goods are not put into stock as this SKU; say where else they go")
    async with office.store.write() as tx:
        case = await _held(tx, args["case"])
        if case.verdict is None or case.verdict.answer is not Answer.APPROVE:
            raise CommandRefused(
                f"{case.reference} is not granted; see: entrepot returns show {case.reference}"
            )
        treated = case.verdict.treating(Condition(condition), paid=bool(args["paid"]), goes=_GOES.get(goes))
        await back.judge(tx, case.id, treated, kind=case.kind, owner=case.owner, decided_by=args["who"])
        await back.reopen(tx, case.id)
        said = f"{'paid for' if args['paid'] else 'not paid for'}{f', {goes}' if goes else ''}"
        await _told(tx, case, args, f"{condition} goods are {said}, says {args['who']}")
    office.hint(case.account_id, FlowName.WAY_BACK)
    return {"case": case.reference, "condition": condition, "paid": bool(args["paid"]), "goes": goes or None}


async def join(office: Any, args: Args) -> dict[str, Any]:
    """Goods that nobody announced belong to this case, a person says."""
    async with office.store.write() as tx:
        stray, case = await case_named(tx, args["stray"]), await _held(tx, args["case"])
        if stray.request_id is not None or case.request_id is None:
            raise CommandRefused(
                "the first one must be goods that nobody announced, the second one a request"
            )
        await goods.move(tx, stray, case)
        await back.reopen(tx, case.id)
        await _told(tx, case, args, f"{stray.reference} belongs to it, says {args['who']}")
    office.hint(case.account_id, FlowName.WAY_BACK)
    return {"case": case.reference, "joined": stray.reference}


async def meant(office: Any, args: Args) -> dict[str, Any]:
    """What a refund that people made in the shop was for."""
    async with office.store.write() as tx:
        order = await _order(tx, args["order"])
        order_id = OrderId(order.row.id)
        word = Meant.COUNTS if args["counts"] else Meant.APART
        if not await money.say(tx, order_id, args["refund"], word):
            known = ", ".join(row.external_id for row in await money.shown(tx, order_id)) or "none"
            raise CommandRefused(f"the shop shows no refund {args['refund']!r}; it shows: {known}")
        for account in await back.ask_review_of_order(tx, order_id):
            office.hint(account, FlowName.WAY_BACK)
        await audit.record(tx, who=args["who"], what="refund meant", subject=args["refund"], meant=word.value)
    return {"order": args["order"], "refund": args["refund"], "meant": word.value}


async def case_named(tx: Tx, reference: str) -> BackCase:
    """The case that a person names. Raises CommandRefused."""
    case = await back.named(tx, reference)
    if case is None or case.state == back.JOINED:
        raise CommandRefused(f"there is no case {reference}; see: entrepot returns list")
    return case


async def _held(tx: Tx, reference: str) -> BackCase:
    """The case that a person names, as it is while nobody else looks at its order. Raises CommandRefused."""
    case = await case_named(tx, reference)
    if case.order_id is not None:
        await lock_orders(tx, customer_order.c.id == case.order_id)
    return await case_named(tx, reference)


async def _told(tx: Tx, case: BackCase, args: Args, what: str) -> None:
    said = what.partition(": ")[
        0
    ]  # a reason may name the buyer: it stands in the timeline, where it can be erased
    await audit.record(tx, who=args["who"], what="return decided", subject=case.reference, said=said)
    if case.order_id is not None:
        await add_event(tx, case.order_id, "decided", f"{case.reference}: {what}", by=args["who"])
