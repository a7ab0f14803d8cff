"""What a manifest must say, and that it says neither more nor less than the connector does."""

import dataclasses
from inspect import signature

from connectors.conformance.bench import Bench, Bound
from connectors.conformance.checks import check, keep
from connectors.conformance.methods import METHODS, RIDERS, Form, declared, undeclared
from connectors.contract import CONTRACT, Feed, Kind, Limits, Manifest, Refused, Rejected

_SIZES = tuple(
    each.name for each in dataclasses.fields(Limits) if each.name not in ("pace", "lag", "sources")
)


@check(wired=False)
async def the_manifest_is_for_this_contract(bench: Bench) -> None:
    """The manifest names the contract's version, a name of small letters, a title, and how it was verified."""
    manifest = bench.manifest
    keep(manifest.contract == CONTRACT, f"the manifest is for contract {manifest.contract}, not {CONTRACT}")
    plain = manifest.name.replace("-", "").replace("_", "")
    keep(plain.isascii() and plain.isalnum() and plain.islower(), f"{manifest.name!r} is not a plain name")
    keep(bool(manifest.title.strip()), "the manifest has no title")
    keep(bool(manifest.verified), "the manifest does not say how the connector was verified")
    keep(all(each.what.strip() for each in manifest.verified), "a line of `verified` does not say what was")
    keep(all(each.strip() for each in manifest.gaps), "a gap is empty")
    keep((manifest.stock is not None) == (manifest.kind is Kind.WAREHOUSE), _STOCK)


_STOCK = "a warehouse declares the basis of its stock figure (`stock`), and nobody else does"


@check(wired=False)
async def every_limit_has_a_source(bench: Bench) -> None:
    """Each rate says where it comes from, and so does each size or time that is not the contract's own."""
    limits, usual = bench.manifest.limits, Limits()
    for rule in limits.pace:
        keep(rule.calls > 0 and rule.period.total_seconds() > 0, f"the pace of {rule.key!r} is no rate")
        keep(bool(rule.source.strip()), f"the pace of {rule.key!r} has no source")
    for name in _SIZES:
        value = getattr(limits, name)
        keep(value > 0, f"the limit {name} is {value}")
        keep(value == getattr(usual, name) or name in limits.sources, f"the limit {name} has no source")
    unknown = set(limits.sources) - {*_SIZES, "lag"}
    keep(not unknown, f"a source is given for limits that there are not: {sorted(unknown)}")
    keep(all(each.where.strip() for each in limits.sources.values()), "a source does not say where")


@check(wired=False)
async def every_creating_write_declares_its_repeat(bench: Bench) -> None:
    """`repeats` has exactly the creating operations that the capabilities bring, and capabilities are the kind's."""
    manifest = bench.manifest
    own = {each.capability for each in METHODS[manifest.kind] if each.capability} | RIDERS[manifest.kind]
    foreign = sorted(each.value for each in manifest.capabilities - own)
    keep(not foreign, f"a {manifest.kind.value} has no capability {foreign}")
    wanted = {each.operation for each in declared(manifest) if each.operation is not None}
    missing = sorted(each.value for each in wanted - set(manifest.repeats))
    keep(not missing, f"the manifest does not say how a repeat of {missing} is recognised")
    extra = sorted(each.value for each in set(manifest.repeats) - wanted)
    keep(not extra, f"the manifest declares repeats of {extra}, which the connector cannot do")


@check(wired=False)
async def feeds_are_described(bench: Bench) -> None:
    """Each feed that the manifest describes exists, with an order that the engine knows and no negative overlap."""
    there = {each.name for each in declared(bench.manifest) if each.form is Form.FEED}
    for feed, described in bench.manifest.feeds.items():
        keep(_is_there(feed, there), f"the manifest describes the feed {feed.value}, which is not declared")
        keep(described.order in _ORDERS, f"the feed {feed.value} has the order {described.order!r}")
        keep(described.overlap.total_seconds() >= 0, f"the feed {feed.value} has a negative overlap")
        keep(all(each.strip() for each in described.blind_spots), f"a blind spot of {feed.value} is empty")


_ORDERS = frozenset({"keyset", "offset", "windows", "snapshot"})


def _is_there(feed: Feed, there: set[str]) -> bool:
    return feed.value in there or (feed is Feed.RECEIPTS and "return_receipts" in there)


@check(wired=False)
async def the_connector_shows_this_manifest(bench: Bench) -> None:
    """The opened connector has every method of its kind and the manifest that it was found by."""
    async with bench.opened() as opened:
        shown: Manifest = opened.connector.manifest
        keep(shown.name == bench.manifest.name, "the connector shows another manifest's name")
        keep(shown.capabilities == bench.manifest.capabilities, "the connector shows other capabilities")
        for method in METHODS[bench.manifest.kind]:
            there = callable(getattr(opened.connector, method.name, None))
            keep(there, f"the connector has no method {method.name}")


@check(wired=False)
async def what_is_declared_works(bench: Bench) -> None:
    """Every declared method does its work on a healthy server."""
    for method in [*bench.reads(), *bench.writes()]:
        async with bench.opened() as opened:
            arguments = await bench.given(method.name)
            try:
                result = await opened.call(method.name, *arguments)
            except Refused as error:
                keep(False, f"{method.name} is declared and refused: {error}")
            else:
                keep(not isinstance(result, Rejected), f"{method.name} is declared and rejected: {result}")


@check(wired=False)
async def what_is_not_declared_is_refused_in_words(bench: Bench) -> None:
    """A method whose capability is not declared says so in words, and calls nobody."""
    async with bench.opened() as opened:
        for method in undeclared(bench.manifest):
            bound: Bound = getattr(opened.connector, method.name)
            nothing = [None] * (len(signature(bound).parameters) - 1)
            try:
                result = await opened.call(method.name, *nothing)
            except Refused as error:
                keep(len(str(error)) > 10, f"{method.name} is refused without words")
                continue
            except (NotImplementedError, AttributeError, TypeError) as error:
                keep(False, f"{method.name} is not declared, and fails as {type(error).__name__}")
            keep(
                isinstance(result, Rejected) and len(result.reason) > 10,
                f"{method.name} is not declared, and yet it answers",
            )
        keep(not opened.wire.sent, "a method that is not declared called the vendor")
