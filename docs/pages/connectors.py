"""Every connector's manifest."""

from connectors import registry
from connectors.contract import Kind, Limits, Manifest
from pages import NOTE
from pages.markdown import code, span, table


def connectors() -> str:
    """Every connector's manifest."""
    manifests = [registry.find(name).manifest for name in sorted(registry.BUILT_IN)]
    sections = [
        f"# Connectors\n{NOTE}\nWhat each connector declares of itself; `entrepot connectors --json` says the "
        "same. What one cannot do is left out in a declared way, and `entrepot check` says so.\n",
        table(
            ("name", "system", "kind", "how it was verified"),
            ((f"[{one.name}](#{one.name})", one.title, one.kind.value, _verified(one)) for one in manifests),
        ),
        _words_of_repeats(),
    ]
    return "\n".join([*sections, *(_connector(one) for one in manifests)])


def support() -> str:
    """The table of README.md: what there is, and how it was verified."""
    built_in = [registry.find(name).manifest for name in registry.BUILT_IN]
    by_kind = sorted(built_in, key=lambda one: (list(Kind).index(one.kind), one.name))
    return table(
        ("system", "connector", "kind", "how it was verified"),
        ((one.title, code(one.name), one.kind.value, _verified(one)) for one in by_kind),
    )


def _verified(manifest: Manifest) -> str:
    return "; ".join(f"{one.by.value}: {one.what}" for one in manifest.verified)


def _words_of_repeats() -> str:
    return (
        "How a write that creates something is recognised when it is repeated: `vendor_key`, the vendor takes our "
        "key; `reference`, it can be looked up by our reference; `fingerprint`, by comparing what is there with what "
        "was there before; `none`, it cannot, and a write without an answer waits for a person.\n"
    )


def _connector(one: Manifest) -> str:
    parts = [
        f"## {one.name}\n{one.title}; {one.kind.value}.\n",
        "**Can**: " + ", ".join(sorted(code(c.value) for c in one.capabilities)) + "\n",
        "**Cannot, or does differently**\n" + "".join(f"- {gap}\n" for gap in one.gaps),
        "**Repeats**\n" + "".join(f"- `{op.value}`: `{how.value}`\n" for op, how in one.repeats.items()),
    ]
    if one.feeds:
        parts.append("**Feeds**\n\n" + _feeds(one))
    if one.stock is not None:
        parts.append(
            f"**Stock figure**: {one.stock.basis.value.replace('_', ' ')}, "
            f"behind by {span(one.stock.lag.total_seconds())}.\n"
        )
    parts.append("**Limits**\n\n" + _limits(one.limits))
    parts.append("**Verified**\n" + "".join(f"- {v.by.value}: {v.what}\n" for v in one.verified))
    return "\n".join(parts)


def _feeds(one: Manifest) -> str:
    return table(
        ("feed", "order", "looks back", "changes that it does not show"),
        (
            (code(feed.value), f.order, span(f.overlap.total_seconds()), "; ".join(f.blind_spots))
            for feed, f in one.feeds.items()
        ),
    )


def _limits(limits: Limits) -> str:
    rows = [
        (
            f"{rule.calls} calls in {span(rule.period.total_seconds())}, by {rule.key}",
            rule.origin.value,
            rule.source,
        )
        for rule in limits.pace
    ]
    for name, words in (
        ("concurrency", f"{limits.concurrency} calls at once"),
        ("batch_items", f"{limits.batch_items} items a batch"),
        ("page_items", f"{limits.page_items} records a page"),
        ("body_bytes", f"{limits.body_bytes:,} bytes a request"),
        ("answer_bytes", f"{limits.answer_bytes:,} bytes an answer"),
        ("connect_seconds", f"{span(limits.connect_seconds)} for a connection"),
        ("read_seconds", f"{span(limits.read_seconds)} without a byte"),
        ("total_seconds", f"{span(limits.total_seconds)} a call"),
    ):
        source = limits.source(name)
        rows.append((words, source.origin.value, source.where))
    return table(("limit", "source", "where, or why"), rows)
