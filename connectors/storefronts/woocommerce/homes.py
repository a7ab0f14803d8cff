"""Over which address a shop makes its signatures, where it is not the one that was given.

WooCommerce takes its own home address, with http or https by what it believes of the request, not by what the client
called. So a shop behind a port mapping or a proxy refuses every signature over the address that it is reached at. Its
index tells its home to anybody; only the scheme has to be tried.
"""

import asyncio
from collections.abc import Awaitable, Callable

from connectors.contract import Deadline
from connectors.storefronts.woocommerce.options import Options

Ask = Callable[[Deadline], Awaitable[str]]
"""Reads the home that the shop's index tells; "" where it tells none."""


class Homes:
    """The addresses to try, each once for as long as the account is open."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._left: list[str] | None = None
        self.given = options.home
        self._proved = False
        self.asking = asyncio.Lock()
        """Held while another home is looked for, so that calls side by side find the same."""

    def taken(self, home: str | None) -> None:
        """A signature over this one was taken: what is refused from now on is not refused for its address."""
        if home is not None:
            self.given, self._proved = home, True

    async def after(self, refused: str, ask: Ask, deadline: Deadline) -> str | None:
        """The next to try; None where there is none left."""
        if self._proved:
            return None
        if self._left is None:
            told = "" if self._options.home_url else await ask(deadline)
            self._left = [home for home in homes(self._options, told) if home != refused]
        return self._left.pop(0) if self._left else None


def homes(options: Options, told: str) -> list[str]:
    """What a shop may sign over: given, or told by its index; over plain http it never takes itself for https."""
    schemes = ("https", "http") if options.url.startswith("https://") else ("http",)
    bases = [base.rstrip("/").partition("://")[2] for base in (told, options.home) if "://" in base]
    return list(dict.fromkeys(f"{scheme}://{base}" for scheme in schemes for base in bases))
