"""The contract between the sync core and every connector, version 1.

                      ConnectorError
      ┌──────────┬──────────┬─────────┬──────────┐
  Throttled  Unavailable  AuthRejected  Refused  BadAnswer

  Throttled      the vendor said: later. Not a failure; the pass goes on after `retry_after`.
  Unavailable    nobody answered, or a 5xx. Backs off; told once, and once when it is over.
  AuthRejected   the account is `needs_reauth`: one issue, one metric, no more calls.
  Refused        the vendor understood and said no; `mendable` tells whether a person can change that.
  BadAnswer      the answer does not fit its description. Kept, reported, never guessed at.

Reads raise these. Writes answer with an `Outcome` for each item, matched by the item's own key and never
by its position; a write raises only AuthRejected, Throttled or Unavailable, and only where *nothing* of
it was sent. Requests are additive frozen dataclasses; every call takes a `Deadline`.
"""

from connectors.contract.courier import (
    Booking,
    BookRequest,
    Courier,
    CoverageRequest,
    InterceptRequest,
    ManifestRequest,
    PackageSpec,
    PickupRequest,
    Rate,
    RateRequest,
)
from connectors.contract.errors import (
    AuthRejected,
    BadAnswer,
    ConnectorError,
    Refused,
    Throttled,
    Unavailable,
)
from connectors.contract.manifest import (
    CONTRACT,
    Capability,
    Feed,
    FeedOrder,
    Kind,
    Limits,
    Manifest,
    Operation,
    Origin,
    PaceRule,
    Repeat,
    Source,
    StockPolicy,
    Verified,
    VerifiedBy,
)
from connectors.contract.outcome import (
    Broken,
    Deadline,
    Done,
    Outcome,
    Page,
    Rejected,
    Retry,
    Unknown,
)
from connectors.contract.storefront import (
    AddressAnswer,
    CancelAnswer,
    CancelLines,
    ConfirmDelivery,
    ConfirmShipment,
    Message,
    PutListing,
    RefundRequest,
    RemoteReturn,
    Reply,
    ReturnDecision,
    SetPrice,
    SetPublished,
    SetQuantity,
    Storefront,
    ToldParcel,
)
from connectors.contract.supplier import PlaceOrder, Supplier, SupplierOffer, SupplierReport
from connectors.contract.warehouse import (
    CancelVerdict,
    Count,
    FulfilmentLine,
    FulfilmentRequest,
    InboundRequest,
    LabelParcel,
    Receipt,
    ReturnAnnouncement,
    TransferRequest,
    Warehouse,
)

__all__ = [
    "CONTRACT",
    "AddressAnswer",
    "AuthRejected",
    "BadAnswer",
    "BookRequest",
    "Booking",
    "Broken",
    "CancelAnswer",
    "CancelLines",
    "CancelVerdict",
    "Capability",
    "ConfirmDelivery",
    "ConfirmShipment",
    "ConnectorError",
    "Count",
    "Courier",
    "CoverageRequest",
    "Deadline",
    "Done",
    "Feed",
    "FeedOrder",
    "FulfilmentLine",
    "FulfilmentRequest",
    "InboundRequest",
    "InterceptRequest",
    "Kind",
    "LabelParcel",
    "Limits",
    "Manifest",
    "ManifestRequest",
    "Message",
    "Operation",
    "Origin",
    "Outcome",
    "PaceRule",
    "PackageSpec",
    "Page",
    "PickupRequest",
    "PlaceOrder",
    "PutListing",
    "Rate",
    "RateRequest",
    "Receipt",
    "RefundRequest",
    "Refused",
    "Rejected",
    "RemoteReturn",
    "Repeat",
    "Reply",
    "Retry",
    "ReturnAnnouncement",
    "ReturnDecision",
    "SetPrice",
    "SetPublished",
    "SetQuantity",
    "Source",
    "StockPolicy",
    "Storefront",
    "Supplier",
    "SupplierOffer",
    "SupplierReport",
    "Throttled",
    "ToldParcel",
    "TransferRequest",
    "Unavailable",
    "Unknown",
    "Verified",
    "VerifiedBy",
    "Warehouse",
]
