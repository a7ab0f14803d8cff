"""The one error tree: what a vendor's failure means to a flow, whatever the vendor called it."""

from datetime import timedelta


class ConnectorError(Exception):
    """The root. Its text is for people: no secret, no personal data, no raw answer."""


class Throttled(ConnectorError):
    """The vendor asks to be called later; `retry_after` is its own word for how much later, if it gave one."""

    def __init__(self, message: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(ConnectorError):
    """The vendor cannot be reached, timed out or answered 5xx; a breaker that is open says the same."""

    def __init__(self, message: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class AuthRejected(ConnectorError):
    """The credentials are refused: a person must renew them before any further call."""


class Refused(ConnectorError):
    """The vendor understood the request and says no. `code` is the vendor's own."""

    def __init__(self, message: str, *, code: str = "", mendable: bool = True) -> None:
        super().__init__(message)
        self.code = code
        self.mendable = mendable


class BadAnswer(ConnectorError):
    """An answer that does not fit its description. `sample` is kept sealed and is never logged."""

    def __init__(self, message: str, *, sample: bytes = b"") -> None:
        super().__init__(message)
        self.sample = sample
