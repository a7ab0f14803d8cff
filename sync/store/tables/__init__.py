"""Every table, declared once for SQLite and PostgreSQL.

Ids are UUIDv7 text, external ids text, times BIGINT microseconds UTC, charged totals BIGINT minor units
with a currency, unit prices and costs Decimal text. Sealed columns are LargeBinary and named `*_sealed`;
nothing else may hold personal data.
"""

from sync.store.tables.back import (
    back_case,
    back_line,
    back_receipt,
    back_tracking,
    order_paid,
    sale_request,
    shop_refund,
)
from sync.store.tables.base import METADATA
from sync.store.tables.buying import (
    po_line,
    purchase_order,
    supplier_list,
    supplier_offer,
    supplier_report,
)
from sync.store.tables.catalogue import (
    listing,
    listing_component,
    moved_skus,
    reservation,
    stock_level,
    stock_lot,
    variant,
)
from sync.store.tables.messages import message, message_rule
from sync.store.tables.offers import (
    approval,
    guard_tally,
    offer_content,
    offer_price,
    offer_quantity,
    offer_state,
)
from sync.store.tables.orders import (
    customer_order,
    hold,
    hold_comment,
    hold_link,
    order_event,
    order_line,
    order_line_component,
)
from sync.store.tables.people import audit_event, decision, forgotten, issue
from sync.store.tables.shipping import (
    fulfilment,
    fulfilment_line,
    parcel,
    parcel_line,
    tracking_event,
)
from sync.store.tables.system import account, config_bundle, credential, flow_state, meta
from sync.store.tables.work import broken_record, inbox, outbox

__all__ = [
    "METADATA",
    "account",
    "approval",
    "audit_event",
    "back_case",
    "back_line",
    "back_receipt",
    "back_tracking",
    "broken_record",
    "config_bundle",
    "credential",
    "customer_order",
    "decision",
    "flow_state",
    "forgotten",
    "fulfilment",
    "fulfilment_line",
    "guard_tally",
    "hold",
    "hold_comment",
    "hold_link",
    "inbox",
    "issue",
    "listing",
    "listing_component",
    "message",
    "message_rule",
    "meta",
    "moved_skus",
    "offer_content",
    "offer_price",
    "offer_quantity",
    "offer_state",
    "order_event",
    "order_line",
    "order_line_component",
    "order_paid",
    "outbox",
    "parcel",
    "parcel_line",
    "po_line",
    "purchase_order",
    "reservation",
    "sale_request",
    "shop_refund",
    "stock_level",
    "stock_lot",
    "supplier_list",
    "supplier_offer",
    "supplier_report",
    "tracking_event",
    "variant",
]
