"""Between Karrio's own words and the loopback courier's; rates and labels are Karrio's universal ones."""

import base64

import karrio.core.models as models
import karrio.lib as lib
from karrio.api.mapper import Mapper as BaseMapper
from karrio.mappers.loopback.settings import Settings
from karrio.universal.providers.rating import parse_rate_response, rate_request
from karrio.universal.providers.shipping import parse_shipment_response, shipment_request


def _as_dict(payload):
    return lib.Serializable(payload, lib.to_dict)


class Mapper(BaseMapper):
    settings: Settings

    def create_rate_request(self, payload):
        return rate_request(payload, self.settings)

    def parse_rate_response(self, response):
        return parse_rate_response(response, self.settings)

    def create_shipment_request(self, payload):
        return shipment_request(payload, self.settings)

    def parse_shipment_response(self, response):
        return parse_shipment_response(response, self.settings)

    def create_tracking_request(self, payload):
        return lib.Serializable(payload.tracking_numbers)

    def create_cancel_shipment_request(self, payload):
        return _as_dict(payload)

    def create_pickup_request(self, payload):
        return _as_dict(payload)

    def create_cancel_pickup_request(self, payload):
        return _as_dict(payload)

    def create_manifest_request(self, payload):
        return _as_dict(payload)

    def parse_tracking_response(self, response):
        found, messages = [], []
        for number, events in response.deserialize():
            if events is None:
                messages.append(self._message("NOT_FOUND", f"{number} not found"))
            else:
                found.append(self._details(number, events))
        return found, messages

    def _details(self, number, events):
        newest_first = sorted(events, key=lambda e: (e["date"], e.get("time") or ""))[
            ::-1
        ]  # ties: the last told
        status = newest_first[0]["status"]
        return models.TrackingDetails(
            tracking_number=number,
            status=status,
            delivered=status == "delivered",
            events=[models.TrackingEvent(**event) for event in newest_first],
            **self._who(),
        )

    def parse_cancel_shipment_response(self, response):
        return self._confirmation(response, "Cancel Shipment")

    def parse_cancel_pickup_response(self, response):
        return self._confirmation(response, "Cancel Pickup")

    def _confirmation(self, response, operation):
        answer = response.deserialize()
        if answer["ok"]:
            return models.ConfirmationDetails(success=True, operation=operation, **self._who()), []
        return None, [self._message(answer["code"], answer["message"])]

    def parse_pickup_response(self, response):
        answer = response.deserialize()
        times = {name: answer[name] for name in ("pickup_date", "ready_time", "closing_time")}
        return models.PickupDetails(confirmation_number=answer["ref"], **times, **self._who()), []

    def parse_manifest_response(self, response):
        text = "\n".join(response.deserialize()["numbers"])
        document = models.ManifestDocument(manifest=base64.b64encode(text.encode()).decode())
        return models.ManifestDetails(doc=document, **self._who()), []

    def _who(self):
        return {"carrier_id": self.settings.carrier_id, "carrier_name": self.settings.carrier_name}

    def _message(self, code, text):
        return models.Message(code=code, message=text, **self._who())
