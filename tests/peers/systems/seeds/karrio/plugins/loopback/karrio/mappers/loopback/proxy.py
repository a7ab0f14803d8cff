"""The courier itself, offline: its book is one JSON file that the tests may add scans to (LOOPBACK_STATE)."""

import fcntl
import json
import os
from pathlib import Path

import karrio.lib as lib
from karrio.api.proxy import Proxy as BaseProxy
from karrio.mappers.loopback.settings import Settings
from karrio.universal.mappers.rating_proxy import RatingMixinProxy
from karrio.universal.mappers.shipping_proxy import ShippingMixinProxy

BOOK = Path(os.environ["LOOPBACK_STATE"])
VOIDABLE = ("pending", "unknown")


def _event(time, code, status, text):
    return {"date": "2026-01-01", "time": time, "code": code, "status": status, "description": text}


def _read():
    with BOOK.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        file.seek(0)
        return json.loads(file.read() or "{}")


def _change(edit):
    with BOOK.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        content = json.loads(file.read() or "{}")
        answer = edit(content)
        file.seek(0)
        file.truncate()
        json.dump(content, file, ensure_ascii=False, indent=1)
        return answer


class Proxy(BaseProxy):
    settings: Settings

    def get_rates(self, request):
        return RatingMixinProxy.get_rates(self, request)

    def create_shipment(self, request):
        response = ShippingMixinProxy.create_shipment(self, request)
        labels, _ = response.deserialize()
        bought = _event("08:00", "LABEL", "pending", "label bought")

        def edit(book):
            for _, label in labels:
                book.setdefault(label.tracking_number, [bought])

        _change(edit)
        return response

    def get_tracking(self, request):
        book = _read()
        return lib.Deserializable([(number, book.get(number)) for number in request.serialize()])

    def cancel_shipment(self, request):
        number = request.serialize()["shipment_identifier"]

        def edit(book):
            events = book.get(number)
            if events is None or any(event["status"] not in VOIDABLE for event in events):
                text = f"{number} unknown or already picked up"
                return {"ok": False, "code": "NOT_VOIDABLE", "message": text}
            events.append(_event("09:00", "VOID", "cancelled", "voided"))
            return {"ok": True}

        return lib.Deserializable(_change(edit))

    def schedule_pickup(self, request):
        asked = request.serialize()
        times = {name: asked.get(name) for name in ("pickup_date", "ready_time", "closing_time")}

        def edit(book):
            pickups = book.setdefault("_pickups", {})
            reference = f"PU{len(pickups) + 1:06d}"
            pickups[reference] = asked.get("shipment_identifiers")
            return {"ref": reference, **times}

        return lib.Deserializable(_change(edit))

    def cancel_pickup(self, request):
        reference = request.serialize()["confirmation_number"]

        def edit(book):
            pickups = book.setdefault("_pickups", {})
            known = pickups.get(reference, "cancelled") != "cancelled"
            pickups[reference] = "cancelled"
            return {"ok": known, "code": "NO_PICKUP", "message": f"{reference} unknown"}

        return lib.Deserializable(_change(edit))

    def create_manifest(self, request):
        return lib.Deserializable({"numbers": request.serialize().get("shipment_identifiers") or []})
