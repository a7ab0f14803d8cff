"""Orders of the pretend Vendure: bought, fulfilled, cancelled, refunded, with every trap of the dialect."""

import httpx
from conftest import ERROR, Caller, PretendShop

ADD = (
    f"mutation($v:ID!,$q:Int!){{addItemToOrder(productVariantId:$v,quantity:$q){{{ERROR}"
    "...on Order{id code updatedAt lines{id quantity}}...on OrderLimitError{maxItems}"
    "...on InsufficientStockError{quantityAvailable order{lines{quantity}}}}}"
)


# --- buying ---------------------------------------------------------------------------------------------


async def test_a_shopper_who_returns_the_token_fills_one_cart(pretend: PretendShop) -> None:
    shopper = await pretend.shopper()
    await shopper(ADD, v="1", q=1)
    made = await shopper(ADD, v="2", q=2)
    assert sorted(line["quantity"] for line in made["lines"]) == [1, 2]


async def test_a_shopper_who_forgets_the_token_gets_a_new_cart_each_time(pretend: PretendShop) -> None:
    client = httpx.AsyncClient(base_url=f"{pretend.base}/shop-api")
    forgetful = Caller(await pretend.stack.enter_async_context(client), keep_token=False)
    first, second = await forgetful(ADD, v="1", q=1), await forgetful(ADD, v="1", q=1)
    assert first["code"] != second["code"]


async def test_a_paid_order_is_placed_and_its_units_are_allocated(pretend: PretendShop) -> None:
    bought = await pretend.buy(("1", 2), ("2", 5))
    assert (bought["state"], bought["totalWithTax"]) == ("PaymentSettled", 366200)
    assert await pretend.stock("2") == (500, 5)
    (entry,) = pretend.ledger.entries()
    assert (entry.system, entry.kind) == ("shop:main", "order_placed")
    assert entry.facts["lines"] == {"LT-1": 2, "MUG-1": 5}
    assert entry.facts["paid"] == entry.facts["total"] == 366200


async def test_the_sums_of_an_order_are_those_of_the_real_server(pretend: PretendShop) -> None:
    bought = await pretend.buy(("1", 2), ("2", 5))
    order = await pretend.order(
        bought["id"],
        "subTotal subTotalWithTax shipping shippingWithTax total totalWithTax totalQuantity currencyCode "
        "taxSummary{description taxRate taxBase taxTotal} shippingLines{priceWithTax shippingMethod{code}}",
    )
    assert order == {
        "subTotal": 304750,
        "subTotalWithTax": 365700,
        "shipping": 500,
        "shippingWithTax": 500,
        "total": 305250,
        "totalWithTax": 366200,
        "totalQuantity": 7,
        "currencyCode": "EUR",
        "taxSummary": [
            {"description": "Standard Tax Europe", "taxRate": 20, "taxBase": 304750, "taxTotal": 60950},
            {"description": "shipping tax", "taxRate": 0, "taxBase": 500, "taxTotal": 0},
        ],
        "shippingLines": [{"priceWithTax": 500, "shippingMethod": {"code": "standard-shipping"}}],
    }


async def test_a_part_discount_is_spread_over_the_lines_as_the_real_server_does(pretend: PretendShop) -> None:
    pretend.shop.add_coupon("TEN", "ten off", 10)
    shopper = await pretend.shopper()
    await shopper(ADD, v="2", q=3)
    await shopper(f'mutation{{setOrderShippingMethod(shippingMethodId:["1"]){{{ERROR}}}}}')
    order = await shopper(
        'mutation{applyCouponCode(couponCode:"TEN"){...on Order{subTotal subTotalWithTax totalWithTax '
        "discounts{description amount amountWithTax} lines{unitPriceWithTax discountedUnitPriceWithTax "
        "proratedUnitPriceWithTax proratedLinePriceWithTax linePriceWithTax}}}}"
    )
    assert order == {
        "subTotal": 2673,
        "subTotalWithTax": 3208,
        "totalWithTax": 3708,
        "discounts": [{"description": "ten off", "amount": -297, "amountWithTax": -356}],
        "lines": [
            {
                "unitPriceWithTax": 1188,
                "discountedUnitPriceWithTax": 1188,
                "proratedUnitPriceWithTax": 1069,
                "proratedLinePriceWithTax": 3208,
                "linePriceWithTax": 3564,
            }
        ],
    }


async def test_a_free_order_is_paid_with_nothing(pretend: PretendShop) -> None:
    pretend.shop.add_coupon("FREE", "all free", 100, free_shipping=True)
    shopper = await pretend.shopper()
    await shopper(ADD, v="2", q=1)
    await shopper(f'mutation{{applyCouponCode(couponCode:"FREE"){{{ERROR}}}}}')
    await pretend.to_the_till(shopper)
    paid = await pretend.pay(shopper)
    assert (paid["state"], paid["totalWithTax"]) == ("PaymentSettled", 0)
    assert [payment["amount"] for payment in paid["payments"]] == [0]


async def test_an_unknown_coupon_is_refused(pretend: PretendShop) -> None:
    shopper = await pretend.shopper()
    await shopper(ADD, v="2", q=1)
    refused = await shopper(f'mutation{{applyCouponCode(couponCode:"NO"){{{ERROR}}}}}')
    assert refused["errorCode"] == "COUPON_CODE_INVALID_ERROR"


async def test_a_shortage_still_adds_what_there_is(pretend: PretendShop) -> None:
    shopper = await pretend.shopper()
    short = await shopper(ADD, v="1", q=60)
    assert short["errorCode"] == "INSUFFICIENT_STOCK_ERROR"
    assert short["message"] == "Only 50 items were added to the order due to insufficient stock"
    assert (short["quantityAvailable"], short["order"]["lines"]) == (50, [{"quantity": 50}])
    none = await shopper(ADD, v="1", q=1)
    assert (none["quantityAvailable"], none["order"]["lines"]) == (0, [{"quantity": 50}])


async def test_more_than_999_items_are_refused(pretend: PretendShop) -> None:
    shopper = await pretend.shopper()
    refused = await shopper(ADD, v="2", q=1000)
    assert (refused["errorCode"], refused["maxItems"]) == ("ORDER_LIMIT_ERROR", 999)


async def test_a_negative_quantity_is_refused(pretend: PretendShop) -> None:
    refused = await (await pretend.shopper())(ADD, v="2", q=-1)
    assert refused["errorCode"] == "NEGATIVE_QUANTITY_ERROR"


async def test_the_till_asks_for_a_customer_and_a_way_to_send(pretend: PretendShop) -> None:
    shopper = await pretend.shopper()
    go = (
        f'mutation{{transitionOrderToState(state:"ArrangingPayment"){{{ERROR}'
        "...on OrderStateTransitionError{transitionError}}}"
    )
    await shopper(ADD, v="2", q=1)
    text = 'Cannot transition Order to the "ArrangingPayment" state without'
    assert (await shopper(go))["transitionError"] == f"{text} Customer details"
    person = {"firstName": "", "lastName": "", "emailAddress": "a@example.com"}
    await shopper(f"mutation($i:CreateCustomerInput!){{setCustomerForOrder(input:$i){{{ERROR}}}}}", i=person)
    assert (await shopper(go))["transitionError"] == f"{text} a ShippingMethod"


async def test_a_cart_at_the_till_cannot_be_changed(pretend: PretendShop) -> None:
    shopper = await pretend.shopper()
    await shopper(ADD, v="2", q=1)
    await pretend.to_the_till(shopper)
    assert (await shopper(ADD, v="2", q=1))["errorCode"] == "ORDER_MODIFICATION_ERROR"


async def test_a_declined_payment_leaves_the_order_unplaced(pretend: PretendShop) -> None:
    shopper = await pretend.shopper()
    await shopper(ADD, v="2", q=1)
    await pretend.to_the_till(shopper)
    declined = await shopper(
        'mutation{addPaymentToOrder(input:{method:"dummy-payment",metadata:{shouldDecline:true}}){'
        + ERROR
        + "}}"
    )
    assert declined["errorCode"] == "PAYMENT_DECLINED_ERROR"
    assert await pretend.admin("{orders(options:{filter:{active:{eq:false}}}){totalItems}}") == {
        "totalItems": 0
    }


async def test_paying_without_a_cart_or_too_early_is_refused(pretend: PretendShop) -> None:
    shopper = await pretend.shopper()
    pay = 'mutation{addPaymentToOrder(input:{method:"dummy-payment",metadata:{}}){' + ERROR + "}}"
    assert (await shopper(pay))["errorCode"] == "NO_ACTIVE_ORDER_ERROR"
    await shopper(ADD, v="2", q=1)
    assert (await shopper(pay))["errorCode"] == "ORDER_PAYMENT_STATE_ERROR"


async def test_an_unknown_country_is_a_wrong_input(pretend: PretendShop) -> None:
    shopper = await pretend.shopper()
    await shopper(ADD, v="2", q=1)
    _, (error,) = await shopper.errors(
        f'mutation{{setOrderShippingAddress(input:{{streetLine1:"x",countryCode:"ZZ"}}){{{ERROR}}}}}'
    )
    assert error["message"] == 'The countryCode "ZZ" was not recognized'


# --- cursors --------------------------------------------------------------------------------------------


async def test_a_slow_checkout_leaves_updated_at_before_order_placed_at(pretend: PretendShop) -> None:
    shopper = await pretend.shopper()
    await shopper(ADD, v="2", q=1)
    await pretend.to_the_till(shopper)
    pretend.clock.advance(600)
    paid = await pretend.pay(shopper)
    assert await pretend.order(paid["id"], "updatedAt orderPlacedAt") == {
        "updatedAt": "2026-03-01T12:00:00.000Z",
        "orderPlacedAt": "2026-03-01T12:10:00.250Z",
    }


async def test_only_cancelling_lines_moves_updated_at(pretend: PretendShop) -> None:
    bought = await pretend.buy(("2", 5))
    line = bought["lines"][0]["id"]
    before = await pretend.order(bought["id"], "updatedAt")
    pretend.clock.advance(60)
    made = await pretend.fulfil(line, 2)
    await pretend.move(made["id"], "Shipped")
    await pretend.move(made["id"], "Delivered")
    await refund(pretend, bought, amount=100)
    await pretend.admin('mutation{addNoteToOrder(input:{id:"1",note:"n",isPublic:false}){id}}')
    assert await pretend.order(bought["id"], "updatedAt") == before
    await pretend.cancel(bought["id"], lines=[{"orderLineId": line, "quantity": 1}])
    assert await pretend.order(bought["id"], "updatedAt") == {"updatedAt": "2026-03-01T12:01:00.000Z"}


async def test_orders_are_read_from_a_moment_on(pretend: PretendShop) -> None:
    await pretend.buy(("2", 1))
    pretend.clock.advance(10)
    second = await pretend.buy(("2", 1))
    shopper = await pretend.shopper()
    await shopper(ADD, v="2", q=1)
    page = await pretend.admin(
        "query($o:OrderListOptions){orders(options:$o){totalItems items{code}}}",
        o={
            "filter": {"orderPlacedAt": {"after": "2026-03-01T12:00:00.250Z"}, "active": {"eq": False}},
            "sort": {"orderPlacedAt": "ASC"},
            "skip": 0,
            "take": 100,
        },
    )
    assert page == {"totalItems": 1, "items": [{"code": second["code"]}]}


async def test_two_orders_may_be_placed_at_the_same_moment(pretend: PretendShop) -> None:
    await pretend.buy(("2", 1))
    await pretend.buy(("2", 1))
    page = await pretend.admin("{orders{items{orderPlacedAt}}}")
    assert len({order["orderPlacedAt"] for order in page["items"]}) == 1


async def test_the_order_of_lines_varies_between_answers(pretend: PretendShop) -> None:
    bought = await pretend.buy(("1", 1), ("2", 1))
    seen = set()
    for _ in range(30):
        order = await pretend.order(bought["id"], "lines{id}")
        seen.add(tuple(line["id"] for line in order["lines"]))
    assert seen == {("1", "2"), ("2", "1")}


# --- fulfilling -----------------------------------------------------------------------------------------


async def test_stock_on_hand_drops_at_fulfilment_and_not_at_the_order(pretend: PretendShop) -> None:
    bought = await pretend.buy(("2", 5))
    assert await pretend.stock("2") == (500, 5)
    made = await pretend.fulfil(bought["lines"][0]["id"], 2)
    assert (made["state"], made["method"], made["trackingCode"]) == ("Pending", "DHL", "T1")
    assert await pretend.stock("2") == (498, 3)
    await pretend.move(made["id"], "Shipped")
    assert await pretend.stock("2") == (498, 3)


async def test_to_sell_n_the_stock_on_hand_must_include_the_allocated(pretend: PretendShop) -> None:
    await pretend.buy(("2", 5))
    await pretend.admin('mutation{updateProductVariants(input:[{id:"2",stockOnHand:8}]){id}}')
    short = await (await pretend.shopper())(ADD, v="2", q=9)
    assert short["quantityAvailable"] == 3


async def test_the_order_follows_its_fulfilments(pretend: PretendShop) -> None:
    bought = await pretend.buy(("2", 5))
    line = bought["lines"][0]["id"]
    first = await pretend.fulfil(line, 2)
    assert await pretend.order(bought["id"], "state") == {"state": "PaymentSettled"}
    await pretend.move(first["id"], "Shipped")
    assert await pretend.order(bought["id"], "state") == {"state": "PartiallyShipped"}
    second = await pretend.fulfil(line, 3, "T2")
    await pretend.move(second["id"], "Shipped")
    assert await pretend.order(bought["id"], "state") == {"state": "Shipped"}
    await pretend.move(first["id"], "Delivered")
    assert await pretend.order(bought["id"], "state") == {"state": "PartiallyDelivered"}
    await pretend.move(second["id"], "Delivered")
    assert await pretend.order(bought["id"], "state") == {"state": "Delivered"}


async def test_a_fulfilment_may_be_delivered_at_once_but_never_go_back(pretend: PretendShop) -> None:
    bought = await pretend.buy(("2", 1))
    made = await pretend.fulfil(bought["lines"][0]["id"], 1)
    assert (await pretend.move(made["id"], "Delivered"))["state"] == "Delivered"
    back = await pretend.move(made["id"], "Shipped")
    assert back["errorCode"] == "FULFILLMENT_STATE_TRANSITION_ERROR"
    assert back["transitionError"] == 'Cannot transition Fulfillment from "Delivered" to "Shipped"'


async def test_a_cancelled_fulfilment_gives_its_units_back_to_the_allocation(pretend: PretendShop) -> None:
    bought = await pretend.buy(("2", 5))
    made = await pretend.fulfil(bought["lines"][0]["id"], 5)
    await pretend.move(made["id"], "Cancelled")
    assert await pretend.stock("2") == (500, 5)
    assert (await pretend.fulfil(bought["lines"][0]["id"], 5))["__typename"] == "Fulfillment"


async def test_what_cannot_be_fulfilled_is_refused(pretend: PretendShop) -> None:
    bought = await pretend.buy(("1", 5))
    line = bought["lines"][0]["id"]
    assert (await pretend.fulfil(line, 0))["errorCode"] == "EMPTY_ORDER_LINE_SELECTION_ERROR"
    assert (await pretend.fulfil(line, 6))["errorCode"] == "ITEMS_ALREADY_FULFILLED_ERROR"
    assert (await pretend.fulfil(line, 1, handler="x"))["errorCode"] == "INVALID_FULFILLMENT_HANDLER_ERROR"
    await pretend.admin('mutation{updateProductVariants(input:[{id:"1",stockOnHand:3}]){id}}')
    short = await pretend.fulfil(line, 5)
    assert (short["errorCode"], short["stockOnHand"]) == ("INSUFFICIENT_STOCK_ON_HAND_ERROR", 3)
    _, (error,) = await pretend.admin.errors(
        "mutation($i:FulfillOrderInput!){addFulfillmentToOrder(input:$i){__typename}}",
        i={"lines": [{"orderLineId": "99", "quantity": 1}], "handler": {"code": "x", "arguments": []}},
    )
    assert error["extensions"]["code"] == "ENTITY_NOT_FOUND"


# --- cancelling and refunding ------------------------------------------------------------------------------


async def test_cancelling_an_unfulfilled_line_releases_its_units(pretend: PretendShop) -> None:
    bought = await pretend.buy(("2", 5))
    line = bought["lines"][0]["id"]
    left = await pretend.cancel(bought["id"], lines=[{"orderLineId": line, "quantity": 2}])
    assert (left["state"], left["lines"]) == ("PaymentSettled", [{"id": line, "quantity": 3}])
    assert await pretend.stock("2") == (500, 3)


async def test_cancelling_everything_cancels_the_order_and_refunds_nothing(pretend: PretendShop) -> None:
    bought = await pretend.buy(("2", 5))
    gone = await pretend.cancel(bought["id"], cancelShipping=True, reason="r")
    assert (gone["state"], gone["totalWithTax"], gone["shippingWithTax"]) == ("Cancelled", 0, 0)
    order = await pretend.order(bought["id"], "payments{amount refunds{id}}")
    assert order == {"payments": [{"amount": bought["totalWithTax"], "refunds": []}]}
    again = await pretend.cancel(bought["id"])
    assert again["errorCode"] == "EMPTY_ORDER_LINE_SELECTION_ERROR"


async def test_cancelling_a_partly_fulfilled_line_moves_one_unit_too_many(pretend: PretendShop) -> None:
    bought = await pretend.buy(("2", 5))
    line = bought["lines"][0]["id"]
    await pretend.fulfil(line, 2)
    assert await pretend.stock("2") == (498, 3)
    await pretend.cancel(bought["id"], lines=[{"orderLineId": line, "quantity": 1}])
    assert await pretend.stock("2") == (499, 2)


async def test_cancelling_delivered_lines_is_how_a_return_restocks(pretend: PretendShop) -> None:
    bought = await pretend.buy(("2", 5))
    line = bought["lines"][0]["id"]
    made = await pretend.fulfil(line, 5)
    await pretend.move(made["id"], "Delivered")
    back = await pretend.cancel(bought["id"], lines=[{"orderLineId": line, "quantity": 2}])
    assert (back["state"], back["lines"]) == ("Delivered", [{"id": line, "quantity": 3}])
    assert await pretend.stock("2") == (497, 0)


async def test_what_cannot_be_cancelled_is_refused(pretend: PretendShop) -> None:
    first, second = await pretend.buy(("2", 1)), await pretend.buy(("2", 1))
    theirs = second["lines"][0]["id"]
    too_many = await pretend.cancel(second["id"], lines=[{"orderLineId": theirs, "quantity": 9}])
    assert too_many["errorCode"] == "QUANTITY_TOO_GREAT_ERROR"
    mixed = await pretend.cancel(first["id"], lines=[{"orderLineId": theirs, "quantity": 1}])
    assert mixed["errorCode"] == "MULTIPLE_ORDER_ERROR"
    none = await pretend.cancel(first["id"], lines=[])
    assert none["errorCode"] == "EMPTY_ORDER_LINE_SELECTION_ERROR"


async def refund(pretend: PretendShop, bought: dict[str, object], **given: object) -> dict[str, object]:
    everything: dict[str, object] = {
        "paymentId": "1",
        "lines": [],
        "shipping": 0,
        "adjustment": 0,
        "reason": "r",
    }
    made: dict[str, object] = await pretend.admin(
        f"mutation($i:RefundOrderInput!){{refundOrder(input:$i){{{ERROR}"
        "...on Refund{id state total method lines{quantity}}...on RefundAmountError{maximumRefundable}}}",
        i=everything | given,
    )
    return made


async def test_a_refund_is_promised_and_then_settled(pretend: PretendShop) -> None:
    bought = await pretend.buy(("2", 5))
    made = await refund(pretend, bought, amount=1000, lines=[{"orderLineId": "1", "quantity": 1}])
    assert made == {
        "__typename": "Refund",
        "id": "1",
        "state": "Pending",
        "total": 1000,
        "method": "dummy-payment",
        "lines": [{"quantity": 1}],
    }
    settle = f'mutation{{settleRefund(input:{{id:"1",transactionId:"X"}}){{{ERROR}...on Refund{{state}}}}}}'
    assert (await pretend.admin(settle))["state"] == "Settled"
    _, (error,) = await pretend.admin.errors(settle)
    assert error["extensions"]["code"] == "ILLEGAL_OPERATION"


async def test_a_refund_with_only_an_amount_fails_raw(pretend: PretendShop) -> None:
    await pretend.buy(("2", 5))
    _, (error,) = await pretend.admin.errors(
        f'mutation{{refundOrder(input:{{paymentId:"1",amount:100}}){{{ERROR}}}}}'
    )
    assert error["message"] == "NOT NULL constraint failed: refund.shipping"
    assert "extensions" not in error


async def test_a_refund_beyond_the_payment_says_how_much_is_left(pretend: PretendShop) -> None:
    bought = await pretend.buy(("2", 5))
    await refund(pretend, bought, amount=440)
    refused = await refund(pretend, bought, amount=6001)
    assert (refused["errorCode"], refused["maximumRefundable"]) == ("REFUND_AMOUNT_ERROR", 6000)


async def test_an_empty_refund_is_refused(pretend: PretendShop) -> None:
    refused = await refund(pretend, await pretend.buy(("2", 5)), amount=0)
    assert refused["errorCode"] == "NOTHING_TO_REFUND_ERROR"


async def test_two_equal_refunds_are_two_refunds(pretend: PretendShop) -> None:
    bought = await pretend.buy(("2", 5))
    await refund(pretend, bought, amount=100)
    await refund(pretend, bought, amount=100)
    order = await pretend.order(bought["id"], "payments{refunds{total reason}}")
    assert [each["total"] for each in order["payments"][0]["refunds"]] == [100, 100]


async def test_a_note_is_kept_in_the_history_among_all_else(pretend: PretendShop) -> None:
    await pretend.buy(("2", 1))
    await pretend.admin('mutation{addNoteToOrder(input:{id:"1",note:"held",isPublic:false}){id}}')
    order = await pretend.order("1", "history{totalItems items{type data isPublic}}")
    assert order["history"]["totalItems"] == 5
    assert [entry["type"] for entry in order["history"]["items"]] == [
        "ORDER_STATE_TRANSITION",
        "ORDER_STATE_TRANSITION",
        "ORDER_PAYMENT_TRANSITION",
        "ORDER_STATE_TRANSITION",
        "ORDER_NOTE",
    ]
    assert order["history"]["items"][-1]["data"] == {"note": "held"}
    assert order["history"]["items"][-1]["isPublic"] is False
    _, (error,) = await pretend.admin.errors(
        'mutation{addNoteToOrder(input:{id:"99",note:"x",isPublic:false}){id}}'
    )
    assert error["extensions"]["code"] == "ENTITY_NOT_FOUND"


async def test_staff_cannot_push_an_order_to_a_state(pretend: PretendShop) -> None:
    await pretend.buy(("2", 1))
    refused = await pretend.admin(f'mutation{{transitionOrderToState(id:"1",state:"Shipped"){{{ERROR}}}}}')
    assert refused["errorCode"] == "ORDER_STATE_TRANSITION_ERROR"
