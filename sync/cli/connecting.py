"""connectors and metrics: what the program can connect to, and what it measures."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import typer

from connectors import registry
from connectors.contract import Limits, Manifest, Origin, Source
from sync.cli.office import JsonOption, answered, err, print_json, print_table
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
    usable, refused = registry.survey()
    for reason in refused:
        err.print(reason)
    found = [as_document(manifest) for manifest in usable]
    if as_json:
        print_json(found)
        return
    print_table(
        "connectors",
        ("name", "kind", "can", "cannot", "limits and their sources", "verified"),
        (
            (
                c["name"],
                c["kind"],
                ", ".join(c["capabilities"]),
                " ".join(c["gaps"]),
                "; ".join(_limits_in_words(c["limits"])),
                "; ".join(f"{v['by']}: {v['what']}" for v in c["verified"]),
            )
            for c in found
        ),
    )


def _limits_in_words(limits: dict[str, Any]) -> Iterator[str]:
    for rule in limits["pace"]:
        yield f"{rule['calls']} calls in {rule['seconds']:g} s ({rule['origin']}: {rule['source']})"
    for name, source in limits["sources"].items():
        if source["origin"] == Origin.OURS.value:
            continue
        yield f"{name} {limits[name]:g} ({source['origin']}: {source['where']})"


def as_document(manifest: Manifest) -> dict[str, Any]:
    """A manifest as JSON tells it."""
    return {
        "name": manifest.name,
        "contract": manifest.contract,
        "title": manifest.title,
        "kind": manifest.kind.value,
        "capabilities": sorted(one.value for one in manifest.capabilities),
        "repeats": {op.value: repeat.value for op, repeat in manifest.repeats.items()},
        "feeds": {
            feed.value: {"order": f.order, "blind_spots": list(f.blind_spots)}
            for feed, f in manifest.feeds.items()
        },
        "limits": _limits(manifest.limits),
        "verified": [{"by": v.by.value, "what": v.what} for v in manifest.verified],
        "gaps": list(manifest.gaps),
        "secrets": list(manifest.secrets),
    }


def _limits(limits: Limits) -> dict[str, Any]:
    sizes = [one.name for one in fields(Limits) if one.name not in ("pace", "lag", "sources")]
    return {
        **{name: getattr(limits, name) for name in sizes},
        "lag_seconds": limits.lag.total_seconds(),
        "pace": [
            {
                "key": rule.key,
                "calls": rule.calls,
                "seconds": rule.period.total_seconds(),
                "origin": rule.origin.value,
                "source": rule.source,
            }
            for rule in limits.pace
        ],
        "sources": {name: _source(limits.source(name)) for name in sizes},
    }


def _source(source: Source) -> dict[str, str]:
    return {"origin": source.origin.value, "where": source.where}


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
