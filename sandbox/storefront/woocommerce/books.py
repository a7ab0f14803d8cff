"""What a WooCommerce shop keeps beyond the books that every shop keeps: posts, orders, notes, webhooks.

Whatever happens in the shared books (a purchase by the sandbox's own shoppers, a cancel by its staff) passes `record`
or `remember`, and takes place here too. Every change says to `heard` what a webhook could tell of.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from sandbox.clock import Clock
from sandbox.ledger import Ledger
from sandbox.storefront.books import Shop, Terms
from sandbox.storefront.goods import Variant
from sandbox.storefront.orders import Order
from sandbox.storefront.particulars import Coupon
from sandbox.storefront.woocommerce.codes import Code, CodeKind, kept
from sandbox.storefront.woocommerce.hooks import Hook
from sandbox.storefront.woocommerce.money import bare, major, minor
from sandbox.storefront.woocommerce.posts import Kind, Meta, Post, Posts
from sandbox.storefront.woocommerce.purchases import CORE, Note, Purchase
from sandbox.storefront.woocommerce.rules import Rules

FIRST_ORDER = 2 * 10**15
"""Orders are numbered from here: so long a number is unique in the world, and the judge knows an order by it."""
SHIPPING = (500, 1000)
"""What the sandbox's shoppers pay for shipping, in the currency's hundredths."""


class WooShop(Shop):
    """A shop of the given rules. `statuses` are those that an order can be in while its plugins are on."""

    def __init__(
        self,
        name: str,
        rules: Rules,
        *,
        ledger: Ledger,
        clock: Clock,
        random: Random,
        first_order: int = FIRST_ORDER,
    ) -> None:
        self.rules = rules
        self.posts: dict[int, Post] = {}
        self.purchases: dict[int, Purchase] = {}
        self.statuses = [*CORE, *rules.statuses]
        self.terms_of: dict[str, dict[int, dict[str, Any]]] = {
            "categories": {15: {"name": "Uncategorized", "slug": "uncategorized"}},
            "tags": {},
        }
        self.store_id = str(UUID(int=random.getrandbits(128), version=4))
        self.address = rules.home or "http://localhost"
        self.hooks: dict[int, Hook] = {}
        self.codes: dict[int, Code] = {}
        self.opened_hook: Callable[[int], None] = lambda _: None
        self.heard: Callable[[str, int], None] = lambda _topic, _id: None
        self.placed: Callable[[Order], Purchase | None] = lambda order: None
        self.called_off: Callable[[Order, dict[str, Any]], None] = lambda order, why: None
        self._next_order = first_order
        scale = max(0, rules.decimals - 2)
        prices = (SHIPPING[0] * 10**scale, SHIPPING[1] * 10**scale)
        terms = Terms(
            rules.currency,
            rules.decimals,
            prices_include_tax=rules.prices_include_tax,
            tax_rate=rules.standard_rate,
            shipping_prices=prices,
        )
        super().__init__(name, terms, ledger=ledger, clock=clock, random=random)
        self.posts_catalogue = Posts(
            clock.now,
            self._stock_set,
            self._price_set,
            terms.currency,
            next_id=lambda: self.numbers.next("post"),
            listed=self._listed,
        )
        self.catalogue = self.posts_catalogue

    # --- ids and moments ------------------------------------------------------------------------------

    def new_code(self) -> str:
        """The next order number; carts and refunds take one too, so numbers have gaps, as a real shop's have."""
        return str(self.next_order())

    def next_order(self) -> int:
        """A fresh id of an order or a refund."""
        self._next_order += 1
        return self._next_order

    def next_item(self) -> int:
        """A fresh id of an order's item."""
        return int(self.numbers.next("item"))

    def next_meta(self) -> int:
        """A fresh id of a record's own data."""
        return int(self.numbers.next("meta"))

    def add_coupon(self, code: str, name: str, percent: int, free_shipping: bool = False) -> Coupon:
        """A code of the shared books is one here too."""
        self.new_code_of(code, CodeKind.PERCENT, Decimal(percent), free_shipping)
        return super().add_coupon(code, name, percent, free_shipping)

    def new_code_of(self, text: str, kind: CodeKind, amount: Decimal, free_shipping: bool) -> Code:
        """A new coupon."""
        code = Code(int(self.numbers.next("post")), kept(text), kind, amount, free_shipping, self.second())
        self.codes[code.id] = code
        return code

    def new_key(self) -> str:
        """What an order is opened with by its buyer."""
        letters = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
        return "wc_order_" + "".join(self.random.choices(letters, k=13))

    def local(self, moment: datetime) -> datetime:
        """A moment on the clock at the shop's wall, without its zone."""
        return moment.astimezone(self.rules.zone).replace(tzinfo=None)

    # --- what the shared books tell -------------------------------------------------------------------

    def record(self, kind: str, **facts: Any) -> None:
        """Keep an order that was just placed as WooCommerce does, then tell the ledger."""
        if kind == "order_placed" and facts["order"] in self.orders:
            purchase = self.placed(self.orders[facts["order"]])
            if purchase is not None:
                whole = minor(purchase.total, self.rules.decimals)
                facts.update(total=whole, paid=whole if purchase.paid else 0)
        super().record(kind, **facts)

    def remember(self, order: Order, type: str, data: dict[str, Any], *, public: bool = True) -> None:
        """A cancel in the books is a cancel here."""
        super().remember(order, type, data, public=public)
        if type == "ORDER_CANCELLATION":
            self.called_off(order, data)

    def _listed(self, variant: Variant) -> None:
        """A listing that came through the shared books is a simple product whose stock is counted."""
        now = self.second()
        post = Post(int(variant.id), Kind.SIMPLE, variant.product, variant, now, now, managed=True)
        post.categories = [15]
        post.regular_price = bare(major(variant.price, self.rules.decimals))
        self.posts[post.id] = post

    def _stock_set(self, variant: Variant) -> None:
        if (post := self.posts.get(int(variant.id))) is not None:
            self.stock_moved(post)
        super()._stock_set(variant)

    # --- posts ----------------------------------------------------------------------------------------

    def stock_moved(self, post: Post) -> None:
        """The stock that is counted at a post changed: its status follows, and that of those who share it."""
        post.variant.stock_moved_at = self.second()
        for each in (post, *(post.variations if post.managed else ())):
            each.settle_stock()
        self.touch_post(post)

    def touch_post(self, post: Post) -> None:
        """A post was changed."""
        post.modified = self.second()
        self.heard("product.updated", post.id)

    def repriced(self, post: Post) -> None:
        """Let the shared books ask what the post asks now."""
        before = post.variant.price
        post.variant.price = minor(Decimal(post.price(self.clock.now()) or "0"), self.rules.decimals)
        if post.variant.price != before:
            self.catalogue.price_set(post.variant)

    def children(self, post: Post) -> list[Post]:
        """The variations of a product."""
        return [each for each in post.variations if not each.gone]

    # --- orders ---------------------------------------------------------------------------------------

    def touch(self, purchase: Purchase) -> None:
        """An order was changed."""
        purchase.modified = self.second()
        self.heard("order.updated", purchase.id)

    def hidden_order(self, purchase: Purchase) -> bool:
        """Whether the shop does not show it to anybody at the moment."""
        return str(purchase.id) in self.hidden

    def write_note(
        self, purchase: Purchase, text: str, *, for_customer: bool = False, by_call: bool = False
    ) -> Note:
        """Write on an order; its date of change stays."""
        note = Note(int(self.numbers.next("note")), text, self.second(), for_customer, by_call=by_call)
        purchase.notes.append(note)
        return note

    def e_mailed(self, purchase: Purchase, what: str) -> None:
        """The newer generation notes each e-mail."""
        if self.rules.new:
            self.write_note(purchase, f'Email "{what}" sent.')

    def tell(self, kind: str, **facts: Any) -> None:
        """Tell the ledger of something that took place here alone."""
        super().record(kind, **facts)

    def state(self) -> dict[str, Any]:
        """The present books as JSON, without names and addresses."""
        return {**super().state(), "orders": [self._state_of(each) for each in self.purchases.values()]}

    def _state_of(self, purchase: Purchase) -> dict[str, Any]:
        digits = self.rules.decimals
        return {
            "id": str(purchase.id),
            "code": str(purchase.id),
            "state": purchase.status,
            "total_with_tax": minor(purchase.total, digits),
            "paid": minor(purchase.total, digits) if purchase.paid else 0,
            "refunded": minor(purchase.refunded, digits),
            "lines": [
                {
                    "id": str(line.id),
                    "sku": line.post.sku if line.post else "",
                    "physical": line.post.variant.physical if line.post else None,
                    "quantity": line.quantity - purchase.told.cancelled[line.id],
                    "placed": line.quantity,
                    "fulfilled": purchase.told.left[line.id],
                }
                for line in purchase.lines
            ],
            "fulfilments": [
                {"id": parcel.id, "state": "Shipped", "tracking": number}
                for number, parcel in purchase.told.parcels.items()
            ],
            "notes": [note.text for note in purchase.notes if note.by_call],
        }


def put_meta(shop: WooShop, entries: list[Meta], given: object) -> None:
    """Write a record's own data: a repeated key keeps the last, numbers become texts, null takes an entry out."""
    for row in given if isinstance(given, list) else ():
        if not isinstance(row, dict):
            continue
        key, value = row.get("key"), row.get("value")
        known = [each for each in entries if (each.id == row.get("id") if row.get("id") else each.key == key)]
        entry = known[-1] if known else None
        if value is None:
            entries[:] = [each for each in entries if each is not entry]
        elif entry is not None:
            entry.value, entry.key = _as_text(value), str(key or entry.key)
        elif key:
            entries.append(Meta(shop.next_meta(), str(key), _as_text(value)))


def _as_text(value: Any) -> Any:
    if isinstance(value, bool):
        return "1" if value else ""
    return value if isinstance(value, str | list | dict) else str(value)
