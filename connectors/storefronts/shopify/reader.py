"""Deliveries: `X-Shopify-Hmac-Sha256` is the base64 of the raw body's HMAC-SHA256 under the app's client secret.

The headers are not signed. So the topic and the shop that they name decide only where to look, and one that names
another shop than the account's is refused: apps in several shops have one secret for all.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from connectors.contract import Delivery, Feed, Forged, Unreadable
from connectors.storefronts.shopify import payloads
from connectors.storefronts.shopify.ids import gid
from connectors.storefronts.shopify.options import Options
from connectors.transport import Encoding, Secret, decode, is_signed

_FEEDS = {
    "orders": frozenset({Feed.ORDERS, Feed.REQUESTS}),
    "refunds": frozenset({Feed.ORDERS, Feed.REQUESTS}),
    "fulfillments": frozenset({Feed.ORDERS}),
    "products": frozenset({Feed.PRODUCTS}),
    "returns": frozenset({Feed.REQUESTS}),
}
_KINDS = {"orders": "Order", "products": "Product", "returns": "Return"}
_ISO = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)")


class Reader:
    """Reads deliveries of one account."""

    def __init__(self, secret: Secret, options: Options) -> None:
        self._secret = secret
        self._domain = options.domain

    def read(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Check the signature, then read what it says. Raises Forged, Unreadable."""
        signature = headers.get("x-shopify-hmac-sha256", "")
        if not signature or not is_signed(self._secret, body, signature, encoding=Encoding.BASE64):
            raise Forged("the delivery is not signed with the account's webhook secret")
        shop = headers.get("x-shopify-shop-domain", "").lower()
        if shop and self._domain and shop != self._domain:
            raise Unreadable("the delivery names another shop than the account's")
        try:
            notice = decode(body, type=payloads.Notice)
        except msgspec.MsgspecError:
            raise Unreadable("the delivery's body is not a record in JSON") from None
        topic = headers.get("x-shopify-topic", "").lower()
        group = topic.split("/", 1)[0]
        return Delivery(
            id=headers.get("x-shopify-webhook-id", "").strip()[:100],
            topic=topic if re.fullmatch(r"[a-z0-9_/]{1,80}", topic) else "",
            feeds=_FEEDS.get(group, frozenset()),
            subject=_subject(group, notice),
            sent_at=moment(headers.get("x-shopify-triggered-at", "")),
        )


def _subject(group: str, notice: payloads.Notice) -> str:
    if notice.admin_graphql_api_id:
        return notice.admin_graphql_api_id[:100]
    if notice.id is None or group not in _KINDS:
        return ""
    return gid(_KINDS[group], str(notice.id)[:40])


def moment(text: str) -> datetime | None:
    """A time with up to nine digits of a second, as aware UTC; None where it is none."""
    found = _ISO.fullmatch(text.strip())
    if found is None:
        return None
    try:
        at = datetime.fromisoformat(f"{found[1]}{(found[2] or '')[:7]}{found[3].replace('Z', '+00:00')}")
    except ValueError:
        return None
    return at.astimezone(UTC)
