"""The contract for authors of connectors: the methods of each kind, and the checks of the kit."""

from connectors.conformance import every_check
from connectors.conformance.methods import METHODS, RIDERS, Form, Method
from connectors.contract import CONTRACT, ConnectorError, Kind, Repeat
from connectors.contract import errors as tree
from pages import NOTE
from pages.markdown import code, table

_FORMS = {
    Form.READ: "reads",
    Form.FEED: "reads by cursor, in pages",
    Form.ABSOLUTE: "writes, may be repeated",
    Form.ANSWER: "decides once",
    Form.CREATING: "creates",
}


def conformance() -> str:
    """The reference of the contract and of the kit."""
    return "\n".join(
        [
            f"# The contract and the conformance kit\n{NOTE}\nFor authors of connectors; how to begin is in "
            "[write a connector](../how-to/write-a-connector.md). "
            f"This program has contract {CONTRACT}; a connector names it in its manifest, and one for another "
            "version is refused at start. Every method takes its arguments and, last, a `Deadline`.\n",
            "## Errors\nReads raise these; a write raises `AuthRejected`, `Throttled` or `Unavailable` only, and "
            "only where nothing of it was sent. Otherwise a write answers with an outcome: `Done`, `Rejected`, "
            "`Retry` or `Unknown`, one for each item of a batch, by the item's own key.\n",
            table(("error", "meaning"), ((code(each.__name__), _first(each)) for each in _errors())),
            "## Repeats\nHow a creating write is recognised when it is sent again.\n",
            _repeats(),
            *(_kind(kind) for kind in Kind),
            "## The checks\nEach is a coroutine of `connectors.conformance`; those without a line need no HTTP.\n",
            table(
                ("check", "what it states", "over a line"),
                (
                    (code(each.name), " ".join(each.states.split()), "yes" if each.wired else "no")
                    for each in every_check()
                ),
            ),
        ]
    )


def _errors() -> list[type[ConnectorError]]:
    return [tree.Throttled, tree.Unavailable, tree.AuthRejected, tree.Refused, tree.BadAnswer]


def _first(what: type) -> str:
    return " ".join((what.__doc__ or "").split())


def _repeats() -> str:
    words = {
        Repeat.VENDOR_KEY: "the vendor takes our key and answers a repeat with the first result",
        Repeat.REFERENCE: "it can be looked up by our reference",
        Repeat.FINGERPRINT: "by comparing what is there with what was there before",
        Repeat.NONE: "it cannot: an unknown outcome waits for a person",
    }
    return table(("value", "meaning"), ((code(each.value), words[each]) for each in Repeat))


def _kind(kind: Kind) -> str:
    rows = (_row(each) for each in METHODS[kind])
    riders = sorted(code(each.value) for each in RIDERS[kind])
    more = f"\nCapabilities without a method of their own: {', '.join(riders)}.\n" if riders else ""
    return f"## {kind.value.capitalize()}\n" + table(("method", "what", "needs", "looked up by"), rows) + more


def _row(method: Method) -> tuple[str, str, str, str]:
    needs = code(method.capability.value) if method.capability else "every connector has it"
    what = _FORMS[method.form] + (", in batches" if method.batch else "")
    return code(method.name), what, needs, code(method.finder)
