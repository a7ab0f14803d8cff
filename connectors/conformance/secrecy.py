"""Nothing secret and nobody's name in logs, text forms and errors, whatever the vendor sends back."""

import json
import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from connectors.conformance.bench import Bench, Opened
from connectors.conformance.checks import check, keep
from connectors.conformance.wire import answering
from connectors.contract import ConnectorError

_LIBRARIES = ("httpx", "httpcore", "asyncio", "uvicorn", "aiosqlite", "sqlalchemy")
"""They speak from WARNING on in the program."""


_FAILURES = ((200, None), (400, None), (422, None), (500, 0.4))
"""Statuses, and the seconds for each: too few for a 500 to be asked for again."""


class _Listener(logging.Handler):
    """Hears every line as it was said, before anything is masked in it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line."""
        if record.name.split(".")[0] in _LIBRARIES and record.levelno < logging.WARNING:
            return
        told = logging.Formatter().format(record)
        self.lines.append(f"{told} {record.msg!r} {record.args!r}")


@contextmanager
def _listening() -> Iterator[list[str]]:
    root, listener = logging.getLogger(), _Listener()
    level = root.level
    root.addHandler(listener)
    root.setLevel(logging.DEBUG)
    try:
        yield listener.lines
    finally:
        root.removeHandler(listener)
        root.setLevel(level)


async def _told(
    opened: Opened, method: str, arguments: tuple[object, ...], seconds: float | None = None
) -> str:
    """All that one call shows of itself: its result's text form, or its error with what is behind it."""
    try:
        return repr(await opened.call(method, *arguments, seconds=seconds))
    except ConnectorError as error:
        return f"{error!r} {error} {''.join(traceback.format_exception(error))}"


@check(wired=False)
async def nothing_secret_is_shown_in_good_times(bench: Bench) -> None:
    """Logs, results' text forms and the connector's own show neither the secret nor a buyer."""
    with _listening() as lines:
        async with bench.opened() as opened:
            shown = [repr(opened.connector), str(opened.connector)]
            for method in bench.declared():
                arguments = await bench.given(method.name)
                shown.append(f"{method.name}: {await _told(opened, method.name, arguments)}")
    _search(bench, shown, lines)


@check()
async def nothing_secret_is_shown_in_bad_times(bench: Bench) -> None:
    """A vendor that sends the secret and a buyer's name back in its failures does not get them into ours."""
    echo = {"message": " ".join((bench.secret, *bench.personal)), "errors": [{"message": bench.secret}]}
    body = json.dumps(echo, ensure_ascii=False).encode()
    shown: list[str] = []
    with _listening() as lines:
        for status, seconds in _FAILURES:
            for method in bench.declared():
                arguments = await bench.given(method.name)
                async with bench.opened() as opened:
                    await opened.call("identity")
                    opened.wire.trouble(answering(status, body, content_type="application/json"))
                    shown.append(f"{method.name}: {await _told(opened, method.name, arguments, seconds)}")
    _search(bench, shown, lines)


def _search(bench: Bench, shown: list[str], lines: list[str]) -> None:
    for secret in (bench.secret, *bench.personal):
        if not secret:
            continue
        for text in shown:
            keep(
                secret not in text,
                f"{text.split(':')[0][:60]} shows {'a secret' if secret == bench.secret else 'a buyer'}",
            )
        keep(not any(secret in line for line in lines), "a secret or a buyer stands in the log")
