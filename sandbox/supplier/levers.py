"""The administrator's levers on the suppliers: the control server has them only where there is a supplier.

`supplier` names one, and may be left out where there is only one. An act that the books refuse is a
NotDone of the supplier's, which the control server answers with 409.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.supplier.books import CARRIER
from sandbox.supplier.postbox import Postbox
from sandbox.supplier.records import NotDone

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Levers:
    """Acts on suppliers by hand."""

    postboxes: Mapping[str, Postbox]

    def posts(self) -> dict[str, Callable[[Body], Any]]:
        """What can be done, by path."""
        return {
            "/supplier/good": self.good,
            "/supplier/receive": self.receive,
            "/supplier/lose": self.lose,
            "/supplier/drop": self.drop,
            "/supplier/publish": self.publish,
            "/supplier/collect": self.collect,
            "/supplier/acknowledge": self.acknowledge,
            "/supplier/despatch": self.despatch,
            "/supplier/answer-cancel": self.answer_cancel,
        }

    def gets(self) -> dict[str, Callable[[Body], Any]]:
        """What can be read, by path."""
        return {"/supplier/books": lambda body: self._postbox(body).supplier.state()}

    def good(self, body: Body) -> Body:
        """Take an article into the range: code, sku, cents, units, optionally pack, lead_days."""
        made = self._postbox(body).supplier.add_good(
            str(body["code"]),
            str(body["sku"]),
            int(body["cents"]),
            int(body["units"]),
            pack=int(body.get("pack", 1)),
            lead_days=int(body.get("lead_days", 2)),
        )
        return {"code": made.code, "stock": made.stock}

    def receive(self, body: Body) -> Body:
        """Let goods arrive: code, units."""
        supplier, code = self._postbox(body).supplier, str(body["code"])
        supplier.receive(code, int(body["units"]))
        return {"code": code, "stock": supplier.goods[code].stock}

    def lose(self, body: Body) -> Body:
        """Let goods go elsewhere: code, units."""
        supplier, code = self._postbox(body).supplier, str(body["code"])
        supplier.lose(code, int(body["units"]))
        return {"code": code, "stock": supplier.goods[code].stock}

    def drop(self, body: Body) -> Body:
        """Take an article out of the range: code."""
        self._postbox(body).supplier.drop(str(body["code"]))
        return {"code": body["code"]}

    def publish(self, body: Body) -> Body:
        """Write the list; `slip`: half, short, sold_out, bad_rows."""
        return {"name": self._postbox(body).publish(str(body.get("slip", "")))}

    def collect(self, body: Body) -> Body:
        """Read what came in."""
        return {"orders": [order.reference for order in self._postbox(body).collect()]}

    def acknowledge(self, body: Body) -> Body:
        """Accept an order and refuse codes of it: reference, optionally refuse, reason. Written at once."""
        postbox = self._postbox(body)
        more = {"reason": str(body["reason"])} if "reason" in body else {}
        order = postbox.supplier.acknowledge(str(body["reference"]), body.get("refuse", ()), **more)
        return {"accepted": dict(order.accepted), "refused": dict(order.refused), "papers": postbox.send()}

    def despatch(self, body: Body) -> Body:
        """Send an order, or lines {code: units}: reference, optionally lines, tracking, carrier."""
        postbox = self._postbox(body)
        tracking = postbox.supplier.despatch(
            str(body["reference"]),
            body.get("lines"),
            tracking=str(body.get("tracking", "")),
            carrier=str(body.get("carrier", CARRIER)),
        )
        return {"tracking": tracking, "papers": postbox.send()}

    def answer_cancel(self, body: Body) -> Body:
        """Answer a request to cancel: reference, stopped."""
        postbox = self._postbox(body)
        order = postbox.supplier.answer_cancel(str(body["reference"]), stopped=bool(body["stopped"]))
        return {"state": order.state.value, "papers": postbox.send()}

    def _postbox(self, body: Body) -> Postbox:
        name = body.get("supplier")
        if name is None and len(self.postboxes) == 1:
            return next(iter(self.postboxes.values()))
        if not isinstance(name, str) or name not in self.postboxes:
            raise NotDone(f"there is no supplier {name}; there are {', '.join(self.postboxes)}")
        return self.postboxes[name]
