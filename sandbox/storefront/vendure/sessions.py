"""Who is calling: sessions opened by a log-in or by a shopper's first step, and API keys.

A token travels back in the response header `vendure-auth-token` and returns as `Authorization: Bearer`. An
API key travels in `vendure-api-key`. A token or key that is not known is simply nobody.
"""

import secrets
from dataclasses import dataclass, field

from sandbox.storefront.orders import Order


@dataclass(slots=True)
class Session:
    """One caller's session; a shopper's holds the cart."""

    token: str
    administrator: bool = False
    cart: Order | None = None
    bought: set[str] = field(default_factory=set)


@dataclass(slots=True)
class ApiKey:
    """A key that an administrator made."""

    id: str
    secret: str


class Doorkeeper:
    """Knows the one administrator's name and password, the open sessions and the API keys."""

    def __init__(self, username: str, password: str) -> None:
        self.username = username
        self._password = password
        self._sessions: dict[str, Session] = {}
        self._keys: dict[str, ApiKey] = {}

    def session(self, token: str | None) -> Session | None:
        """The session of a token."""
        return self._sessions.get(token or "")

    def open(self, administrator: bool = False) -> Session:
        """A new session with a token that nobody can guess."""
        session = Session(secrets.token_hex(32), administrator)
        self._sessions[session.token] = session
        return session

    def log_in(self, username: str, password: str) -> Session | None:
        """An administrator's session, or None when the name or password is wrong."""
        right = secrets.compare_digest(password.encode(), self._password.encode())
        return self.open(administrator=True) if username == self.username and right else None

    def log_out(self, token: str | None) -> None:
        """Forget a session."""
        self._sessions.pop(token or "", None)

    def expire_all(self) -> None:
        """Forget every administrator's session: their tokens are worth nothing from now on."""
        self._sessions = {t: s for t, s in self._sessions.items() if not s.administrator}

    def make_key(self) -> ApiKey:
        """A new API key: a look-up part and a secret part."""
        key = ApiKey(str(len(self._keys) + 1), f"{secrets.token_hex(12)}:{secrets.token_hex(32)}")
        self._keys[key.id] = key
        return key

    def rotate_key(self, id: str) -> ApiKey | None:
        """Give a key a new secret; the old one is worth nothing from now on."""
        key = self._keys.get(id)
        if key:
            key.secret = f"{secrets.token_hex(12)}:{secrets.token_hex(32)}"
        return key

    def drop_key(self, id: str) -> bool:
        """Forget a key; False when there was none."""
        return self._keys.pop(id, None) is not None

    def knows_key(self, secret: str | None) -> bool:
        """Whether an API key is one of ours."""
        return secret is not None and any(
            secrets.compare_digest(key.secret.encode(), secret.encode()) for key in self._keys.values()
        )
