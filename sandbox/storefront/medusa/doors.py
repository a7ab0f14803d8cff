"""Who is calling: bearer tokens of the one administrator, the secret key, and the shop's publishable key."""

import base64
import binascii
import secrets
from dataclasses import dataclass, field

ADMINISTRATOR = "admin@example.com"


@dataclass(slots=True)
class Door:
    """Knows the administrator's password, the open tokens and both keys."""

    password: str
    email: str = ADMINISTRATOR
    secret_key: str = field(default_factory=lambda: f"sk_{secrets.token_hex(32)}")
    publishable_key: str = field(default_factory=lambda: f"pk_{secrets.token_hex(32)}")
    _tokens: set[str] = field(default_factory=set)

    def log_in(self, email: str, password: str) -> str | None:
        """A token that nobody can guess, or None when the address or the password is wrong."""
        if email != self.email or not secrets.compare_digest(password.encode(), self.password.encode()):
            return None
        parts = (secrets.token_urlsafe(27), secrets.token_urlsafe(150), secrets.token_urlsafe(32))
        token = ".".join(parts)
        self._tokens.add(token)
        return token

    def expire_all(self) -> None:
        """Forget every token; keys stay good."""
        self._tokens.clear()

    def administrator(self, authorization: str) -> bool | None:
        """True for a token, False for the secret key (nobody's own), None for neither."""
        scheme, _, given = authorization.partition(" ")
        if scheme.lower() == "bearer" and given in self._tokens:
            return True
        if scheme.lower() == "basic" and self._is_key(given):
            return False
        return None

    def _is_key(self, given: str) -> bool:
        try:
            user, _, password = base64.b64decode(given, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return False
        return not password and secrets.compare_digest(user.encode(), self.secret_key.encode())

    def shopper(self, key: str | None) -> bool:
        """Whether a publishable key is this shop's."""
        return key is not None and secrets.compare_digest(key.encode(), self.publishable_key.encode())
