"""Every connector's manifest."""

from connectors import registry
from connectors.contract import Limits, Manifest
from pages import NOTE
from pages.markdown import code, span, table


def connectors() -> str:
    """Every connector's manifest."""
    manifests = [registry.find(name).manifest for name in registry.names()]
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
    own = "the connector's own"
    rows = [
        (f"{rule.calls} calls in {span(rule.period.total_seconds())}, by {rule.key}", rule.source)
        for rule in limits.pace
    ]
    rows += [
        (f"{limits.concurrency} calls at once", own),
        (f"{limits.batch_items} items a batch, {limits.page_items} records a page", own),
        (f"{limits.body_bytes:,} bytes a request, {limits.answer_bytes:,} bytes an answer", own),
        (f"{span(limits.read_seconds)} without a byte, {span(limits.total_seconds)} a call", own),
    ]
    return table(("limit", "source"), rows)
