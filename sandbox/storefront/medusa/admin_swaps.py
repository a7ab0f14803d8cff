"""The Admin API's routes of exchanges and claims; both bring goods back and send others, a claim also complains."""

from typing import Any

from sandbox.storefront.medusa import returned
from sandbox.storefront.medusa.admin_returned import GETTERS
from sandbox.storefront.medusa.answers import invalid, missing
from sandbox.storefront.medusa.bodies import number, rows, text
from sandbox.storefront.medusa.calls import Act, Call
from sandbox.storefront.medusa.deeds import find_order
from sandbox.storefront.medusa.desk import Desk, by_whom, cancellable, line_of
from sandbox.storefront.medusa.edits import Edits, preview
from sandbox.storefront.medusa.lists import Listing
from sandbox.storefront.medusa.names import inside, outside
from sandbox.storefront.medusa.returned import ADD, BACK, WRITE_OFF, Action, Swap
from sandbox.storefront.medusa.returned_view import CLAIM, CLAIM_WHOLE, EXCHANGE, EXCHANGE_WHOLE, swap_of

SWAPS = Listing(20, {**GETTERS, "id": lambda x: outside(x.kind, x.id)})


def routes(edits: Edits) -> dict[tuple[str, str], Act]:
    """The routes over one shop's changes."""
    desk = Swaps(edits)
    return {**desk.routes("exchange"), **desk.routes("claim")}


class Swaps(Desk):
    """Where exchanges and claims are worked out."""

    def routes(self, kind: str) -> dict[tuple[str, str], Act]:
        """Those of one kind."""
        top = f"/admin/{kind}s"
        one, short = f"{top}/{{id}}", EXCHANGE if kind == "exchange" else CLAIM
        whole = EXCHANGE_WHOLE if kind == "exchange" else CLAIM_WHOLE

        def listed(call: Call) -> dict[str, Any]:
            records = [each for each in call.shop.swaps.values() if each.kind == kind]
            return call.many(f"{kind}s", records, SWAPS, lambda x: swap_of(call.shop, x), short)

        def shown(call: Call) -> dict[str, Any]:
            return call.one(kind, swap_of(call.shop, self._swap(call, kind)), whole)

        return {
            ("GET", top): listed,
            ("POST", top): lambda call: self.begin_swap(call, kind, short),
            ("GET", one): shown,
            ("POST", f"{one}/inbound/items"): lambda call: self.inbound(call, kind, whole),
            ("POST", f"{one}/outbound/items"): lambda call: self.outbound(call, kind, whole),
            ("POST", f"{one}/outbound/shipping-method"): lambda call: self.outward(call, kind, whole),
            ("POST", f"{one}/claim-items"): lambda call: self.complain(call, kind, whole),
            ("POST", f"{one}/request"): lambda call: self.confirm_swap(call, kind, whole),
            ("POST", f"{one}/cancel"): lambda call: self.cancel_swap(call, kind, whole),
        }

    def _swap(self, call: Call, kind: str) -> Swap:
        swap = call.shop.swaps.get((kind, inside(kind, call.path["id"]) or ""))
        if swap is None:
            raise missing(f"{kind.capitalize()} id not found: {call.path['id']}")
        return swap

    def begin_swap(self, call: Call, kind: str, fields: tuple[str, ...]) -> dict[str, Any]:
        shop, order = call.shop, find_order(call.shop, text(call.body, "order_id"))
        type = text(call.body, "type") if kind == "claim" else None
        if type not in (None, "replace", "refund"):
            raise invalid("Invalid request: Expected: 'refund, replace' for field 'type'")
        change = self.begin(shop, order, kind, call.body.get("internal_note"))
        now = shop.second()
        change.about = swap = Swap(shop.numbers.next(kind), order, now, now, by_whom(call), type)
        shop.swaps[kind, swap.id] = swap
        return self.with_order(call, kind, swap_of(shop, swap), fields)

    def inbound(self, call: Call, kind: str, fields: tuple[str, ...]) -> dict[str, Any]:
        swap = self._swap(call, kind)
        change = self.active(swap.order, swap)
        wanted = self.back_items(call.shop, swap.order, rows(call.body, "items"))
        if swap.back is None:
            place = inside("location", call.body.get("location_id")) or next(iter(call.shop.locations))
            swap.back = self.new_return(call.shop, swap.order, place, by_whom(call))
            swap.back.owner, swap.updated_at = swap, call.shop.second()
        change.actions += [Action(BACK, line.id, units, reason) for line, units, reason in wanted]
        return self._previewed(call, swap, fields)

    def outbound(self, call: Call, kind: str, fields: tuple[str, ...]) -> dict[str, Any]:
        swap = self._swap(call, kind)
        change = self.active(swap.order, swap)
        for n, row in enumerate(rows(call.body, "items")):
            variant = inside("variant", text(row, "variant_id", f"items, {n}, ")) or ""
            if variant not in call.shop.catalogue.variants:
                raise invalid(f"Variants with ids {row['variant_id']} do not exist")
            change.actions.append(Action(ADD, variant, int(number(row, "quantity", f"items, {n}, "))))
        return self._previewed(call, swap, fields)

    def outward(self, call: Call, kind: str, fields: tuple[str, ...]) -> dict[str, Any]:
        """Goods that go out are sent for nothing here."""
        swap = self._swap(call, kind)
        self.active(swap.order, swap)
        text(call.body, "shipping_option_id")
        return self._previewed(call, swap, fields)

    def complain(self, call: Call, kind: str, fields: tuple[str, ...]) -> dict[str, Any]:
        swap = self._swap(call, kind)
        change = self.active(swap.order, swap)
        for n, row in enumerate(rows(call.body, "items")):
            line = line_of(swap.order, text(row, "id", f"items, {n}, "))
            units = int(number(row, "quantity", f"items, {n}, "))
            change.actions.append(Action(WRITE_OFF, line.id, units, row.get("reason")))
        return self._previewed(call, swap, fields)

    def confirm_swap(self, call: Call, kind: str, fields: tuple[str, ...]) -> dict[str, Any]:
        """It counts from now on; its own `updated_at` stays where it was."""
        shop, swap = call.shop, self._swap(call, kind)
        change = self.active(swap.order, swap)
        if not change.actions:
            raise invalid(f"Order {kind} request should have at least 1 item")
        lines = {line.id: line for line in swap.order.lines}
        for action in change.actions:
            id = shop.numbers.next(f"{kind}_item")
            if action.kind == ADD:
                line = returned.add_line(shop, swap.order, action.subject, action.units)
                swap.items.append(returned.SwapItem(id, line, action.units, True))
            elif action.kind == WRITE_OFF:
                shop.counted(lines[action.subject]).written_off += action.units
                line = lines[action.subject]
                swap.items.append(returned.SwapItem(id, line, action.units, False, action.reason))
        change.status = "confirmed"
        if swap.back is not None:
            self.requested(shop, swap.back, change)
        else:
            shop.touch(swap.order)
        return self._previewed(call, swap, fields)

    def cancel_swap(self, call: Call, kind: str, fields: tuple[str, ...]) -> dict[str, Any]:
        swap = self._swap(call, kind)
        if swap.cancelled_at:
            raise invalid(f"{kind.capitalize()} with id {call.path['id']} has been canceled.")
        if swap.back is not None:
            cancellable(swap.back, f"a {kind}")
        returned.take_back(call.shop, swap)
        if swap.back is not None:
            returned.cancel(call.shop, swap.back)
        return call.one(kind, swap_of(call.shop, swap), fields)

    def _previewed(self, call: Call, swap: Swap, fields: tuple[str, ...]) -> dict[str, Any]:
        return {**preview(call.shop, swap.order), **call.one(swap.kind, swap_of(call.shop, swap), fields)}
