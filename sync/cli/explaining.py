"""explain: why a shop shows 7."""

import difflib
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from sync.cli.office import (
    ConfigOption,
    JsonOption,
    answered,
    out,
    print_json,
    print_table,
    reading,
    run,
)
from sync.domain.sku import normal_sku
from sync.engine.commands import CommandRefused
from sync.store import reports
from sync.store.reports import ExplainedFigure, ExplainedOffer


def add_to(app: typer.Typer) -> None:
    """Put the command on the program."""
    app.command()(explain)


@answered
def explain(
    sku: Annotated[str, typer.Argument(help="The SKU.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Every term of the quantity that each shop shows of a SKU.

    Example: entrepot explain TEE-02
    """
    figures, offers = run(_look(config, normal_sku(sku) or sku))
    if as_json:
        print_json({"sku": sku, "warehouses": figures, "listings": offers})
        return
    print_table(
        f"{sku} in the warehouses and at suppliers",
        ("where", "on hand", "basis", "held by orders", "read at", "held by"),
        (
            (
                f.warehouse,
                f.on_hand,
                f.basis,
                f.reserved,
                f.read_at,
                ", ".join(f"{n}: {u}" for n, u in f.held_by[:8]),
            )
            for f in figures
        ),
    )
    for offer in offers:
        _show(offer)


async def _look(config: ConfigOption, sku: str) -> tuple[list[ExplainedFigure], list[ExplainedOffer]]:
    async with reading(config) as store, store.read() as tx:
        figures, offers = await reports.figures_of(tx, sku), await reports.explain(tx, sku)
        if not figures and not offers:
            near = difflib.get_close_matches(sku, await reports.near_skus(tx, sku), n=3)
            meant = f"; did you mean {' or '.join(near)}?" if near else ""
            raise CommandRefused(f"no warehouse and no listing has the SKU {sku}{meant}")
        return figures, offers


def _show(offer: ExplainedOffer) -> None:
    mode = "" if offer.live else " (only observed: nothing is sent)"
    out.print(f"\n{offer.account}:{offer.listing} {offer.title}{mode}", markup=False)
    if offer.desired is None:
        out.print("  no quantity yet: no warehouse has said how much is there")
        return
    terms = offer.terms.get("skus", [])
    for term in terms:
        out.print("  " + sentence(term), markup=False)
    if len(terms) > 1:
        out.print("  the scarcest of these decides")
    if not offer.published:
        out.print("  it is not published, so it gets no share")
    shown = "the shop has not confirmed any yet" if offer.acked is None else f"the shop shows {offer.acked}"
    since = f", confirmed {offer.acked_at:%Y-%m-%d %H:%M:%S} UTC" if offer.acked_at else ""
    out.print(f"  = {offer.desired} to show; {shown}{since}", markup=False)
    if offer.acked != offer.desired and offer.ceiling is not None:
        out.print(f"  not sent yet: until then it counts as selling up to {offer.ceiling}", markup=False)
    if offer.rejected is not None and offer.rejected == offer.desired:
        out.print(f"  the shop refused {offer.rejected}: {offer.rejected_reason}", markup=False)


def sentence(term: Mapping[str, Any]) -> str:
    """The promise of one SKU, term by term so that it adds up to the eye, and this listing's part of it."""
    parts = f"{term['on_hand']} on hand − {term['reserved']} reserved"
    total = term["on_hand"] - term["reserved"]
    for name, sign in (("safety", -1), ("velocity", -1), ("inbound", 1)):
        if term[name]:
            parts += f" {'−' if sign < 0 else '+'} {term[name]} {name}"
            total += sign * term[name]
    for one in term.get("suppliers", ()):
        parts += f" + {one['free']} from {one['supplier']} ({_believed(one)})"
        total += one["free"]
    sums = f"{term['promise']}" if total == term["promise"] else f"{total}, so {term['promise']}"
    text = f"{term['sku']}: {parts} = {sums} to promise; shared by {term['sharing']}, here {term['share']}"
    if term["buffer"]:
        text += f" − {term['buffer']} buffer"
    if term["units"] != 1:
        left = max(0, term["share"] - term["buffer"])
        text += f"; {left} at {term['units']} a piece are {left // term['units']}"
    return text


_DISBELIEVED = {
    "unknown": "it does not say how many it has",
    "stale": "its last list is too old",
    "refused": "it refused this SKU since its last list",
}


def _believed(term: Mapping[str, Any]) -> str:
    """Why so much of a supplier's stock counts."""
    if term["standing"] in _DISBELIEVED:
        return _DISBELIEVED[term["standing"]]
    text = f"{term['said']} listed, {term['counted']} counted"
    return f"{text} − {term['reserved']} reserved" if term["reserved"] else text
