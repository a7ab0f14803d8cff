"""The admins' mapping files: schema, loader, lint, and the rules as pure functions of facts."""

from mappings.couriers import CourierChoice
from mappings.facts import LineFacts, OrderFacts, ParcelFacts
from mappings.holds import HoldRule, Release
from mappings.known import Facts
from mappings.load import load_mappings
from mappings.messages import MessageRule, MessageRules, Said
from mappings.routing import Choose, Otherwise, Route
from mappings.rulebook import Rulebook
from mappings.schema import mappings_schema
from mappings.skus import Bound, Components, Unbound, UnboundReason
from mappings.statuses import StatusVerdict

__all__ = [
    "Bound",
    "Choose",
    "Components",
    "CourierChoice",
    "Facts",
    "HoldRule",
    "LineFacts",
    "MessageRule",
    "MessageRules",
    "OrderFacts",
    "Otherwise",
    "ParcelFacts",
    "Release",
    "Route",
    "Rulebook",
    "Said",
    "StatusVerdict",
    "Unbound",
    "UnboundReason",
    "load_mappings",
    "mappings_schema",
]
