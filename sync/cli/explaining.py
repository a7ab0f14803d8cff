"""explain: why a shop shows 7."""

import difflib
from typing import Annotated, Any

import typer

from sync.cli.office import (
    ConfigOption,
    JsonOption,
    ago,
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
        f"{sku} in the warehouses",
        ("warehouse", "on hand", "basis", "held by orders", "read at", "held by"),
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
    for term in offer.terms.get("skus", []):
        out.print("  " + _sum(term), markup=False)
    if not offer.published:
        out.print("  it is not published, so it gets no share")
    shown = "not known" if offer.acked is None else str(offer.acked)
    changed = f", {ago(offer.acked_at, offer.changed_at)}" if offer.acked_at and offer.changed_at else ""
    out.print(f"  = {offer.desired} to show; the shop shows {shown}{changed}", markup=False)
    if offer.acked != offer.desired and offer.ceiling is not None:
        out.print(f"  not sent yet: until then it counts as selling up to {offer.ceiling}", markup=False)
    if offer.rejected is not None and offer.rejected == offer.desired:
        out.print(f"  the shop refused {offer.rejected}: {offer.rejected_reason}", markup=False)


def _sum(term: dict[str, Any]) -> str:
    """The promise of one SKU, term by term, and this listing's part of it."""
    parts = f"{term['on_hand']} on hand − {term['reserved']} reserved"
    for name in ("safety", "velocity"):
        if term[name]:
            parts += f" − {term[name]} {name}"
    if term["inbound"]:
        parts += f" + {term['inbound']} inbound"
    text = f"{term['sku']}: {parts} = {term['promise']} to promise"
    text += f"; shared by {term['sharing']}: {term['share']}"
    if term["buffer"]:
        text += f" − {term['buffer']} buffer"
    return text + (f", {term['units']} a piece" if term["units"] != 1 else "")
