"""The aggregator's records as the JSON that it answers with."""

import base64

from sandbox.courier.labels import label
from sandbox.courier.records import Connection, Json, Pickup, Rate, Shipment, Tracker, Webhook

_INFO = (
    *("carrier_tracking_link", "customer_name", "expected_delivery", "note", "order_date", "order_id"),
    *("package_weight", "package_weight_unit", "shipment_package_count", "shipment_pickup_date"),
    *("shipment_delivery_date", "shipment_service", "shipment_origin_country"),
    *("shipment_origin_postal_code", "shipment_destination_country"),
    *("shipment_destination_postal_code", "shipping_date", "signed_by"),
)


def connection(row: Connection) -> Json:
    """A carrier account; its credentials are never shown."""
    return {
        "id": row.id,
        "object_type": "carrier-connection",
        "carrier_name": row.carrier_name,
        "display_name": "Loopback Courier",
        "carrier_id": row.carrier_id,
        "capabilities": ["rating", "manifest", "shipping", "tracking", "pickup"],
        "config": row.config,
        "metadata": row.metadata,
        "is_system": False,
        "active": row.active,
        "test_mode": False,
    }


def rate(row: Rate) -> Json:
    """An offer."""
    charge: Json = {
        "name": "Base Charge",
        "amount": row.total_charge,
        "currency": row.currency,
        "id": None,
    }
    return {
        "id": row.id,
        "object_type": "rate",
        "carrier_name": row.carrier_name,
        "carrier_id": row.carrier_id,
        "currency": row.currency,
        "service": row.service,
        "total_charge": row.total_charge,
        "transit_days": row.transit_days,
        "extra_charges": [charge],
        "estimated_delivery": None,
        "meta": {
            "carrier": row.carrier_name,
            "carrier_connection_id": row.connection,
            "ext": row.carrier_name,
            "rate_provider": row.carrier_name,
            "service_name": row.title,
            "shipping_charges": row.total_charge,
            "shipping_currency": row.currency,
        },
        "test_mode": False,
    }


def shipment(row: Shipment, *, documents: bool = False) -> Json:
    """A shipment; its label comes along only in the answer to the purchase (`documents`)."""
    chosen = row.selected
    return {
        "id": row.id,
        "object_type": "shipment",
        "tracking_url": f"/v1/trackers/{chosen.carrier_name}/{row.tracking_number}" if chosen else None,
        "shipper": row.shipper,
        "recipient": row.recipient,
        "return_address": row.return_address,
        "billing_address": row.billing_address,
        "parcels": row.parcels,
        "services": row.services,
        "options": row.options,
        "payment": row.payment,
        "customs": row.customs,
        "rates": [rate(offer) for offer in row.rates],
        "reference": row.reference,
        "order_id": row.order_id,
        "label_type": row.label_type,
        "carrier_ids": row.carrier_ids,
        "tracker_id": row.tracker,
        "created_at": str(row.created_at),
        "metadata": row.metadata,
        "messages": row.messages,
        "is_archived": False,
        "archived_at": None,
        "status": row.status.value,
        "carrier_name": chosen.carrier_name if chosen else None,
        "carrier_id": chosen.carrier_id if chosen else None,
        "tracking_number": row.tracking_number,
        "shipment_identifier": row.tracking_number,
        "selected_rate": rate(chosen) if chosen else None,
        "meta": _meta(row),
        "return_shipment": None,
        "service": chosen.service if chosen else None,
        "selected_rate_id": chosen.id if chosen else None,
        "test_mode": False,
        "is_return": False,
        "label_url": label_url(row),
        "invoice_url": None,
        "shipping_documents": [document(row, content=documents)] if chosen else [],
    }


def label_url(row: Shipment) -> str | None:
    """Where the label is, from the root of the server."""
    return f"/v1/shipments/{row.id}/label.{row.label_type.lower()}" if row.selected else None


def document(row: Shipment, *, content: bool) -> Json:
    """The label as a document."""
    body = base64.b64encode(label(str(row.tracking_number))).decode() if content else None
    return {"category": "label", "format": row.label_type, "url": label_url(row), "base64": body}


def _meta(row: Shipment) -> Json:
    meta: Json = {"request_id": row.request_id}
    if row.selected:
        meta |= {"service_name": row.selected.title}
        if len(row.numbers) > 1:
            meta |= {"tracking_numbers": row.numbers, "shipment_identifiers": row.numbers}
        name = row.selected.carrier_name
        meta |= {"ext": name, "carrier": name, "rate_provider": name}
    return meta


def event(row: Json, *, location: bool = False) -> Json:
    """A tracking event with all its fields."""
    names = ("date", "time", "timestamp", "status", "code", "reason", "description")
    shown: Json = {name: row.get(name) for name in names}
    if location or row.get("location"):
        shown["location"] = row.get("location")
    return shown | {"latitude": row.get("latitude"), "longitude": row.get("longitude")}


def tracker(row: Tracker) -> Json:
    """What the aggregator knows of a parcel."""
    meta: Json = {"carrier": row.carrier_name, "request_id": row.request_id}
    return {
        "id": row.id,
        "carrier_name": row.carrier_name,
        "carrier_id": row.carrier_id,
        "tracking_number": row.tracking_number,
        "info": {name: row.info.get(name) for name in _INFO} | {"source": "api"},
        "events": [event(one) for one in row.events],
        "delivered": row.delivered,
        "test_mode": False,
        "status": row.status,
        "estimated_delivery": row.estimated_delivery,
        "meta": {"ext": row.carrier_name, **meta} if row.foreign else meta,
        "object_type": "tracker",
        "is_archived": False,
        "archived_at": None,
        "metadata": row.metadata,
        "messages": row.messages,
        "delivery_image_url": None,
        "signature_image_url": None,
    }


def live(row: Connection, tracking: str, found: list[Json], answer_id: str) -> Json:
    """What the carrier itself says now."""
    return {
        "id": answer_id,
        "carrier_name": row.carrier_name,
        "carrier_id": row.carrier_id,
        "tracking_number": tracking,
        "info": dict.fromkeys(_INFO) | {"source": "api"},
        "events": [event(one, location=True) for one in found],
        "delivered": found[0]["status"] == "delivered",
        "test_mode": False,
        "status": found[0]["status"],
        "estimated_delivery": None,
        "meta": {"ext": row.carrier_name, "carrier": row.carrier_name},
        "images": None,
        "object_type": "tracker",
        "is_archived": False,
        "archived_at": None,
        "metadata": {},
        "messages": [],
    }


def pickup(row: Pickup) -> Json:
    """A collection."""
    return {
        "id": row.id,
        "object_type": "pickup",
        "is_archived": False,
        "archived_at": None,
        "carrier_name": row.carrier_name,
        "carrier_id": row.carrier_id,
        "confirmation_number": row.confirmation_number,
        "status": row.status,
        "pickup_date": row.pickup_date,
        "pickup_charge": None,
        "ready_time": row.ready_time,
        "closing_time": row.closing_time,
        "pickup_type": "one_time",
        "recurrence": None,
        "metadata": row.metadata,
        "meta": {"ext": row.carrier_name, "pickup_type": "one_time", "request_id": row.request_id},
        "carrier_code": row.carrier_name,
        "address": row.address,
        "parcels": row.parcels,
        "parcels_count": row.parcels_count,
        "instruction": row.instruction,
        "package_location": row.package_location,
        "options": row.options,
        "test_mode": False,
    }


def webhook(row: Webhook) -> Json:
    """A webhook, its secret in clear."""
    return {
        "id": row.id,
        "url": row.url,
        "description": row.description,
        "enabled_events": row.enabled_events,
        "disabled": row.disabled,
        "object_type": "webhook",
        "last_event_at": None,
        "secret": row.secret,
        "test_mode": False,
    }
