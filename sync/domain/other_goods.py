"""Goods that go out instead of others, or once more: held, paid for, sent."""

from collections.abc import Iterator, Mapping

from sync.domain.aftersales import Charge, Deed, GoodsAt, MoneyAt, RequestKind, Reserve, Ship, Situation
from sync.domain.confirm import HoldWanted
from sync.domain.goods_back import Pieces, question
from sync.domain.refunds import Difference, difference, worth

EVEN = "price unknown"
"""The question whether an exchange is even; a yes lets the other goods go, and no money moves."""
BY_HAND = "send by hand"
"""The question whether a person has sent what the order's review never will."""
CHARGE = "charge"
"""The question by which a person says that the buyer has paid the difference."""
PART_EARNED = "part earned"
"""The question what becomes of an exchange of which some pieces passed; a yes gives money for these instead."""
UNPROCESSED = "exchange not processed"
"""The question for other goods that the shop's order has no line for; a yes waits for them no longer."""
_GOODS_AGAIN = (RequestKind.EXCHANGE, RequestKind.RESEND)


def unpriced(now: Situation) -> bool:
    """Whether nobody knows what the other goods of an exchange cost: then no money moves for it, either way."""
    instead = now.request.instead
    return now.request.kind == RequestKind.EXCHANGE and instead is not None and instead.price is None


def _difference(now: Situation) -> Difference:
    if unpriced(now):
        return Difference(0, 0)
    price = (now.request.instead.price or 0) if now.request.instead else 0
    value = worth(now.ledger, now.request.case, now.request.lines)
    return difference(value, price + now.verdict.freight)


def other_goods(now: Situation, lines: Mapping[str, Pieces]) -> Iterator[Deed]:
    """Hold the other goods at once; charge what they cost more; send them when the verdict's moment has come."""
    instead, standing = now.request.instead, now.standing
    if now.request.kind not in _GOODS_AGAIN or instead is None or instead.unknown or standing.sent:
        return
    if now.sends and not standing.reserved:
        yield Reserve(instead.goods)
    if unpriced(now) and EVEN not in standing.decided:
        return
    owed = charge(now, lines)
    if owed and not standing.charge_asked:
        yield Charge(owed)
    if now.sends and standing.reserved and _due(now, lines):
        yield Ship(instead.goods)


def about_other_goods(now: Situation, lines: Mapping[str, Pieces]) -> Iterator[HoldWanted]:
    """What a person must say of them."""
    if unpriced(now) and _earnable(now, lines):
        yield question(
            now,
            EVEN,
            "the shop does not say what the other goods cost",
            "A yes lets them go as an even exchange; settle a difference in the shop by hand.",
        )
    if now.standing.sent:
        return
    if charge(now, lines) and now.standing.charge_asked and not now.standing.charged:
        yield HoldWanted(
            CHARGE,
            "the other goods cost more than those that come back",
            "Collect the difference in the shop; say so here when it is paid.",
        )
    yield from _about_sending(now, lines)
    if part_earned(now, lines):
        yield _about_a_part(now, lines)


def _about_sending(now: Situation, lines: Mapping[str, Pieces]) -> Iterator[HoldWanted]:
    instead = now.request.instead
    if not_in_the_order(now, lines):
        yield question(
            now,
            UNPROCESSED,
            "the other goods may leave, and the shop's order has no line for them",
            "Process the exchange in the shop: they leave then by themselves. A yes waits for them no longer.",
        )
    elif now.request.kind in _GOODS_AGAIN and instead is not None and not now.sends and _due(now, lines):
        goods = ", ".join(f"{units} × {sku}" for sku, units in sorted(instead.goods.items()))
        yield question(
            now,
            BY_HAND,
            f"{goods or 'the other goods'} shall leave, and nothing is sent of this order: it is cancelled, "
            "or from before the shop went live",
            "Send them by hand, or by an order of their own; a yes says that they are sent.",
        )


def _about_a_part(now: Situation, lines: Mapping[str, Pieces]) -> HoldWanted:
    passed = sum(one.passed for one in lines.values())
    wanted = sum(one.wanted for one in lines.values())
    collected = " Give back in the shop what was collected on top." if now.standing.charged else ""
    return question(
        now,
        PART_EARNED,
        f"{passed} of {wanted} pieces passed, so that the other goods are not earned",
        f"A yes gives money for those that passed, and nothing else leaves.{collected} To send the other goods "
        "all the same: entrepot returns treat … CONDITION --paid.",
    )


def part_earned(now: Situation, lines: Mapping[str, Pieces]) -> bool:
    """Whether some pieces of an exchange passed and the others never will: the other goods do not leave."""
    if now.request.kind != RequestKind.EXCHANGE or now.request.instead is None or now.standing.sent:
        return False
    inspected = all(one.sound == one.passed for one in lines.values())
    return inspected and not _earnable(now, lines) and any(one.passed for one in lines.values())


def _due(now: Situation, lines: Mapping[str, Pieces]) -> bool:
    """Whether their moment has come: priced, paid for, and earned as the verdict wants it."""
    if unpriced(now) and EVEN not in now.standing.decided:
        return False
    return (not charge(now, lines) or now.standing.charged) and _may_leave(now, lines)


def charge(now: Situation, lines: Mapping[str, Pieces]) -> int:
    """What the buyer pays on top for the goods of an exchange, in minor units; 0 where they can never be earned."""
    if now.request.kind != RequestKind.EXCHANGE or not _earnable(now, lines):
        return 0
    return _difference(now).charge


def _earnable(now: Situation, lines: Mapping[str, Pieces]) -> bool:
    """Whether the other goods may leave, or more is to come or to be inspected that could earn them."""
    complete = now.custody is not None and now.custody.complete
    return not complete or all(one.sound >= one.wanted for one in lines.values()) or _may_leave(now, lines)


def not_in_the_order(now: Situation, lines: Mapping[str, Pieces]) -> bool:
    """Whether the other goods might leave by now, and the shop's order has them not."""
    instead = now.request.instead
    if now.request.kind not in _GOODS_AGAIN or instead is None or not instead.unknown or now.standing.sent:
        return False
    return now.sends and (not unpriced(now) or EVEN in now.standing.decided) and _may_leave(now, lines)


def _may_leave(now: Situation, lines: Mapping[str, Pieces]) -> bool:
    at = now.verdict.goods_at
    if now.request.kind == RequestKind.RESEND or at == GoodsAt.REQUEST:
        return True
    if now.verdict.money_at == MoneyAt.WITHOUT_RETURN:
        return True
    if at == GoodsAt.FIRST_SCAN and now.standing.scanned:
        return True
    if at == GoodsAt.INSPECTION:
        return all(one.passed >= one.wanted for one in lines.values())
    return all(one.sound >= one.wanted for one in lines.values())
