"""How a shop of any kind is reached: what a world needs to know of it, whatever its system is."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp

from sandbox.storefront.books import Shop


def _nothing_to_forget() -> bool:
    return False


async def _nobody() -> None:
    """No webhooks are sent."""


@dataclass(frozen=True, slots=True)
class Entrance:
    """One shop's: its application, its credentials, its sessions, and who delivers its webhooks."""

    shop: Shop
    connector: str
    app: ASGIApp
    secret: str
    """What a daemon's account goes by."""
    options: Mapping[str, Any]
    """What an account is set up with besides its address; credentials of other ways in are among them."""
    forget: Callable[[], bool] = _nothing_to_forget
    """Forget every session; False where there are none."""
    keep_delivering: Callable[[], Awaitable[None]] = _nobody
    """Deliver webhooks until cancelled; ends at once where there is nothing to do."""


def forgetting(forget: Callable[[], None]) -> Callable[[], bool]:
    """A door's own way to forget its sessions."""

    def expire() -> bool:
        forget()
        return True

    return expire
