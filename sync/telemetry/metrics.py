"""Every metric of the product, once, with its meaning in the operator's words.

The registry is our own, so that a page of /metrics holds nothing that is not described here. Labels are
the few of `LABELS`: never a SKU, an order or a person. `METRICS` is the table that the docs print.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info

REGISTRY = CollectorRegistry(auto_describe=True)
PREFIX = "entrepot_"
LABELS = frozenset(
    {"account", "flow", "connector", "outcome", "operation", "kind", "state", "status", "field", "guard"}
)


@dataclass(frozen=True, slots=True)
class Described:
    """One row of the table: `name` as Prometheus shows it, and what an operator reads from it."""

    name: str
    type: str
    labels: tuple[str, ...]
    meaning: str


_table: list[Described] = []

_PASS_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)
_CALL_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


def _described(name: str, kind: str, labels: tuple[str, ...], meaning: str) -> str:
    strange = set(labels) - LABELS
    if strange:
        raise ValueError(f"{name}: labels {sorted(strange)} are not among the allowed ones")
    suffix = {"counter": "_total", "info": "_info"}.get(kind, "")
    _table.append(Described(PREFIX + name + suffix, kind, labels, meaning))
    return PREFIX + name


def _counter(name: str, meaning: str, *labels: str) -> Counter:
    return Counter(_described(name, "counter", labels, meaning), meaning, labels, registry=REGISTRY)


def _gauge(name: str, meaning: str, *labels: str) -> Gauge:
    return Gauge(_described(name, "gauge", labels, meaning), meaning, labels, registry=REGISTRY)


def _histogram(name: str, meaning: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
    full = _described(name, "histogram", labels, meaning)
    return Histogram(full, meaning, labels, buckets=buckets, registry=REGISTRY)


def _info(name: str, meaning: str) -> Info:
    return Info(_described(name, "info", (), meaning), meaning, registry=REGISTRY)


# Flows
PASSES = _counter(
    "passes", "Runs of a flow, by how they ended: done, more, failed, throttled, lost.",
    "account", "flow", "outcome",
)  # fmt: skip
PASS_SECONDS = _histogram(
    "pass_seconds", "How long one run of a flow took.", _PASS_BUCKETS, "account", "flow"
)
LAST_SUCCESS = _gauge(
    "last_success_timestamp_seconds",
    "When a flow last ended well, in seconds since 1970: an old value means that it is stuck.",
    "account", "flow",
)  # fmt: skip
NEXT_DUE = _gauge(
    "next_due_timestamp_seconds",
    "When a flow is to run next, in seconds since 1970; far ahead after repeated failures.",
    "account", "flow",
)  # fmt: skip
CURSOR_AGE = _gauge(
    "cursor_age_seconds",
    "How far behind the present a feed has been read: what the vendor changed since then is not seen yet.",
    "account", "flow",
)  # fmt: skip
RECORDS_BROKEN = _counter(
    "records_broken",
    "Records of a vendor that did not fit their description; each one has an issue, the others went on.",
    "account", "flow",
)  # fmt: skip
WEBHOOKS = _counter(
    "webhooks",
    "Deliveries that came, by what became of them; those of no account knocked at an address that nobody has.",
    "account", "outcome",
)  # fmt: skip
HINTS = _counter("hints", "Times that something (a webhook, a command) said: look now.", "account", "flow")
TICKS_COALESCED = _counter(
    "ticks_coalesced",
    "Due times that found the flow still running and were folded into its next run.",
    "account", "flow",
)  # fmt: skip
LEASE_LOST = _counter(
    "lease_lost",
    "Runs that lost their lease and therefore wrote nothing: another process has taken over.",
    "account", "flow",
)  # fmt: skip

# Offers
UNSENT_OFFERS = _gauge(
    "unsent_offers",
    "Offers whose quantity, price, state or content we want changed and the shop has not confirmed.",
    "account", "field",
)  # fmt: skip
GUARD_WAITING = _gauge(
    "guard_waiting",
    "Changes that a guard keeps back until a person approves them, or until they are wanted no longer.",
    "account", "guard",
)  # fmt: skip
UNSENT_OFFER_AGE = _gauge(
    "unsent_offer_age_seconds",
    "Age of the oldest change of an offer that the shop has not confirmed: how stale the shop may be.",
    "account", "field",
)  # fmt: skip
RESERVED_UNITS = _gauge(
    "reserved_units", "Units held for order lines that the warehouse's figure does not include yet."
)
SHORTAGE_UNITS = _gauge(
    "shortage_units",
    "Units sold that no stock stands behind: oversold until goods come or lines are cancelled.",
)

# Orders, outbox and people
ORDERS = _gauge("orders", "Customer orders by their state with us.", "account", "state")
OUTBOX_OPEN = _gauge(
    "outbox_open",
    "Writes that create something at a vendor and are not finished, by operation and state.",
    "account", "operation", "state",
)  # fmt: skip
OUTBOX_OLDEST_AGE = _gauge(
    "outbox_oldest_age_seconds",
    "Age of the oldest write that creates something at a vendor and is not finished.",
    "account", "operation",
)  # fmt: skip
ISSUES_OPEN = _gauge("issues_open", "Open issues: things that a person should look at, by kind.", "kind")
HOLDS_OPEN = _gauge("holds_open", "Orders, returns and changes that wait for a person's decision.", "account")
RETURN_CASES = _gauge(
    "return_cases_open",
    "Open cases of the way back, by what is asked: return, exchange, claim, cancellation, refund_only, "
    "price_protection, resend; or unannounced, goods that came back and that nobody asked about.",
    "account", "kind",
)  # fmt: skip
REFUNDS = _counter(
    "refunds",
    "Refunds of ours, by how they ended: done; refused by the shop or its gateway; dropped, no longer owed; limited, "
    "each try that the hour's limit kept back.",
    "account", "outcome",
)  # fmt: skip
DECISIONS = _counter(
    "decisions", "What was decided of what waited, by its kind and the word: approved, rejected.",
    "kind", "outcome",
)  # fmt: skip
DECISION_PAGES = _counter(
    "decision_pages",
    "Openings of links to decisions, by how they ended: shown, decided, changed, used, expired, over, forged, "
    "refused, too many, too large, too slow, not stored.",
    "outcome",
)  # fmt: skip
CHAT_MESSAGES = _counter(
    "chat_messages",
    "Messages to people about what waits, by how they ended: told, refused, unknown, again, withdrawn.",
    "outcome",
)  # fmt: skip

MESSAGES = _counter(
    "messages",
    "Tries to tell a customer something, by how they ended: done; refused; retry, where it surely was not taken; "
    "unknown, which a person decides; passed, where it was too late or no way led to the customer.",
    "account", "outcome",
)  # fmt: skip

# Data of people
ERASED = _counter(
    "erased",
    "Personal data erased because their time was over: persons of orders, raw records of shops, broken "
    "records, deliveries, plain data of masked accounts.",
    "kind",
)  # fmt: skip
RETENTION_RUN = _gauge(
    "retention_last_run_timestamp_seconds",
    "When everything whose time was over had last been erased, in seconds since 1970; 0 before the first time.",
)

# Parcels
PARCELS = _gauge("parcels", "Parcels by where their courier says that they are.", "status")
PARCELS_STUCK = _gauge(
    "parcels_stuck", "Parcels whose courier has said nothing new for longer than is usual."
)

# Calls to vendors
API_CALLS = _counter(
    "api_calls",
    "Requests to a vendor, each attempt counted, by how it ended: ok, refused, throttled, unavailable, "
    "auth, bad_answer, uncertain, cancelled.",
    "account", "connector", "operation", "outcome",
)  # fmt: skip
API_SECONDS = _histogram(
    "api_seconds", "Time from a request's leaving to its answer's last byte.", _CALL_BUCKETS,
    "account", "connector", "operation",
)  # fmt: skip
THROTTLED = _counter(
    "throttled", "Times that a vendor asked us to slow down.", "account", "connector", "operation"
)
PACE_WAIT_SECONDS = _histogram(
    "pace_wait_seconds", "How long a call waited for its turn under the vendor's rate limit.", _CALL_BUCKETS,
    "account", "connector",
)  # fmt: skip
PACE_WAITING = _gauge(
    "pace_waiting",
    "Calls that wait for their turn under the vendor's rate limit now.",
    "account",
    "connector",
)
BREAKER_OPEN = _gauge(
    "breaker_open", "1 while an account that kept failing is left alone, but for a probe now and then.",
    "account", "connector",
)  # fmt: skip
NEEDS_REAUTH = _gauge(
    "account_needs_reauth",
    "1 while the vendor refuses the account's credentials: a person must renew them.",
    "account",
)

# The daemon itself
CONFIG_RELOAD_SUCCESSFUL = _gauge(
    "config_last_reload_successful",
    "0 while the files on disk hold an error and the daemon goes on with the last good ones.",
)
CONFIG_RELOAD_TIME = _gauge(
    "config_last_reload_success_timestamp_seconds",
    "When the configuration was last read and taken over, in seconds since 1970.",
)
BACKUP_LAST_SUCCESS = _gauge(
    "backup_last_success_timestamp_seconds",
    "When the youngest good backup by schedule was made, in seconds since 1970; 0 where there is none yet.",
)
BACKUPS_FAILED = _counter("backups_failed", "Backups by schedule that failed; the next try follows at once.")
CONFIG = _info("config", "The hash of the configuration and mappings in force.")
BUILD = _info("build", "The version of the program and of Python.")

METRICS: tuple[Described, ...] = tuple(_table)
"""The table for the docs, in the order above."""


def replace(gauge: Gauge, rows: Mapping[tuple[str, ...], float]) -> None:
    """Make a labelled gauge show exactly `rows` (label values in the gauge's order): what is gone goes."""
    gauge.clear()
    for labels, value in rows.items():
        gauge.labels(*labels).set(value)
