"""The kit that every connector passes, in the wheel for authors of connectors in other packages.

An author fills in a `Bench` (how to open the connector, and the levers of the server behind it) and runs
`checks_for(MANIFEST)` on it, one test for each. A check is a plain coroutine that raises `Unkept`, an
AssertionError whose text is a sentence; pytest is not needed. README.md beside this has an example.
"""

from connectors.conformance import feeds, manifests, requests, secrecy, trouble, writing
from connectors.conformance.bench import Bench, Connector, Opened
from connectors.conformance.checks import Check, Unkept, checks_for, every_check
from connectors.conformance.wire import Act, Heard, Sent, Wire, answering, losing, silent, throttling

__all__ = [
    "Act",
    "Bench",
    "Check",
    "Connector",
    "Heard",
    "Opened",
    "Sent",
    "Unkept",
    "Wire",
    "answering",
    "checks_for",
    "every_check",
    "feeds",
    "losing",
    "manifests",
    "requests",
    "secrecy",
    "silent",
    "throttling",
    "trouble",
    "writing",
]
