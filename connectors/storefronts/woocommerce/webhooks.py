"""Deliveries of WooCommerce's webhooks: signed hints, no more.

The signature is the HMAC-SHA256 of the raw body in base64. The topic stands in a header, which is not signed.
Repeated changes come as one delivery, and a delivery that failed does not come again: so it only says where to
look. A record that was deleted meanwhile comes as an error body, validly signed: a hint all the same. When a
webhook is made, and after each failed delivery, the shop sends a ping, a form `webhook_id=N` without a
signature: that is no delivery, and asks for no look.
"""

import re
from collections.abc import Mapping

import msgspec

from connectors.contract import Delivery, Forged, Unreadable
from connectors.storefronts.woocommerce import payloads
from connectors.storefronts.woocommerce.naming import Name
from connectors.storefronts.woocommerce.reading import decode
from connectors.storefronts.woocommerce.topics import TOPICS
from connectors.transport import Encoding, Secret, is_signed

PING = "ping"
_PING = re.compile(rb"webhook_id=\d{1,19}")
_SIGNATURE = "x-wc-webhook-signature"


class Webhooks:
    """Reads deliveries of one account."""

    def __init__(self, secret: Secret) -> None:
        self._secret = secret

    def read(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Check the signature, then read what it says. Raises Forged, Unreadable."""
        if _SIGNATURE not in headers and _PING.fullmatch(body):
            return Delivery(id="", topic=PING, feeds=frozenset())
        signature = headers.get(_SIGNATURE, "")
        if not is_signed(self._secret, body, signature, encoding=Encoding.BASE64):
            raise Forged("the delivery is not signed with our secret")
        topic = headers.get("x-wc-webhook-topic", "")
        if not topic:
            raise Unreadable("the delivery names no topic")
        try:
            told = decode(body, type=payloads.Told)
        except msgspec.MsgspecError:
            raise Unreadable(f"the delivery of {topic[:40]!r} is no record of the shop's") from None
        feed = TOPICS.get(topic)
        return Delivery(
            id=headers.get("x-wc-webhook-delivery-id", "")[:100],
            topic=topic[:100],
            feeds=frozenset() if feed is None else frozenset({feed}),
            subject=_subject(topic, told),
        )


def _subject(topic: str, told: payloads.Told) -> str:
    if told.id is None:
        return ""
    if topic.startswith("product.") and told.parent_id:
        return str(Name(told.parent_id, told.id))
    return str(told.id)
