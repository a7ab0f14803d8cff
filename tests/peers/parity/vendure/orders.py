"""Carts and placed orders: what the feed shows, and when."""

from tests.peers.books.people import LI, Buyer
from tests.peers.books.vendure import ShopRefused
from tests.peers.parity.sides import Shop
from tests.peers.parity.vendure.words import FULFIL, REFUND, WHOLE_ORDER, handler, result


def an_order_whole(shop: Shop) -> None:
    """Every field that an order has when it is placed and paid."""
    note = shop.notes
    one, two = shop.goods(9, 1000), shop.goods(9, 333)
    with shop.visitor() as shopper:
        placed = shopper.buy({one: 2, two: 3})
    note.fact("state", placed.state)
    answer = shop.staff.session.post(f"query($i:ID!){{order(id:$i){{{WHOLE_ORDER}}}}}", {"i": placed.id})
    note.answer("order", answer)
    order = result(answer)
    note.fact(
        "figures",
        {
            k: order[k]
            for k in (
                "subTotal",
                "subTotalWithTax",
                "shipping",
                "shippingWithTax",
                "total",
                "totalWithTax",
                "totalQuantity",
            )
        },
    )
    note.fact("stock is allocated, not taken", (shop.staff.stock(one), shop.staff.stock(two)))
    note.fact("length of the code", len(order["code"]))
    note.answer("unknown order", shop.staff.session.post('{order(id:"999999"){id}}'))
    note.answer("id of another form", shop.staff.session.post('{order(id:"abc"){id}}'))


def orders_since(shop: Shop) -> None:
    """The feed by orderPlacedAt: carts are out, the bound is exclusive, the order is kept."""
    ask, note = shop.staff.session.post, shop.notes
    sku = shop.goods(50)
    feed = "query($o:OrderListOptions!){orders(options:$o){totalItems items{id code state active orderPlacedAt updatedAt}}}"
    with shop.visitor() as first, shop.visitor() as slow, shop.visitor() as last:
        slow.begin({sku: 1})
        one = first.buy({sku: 1})
        since = shop.staff.order(one.id)["orderPlacedAt"]
        two, three = slow.finish(), last.buy({sku: 1})
        with shop.visitor() as waiting:
            waiting.begin({sku: 1})
            options = {
                "filter": {"orderPlacedAt": {"after": since}, "active": {"eq": False}},
                "sort": {"orderPlacedAt": "ASC"},
                "skip": 0,
                "take": 100,
            }
            answer = ask(feed, {"o": options})
    note.answer("feed", answer)
    ours = {one.code: "one", two.code: "two", three.code: "three"}
    note.fact("feed finds", [ours.get(item["code"], "another") for item in result(answer)["items"]])
    inclusive = ask(
        feed,
        {
            "o": {
                "filter": {"orderPlacedAt": {"between": {"start": since, "end": "2100-01-01T00:00:00.000Z"}}},
                "sort": {"orderPlacedAt": "ASC"},
            }
        },
    )
    note.fact("between finds", [ours.get(item["code"], "another") for item in result(inclusive)["items"]])
    codes = ask(
        feed, {"o": {"filter": {"code": {"in": list(ours)}}, "sort": {"orderPlacedAt": "DESC"}, "take": 2}}
    )
    note.fact(
        "newest first", ([ours[item["code"]] for item in result(codes)["items"]], result(codes)["totalItems"])
    )
    ids = ask(feed, {"o": {"filter": {"id": {"in": [one.id, two.id]}}}})
    note.fact("by ids", sorted(ours[item["code"]] for item in result(ids)["items"]))
    note.answer("take 1001", ask(feed, {"o": {"take": 1001}}))


def a_slow_checkout(shop: Shop) -> None:
    """Placing an order moves orderPlacedAt, in milliseconds, and may leave updatedAt behind it."""
    sku = shop.goods(9)
    with shop.visitor() as shopper:
        shopper.begin({sku: 1})
        order = shop.staff.order(shopper.finish().id)
    shop.notes.fact("updatedAt is on the second", order["updatedAt"].endswith(".000Z"))
    shop.notes.fact("forms of the moments", (len(order["orderPlacedAt"]), len(order["updatedAt"])))


def too_little_stock(shop: Shop) -> None:
    """InsufficientStockError still adds what there is; ORDER_LIMIT_ERROR above 999."""
    note = shop.notes
    sku = shop.goods(3)
    variant = shop.staff.variant(sku)["id"]
    add = "mutation($v:ID!,$q:Int!){addItemToOrder(productVariantId:$v,quantity:$q){__typename ... on InsufficientStockError{errorCode message quantityAvailable order{totalQuantity}} ... on ErrorResult{errorCode message} ... on Order{id state totalQuantity lines{quantity}}}}"
    with shop.visitor() as shopper:
        buyer = shopper.session
        note.answer("five of three", buyer.post(add, {"v": variant, "q": 5}))
        note.answer("cart", buyer.post("{activeOrder{totalQuantity lines{quantity}}}"))
        note.answer("one more", buyer.post(add, {"v": variant, "q": 1}))
        note.answer("none", buyer.post(add, {"v": variant, "q": 0}))
        note.answer("negative", buyer.post(add, {"v": variant, "q": -1}))
        note.answer("unknown variant", buyer.post(add, {"v": "999999", "q": 1}))
        note.answer(
            "pay an order in AddingItems",
            buyer.post(
                'mutation{addPaymentToOrder(input:{method:"dummy-payment",metadata:{}}){__typename ... on ErrorResult{errorCode message} ... on Order{state}}}'
            ),
        )
        note.answer(
            "arrange without an address",
            buyer.post(
                'mutation{transitionOrderToState(state:"ArrangingPayment"){__typename ... on OrderStateTransitionError{errorCode message transitionError fromState toState} ... on Order{state}}}'
            ),
        )
    many = shop.goods(5000)
    with shop.visitor() as shopper:
        note.answer("a thousand", shopper.session.post(add, {"v": shop.staff.variant(many)["id"], "q": 1000}))
        note.answer("999", shopper.session.post(add, {"v": shop.staff.variant(many)["id"], "q": 999}))
    with shop.visitor() as shopper:
        note.answer("no cart", shopper.session.post("{activeOrder{id}}"))


def a_switched_off_product(shop: Shop) -> None:
    """A disabled product or variant cannot be put in a cart."""
    note, ask = shop.notes, shop.staff.session.post
    sku = shop.goods(3)
    variant = shop.staff.variant(sku)
    ask(
        "mutation($i:[UpdateProductInput!]!){updateProducts(input:$i){id}}",
        {"i": [{"id": variant["product"]["id"], "enabled": False}]},
    )
    add = "mutation($v:ID!){addItemToOrder(productVariantId:$v,quantity:1){__typename ... on ErrorResult{errorCode message}}}"
    with shop.visitor() as shopper:
        note.answer("disabled product", shopper.session.post(add, {"v": variant["id"]}))
    note.fact("staff still see it", len(shop.staff.variants(sku)))


def authorised_and_unpaid(shop: Shop) -> None:
    """An authorised payment places the order; it can be shipped, cannot be refunded, and is settled later."""
    ask, note, staff = shop.staff.session.post, shop.notes, shop.staff
    sku = shop.goods(9)
    with shop.visitor() as shopper:
        shopper.begin({sku: 2})
        methods = "{eligiblePaymentMethods{id code name description isEligible eligibilityMessage}}"
        note.answer("ways to pay", shopper.session.post(methods))
        placed = shopper.finish("paid-later")
    note.fact("state", placed.state)
    note.fact("stock", staff.stock(sku))
    note.answer(
        "fulfil", ask(FULFIL, {"i": {"lines": staff.lines(placed.id), "handler": handler("DHL", "T")}})
    )
    staff.move(staff.order(placed.id)["fulfillments"][0]["id"], "Shipped")
    note.fact("shipped unpaid", staff.order(placed.id)["state"])
    payment = staff.order(placed.id)["payments"][0]["id"]
    whole = {"paymentId": payment, "amount": 10, "lines": [], "shipping": 0, "adjustment": 0, "reason": "no"}
    note.answer("refund", ask(REFUND, {"i": whole}))
    settle = """mutation($i:ID!){settlePayment(id:$i){
      __typename ... on ErrorResult{errorCode message} ... on Payment{id state amount nextStates}}}"""
    note.answer("settle", ask(settle, {"i": payment}))
    note.fact("afterwards", staff.order(placed.id)["state"])
    note.answer("settle again", ask(settle, {"i": payment}))
    note.answer("settle another", ask(settle, {"i": "999999"}))
    note.answer("order", ask(f"query($i:ID!){{order(id:$i){{nextStates {WHOLE_ORDER}}}}}", {"i": placed.id}))
    with shop.visitor() as shopper:
        shopper.begin({sku: 1})
        cancelled = shopper.finish("paid-later")
    staff.cancel(cancelled.id)
    note.answer("cancelled", ask(f"query($i:ID!){{order(id:$i){{{WHOLE_ORDER}}}}}", {"i": cancelled.id}))


def odd_people(shop: Shop) -> None:
    """One name, none, Chinese and emoji: kept as they were given."""
    sku = shop.goods(9)
    for name, buyer in {"one name": Buyer(last_name=""), "no name": Buyer("", ""), "Chinese": LI}.items():
        with shop.visitor() as shopper:
            try:
                order = shop.staff.order(shopper.buy({sku: 1}, buyer).id)
            except ShopRefused as refused:
                shop.notes.fact(name, refused.code)
            else:
                kept = order["shippingAddress"]
                shop.notes.fact(name, (order["customer"]["firstName"], order["customer"]["lastName"], kept))


def a_free_order(shop: Shop) -> None:
    """A hundred per cent off with free shipping: nothing is left to pay, and the order is placed all the same."""
    note, staff = shop.notes, shop.staff
    sku = shop.goods(9)
    with shop.visitor() as shopper:
        shopper.begin({sku: 2})
        apply = """mutation($c:String!){applyCouponCode(couponCode:$c){
          __typename ... on ErrorResult{errorCode message} ... on Order{totalWithTax couponCodes}}}"""
        note.answer("unknown coupon", shopper.session.post(apply, {"c": "NOT-A-COUPON"}))
        note.answer("coupon", shopper.session.post(apply, {"c": shop.free_coupon}))
        placed = shopper.finish()
    answer = staff.session.post(f"query($i:ID!){{order(id:$i){{{WHOLE_ORDER}}}}}", {"i": placed.id})
    note.answer("order", answer)
    order = result(answer)
    lines = [line["proratedLinePriceWithTax"] for line in order["lines"]]
    note.fact("totals", (order["subTotalWithTax"], order["shippingWithTax"], order["totalWithTax"], lines))
    note.fact("payments", [(p["state"], p["amount"]) for p in order["payments"]])


SCRIPTS = (
    an_order_whole,
    orders_since,
    a_slow_checkout,
    too_little_stock,
    a_switched_off_product,
    authorised_and_unpaid,
    odd_people,
    a_free_order,
)
