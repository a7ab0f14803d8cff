"""A token by a person's yes: the shop's owner opens an address of the shop, and Shopify sends a code back.

The answer is signed with the app's client secret, names the shop and bears our state: a code of another shop, or one
that somebody made up, is never exchanged. The token is one that ends, with a refresh token.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

from connectors.contract import AuthRejected, Deadline, Limits, Refused
from connectors.storefronts.shopify.options import Options
from connectors.storefronts.shopify.session import fetched
from connectors.transport import Answer, Call, Setup, Token, is_signed

SCOPES = (
    "read_products", "write_products", "read_inventory", "write_inventory", "read_locations", "read_orders",
    "write_orders", "write_order_edits", "read_merchant_managed_fulfillment_orders",
    "write_merchant_managed_fulfillment_orders", "read_returns", "write_returns", "read_publications",
    "write_publications",
)  # fmt: skip


class Grant:
    """One account's way to a token by a person's yes."""

    def __init__(self, setup: Setup, options: Options, limits: Limits) -> None:
        if not options.client_id:
            raise Refused(
                "connect needs the client_id option: the app's client id in the developer dashboard"
            )
        self._options = options
        self._secret = setup.secret
        self._clock = setup.clock
        self._transport = setup.transport(options.url, limits)

    def address(self, redirect: str, state: str) -> str:
        """The shop's own page of consent."""
        asked = {
            "client_id": self._options.client_id or "",
            "scope": ",".join(SCOPES),
            "redirect_uri": redirect,
            "state": state,
        }
        return f"{self._options.url}/admin/oauth/authorize?{urlencode(asked)}"

    async def exchange(self, answer: Mapping[str, str], redirect: str, deadline: Deadline) -> Token:
        """The token for Shopify's answer, which must be signed and of this shop."""
        told = {name: value for name, value in answer.items() if name not in ("hmac", "signature")}
        signed = urlencode(sorted(told.items())).encode()
        if not is_signed(self._secret, signed, answer.get("hmac", "")):
            raise AuthRejected("the answer is not signed with the app's client secret")
        if self._options.domain and answer.get("shop", "").lower() != self._options.domain:
            raise AuthRejected("the answer is of another shop than the account's")
        if not answer.get("code"):
            raise AuthRejected("the shop's owner did not say yes")

        async def send(call: Call) -> Answer:
            return await self._transport.send(call, deadline)

        asked = {"code": answer["code"], "expiring": "1"}
        return await fetched(self._options, self._secret, self._clock, send, asked)

    async def close(self) -> None:
        """Let the connections go."""
        await self._transport.close()
