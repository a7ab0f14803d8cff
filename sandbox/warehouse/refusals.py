"""Why the warehouse's books said no, in the words of the system that they play."""


class Refusal(Exception):
    """The books refuse a change: `message` and `description` are what the real system shows a person."""

    def __init__(self, message: str, description: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.description = description


class Warned(Refusal):
    """The books ask for a confirmation that was not given (`_skip_warnings` in the dialect)."""


class RowsLocked(Exception):
    """Someone else holds the rows: the database answers at once and waits for nobody."""

    def __init__(self, relation: str) -> None:
        super().__init__(f'could not obtain lock on row in relation "{relation}"\n')
