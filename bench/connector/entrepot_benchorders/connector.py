"""The bench's shop of orders as a Storefront of the contract, as far as its manifest declares it."""

from datetime import datetime
from decimal import Decimal

import msgspec
from entrepot_benchsystem import BenchSystem

from connectors.contract import BadAnswer, Broken, Deadline, Page
from connectors.transport import Call, Safety, Setup
from entrepot_benchorders import MANIFEST
from sync.domain.listing import RemoteVariant
from sync.domain.money import Money
from sync.domain.orders import OrderStatus, PaymentStatus, RemoteOrder, RemoteOrderLine
from sync.domain.people import Address, Person


class Customer(msgspec.Struct):
    """Who bought."""

    first_name: str
    last_name: str
    email: str
    phone: str


class Place(msgspec.Struct):
    """Where to."""

    name: str
    line1: str
    city: str
    postcode: str
    country: str


class Line(msgspec.Struct):
    """One line; amounts are text in major units."""

    id: str
    variant_id: str
    sku: str
    title: str
    quantity: int
    price: str
    total: str


class Order(msgspec.Struct):
    """One order, as far as it is looked at."""

    id: str
    number: str
    currency: str
    created_at: datetime
    updated_at: datetime
    total: str
    shipping_total: str
    shipping_method: str
    customer: Customer
    shipping_address: Place
    line_items: list[Line]
    note: str


class Orders(msgspec.Struct):
    """A page; `next` is where to go on."""

    orders: list[msgspec.Raw]
    next: int | None


_PAGE = msgspec.json.Decoder(Orders)
_ORDER = msgspec.json.Decoder(Order)


class BenchOrders(BenchSystem):
    """One shop. What is not declared is refused in words, before anything is called."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup, MANIFEST)

    async def products(self, cursor: str | None, deadline: Deadline) -> Page[RemoteVariant]:
        """Nothing new: the listings are in the database already."""
        answer = await self._transport.send(Call("products", "GET", "/shop", Safety.READ), deadline)
        return Page((), "end", True, answer.begun_at)

    async def orders(self, cursor: str | None, deadline: Deadline) -> Page[RemoteOrder]:
        """The next page, record by record: one that does not fit is kept, and the others are taken."""
        call = Call("orders", "GET", "/orders", Safety.READ, params=[("page", cursor or "1")])
        answer = await self._transport.send(call, deadline)
        try:
            page = _PAGE.decode(answer.body)
        except msgspec.DecodeError:
            raise BadAnswer("the answer is no page of orders", sample=answer.body) from None
        records, broken = [], []
        for raw in page.orders:
            try:
                records.append(_order(_ORDER.decode(raw), bytes(raw)))
            except (msgspec.DecodeError, ValueError) as error:
                broken.append(Broken(None, str(error), bytes(raw)))
        after = cursor if page.next is None else str(page.next)
        return Page(tuple(records), after, page.next is None, answer.begun_at, tuple(broken))

    async def order(self, external_id: str, deadline: Deadline) -> RemoteOrder | None:
        """The bench never asks."""
        return None


def _order(order: Order, raw: bytes) -> RemoteOrder:
    who, to, currency = order.customer, order.shipping_address, order.currency
    return RemoteOrder(
        external_id=order.id,
        number=order.number,
        placed_at=order.created_at,
        status=OrderStatus.OPEN,
        payment=PaymentStatus.PAID,
        currency=currency,
        lines=tuple(_line(line, currency) for line in order.line_items),
        total=Money.of(order.total, currency),
        shipping=Money.of(order.shipping_total, currency),
        adjustments=Money(0, currency),
        buyer=Person(f"{who.first_name} {who.last_name}", who.email, who.phone),
        ship_to=Address(
            to.name, None, (to.line1,), to.city, None, to.postcode, to.country, who.phone, who.email
        ),
        service=order.shipping_method,
        note=order.note,
        updated_at=order.updated_at,
        raw=raw,
    )


def _line(line: Line, currency: str) -> RemoteOrderLine:
    return RemoteOrderLine(
        line.id,
        line.variant_id,
        line.sku,
        line.title,
        line.quantity,
        line.quantity,
        Decimal(line.price),
        Money.of(line.total, currency),
    )
