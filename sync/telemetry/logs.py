"""Log lines: JSON for machines or a console form for people, with nothing secret or personal in them.

Every line, also of the libraries below us, goes through one chain that cleans it (redact.py). What is
bound by `bound(account=…, flow=…, run=…, order=…)` stands in every line written inside, so that one order
can be followed by its number. Libraries speak from WARNING on, and never name a URL.
"""

import logging
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from enum import StrEnum
from typing import TextIO

import structlog
from structlog.typing import Processor

from sync.domain.clock import Clock
from sync.telemetry.redact import clean, clean_text, is_hidden_key, mask_secret

__all__ = ["LogForm", "Logger", "Outages", "bound", "logger", "mask_secret", "set_up_logs"]

Logger = structlog.stdlib.BoundLogger

_LIBRARIES = ("httpx", "httpcore", "apscheduler", "uvicorn", "alembic", "sqlalchemy", "asyncio", "aiosqlite")
_OURS = frozenset({"event", "level", "timestamp", "logger", "exception"})


class LogForm(StrEnum):
    """How lines are written."""

    JSON = "json"
    CONSOLE = "console"


def _redact(_logger: object, _method: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
    for key, value in event.items():
        if key.startswith("_"):
            continue
        hidden = key not in _OURS and is_hidden_key(key) and value
        event[key] = "[hidden]" if hidden else clean(value)
    return event


def _say_exception(
    _logger: object, _method: str, event: MutableMapping[str, object]
) -> MutableMapping[str, object]:
    """The exception's types, texts and places in one line; no locals, which may hold anything."""
    given = event.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["exception"] = _told(error)
    return event


def _told(error: BaseException) -> str:
    place = ""
    trace = error.__traceback__
    while trace is not None:
        place = f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"
        trace = trace.tb_next
    told = f"{type(error).__name__}: {clean_text(str(error))}" + (f" at {place}" if place else "")
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if isinstance(error, BaseExceptionGroup):
        told += "".join(f"; with {_told(each)}" for each in error.exceptions)
    return told if cause is None else f"{told}; because of {_told(cause)}"


_CHAIN: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _say_exception,
    _redact,
]


def _configure() -> None:
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *_CHAIN,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


_configure()


def set_up_logs(form: LogForm, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send every line, ours and the libraries', to `stream` (standard error) in `form`.

    `level` is a name of logging's (DEBUG, INFO, WARNING, ERROR); another one is a ValueError. May be
    called again, as a reload of the configuration does.
    """
    _configure()
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_formatter(form, colours=stream is None and sys.stderr.isatty()))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in _LIBRARIES:
        library = logging.getLogger(name)
        library.handlers = []
        library.propagate = True
        library.setLevel(logging.WARNING)


def _formatter(form: LogForm, *, colours: bool) -> logging.Formatter:
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form is LogForm.JSON
        else structlog.dev.ConsoleRenderer(colors=colours)
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_CHAIN,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )


def logger(name: str) -> Logger:
    """The logger of one room, such as `sync.engine`."""
    return structlog.stdlib.get_logger(name)


@contextmanager
def bound(**facts: object) -> Iterator[None]:
    """Put these facts into every line that is written inside, in tasks started inside too.

    The usual ones are account, flow, run (the pass's id) and order (the order's number).
    """
    with structlog.contextvars.bound_contextvars(**facts):
        yield


class Outages:
    """Says once that something is out, and once that it is back, however often it is tried between."""

    def __init__(self, log: Logger, clock: Clock) -> None:
        self._log = log
        self._clock = clock
        self._since: dict[str, float] = {}

    def failed(self, what: str, why: str, **facts: object) -> bool:
        """`what` (an account's name) is out. True, and a line is written, only where it was not before."""
        if what in self._since:
            return False
        self._since[what] = self._clock.now().timestamp()
        self._log.warning("out", what=what, why=why, **facts)
        return True

    def fine(self, what: str, **facts: object) -> bool:
        """`what` answers. True, and a line is written, only where it was out before."""
        since = self._since.pop(what, None)
        if since is None:
            return False
        seconds = round(self._clock.now().timestamp() - since)
        self._log.info("back", what=what, out_for_seconds=seconds, **facts)
        return True
