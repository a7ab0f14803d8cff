"""Corner Shops that break one promise each, on purpose; each names the check that must notice."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from corner_bench import CornerBench
from entrepot_cornershop import MANIFEST
from entrepot_cornershop.connector import CornerShop
from requesting import REQUESTING, Adds, Desk, Doubts, ForgetsTheNo, Requesting, TellsHalf
from server import KEY

from connectors.conformance import Connector, Wire
from connectors.contract import (
    AuthRejected,
    BadAnswer,
    ConfirmShipment,
    Deadline,
    Done,
    Feed,
    Manifest,
    Outcome,
    Page,
    Refused,
    Rejected,
    RequestAnswer,
    RequestReceipt,
    SetQuantity,
    Throttled,
    Unavailable,
    Unknown,
)
from sync.domain.aftersales import RequestKind
from sync.domain.clock import SystemClock
from sync.domain.listing import RemoteVariant
from sync.domain.orders import RemoteOrder

Shipped = Outcome[tuple[str, ...]]
Stocked = Mapping[str, Outcome[int]]


@dataclass
class Case:
    """One broken connector. `check` is the only check that it fails."""

    check: str
    shop: type[CornerShop] = CornerShop
    manifest: Manifest = field(default=MANIFEST)


class BrokenBench(CornerBench):
    """The honest shop, with a connector that is not."""

    def __init__(self, case: Case) -> None:
        super().__init__()
        self.case = case
        self.manifest = case.manifest
        self.desk = Desk()

    def open(self, wire: Wire, *, secret: str) -> Connector:
        shop = self.case.shop(self.setup(wire, secret))
        if isinstance(shop, Requesting):
            shop.desk = self.desk
        return shop  # type: ignore[return-value]

    async def arguments(self, method: str) -> tuple[object, ...]:
        match method:
            case "request":
                return (RequestKind.RETURN, self.books.sell())
            case "answer_request":
                return (RequestAnswer(self.books.sell(), RequestKind.RETURN, True, "as agreed"),)
            case "receive_request":
                lines = (("1", 2, 1),)
                return (RequestReceipt(self.books.sell(3), RequestKind.RETURN, lines, True),)
        return await super().arguments(method)

    async def fill(self, feed: str, number: int) -> Sequence[str]:
        return await super().fill("orders" if feed == "requests" else feed, number)

    def mark(self, feed: str, key: str) -> str:
        return super().mark("orders" if feed == "requests" else feed, key)

    async def asked(self, request: str) -> Mapping[str, int]:
        return {line["id"]: line["quantity"] for line in self.books.orders[int(request)]["lines"]}

    async def booked(self, request: str) -> Mapping[str, tuple[int, int]]:
        return {"1": self.desk.booked.get((request, "1"), (0, 0))}


class ShowsAnother(CornerShop):
    @property
    def manifest(self) -> Manifest:
        return replace(MANIFEST, name="elsewhere")


class RefusesAnOrder(CornerShop):
    async def order(self, external_id: str, deadline: Deadline) -> RemoteOrder | None:
        await super().order(external_id, deadline)
        raise Refused("orders cannot be read one by one")


class PretendsReturns(CornerShop):
    async def requests(self, cursor: object, deadline: object) -> Page[object]:  # type: ignore[override]
        return Page((), None, True, SystemClock().now())


class RunsAhead(CornerShop):
    """Its last cursor lies behind whatever comes."""

    async def products(self, cursor: str | None, deadline: Deadline) -> Page[RemoteVariant]:
        page = await super().products(cursor, deadline)
        return replace(page, cursor="999999") if page.complete else page


class Remembers(CornerShop):
    """Its place is in its memory, and its cursor says nothing."""

    place: str | None = None

    async def products(self, cursor: str | None, deadline: Deadline) -> Page[RemoteVariant]:
        if cursor is not None and self.place is None:
            return Page((), cursor, True, SystemClock().now())
        page = await super().products(None if cursor is None else self.place, deadline)
        self.place = page.cursor
        return replace(page, cursor="somewhere")


class Skips(CornerShop):
    """Counts records instead of naming the last one."""

    async def products(self, cursor: str | None, deadline: Deadline) -> Page[RemoteVariant]:
        page = await super().products(None, deadline)
        for _ in range(int(cursor or 0)):
            page = await super().products(page.cursor, deadline)
        return replace(page, cursor=str(int(cursor or 0) + (not page.complete)))


class Reckons(CornerShop):
    """Reckons where the next page begins, instead of looking at what came."""

    async def products(self, cursor: str | None, deadline: Deadline) -> Page[RemoteVariant]:
        page = await super().products(cursor, deadline)
        return page if page.complete else replace(page, cursor=str(int(cursor or 0) + 3))


class Drops(CornerShop):
    async def products(self, cursor: str | None, deadline: Deadline) -> Page[RemoteVariant]:
        return replace(await super().products(cursor, deadline), broken=())


class AllOrNothing(CornerShop):
    async def set_quantities(self, batch: Sequence[SetQuantity], deadline: Deadline) -> Stocked:
        outcomes = await super().set_quantities(batch, deadline)
        bad = [each for each in outcomes.values() if isinstance(each, Rejected)]
        return dict.fromkeys(outcomes, bad[0]) if bad else outcomes


class OneMore(CornerShop):
    async def set_quantities(self, batch: Sequence[SetQuantity], deadline: Deadline) -> Stocked:
        more = [replace(each, quantity=each.quantity + 1) for each in batch]
        return await super().set_quantities(more, deadline)


class Once(CornerShop):
    """Says no to a repeat."""

    done = False

    async def confirm_shipment(self, request: ConfirmShipment, deadline: Deadline) -> Shipped:
        if self.done:
            return Rejected("it was sent already")
        outcome = await super().confirm_shipment(request, deadline)
        self.done = isinstance(outcome, Done)
        return outcome


class FindsAll(CornerShop):
    async def find_shipment(self, request: ConfirmShipment, deadline: Deadline) -> Shipped:
        done = await self.confirm_shipment(request, deadline) if self.told else None
        return done or Done(None, ())

    told = False

    async def confirm_shipment(self, request: ConfirmShipment, deadline: Deadline) -> Shipped:
        self.told = True
        return await super().confirm_shipment(request, deadline)


class AnotherKey(CornerShop):
    """Takes a new key after each answer that was lost."""

    lost = 0

    def key(self, request: ConfirmShipment, number: int) -> str:
        return f"{request.key}/{number}/{self.lost}"

    async def confirm_shipment(self, request: ConfirmShipment, deadline: Deadline) -> Shipped:
        outcome = await super().confirm_shipment(request, deadline)
        self.lost += isinstance(outcome, Unknown)
        return outcome


class GivesUp(CornerShop):
    """Has no patience with a vendor that asks for some."""

    async def orders(self, cursor: str | None, deadline: Deadline) -> Page[RemoteOrder]:
        short = Deadline.after(min(0.6, deadline.left()))
        try:
            return await super().orders(cursor, short)
        except Throttled:
            raise Throttled("the shop asks us to slow down") from None


class TakesItForANo(CornerShop):
    async def set_quantities(self, batch: Sequence[SetQuantity], deadline: Deadline) -> Stocked:
        try:
            return await super().set_quantities(batch, deadline)
        except Throttled:
            return {each.variant: Rejected("the shop does not want it") for each in batch}


class Swallows(CornerShop):
    async def order(self, external_id: str, deadline: Deadline) -> RemoteOrder | None:
        try:
            return await super().order(external_id, deadline)
        except AuthRejected:
            return None


class Guesses(CornerShop):
    async def order(self, external_id: str, deadline: Deadline) -> RemoteOrder | None:
        try:
            return await super().order(external_id, deadline)
        except BadAnswer:
            return None


class TakesItsTime(CornerShop):
    async def order(self, external_id: str, deadline: Deadline) -> RemoteOrder | None:
        try:
            return await super().order(external_id, deadline)
        except Unavailable:
            if deadline.left() < 0.01:
                await asyncio.sleep(30)
            raise


class ShowsItsKey(CornerShop):
    def __repr__(self) -> str:
        return f"CornerShop(key={KEY!r})"


class LogsTheBuyer(CornerShop):
    async def orders(self, cursor: str | None, deadline: Deadline) -> Page[RemoteOrder]:
        page = await super().orders(cursor, deadline)
        for order in page.records:
            logging.getLogger("cornershop").debug("an order of %s", order.buyer.name)
        return page

    async def order(self, external_id: str, deadline: Deadline) -> RemoteOrder | None:
        order = await super().order(external_id, deadline)
        logging.getLogger("cornershop").debug("an order of %s", order and order.buyer.name)
        return order


class RepeatsTheVendor(CornerShop):
    """Puts the vendor's own words into its error."""

    async def order(self, external_id: str, deadline: Deadline) -> RemoteOrder | None:
        try:
            return await super().order(external_id, deadline)
        except BadAnswer as error:
            raise BadAnswer(f"{error}: {error.sample.decode()}") from None


def _limits(**changes: object) -> Manifest:
    return replace(MANIFEST, limits=replace(MANIFEST.limits, **changes))  # type: ignore[arg-type]


_RULE = MANIFEST.limits.pace[0]
_ODD_FEED = {Feed.ORDERS: replace(MANIFEST.feeds[Feed.ORDERS], order="as it comes")}
_BY_COUNT = {**MANIFEST.feeds, Feed.PRODUCTS: replace(MANIFEST.feeds[Feed.PRODUCTS], order="offset")}

CASES: Mapping[str, Case] = {
    "another contract": Case("the_manifest_is_for_this_contract", manifest=replace(MANIFEST, contract=2)),
    "not verified": Case("the_manifest_is_for_this_contract", manifest=replace(MANIFEST, verified=())),
    "a rate from nowhere": Case(
        "every_limit_has_a_source", manifest=_limits(pace=(replace(_RULE, source=""),))
    ),
    "a size from nowhere": Case("every_limit_has_a_source", manifest=_limits(sources={})),
    "no word on repeats": Case(
        "every_creating_write_declares_its_repeat", manifest=replace(MANIFEST, repeats={})
    ),
    "an odd feed": Case("feeds_are_described", manifest=replace(MANIFEST, feeds=_ODD_FEED)),
    "shows another manifest": Case("the_connector_shows_this_manifest", ShowsAnother),
    "declared and refused": Case("what_is_declared_works", RefusesAnOrder),
    "not declared and answered": Case("what_is_not_declared_is_refused_in_words", PretendsReturns),
    "a cursor that runs ahead": Case("pages_stream_to_their_end", RunsAhead),
    "a place in memory": Case("pages_resume_after_a_restart", Remembers),
    "a cursor that counts": Case("shifted_pages_lose_nothing", Skips, replace(MANIFEST, feeds=_BY_COUNT)),
    "a cursor that reckons": Case("a_page_given_twice_loses_nothing", Reckons),
    "drops bad records": Case("a_record_that_does_not_fit_is_kept", Drops),
    "all or nothing": Case("one_bad_item_leaves_the_others_done", AllOrNothing),
    "one unit too many": Case("an_absolute_write_may_be_repeated", OneMore),
    "no to a repeat": Case("a_creating_write_sent_twice_has_one_effect", Once),
    "finds what is not there": Case("what_was_never_sent_is_not_found", FindsAll),
    "another key each time": Case("a_creating_write_is_found_again_by_its_declared_means", AnotherKey),
    "half of a request": Case("requests_come_whole", TellsHalf, REQUESTING),
    "a no that is forgotten": Case("an_answer_given_twice_is_done", ForgetsTheNo, REQUESTING),
    "a receipt taken for a difference": Case("a_receipt_told_twice_is_booked_once", Adds, REQUESTING),
    "a receipt booked in doubt": Case("a_receipt_whose_answer_is_lost_is_booked_once", Doubts, REQUESTING),
    "no patience": Case("throttling_is_waited_out", GivesUp),
    "a pause taken for a no": Case("a_long_pause_is_told_and_not_called_into", TakesItForANo),
    "credentials swallowed": Case("refused_credentials_are_told_everywhere", Swallows),
    "guesses": Case("an_answer_that_does_not_fit_is_not_guessed_at", Guesses),
    "beyond its deadline": Case("deadlines_are_kept", TakesItsTime),
    "a key in its text form": Case("nothing_secret_is_shown_in_good_times", ShowsItsKey),
    "a buyer in the log": Case("nothing_secret_is_shown_in_good_times", LogsTheBuyer),
    "the vendor's words": Case("nothing_secret_is_shown_in_bad_times", RepeatsTheVendor),
}
