"""How money goes back to a buyer: for units, for the sending, or beside both, into the shared books as well."""

from dataclasses import dataclass, field

from sandbox.storefront.movements import move
from sandbox.storefront.orders import Line, Order, Payment, Refund, RefundLine
from sandbox.storefront.shopify.answers import Refusal
from sandbox.storefront.shopify.books import ShopifyShop
from sandbox.storefront.shopify.records import RepaidLine, Repayment
from sandbox.storefront.shopify.removing import take_out
from sandbox.storefront.shopify.sums import current, line_sum, sending_sum
from sandbox.storefront.states import PaymentState

Unit = tuple[Line, int, str, str | None]
"""A line, how many of it, the restock type, and the location or None."""


@dataclass(slots=True)
class Wish:
    """What a refund shall be for."""

    note: str | None = None
    units: list[Unit] = field(default_factory=list)
    shipping: tuple[int, int] = (0, 0)
    parts: list[tuple[Payment, int]] = field(default_factory=list)
    """How much goes back to which payment."""

    @property
    def total(self) -> int:
        """All that goes back."""
        return sum(amount for _, amount in self.parts)


def sending_left(shop: ShopifyShop, order: Order) -> tuple[int, int]:
    """What was paid for sending and not refunded yet: price as listed, and tax."""
    sums = [sending_sum(order, sent, placed=False) for sent in order.shipping_lines]
    back = shop.about(order).repayments
    price = sum(s.listed for s in sums) - sum(r.shipping[0] for r in back)
    return price, sum(s.tax for s in sums) - sum(r.shipping[1] for r in back)


def repay_all(shop: ShopifyShop, order: Order, rows: list[tuple[Line, int]], *, restock: bool) -> Repayment:
    """Give all that is left back, with the units of a cancelled order."""
    kind = "CANCEL" if restock else "NO_RESTOCK"
    units: list[Unit] = [(line, quantity, kind, None) for line, quantity in rows if quantity]
    left = [(payment, payment.amount - payment.refunded) for payment in settled(order)]
    parts = [(payment, amount) for payment, amount in left if amount]
    return repay(shop, order, Wish(None, units, sending_left(shop, order), parts))


def settled(order: Order) -> list[Payment]:
    """The payments whose money the shop has."""
    return [payment for payment in order.payments if payment.state is PaymentState.SETTLED]


def repay(shop: ShopifyShop, order: Order, wish: Wish) -> Repayment:
    """Give money back; raises Refusal where the payment does not have as much left."""
    for payment in settled(order):
        if sum(a for p, a in wish.parts if p is payment) > payment.amount - payment.refunded:
            raise Refusal("Refund amount exceeds the amount that can be refunded", "transactions")
    lines = [_line(shop, *row) for row in wish.units]
    goods = sum(each.subtotal + (0 if order.tariff.includes_tax else each.tax) for each in lines)
    sending = wish.shipping[0] + (0 if order.tariff.includes_tax else wish.shipping[1])
    made = Repayment(
        id=shop.numbers.next("refund"),
        order=order,
        note=wish.note,
        created_at=shop.second(),
        lines=lines,
        shipping=wish.shipping,
        adjustment=wish.total - goods - sending if wish.total else 0,
        total=wish.total,
    )
    _move_units(shop, order, wish)
    shop.about(order).repayments.append(made)
    shop.repayments[made.id] = made
    shop.touch(order)
    for payment, amount in wish.parts:
        _into_books(shop, made, payment, amount)
    shop.announce("REFUNDS_CREATE", made)
    return made


def _line(shop: ShopifyShop, line: Line, units: int, restock: str, place: str | None) -> RepaidLine:
    """What the units came to: the difference that they make, so that parts add up to the whole."""
    now = current(shop, line)
    before, after = line_sum(line, now), line_sum(line, now - units)
    return RepaidLine(
        id=shop.numbers.next("repaid line"),
        line=line,
        quantity=units,
        restock=restock,
        place=place,
        subtotal=before.listed - after.listed,
        tax=before.tax - after.tax,
    )


def _move_units(shop: ShopifyShop, order: Order, wish: Wish) -> None:
    """Units that had not left are taken out of the order; those that had are perhaps back on a shelf."""
    out: dict[bool, list[tuple[Line, int]]] = {True: [], False: []}
    for line, units, restock, place in wish.units:
        waiting = 0 if restock == "RETURN" else min(units, shop.outstanding(line))
        out[restock == "CANCEL"].append((line, waiting))
        if gone := units - waiting:
            returned = shop.about(order).returned
            returned[line.id] = returned.get(line.id, 0) + gone
            if restock != "NO_RESTOCK":
                back_on_shelf(shop, line, gone, place)
    for restocked, rows in out.items():
        take_out(shop, order, rows, restock=restocked, reason="refund")


def back_on_shelf(shop: ShopifyShop, line: Line, units: int, place: str | None) -> None:
    """Units that came back can be sold again at a place, by default the first."""
    variant = line.product_variant
    if not variant.tracked:
        return
    where = place or next(iter(shop.places))
    level = shop.levels.get((variant.id, where))
    move(shop, line, on_hand=units)
    made = shop.put(variant.id, where, (level.on_hand if level else 0) + units)
    shop.announce("INVENTORY_LEVELS_UPDATE", made)


def _into_books(shop: ShopifyShop, made: Repayment, payment: Payment, amount: int) -> None:
    id = made.id if not made.books else f"{made.id}-{len(made.books) + 1}"
    book = Refund(
        id=id,
        payment=payment,
        items=sum(each.subtotal for each in made.lines),
        shipping=made.shipping[0],
        adjustment=made.adjustment,
        total=amount,
        method=payment.method,
        reason=made.note,
        created_at=made.created_at,
        updated_at=made.created_at,
        state="Settled",
    )
    book.lines = [RefundLine(each.line, each.quantity, book) for each in made.lines]
    payment.refunds.append(book)
    shop.refunds[book.id] = book
    made.books.append(book)
    shop.record("refunded", code=made.order.code, refund=id, amount=amount, currency=shop.terms.currency)
