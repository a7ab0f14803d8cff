"""What a webhook is: who is told of what, and how often that failed in a row."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

RESOURCES = ("coupon", "customer", "order", "product")
EVENTS = ("created", "updated", "deleted", "restored")
MOST_FAILURES = 5
"""So many failures in a row are forgiven and one more; the next disables the hook."""
AFTER = {
    "order.created": ["woocommerce_new_order"],
    "order.updated": ["woocommerce_update_order", "woocommerce_order_refunded"],
    "order.deleted": ["wp_trash_post", "woocommerce_trash_order"],
    "order.restored": ["untrashed_post", "woocommerce_untrash_order"],
    "product.created": [
        "woocommerce_process_product_meta",
        "woocommerce_new_product",
        "woocommerce_new_product_variation",
    ],
    "product.updated": [
        "woocommerce_process_product_meta",
        "woocommerce_update_product",
        "woocommerce_update_product_variation",
    ],
    "product.deleted": ["wp_trash_post"],
    "product.restored": ["untrashed_post"],
}
"""WordPress's own names of what each topic listens to."""


class HookStatus(StrEnum):
    """Whether a hook delivers."""

    ACTIVE = "active"
    PAUSED = "paused"
    DISABLED = "disabled"


@dataclass(slots=True)
class Hook:
    """A webhook; its secret is shown nowhere."""

    id: int
    name: str
    topic: str
    url: str
    secret: str = field(repr=False)
    created: datetime
    modified: datetime | None = None
    status: HookStatus = HookStatus.ACTIVE
    failures: int = 0

    def failed(self, now: datetime) -> None:
        """One more delivery failed: the seventh in a row disables the hook."""
        self.modified = now
        if self.failures > MOST_FAILURES:
            self.status = HookStatus.DISABLED
        else:
            self.failures += 1

    def succeeded(self, now: datetime) -> None:
        """A delivery was taken."""
        self.failures, self.modified = 0, now


def valid(topic: object) -> bool:
    """Whether a topic can be listened to."""
    resource, _, event = str(topic or "").partition(".")
    return (resource in RESOURCES and event in EVENTS) or (resource == "action" and bool(event))
