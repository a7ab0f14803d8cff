"""plan: what would be sent now, counted and shown before it is."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from mappings import Rulebook
from sync.cli.advancing import bar
from sync.cli.office import (
    ConfigOption,
    JsonOption,
    answered,
    configured,
    out,
    print_json,
    print_table,
    reading,
    run,
)
from sync.domain.plan import Field, PlanPart, PlanRow, Standing
from sync.engine.clock import clock
from sync.engine.looking import in_force, looker, other_rules, shops_of
from sync.engine.plan_files import FORM, Head, PlanWriter
from sync.engine.refusals import UNREACHABLE, StartRefused
from sync.engine.wiring import Configuration
from sync.flows.flow import FlowContext
from sync.flows.trying import planning
from sync.store import plans
from sync.store.database import Store


class PlanFlow(StrEnum):
    """What pushes are about."""

    STOCK = "stock"
    PRICES = "prices"
    LISTINGS = "listings"
    CONTENT = "content"


FIELDS = {
    PlanFlow.STOCK: Field.QUANTITY,
    PlanFlow.PRICES: Field.PRICE,
    PlanFlow.LISTINGS: Field.STATE,
    PlanFlow.CONTENT: Field.CONTENT,
}
_FLOWS = {field: flow for flow, field in FIELDS.items()}
_WHAT = {
    Field.QUANTITY: "quantities",
    Field.PRICE: "prices",
    Field.STATE: "listings up or down",
    Field.CONTENT: "contents",
}
AccountsOption = Annotated[list[str] | None, typer.Option(help="Only this shop; may be repeated.")]


def add_to(app: typer.Typer) -> None:
    """Put the command on the program."""
    app.command()(plan)


@answered
def plan(
    account: AccountsOption = None,
    flow: Annotated[list[PlanFlow] | None, typer.Option(help="Only this; may be repeated.")] = None,
    rows: Annotated[int, typer.Option(min=0, help="So many rows of each list.")] = 10,
    mappings: Annotated[
        Path | None,
        typer.Option(
            help="A changed mapping folder: what it would change, worked out beside the store, before it is in force."
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--out", help="Write every row to this file, to be reviewed and applied: entrepot apply."
        ),
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """What would be sent to every shop now, and why: quantities, prices, listings up or down, content.

    Nothing is sent and nothing is stored. What a guard holds is shown too.

    Example: entrepot plan --account shop --flow prices --out prices.json
    """
    configuration = configured(config)
    rulebook = other_rules(configuration, mappings) if mappings is not None else None
    fields = [FIELDS[one] for one in PlanFlow if not flow or one in flow]
    told = run(_Planned(configuration, rulebook, account, fields, rows, file, as_json).made(config))
    if as_json:
        print_json(told.document())
    else:
        told.show()


class _Planned:
    """One plan from its wishes to what is told of it."""

    def __init__(
        self,
        configuration: Configuration,
        rulebook: Rulebook | None,
        shops: Sequence[str] | None,
        fields: Sequence[Field],
        rows: int,
        file: Path | None,
        quiet: bool,
    ) -> None:
        self._configuration = configuration
        self._other = rulebook
        self._shops = shops
        self._fields = fields
        self._rows = rows
        self._file = file
        self._quiet = quiet
        self._parts: list[PlanPart] = []
        self._made_at: datetime
        self._note = ""
        self._written = 0

    @property
    def _rules(self) -> Rulebook:
        return self._other or self._configuration.rulebook

    async def made(self, config: ConfigOption) -> "_Planned":
        """Read and count."""
        async with reading(config) as store:
            ctx = await looker(self._configuration, store, clock())
            self._made_at = ctx.clock.now()
            if self._other is None and not await in_force(self._configuration, store):
                self._note = (
                    "the mapping files were changed and are not in force yet; what they will change, once a daemon "
                    f"runs with them, shows: entrepot plan --mappings {self._configuration.settings.mappings}"
                )
            if self._file is None:
                await self._fill(ctx, None)
            else:
                await self._fill_file(ctx, store, self._file)
        return self

    async def _fill_file(self, ctx: FlowContext, store: Store, path: Path) -> None:
        async with store.read() as tx:
            database = await plans.database_id(tx)
        head = Head(FORM, self._made_at, database, self._rules.version)
        with _writable(path), PlanWriter(path, head, store.sealer) as writer:
            await self._fill(ctx, writer)
            self._written = writer.rows

    async def _fill(self, ctx: FlowContext, writer: PlanWriter | None) -> None:
        shops = shops_of(ctx, self._shops)
        take = None if writer is None else writer.add
        with bar("looking", None, quiet=self._quiet) as step:
            if self._other is None:
                self._parts = await planning.plan_stored(
                    ctx, shops, self._fields, rows=self._rows, take=take, step=step
                )
            else:
                self._parts = await planning.plan_imagined(
                    ctx.by(self._other),
                    ctx,
                    shops,
                    self._fields,
                    rows=self._rows,
                    take=take,
                    step=step,
                )

    def document(self) -> dict[str, Any]:
        """The plan as JSON tells it."""
        return {
            "made_at": self._made_at,
            "rules": self._rules.version,
            "note": self._note or None,
            "parts": [part_of(one) for one in self._parts],
            "file": self._file if self._file is None else {"path": self._file, "rows": self._written},
        }

    def show(self) -> None:
        """The plan as a person reads it."""
        for part in self._parts:
            if part.changes:
                _show(part)
        changes = sum(part.changes for part in self._parts)
        sent = sum(part.sent for part in self._parts if part.live)
        held = sum(part.held for part in self._parts)
        if not changes:
            out.print("nothing to send: every shop shows what it shall")
        else:
            more = f"; {held} wait for a person: entrepot approve, or entrepot apply" if held else ""
            out.print(f"{changes} differ, {sent} would be sent now{more}")
        if self._note:
            out.print(self._note, markup=False)
        if self._file is not None:
            out.print(f"{self._written} row(s) written to {self._file}", markup=False)
            observed = sorted({part.account for part in self._parts if part.changes and not part.live})
            first = f"set live first: {', '.join(observed)}; then " if observed else ""
            out.print(f"{first}apply them within 24 hours with: entrepot apply {self._file}", markup=False)


@contextmanager
def _writable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise StartRefused(
            f"{path} cannot be written ({why}): choose another place for --out", UNREACHABLE
        ) from None


def part_of(part: PlanPart) -> dict[str, Any]:
    """One part as JSON tells it."""
    counts = ("changes", "sent", "raises", "lowerings", "to_zero", "held", "refused", "waiting")
    return {
        "account": part.account,
        "flow": _FLOWS[part.field],
        "live": part.live,
        **{name: getattr(part, name) for name in counts},
        "asks": part.asks,
        "largest": part.largest,
        "first": part.first,
    }


def _show(part: PlanPart) -> None:
    out.print(f"\n{title_of(part)}", style="bold", markup=False)
    out.print(f"  {counts_of(part)}", markup=False)
    for asked in part.asks:
        out.print(f"  held: {asked}", markup=False)
    if part.changes > part.rows and part.largest and part.largest != part.first:
        print_rows("  the largest moves", part.largest)
    if part.rows:
        more = part.changes - len(part.first)
        print_rows(f"  the first {len(part.first)}, {more} more" if more > 0 else "  all of them", part.first)


def title_of(part: PlanPart) -> str:
    """Whose, and what."""
    return f"{part.account}, {_WHAT[part.field]}" + ("" if part.live else " (only observed: nothing is sent)")


def counts_of(part: PlanPart) -> str:
    """The counts of one part in a sentence; those that are 0 are left out."""
    down = "taken down" if part.field is Field.STATE else "to zero"
    counts = (
        (part.raises, "higher"),
        (part.lowerings, "lower"),
        (part.to_zero, down),
        (part.held, "held by a guard"),
        (part.refused, "refused before"),
        (part.waiting, "waiting"),
    )
    named = ", ".join(f"{count} {what}" for count, what in counts if count)
    return f"{part.changes} to change" + (f": {named}" if named else "")


def print_rows(title: str, rows: Sequence[PlanRow]) -> None:
    """Rows as a table."""
    columns = ("listing", "SKU", "title", "before → after", "why", "but")
    found = ((r.listing, r.sku, r.title, change_of(r), r.why, standing_of(r)) for r in rows)
    stopped = any(row.standing is not Standing.SEND for row in rows)
    print_table(title, columns if stopped else columns[:-1], (row if stopped else row[:-1] for row in found))


_OWN = "the shop's own"


def change_of(row: PlanRow) -> str:
    """From what to what; what a shop strikes out in brackets."""
    if row.field is Field.CONTENT:
        return "another content"
    before = "?" if row.before is None else row.before or _OWN
    text = f"{before} → {row.after or _OWN}"
    if row.field is Field.PRICE:
        text += f" {row.currency}"
        if row.after_compare_at is not None and row.after_compare_at != row.before_compare_at:
            text += f" (struck out {row.before_compare_at or 'none'} → {row.after_compare_at or 'none'})"
    return text


_STANDINGS = {Standing.HELD: "held", Standing.REFUSED: "refused before", Standing.WAITING: "waiting"}


def standing_of(row: PlanRow) -> str:
    """What stands between a row and its shop; empty where nothing does."""
    if row.standing is Standing.SEND:
        return ""
    return _STANDINGS[row.standing] + (f": {row.note}" if row.note else "")
