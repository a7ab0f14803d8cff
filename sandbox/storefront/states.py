"""Where an order or a fulfilment can stand, and where it can go from there: the real server's own names."""

from enum import StrEnum


class OrderState(StrEnum):
    """Where an order stands."""

    ADDING = "AddingItems"
    ARRANGING = "ArrangingPayment"
    AUTHORISED = "PaymentAuthorized"
    PAID = "PaymentSettled"
    PART_SHIPPED = "PartiallyShipped"
    SHIPPED = "Shipped"
    PART_DELIVERED = "PartiallyDelivered"
    DELIVERED = "Delivered"
    CANCELLED = "Cancelled"


class PaymentState(StrEnum):
    """Where a payment stands."""

    AUTHORISED = "Authorized"
    SETTLED = "Settled"
    DECLINED = "Declined"


class FulfilmentState(StrEnum):
    """Where a fulfilment stands."""

    PENDING = "Pending"
    SHIPPED = "Shipped"
    DELIVERED = "Delivered"
    CANCELLED = "Cancelled"


AFTER_FULFILMENT = {
    FulfilmentState.PENDING: ["Shipped", "Delivered", "Cancelled"],
    FulfilmentState.SHIPPED: ["Delivered", "Cancelled"],
    FulfilmentState.DELIVERED: ["Cancelled"],
    FulfilmentState.CANCELLED: [],
}
AFTER_PAYMENT = {
    PaymentState.AUTHORISED: ["Settled", "Error", "Cancelled"],
    PaymentState.SETTLED: ["Cancelled"],
    PaymentState.DECLINED: [],
}
AFTER_ORDER = {
    OrderState.ADDING: ["ArrangingPayment", "Cancelled"],
    OrderState.ARRANGING: ["PaymentAuthorized", "PaymentSettled", "AddingItems", "Cancelled"],
    OrderState.AUTHORISED: ["PaymentSettled", "Cancelled", "Modifying", "ArrangingAdditionalPayment"],
    OrderState.PAID: [
        "PartiallyDelivered",
        "Delivered",
        "PartiallyShipped",
        "Shipped",
        "Cancelled",
        "Modifying",
        "ArrangingAdditionalPayment",
    ],
    OrderState.PART_SHIPPED: ["Shipped", "PartiallyDelivered", "Cancelled", "Modifying"],
    OrderState.SHIPPED: ["PartiallyDelivered", "Delivered", "Cancelled", "Modifying"],
    OrderState.PART_DELIVERED: ["Delivered", "Cancelled", "Modifying"],
    OrderState.DELIVERED: ["Cancelled"],
    OrderState.CANCELLED: [],
}
