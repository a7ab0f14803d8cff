"""The levers of the world: start and stop its people, act by hand, set faults, read the books, judge.

Everything is JSON. A request that makes no sense is 400, a thing that does not exist 404, an act that the
systems refuse 409; each with `{"error": text}`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox import aftersale, fates
from sandbox.deeds import code_of
from sandbox.faults import rule_of
from sandbox.gates import Gate
from sandbox.judge import judge
from sandbox.limits import Limit, Shape
from sandbox.people import People, each
from sandbox.settling import open_matters
from sandbox.shoppers import Buyer, Purchase, fill, settle, someone
from sandbox.storefront import cancelling
from sandbox.storefront.goods import Variant
from sandbox.storefront.orders import Order
from sandbox.storefront.refusals import Refused, Rejected
from sandbox.supplier.levers import Levers
from sandbox.supplier.records import NotDone
from sandbox.warehouse.dock import NoReturn
from sandbox.warehouse.levers import Levers as DockLevers
from sandbox.warehouse.refusals import Refusal
from sandbox.warehouse.store import MAIN
from sandbox.world import FREE, World

Body = dict[str, Any]


class NotThere(Exception):
    """The thing that was named does not exist."""


@dataclass(slots=True)
class Control:
    """Acts on a world, its people and the gates before its servers."""

    world: World
    people: People
    gates: dict[str, Gate] = field(default_factory=dict)

    def app(self) -> Starlette:
        """The levers as an ASGI application."""
        posts: dict[str, Callable[[Body], Any]] = {
            "/start": self.start,
            "/stop": self.stop,
            "/stop-shopping": self.stop_shopping,
            "/buy": self.buy,
            "/cancel": self.cancel,
            "/hide": self.hide,
            "/shop-stock": self.shop_stock,
            "/warehouse/work": self.work,
            "/warehouse/call": self.call,
            "/warehouse/receive": self.receive,
            "/warehouse/count": self.count,
            "/courier/scan": self.scan,
            "/judge": self.judge,
            "/settled": self.settled,
        }
        gets: dict[str, Callable[[Body], Any]] = {
            "/books": lambda _: self.world.state(),
            "/ledger": self.ledger,
            "/settled": self.settled,
            "/faults": lambda _: {name: gate.state() for name, gate in self.gates.items()},
            "/limits": lambda _: self.limits(),
            "/clocks": lambda _: self.clocks(),
            "/people": lambda _: self.people.at_work(),
        }
        puts: dict[str, Callable[[Body], Any]] = {
            "/faults": self.set_faults,
            "/limits": self.set_limits,
            "/clocks": self.set_clocks,
        }
        dock = DockLevers(self.world.warehouse)
        posts, gets = {**posts, **dock.posts()}, {**gets, **dock.gets()}
        posts |= aftersale.Levers(self.world).posts()
        if self.world.suppliers:
            levers = Levers(self.world.suppliers)
            posts, gets = {**posts, **levers.posts()}, {**gets, **levers.gets()}
        routes = [Route(path, _endpoint(act), methods=["POST"]) for path, act in posts.items()]
        routes += [Route(path, _endpoint(act), methods=["GET"]) for path, act in gets.items()]
        routes += [Route(path, _endpoint(act), methods=["PUT"]) for path, act in puts.items()]
        return Starlette(routes=routes)

    # --- people ------------------------------------------------------------------------------------

    def start(self, body: Body) -> Body:
        """Let people begin: `{"shoppers": true, "warehouse": true}`; an empty body means all."""
        each(self.people, body, self.people.start)
        return self.people.at_work()

    def stop(self, body: Body) -> Body:
        """Let people stop at once; named as for start."""
        each(self.people, body, self.people.stop)
        return self.people.at_work()

    def stop_shopping(self, _: Body) -> Body:
        """No new purchases; what was begun is paid."""
        self.people.stop_shopping()
        return {"purchases_tried": self.people.purchases_tried}

    # --- acts by hand ------------------------------------------------------------------------------

    def buy(self, body: Body) -> Body:
        """Buy: shop, lines [{sku or variant, quantity}], optionally buyer, coupon, free; gives the order."""
        shop = self._shop(body)
        lines = tuple((self._listed(shop, line), int(line["quantity"])) for line in body["lines"])
        buyer = Buyer(**body["buyer"]) if body.get("buyer") else someone(shop, self.world.random("control"))
        coupon = FREE if body.get("free") else body.get("coupon")
        purchase = Purchase(shop, lines, buyer, coupon=coupon)
        cart = fill(self.world.shops[shop], self.world.listings, purchase)
        if cart is None:
            raise Refused(
                "InsufficientStockError", "INSUFFICIENT_STOCK_ERROR", "the shop shows none of these"
            )
        order = settle(self.world.shops[shop], cart)
        return {
            "shop": shop,
            "id": order.id,
            "order": order.code,
            "total_with_tax": order.total_with_tax,
            "lines": [
                {
                    "id": x.id,
                    "sku": x.product_variant.sku,
                    "variant": x.product_variant.id,
                    "quantity": x.quantity,
                }
                for x in order.lines
            ],
        }

    def cancel(self, body: Body) -> Body:
        """Cancel as the shop's staff: shop, order (its code), optionally lines [{sku or line, quantity}]."""
        shop = self.world.shops[self._shop(body)]
        order = self._order(shop.by_code, body)
        wanted = None
        if body.get("lines") is not None:
            wanted = [
                {"orderLineId": self._line(order, line), "quantity": int(line["quantity"])}
                for line in body["lines"]
            ]
        cancelling.cancel(shop, order.id, wanted, reason=body.get("reason", "the buyer asked"))
        return {"order": order.code, "state": str(order.state)}

    def hide(self, body: Body) -> Body:
        """Let an order vanish from its shop: shop, order (its code); `back` shows it again."""
        shop, code = self.world.shops[self._shop(body)], code_of(str(body["order"]))
        there = shop.hidden if body.get("back") else shop.by_code
        if code not in there:
            raise NotThere(f"there is no order {code}")
        (shop.show if body.get("back") else shop.hide)(code)
        return {"order": code, "shown": code in shop.by_code}

    def shop_stock(self, body: Body) -> Body:
        """Set a listing's stock on hand as the shop's staff: shop, sku or variant, quantity."""
        shop = self._shop(body)
        variant = self.world.listings[shop, self._listed(shop, body)]
        change = {"id": variant.id, "stockOnHand": int(body["quantity"])}
        self.world.shops[shop].catalogue.update_variants([change])
        return {"variant": variant.id, "on_hand": variant.on_hand, "saleable": variant.saleable}

    def work(self, body: Body) -> Body:
        """Work on shipments with this reference, on all open ones without: until, parcels, unlabelled."""
        warehouse = self.world.warehouse
        reference = body.get("reference")
        found = self._shipments(reference) if reference else [view.id for view in warehouse.open_shipments()]
        more = {key: body[key] for key in ("parcels", "part", "unlabelled") if key in body}
        until = body.get("until", "done")
        return {"shipments": {str(each): warehouse.work(each, until, **more) for each in found}}

    def call(self, body: Body) -> Body:
        """Let the warehouse's system call shipments with this reference by a state of its own: state, or null."""
        found = self._shipments(str(body["reference"]))
        for shipment in found:
            self.world.warehouse.call(shipment, body["state"])
        return {"shipments": found}

    def receive(self, body: Body) -> Body:
        """Let goods arrive at a warehouse: sku, quantity, optionally warehouse (its code)."""
        sku = str(body["sku"])
        try:
            place = self._place(body)
            self.world.warehouse.receive(sku, int(body["quantity"]), warehouse=place)
        except KeyError:
            raise NotThere(f"the warehouse has no product {sku}") from None
        return {"sku": sku, "free": self.world.warehouse.free(sku)}

    def count(self, body: Body) -> Body:
        """Take stock of a SKU: sku, missing (units that are not found), optionally warehouse (its code)."""
        sku, place, books = str(body["sku"]), self._place(body), self.world.warehouse
        held = books.stored(sku, warehouse=place)
        if held is None:
            raise NotThere(f"the warehouse has no product {sku}")
        found = max(0, held - int(body["missing"]))
        fates.count(books, sku, found, place)
        return {"sku": sku, "found": found, "missing": held - found}

    def scan(self, body: Body) -> Body:
        """Let a courier scan a parcel: tracking, status, description, reason."""
        tracking = str(body["tracking"])
        if tracking not in self.world.courier.parcels():
            raise NotThere(f"the courier has no parcel {tracking}")
        courier, text = self.world.courier, str(body.get("description", ""))
        courier.scan(tracking, str(body["status"]), text, reason=body.get("reason"))
        return {"tracking": tracking}

    # --- reading and judging -----------------------------------------------------------------------

    def ledger(self, body: Body) -> Body:
        """The entries after `since`, and the counts of calls."""
        entries = self.world.ledger.entries(int(body.get("since", 0)))
        calls = [
            {"system": system, "path": path, "status": status, "number": number}
            for (system, path, status), number in self.world.ledger.calls().items()
        ]
        return {"entries": [entry.plain() for entry in entries], "calls": calls}

    def judge(self, body: Body) -> Body:
        """The verdict; `held` names orders as "shop/code"."""
        ledger = self.world.ledger
        return judge(ledger.entries(), body.get("held") or (), ledger.calls()).plain()

    def settled(self, body: Body) -> Body:
        """Whether nothing more is to come, and what is; `held` names orders that are not waited for."""
        held = body.get("held") or []
        names = held.split(",") if isinstance(held, str) else held
        matters = open_matters(self.world.ledger.entries(), names)
        return {"settled": not matters and not self.people.shopping(), "open": matters}

    # --- faults, limits, clocks --------------------------------------------------------------------

    def set_faults(self, body: Body) -> Body:
        """Replace the rules of the systems named: `{"shop:main": [{"kind": "drop_after", "rate": 0.1}]}`."""
        ready = {self._gate(name): [rule_of(rule) for rule in rules] for name, rules in body.items()}
        for gate, rules in ready.items():
            gate.rules = rules
        return {name: gate.state() for name, gate in self.gates.items()}

    def set_limits(self, body: Body) -> Body:
        """Set limits: `{"shop:main": {"shape": "fixed", "calls": 10, "seconds": 1}}`; null lifts one."""
        for name, given in body.items():
            self._gate(name).limit = (
                Limit(Shape(given["shape"]), int(given["calls"]), float(given["seconds"])) if given else None
            )
        return self.limits()

    def limits(self) -> Body:
        """The limits in force and how many calls each refused."""
        return {
            name: {
                "shape": g.limit.shape,
                "calls": g.limit.calls,
                "seconds": g.limit.seconds,
                "refused": g.limit.refused,
            }
            for name, g in self.gates.items()
            if g.limit
        }

    def set_clocks(self, body: Body) -> Body:
        """Put servers' clocks off by so many seconds: `{"shop:main": 60}`."""
        for name, seconds in body.items():
            if name not in self.world.clocks:
                raise NotThere(f"there is no system {name}")
            self.world.clocks[name].offset = timedelta(seconds=float(seconds))
        return self.clocks()

    def clocks(self) -> Body:
        """By how many seconds each server's clock is off."""
        return {name: clock.offset.total_seconds() for name, clock in self.world.clocks.items()}

    # --- finding things ----------------------------------------------------------------------------

    def _place(self, body: Body) -> str:
        place = str(body.get("warehouse", MAIN))
        if place not in self.world.warehouses.values():
            raise NotThere(f"there is no warehouse {place}")
        return place

    def _shipments(self, reference: str) -> list[int]:
        found = self.world.warehouse.find(reference)
        if not found:
            raise NotThere(f"no shipment has the reference {reference}")
        return found

    def _shop(self, body: Body) -> str:
        name = str(body["shop"])
        if name not in self.world.shops:
            raise NotThere(f"there is no shop {name}")
        return name

    def _listed(self, shop: str, line: Body) -> str:
        if "variant" in line:
            variant: Variant | None = self.world.shops[shop].catalogue.variants.get(str(line["variant"]))
            sku = next((s for (n, s), v in self.world.listings.items() if n == shop and v is variant), None)
            if sku is None:
                raise NotThere(f"{shop} has no variant {line['variant']}")
            return sku
        if (shop, line["sku"]) not in self.world.listings:
            raise NotThere(f"{shop} does not list {line['sku']}")
        return str(line["sku"])

    def _order(self, orders: dict[str, Order], body: Body) -> Order:
        code = code_of(str(body["order"]))
        if code not in orders:
            raise NotThere(f"there is no order {body['order']}")
        return orders[code]

    def _line(self, order: Order, line: Body) -> str:
        for known in order.lines:
            if known.id == line.get("line") or known.product_variant.sku == line.get("sku"):
                return known.id
        raise NotThere(f"order {order.code} has no such line")

    def _gate(self, name: str) -> Gate:
        if name not in self.gates:
            raise NotThere(f"there is no system {name}; there are {', '.join(self.gates)}")
        return self.gates[name]


def _endpoint(act: Callable[[Body], Any]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            text = await request.body()
            given = await request.json() if text else dict(request.query_params)
            if not isinstance(given, dict):
                return JSONResponse({"error": "the body must be a JSON object"}, 400)
            return JSONResponse(act(given))
        except (NotThere, NoReturn, aftersale.NoOrder) as missing:
            return JSONResponse({"error": str(missing)}, 404)
        except (Refused, Rejected, NotDone, Refusal) as refused:
            return JSONResponse({"error": str(refused)}, 409)
        except KeyError as missing_key:
            return JSONResponse({"error": f"the body lacks {missing_key}"}, 400)
        except (TypeError, ValueError) as wrong:
            return JSONResponse({"error": str(wrong)}, 400)

    return endpoint
