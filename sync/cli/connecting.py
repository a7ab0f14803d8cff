"""connectors and metrics: what the program can connect to, and what it measures."""

from typing import Any

import typer

from connectors import registry
from connectors.contract import Manifest
from sync.cli.office import JsonOption, answered, print_json, print_table
from sync.telemetry.metrics import METRICS


def add_to(app: typer.Typer) -> None:
    """Put the commands on the program."""
    app.command()(connectors)
    app.command()(metrics)


@answered
def connectors(as_json: JsonOption = False) -> None:
    """Every connector with what it can do, its limits, and how it was verified.

    Example: entrepot connectors --json
    """
    found = [as_document(registry.find(name).manifest) for name in registry.names()]
    if as_json:
        print_json(found)
        return
    print_table(
        "connectors",
        ("name", "kind", "can", "cannot", "verified"),
        (
            (
                c["name"],
                c["kind"],
                ", ".join(c["capabilities"]),
                " ".join(c["gaps"]),
                "; ".join(f"{v['by']}: {v['what']}" for v in c["verified"]),
            )
            for c in found
        ),
    )


def as_document(manifest: Manifest) -> dict[str, Any]:
    """A manifest as JSON tells it."""
    return {
        "name": manifest.name,
        "title": manifest.title,
        "kind": manifest.kind.value,
        "capabilities": sorted(one.value for one in manifest.capabilities),
        "repeats": {op.value: repeat.value for op, repeat in manifest.repeats.items()},
        "feeds": {
            feed.value: {"order": f.order, "blind_spots": list(f.blind_spots)}
            for feed, f in manifest.feeds.items()
        },
        "limits": {
            "batch_items": manifest.limits.batch_items,
            "body_bytes": manifest.limits.body_bytes,
            "pace": [
                {"key": p.key, "calls": p.calls, "seconds": p.period.total_seconds(), "source": p.source}
                for p in manifest.limits.pace
            ],
        },
        "verified": [{"by": v.by.value, "what": v.what} for v in manifest.verified],
        "gaps": list(manifest.gaps),
        "secrets": list(manifest.secrets),
    }


@answered
def metrics(as_json: JsonOption = False) -> None:
    """Every metric with its meaning.

    Example: entrepot metrics
    """
    if as_json:
        print_json(list(METRICS))
        return
    print_table(
        "metrics",
        ("name", "type", "labels", "meaning"),
        ((m.name, m.type, ", ".join(m.labels), m.meaning) for m in METRICS),
    )
