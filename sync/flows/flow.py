"""What a flow is, what it is given, and what it says afterwards.

A pass is bounded: it handles some pages or batches and says whether there is more. It may raise the
contract's errors; the engine records them and sets the next time. What it has committed stays.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Protocol

from connectors.contract import Courier, Kind, Manifest, Storefront, Supplier, Warehouse
from connectors.contract.lanes import Lane
from connectors.contract.notifier import Notifier
from mappings import Rulebook
from sync.domain.clock import Clock
from sync.domain.ids import AccountId
from sync.domain.people import Address
from sync.flows.names import FlowName
from sync.store.database import Fence, Store

__all__ = ["AccountView", "Flow", "FlowContext", "FlowName", "InForce", "PassResult", "Timing"]


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account as flows see it. `live_from` is None while it is only observed."""

    id: AccountId
    name: str
    connector: str
    kind: Kind
    live_from: datetime | None
    personal_data: str = "plain"
    currency: str | None = None
    timezone: tzinfo = UTC
    """The zone of its business days."""
    sender: Address | None = field(default=None, repr=False)
    """For a warehouse: where its parcels come from."""
    dropship: bool = False
    """For a supplier: it sends to buyers, and its stock is sold."""

    @property
    def live(self) -> bool:
        """Whether we may write to it."""
        return self.live_from is not None

    @property
    def masked(self) -> bool:
        """Whether buyers are known to the platform alone: nothing of them is stored here in plain."""
        return self.personal_data == "masked"


@dataclass(frozen=True, slots=True)
class Timing:
    """The settings of the schedule that flows need."""

    pass_seconds: float = 20.0
    call_seconds: float = 60.0
    intervals: Mapping[FlowName, float] = field(default_factory=dict)
    full_stock_seconds: float = 900.0
    stuck_after_seconds: float = 72 * 3600.0
    unscanned_after_seconds: float = 20 * 3600.0
    velocity_window_seconds: float = 600.0
    lost_after_seconds: float = 14 * 24 * 3600.0
    vanished_after_seconds: float = 600.0


@dataclass(frozen=True, slots=True)
class InForce:
    """What the configuration in force says; another one takes its place whole."""

    rulebook: Rulebook = field(repr=False)
    timing: Timing
    accounts: Mapping[AccountId, AccountView]
    """All configured accounts, removed ones left out."""
    manifests: Mapping[AccountId, Manifest] = field(repr=False)
    notifiers: Mapping[str, Notifier] = field(default_factory=dict, repr=False)
    """The ways to customers besides their shop, by name: `mail`, `apprise:sms`."""


def _unwatched(records: int, total: int | None) -> None:
    """Nobody looks on."""


@dataclass(frozen=True, slots=True)
class FlowContext:
    """Everything that one pass may use."""

    account: AccountView
    connector: Any
    """The account's connector: Storefront, Warehouse, Courier or Supplier, by `account.kind`."""
    manifest: Manifest
    store: Store
    fence: Fence
    in_force: Callable[[], InForce] = field(repr=False)
    """What rules now: the configuration may be swapped while a pass runs.

    What is stored by rules is worked out after its rows are held (`ruled_now`). Whoever lays new rules holds the
    same rows: a pass that came first is overwritten, and one that comes later works by the new ones.
    """
    clock: Clock
    hint: Callable[[AccountId, FlowName], None]
    """"Look now": wakes another key; losing it costs delay only."""
    fresh: Callable[[FlowName, datetime], Awaitable[bool]]
    """Wait until that flow of this account has succeeded in a pass begun at or after a moment.

    False where that did not happen soon.
    """
    progress: Callable[[int, int | None], None] = _unwatched
    """A page was stored: its records, and how many there are in all by the vendor's word (None: it says none)."""
    vendor_ahead: Callable[[], timedelta] = timedelta
    """How far the vendor's clock is ahead of ours, as its latest answers show it; none while they tell nothing."""
    _kept: InForce | None = field(default=None, repr=False)
    """What one decision goes by to its end."""

    def ruled_now(self) -> "FlowContext":
        """The same, with what is in force at this moment to the end of one decision: no half of it is by other rules.

        Called by whoever decides or works something out, once the rows that it rests on are held.
        """
        return replace(self, _kept=self.in_force())

    def by(self, rulebook: Rulebook) -> "FlowContext":
        """The same, as if these rules were in force: for what is only imagined."""
        seen = replace(self.in_force(), rulebook=rulebook)
        return replace(self, in_force=lambda: seen, _kept=None)

    @property
    def _ruling(self) -> InForce:
        return self._kept or self.in_force()

    @property
    def rulebook(self) -> Rulebook:
        """The rules in force."""
        return self._ruling.rulebook

    @property
    def timing(self) -> Timing:
        """The settings of the schedule in force."""
        return self._ruling.timing

    @property
    def accounts(self) -> Mapping[AccountId, AccountView]:
        """The accounts that are configured, and this one."""
        return self._ruling.accounts

    @property
    def manifests(self) -> Mapping[AccountId, Manifest]:
        """What the connectors of those accounts declare."""
        return self._ruling.manifests

    @property
    def notifiers(self) -> Mapping[str, Notifier]:
        """The ways to customers besides their shop, by name."""
        return self._ruling.notifiers

    @property
    def storefront(self) -> Storefront:
        """The connector of a storefront account."""
        shop: Storefront = self.connector
        return shop

    @property
    def warehouse(self) -> Warehouse:
        """The connector of a warehouse account."""
        house: Warehouse = self.connector
        return house

    @property
    def courier(self) -> Courier:
        """The connector of a courier account."""
        carrier: Courier = self.connector
        return carrier

    @property
    def supplier(self) -> Supplier:
        """The connector of a supplier account."""
        source: Supplier = self.connector
        return source

    @property
    def senders(self) -> tuple[AccountView, ...]:
        """The suppliers that send to buyers, in the order of their names."""
        return tuple(account for account in self.of_kind(Kind.SUPPLIER) if account.dropship)

    def kind_of(self, account: str) -> Kind | None:
        """What an account is; None for one that was removed."""
        view = self.accounts.get(AccountId(account))
        return None if view is None else view.kind

    def of_kind(self, kind: Kind) -> tuple[AccountView, ...]:
        """The accounts of one kind, in the order of their names."""
        return tuple(sorted((a for a in self.accounts.values() if a.kind == kind), key=lambda a: a.name))


@dataclass(frozen=True, slots=True)
class PassResult:
    """What one pass did."""

    more: bool = False
    """There is more to do at once."""
    handled: int = 0
    troubled: int = 0
    """Records that became issues or will be tried again."""
    next_at: datetime | None = None
    """The next pass begins no later than this, whatever the interval; None: the interval alone counts."""


class Flow(Protocol):
    """One kind of reconciliation."""

    name: FlowName
    kinds: frozenset[Kind]
    lane: Lane
    observes: bool
    """Whether it runs while the account is only observed (it writes to no vendor)."""

    async def run(self, ctx: FlowContext) -> PassResult:
        """One bounded pass."""
        ...
