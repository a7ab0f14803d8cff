"""A credential that can be used and never shown.

Its text forms say nothing, it cannot be pickled or copied into a log, and its value is given to the logs
as one to mask wherever else it should turn up.
"""

import hmac
from typing import NoReturn

from sync.telemetry.logs import mask_secret


class Secret:
    """One secret value. `reveal()` is called only where a request is signed."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value
        mask_secret(value)

    def reveal(self) -> str:
        """The value itself."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._value.encode(), other._value.encode())

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "Secret(…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written down")
