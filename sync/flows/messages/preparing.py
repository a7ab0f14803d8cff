"""What a message says and to whom, at the moment of sending: by the rules in force and the order as it is now."""

from dataclasses import dataclass, field
from datetime import datetime

from connectors.contract.notifier import Needs, Notice
from mappings import MessageRule
from sync.domain.messages import LATE, Fact
from sync.domain.quiet import zone_of
from sync.flows.flow import FlowContext
from sync.flows.messages.reach import email_of, obstacle, phone_of
from sync.store import cases, messages, orders
from sync.store.database import Tx
from sync.store.messages import Letter, Message
from sync.store.order_rows import Buyer
from sync.store.sealing import Unsealable

NO_RULE = "no message of the rules tells this by this way any more"


@dataclass(frozen=True, slots=True)
class Ready:
    """Send this. `kept` is what is stored of it, sealed; None for a masked shop."""

    notice: Notice = field(repr=False)
    order: str
    """The order's id at the shop."""
    kept: Letter | None


@dataclass(frozen=True, slots=True)
class Late:
    """It is quiet where the customer is."""

    until: datetime


@dataclass(frozen=True, slots=True)
class NotWanted:
    """It is not told, and why."""

    reason: str


async def prepare(tx: Tx, ctx: FlowContext, row: Message) -> Ready | Late | NotWanted:
    """Whether a message is told now, and with which words."""
    rules = ctx.rulebook.messages
    rule = rules.one(ctx.account.name, row.event, row.way)
    if rule is None:
        return NotWanted(NO_RULE)
    if ctx.clock.now() - (row.wished_at or row.happened_at) > rules.late_after:
        return NotWanted(LATE)
    case = await cases.load(tx, row.order_id)
    if case is None or case.row.erased_at is not None:
        return NotWanted(messages.ERASED)
    try:
        buyer = await orders.buyer(tx, row.order_id)
    except Unsealable as error:
        return NotWanted(str(error))
    why = obstacle(ctx, ctx.manifest, row.way, buyer)
    if why:
        return NotWanted(f"{row.way}: {why}")
    if rule.quiet is not None:
        now = ctx.clock.now()
        loud = rule.quiet.loud_from(now, zone_of(case.row.country, ctx.account.timezone))
        if loud > now:
            return Late(loud)
    return _ready(ctx, row, rule, buyer, case.row.country, case.row.external_id)


def _ready(
    ctx: FlowContext, row: Message, rule: MessageRule, buyer: Buyer, country: str | None, order: str
) -> Ready:
    """The words. Through the shop it is told by the order's id: no address is needed, and none is kept."""
    rules = ctx.rulebook.messages
    language = rules.language(rule, ctx.account.name, country)
    own = {
        Fact.ORDER.value: row.number,
        Fact.SHOP.value: rules.shop(ctx.account.name),
        Fact.NAME.value: buyer.person.name or buyer.ship_to.name or "",
    }
    said = rule.say(language, {**row.facts, **own})
    email, phone = _reached_by(ctx, row.way, buyer)
    notice = Notice(row.key, ctx.clock.now(), said.text, said.subject, language, email, phone)
    kept = None if ctx.account.masked else Letter(email or phone, said.subject, said.text)
    return Ready(notice, order, kept)


def _reached_by(ctx: FlowContext, way: str, buyer: Buyer) -> tuple[str, str]:
    """(mail address, telephone number) as far as the way needs them: nobody is given more than that."""
    notifier = ctx.notifiers.get(way)
    needs = Needs.NOTHING if notifier is None else notifier.needs
    return (
        email_of(buyer) if needs is Needs.MAIL else "",
        phone_of(buyer) if needs is Needs.PHONE else "",
    )
