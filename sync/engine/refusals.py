"""What the engine refuses to the one who asked, and the exit codes of that. It imports nothing: all may name it."""

BAD_INPUT, UNREACHABLE = 2, 3


class StartRefused(Exception):
    """The program cannot start. The text says in one line why and what to do."""

    def __init__(self, message: str, exit_code: int = BAD_INPUT) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class CommandRefused(Exception):
    """The command cannot be carried out; the text says why and what to do."""
