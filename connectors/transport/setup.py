"""What a connector is opened with."""

from collections.abc import Callable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import httpx
from pydantic import BaseModel

from connectors.contract import Limits
from connectors.transport.call import Answer
from connectors.transport.client import Transport
from connectors.transport.secret import Secret
from connectors.transport.tokens import Memory, TokenBox
from connectors.transport.vendor_clock import VendorClock
from sync.domain.clock import Clock


@dataclass(frozen=True, slots=True)
class Setup:
    """One account: its name in YAML, its validated options, its secret, the clock and its zone.

    `http` replaces the network in tests. `tokens` keeps a token that ends between two processes. `connector` is
    filled in by the registry: metrics name it. Every answer is noted in `vendor_clock`.
    """

    account: str
    options: BaseModel = field(repr=False)
    secret: Secret
    clock: Clock
    zone: ZoneInfo
    http: httpx.AsyncBaseTransport | None = field(default=None, repr=False)
    connector: str = ""
    vendor_clock: VendorClock = field(default_factory=VendorClock, repr=False)
    tokens: TokenBox = field(default_factory=Memory, repr=False)

    def transport(
        self,
        base_url: str,
        limits: Limits,
        *,
        auth: httpx.Auth | None = None,
        judge: Callable[[Answer], None] | None = None,
    ) -> Transport:
        """The account's way to its vendor. Raises Refused for a base URL that cannot be one."""
        return Transport(
            account=self.account,
            connector=self.connector,
            base_url=base_url,
            limits=limits,
            clock=self.clock,
            auth=auth,
            judge=judge,
            http=self.http,
            vendor_clock=self.vendor_clock,
        )
