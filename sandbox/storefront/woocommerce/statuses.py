"""How an order goes from one status to another: any may follow any, and the stock, dates and notes follow."""

from sandbox.storefront.states import OrderState
from sandbox.storefront.woocommerce import stocking, telling
from sandbox.storefront.woocommerce.books import WooShop
from sandbox.storefront.woocommerce.purchases import HOLDING, WORDS, MoneyBack, Purchase

RELEASING = ("cancelled", "pending")
_PAID_ON_DELIVERY = "cod"


def move(shop: WooShop, purchase: Purchase, to: str) -> None:
    """Put an order into a status, with all that follows; the same status changes nothing."""
    before = purchase.status
    if to == before:
        return
    purchase.status = to
    _date(shop, purchase)
    shop.write_note(purchase, f"Order status changed from {word(before)} to {word(to)}.")
    if to in HOLDING:
        stocking.hold(shop, purchase)
        telling.placed(shop, purchase)
    elif to in RELEASING:
        stocking.release(shop, purchase)
    _follow(shop, purchase, before)
    _write(shop, purchase)


def word(status: str) -> str:
    """A status as people read it."""
    return WORDS.get(status, status.capitalize())


def _date(shop: WooShop, purchase: Purchase) -> None:
    """An order is paid once it is processed; one that is paid on delivery, once it is completed."""
    to = purchase.status
    whole = "completed" if purchase.payment_method == _PAID_ON_DELIVERY else "processing"
    if purchase.paid is None and to in (whole, "completed"):
        purchase.paid = shop.second()
    if to == "completed":
        purchase.completed = shop.second()


def _follow(shop: WooShop, purchase: Purchase, before: str) -> None:
    if purchase.status == "completed":
        telling.completed(shop, purchase)
    elif before == "completed" and purchase.status != "refunded":
        telling.taken_back(shop, purchase, telling.WHOLE)
    if purchase.status == "cancelled":
        telling.cancelled(shop, purchase, telling.left_of(purchase), whole=True)
        _empty_mirror(purchase)
    if purchase.status == "refunded":
        telling.cancelled(shop, purchase, telling.left_of(purchase), whole=True)
        give_all_back(shop, purchase)


def _empty_mirror(purchase: Purchase) -> None:
    """In the shared books too, nothing of a cancelled order can be cancelled again."""
    if purchase.mirror is not None:
        purchase.mirror.state = OrderState.CANCELLED
        for line in purchase.mirror.lines:
            line.quantity = 0


def give_all_back(shop: WooShop, purchase: Purchase) -> None:
    """The status alone makes a refund of the rest: it has no lines and restocks nothing."""
    rest = purchase.total - purchase.refunded
    if rest > 0:
        made = MoneyBack(shop.next_order(), rest, "Order fully refunded.", shop.second(), whole=True)
        purchase.refunds.append(made)
        telling.refunded(shop, purchase, made)


def _write(shop: WooShop, purchase: Purchase) -> None:
    match purchase.status:
        case "processing":
            shop.e_mailed(purchase, "New order")
            shop.e_mailed(purchase, "Processing order")
        case "completed":
            shop.e_mailed(purchase, "Completed order")
        case "on-hold":
            shop.e_mailed(purchase, "New order")
            shop.e_mailed(purchase, "Order on-hold")
        case "cancelled":
            shop.e_mailed(purchase, "Cancelled order")
        case "failed":
            shop.e_mailed(purchase, "Failed order")
        case "refunded":
            shop.e_mailed(purchase, "Refunded order")
        case _:
            pass


def pay(shop: WooShop, purchase: Purchase, transaction: str) -> None:
    """The whole sum was paid: the order is processed from now on, unless it is further already."""
    if transaction:
        purchase.words["transaction_id"] = transaction
    purchase.paid = purchase.paid or shop.second()
    if purchase.status in ("pending", "on-hold", "failed", "cancelled"):
        move(shop, purchase, "processing")
