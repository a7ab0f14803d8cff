"""What is wired: each configured account with its connector, and the rules in force. Swapped whole on reload."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.contract import Kind, Manifest
from connectors.contract.notifier import Notifier
from connectors.registry import Connector
from connectors.transport import VendorClock
from mappings import Rulebook
from sync.domain.ids import AccountId
from sync.flows.flow import AccountView, Timing


@dataclass(frozen=True, slots=True)
class Post:
    """One account, ready to work. `face` changes when its connector had to be opened anew.

    `vendor_clock` is what the connector's answers tell of its vendor's clock.
    """

    view: AccountView
    connector: Connector = field(repr=False)
    manifest: Manifest = field(repr=False)
    face: str = ""
    vendor_clock: VendorClock = field(default_factory=VendorClock, repr=False)


@dataclass(frozen=True, slots=True)
class House:
    """All accounts of one configuration."""

    posts: Mapping[AccountId, Post]
    rulebook: Rulebook = field(repr=False)
    timing: Timing = Timing()
    notifiers: Mapping[str, Notifier] = field(default_factory=dict, repr=False)
    """The ways to customers besides their shop, by name."""

    @property
    def accounts(self) -> dict[AccountId, AccountView]:
        """The accounts as flows see them."""
        return {id: post.view for id, post in self.posts.items()}

    @property
    def shops(self) -> frozenset[AccountId]:
        """Its storefronts."""
        return frozenset(id for id, post in self.posts.items() if post.view.kind is Kind.STOREFRONT)

    @property
    def manifests(self) -> dict[AccountId, Manifest]:
        """What each account's connector declares."""
        return {id: post.manifest for id, post in self.posts.items()}
