"""Why the aggregator, or the carrier behind it, said no."""

from sandbox.courier.records import Connection


class StateError(Exception):
    """The record's state does not allow it (409)."""


class Unavailable(Exception):
    """There is no connection, service or record for what was asked."""

    def __init__(self, message: str, *, code: str = "not_found", status: int = 404) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


class CarrierRefusal(Exception):
    """The carrier's own words, which the aggregator passes on."""

    def __init__(self, code: str, message: str, connection: Connection, *, status: int = 424) -> None:
        super().__init__(message)
        self.code = code
        self.connection = connection
        self.status = status
