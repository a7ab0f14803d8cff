"""Who is calling: the static token of a custom app, and tokens that an app's own credentials are exchanged for.

The grants are those of `/admin/oauth/access_token`: client credentials (a token for 24 hours), an authorisation
code (once), and a refresh token. Forgetting all tokens leaves the static one good, as Shopify does.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

LIFETIME = 86_399
"""Seconds that a token of the client-credentials grant is good for."""
REFRESH_LIFETIME = 7_776_000
"""Seconds that a refresh token is good for."""
SCOPES = (
    *("read_products", "write_products", "read_inventory", "write_inventory", "read_locations"),
    *("read_orders", "write_orders", "read_all_orders", "read_returns", "write_returns", "write_order_edits"),
    *("read_merchant_managed_fulfillment_orders", "write_merchant_managed_fulfillment_orders"),
    *("read_fulfillments", "write_fulfillments", "read_publications", "write_publications", "write_files"),
)


class Denied(Exception):
    """A grant is refused: OAuth's word for why, and a sentence."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.description = description


@dataclass(slots=True)
class Door:
    """Knows the app's credentials and every token that is good; `now` is the shop's clock in seconds."""

    now: Callable[[], float]
    client_id: str = field(default_factory=lambda: secrets.token_hex(16))
    client_secret: str = field(default_factory=lambda: f"shpss_{secrets.token_hex(16)}")
    static_token: str = field(default_factory=lambda: f"shpat_{secrets.token_hex(16)}")
    lifetime: float = LIFETIME
    scopes: tuple[str, ...] = SCOPES
    grants: int = 0
    """How many tokens were given out."""
    _tokens: dict[str, float] = field(default_factory=dict)
    _codes: set[str] = field(default_factory=set)
    _refresh: dict[str, float] = field(default_factory=dict)

    def knows(self, token: str | None) -> bool:
        """Whether a token is good now."""
        if token is None:
            return False
        if secrets.compare_digest(token.encode(), self.static_token.encode()):
            return True
        return self._tokens.get(token, 0.0) > self.now()

    def expire_all(self) -> None:
        """Forget every token that was exchanged for; the static one stays good."""
        self._tokens.clear()

    def renew_static(self) -> str:
        """Another static token, as when the merchant installs the app anew."""
        self.static_token = f"shpat_{secrets.token_hex(16)}"
        return self.static_token

    def grant(self, asked: Mapping[str, str]) -> dict[str, object]:
        """The answer to a request for a token; raises Denied."""
        if asked.get("client_id") != self.client_id or not secrets.compare_digest(
            asked.get("client_secret", "").encode(), self.client_secret.encode()
        ):
            raise Denied("invalid_client", "The client credentials are invalid")
        kind = asked.get("grant_type") or ("authorization_code" if "code" in asked else "")
        match kind:
            case "client_credentials":
                return self._token() | {"expires_in": int(self.lifetime)}
            case "authorization_code":
                return self._by_code(asked)
            case "refresh_token":
                return self._refreshed(asked.get("refresh_token", ""))
            case _:
                raise Denied("unsupported_grant_type", "The grant type is not supported")

    def _token(self) -> dict[str, object]:
        token = f"shpat_{secrets.token_hex(16)}"
        self._tokens[token] = self.now() + self.lifetime
        self.grants += 1
        return {"access_token": token, "scope": ",".join(self.scopes)}

    def _by_code(self, asked: Mapping[str, str]) -> dict[str, object]:
        code = asked.get("code", "")
        if code not in self._codes:
            raise Denied("invalid_request", "The authorization code was not found or was already used")
        self._codes.remove(code)
        if asked.get("expiring") != "1":
            self.grants += 1
            return {"access_token": self.static_token, "scope": ",".join(self.scopes)}
        return self._with_refresh()

    def _refreshed(self, given: str) -> dict[str, object]:
        if self._refresh.pop(given, 0.0) <= self.now():
            raise Denied("invalid_grant", "The refresh token is invalid or has expired")
        return self._with_refresh()

    def _with_refresh(self) -> dict[str, object]:
        refresh = f"shprt_{secrets.token_hex(16)}"
        self._refresh[refresh] = self.now() + REFRESH_LIFETIME
        more = {"refresh_token": refresh, "refresh_token_expires_in": REFRESH_LIFETIME}
        return self._token() | {"expires_in": int(self.lifetime), **more}

    def authorise(self, domain: str, redirect: str, state: str) -> str:
        """Where the merchant's browser goes after a yes: the app's address with a code, signed."""
        code = secrets.token_hex(16)
        self._codes.add(code)
        host = secrets.token_urlsafe(12)
        facts = {
            "code": code,
            "host": host,
            "shop": domain,
            "state": state,
            "timestamp": str(int(self.now())),
        }
        text = urlencode(sorted(facts.items()))
        signature = hmac.new(self.client_secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        joint = "&" if "?" in redirect else "?"
        return f"{redirect}{joint}{text}&hmac={signature}"
