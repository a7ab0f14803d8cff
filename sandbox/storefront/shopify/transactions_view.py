"""How what moved money is read from the books: payments as sales or authorisations and captures, and refunds."""

from typing import Any

from sandbox.storefront.orders import Order, Payment
from sandbox.storefront.shopify.answers import Made, bag, count_of, money_of, stamp
from sandbox.storefront.shopify.books import ShopifyShop
from sandbox.storefront.shopify.calls import Call
from sandbox.storefront.shopify.lists import first_of
from sandbox.storefront.shopify.names import gid
from sandbox.storefront.shopify.records import Repayment
from sandbox.storefront.states import PaymentState
from sandbox.storefront.till import METHODS
from sandbox.storefront.vendure.graphql.execution import Resolvers

Args = dict[str, Any]


def transactions(shop: ShopifyShop, order: Order) -> list[Made]:
    """What moved money, oldest first; an authorisation that was taken is two."""
    found: list[Made] = []
    for payment in order.payments:
        found += _of_payment(shop, payment)
    for repayment in shop.about(order).repayments:
        found += of_repayment(shop, repayment)
    return sorted(found, key=lambda made: made.at)


def _of_payment(shop: ShopifyShop, payment: Payment) -> list[Made]:
    if not payment.amount:
        return []
    later = METHODS.get(payment.method) is PaymentState.AUTHORISED
    if payment.state is PaymentState.DECLINED:
        return [_transaction(shop, payment, 0, "SALE", "FAILURE", None)]
    if not later:
        return [_transaction(shop, payment, 0, "SALE", "SUCCESS", None)]
    held = _transaction(shop, payment, 0, "AUTHORIZATION", "SUCCESS", None)
    if payment.state is PaymentState.AUTHORISED:
        return [held]
    return [held, _transaction(shop, payment, 1, "CAPTURE", "SUCCESS", held)]


def _transaction(
    shop: ShopifyShop, payment: Payment, step: int, kind: str, status: str, parent: Made | None
) -> Made:
    at = payment.updated_at if step else payment.created_at
    left = payment.amount - payment.refunded
    taken = kind in ("SALE", "CAPTURE") and status == "SUCCESS"
    return _moved(
        payment.order,
        int(payment.id) * 10 + step,
        shop,
        at=at,
        kind=kind,
        status=status,
        amount=payment.amount,
        gateway=payment.method,
        parent=parent,
        refundable=left if taken else None,
        capturable=kind == "AUTHORIZATION" and payment.state is PaymentState.AUTHORISED,
    )


def of_repayment(shop: ShopifyShop, repayment: Repayment) -> list[Made]:
    """The transactions of a refund, one for each payment; none where no money went back."""
    return [
        _moved(
            repayment.order,
            int(repayment.id) * 10 + 5 + number,
            shop,
            at=repayment.created_at,
            kind="REFUND",
            status="SUCCESS",
            amount=book.total,
            gateway=book.payment.method,
            parent=_of_payment(shop, book.payment)[-1],
            refundable=None,
            capturable=False,
        )
        for number, book in enumerate(repayment.books)
    ]


def _moved(order: Order, number: int, shop: ShopifyShop, **facts: Any) -> Made:
    refundable, gateway = facts["refundable"], facts["gateway"]
    shown = {
        "number": str(number),
        "at": (facts["at"], number),
        "id": gid("OrderTransaction", number),
        "order": order,
        "kind": facts["kind"],
        "status": facts["status"],
        "amount_set": bag(shop, facts["amount"]),
        "created_at": stamp(facts["at"]),
        "processed_at": stamp(facts["at"]),
        "gateway": gateway,
        "formatted_gateway": gateway.replace("-", " ").title(),
        "parent_transaction": facts["parent"],
        "payment_id": f"{order.code}.{number}",
        "manual_payment_gateway": False,
        "manually_capturable": facts["capturable"],
        "maximum_refundable_v2": None if refundable is None else money_of(shop, refundable),
        "test": False,
    }
    return Made("OrderTransaction", shown)


def _shown_transactions(order: Order, arguments: Args, call: Call) -> list[Made]:
    found = transactions(call.shop, order)
    if arguments.get("capturable") is not None:
        found = [made for made in found if made.manually_capturable is arguments["capturable"]]
    return first_of(found, arguments)


VIEW: Resolvers = {
    ("Order", "transactions"): _shown_transactions,
    ("Order", "transactionsCount"): lambda o, _, call: count_of(len(transactions(call.shop, o))),
}
