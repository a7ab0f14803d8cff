"""apply: send what a reviewed plan says, exactly that or nothing."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from sync.cli.advancing import Advance, bar
from sync.cli.office import (
    FINDINGS,
    ConfigOption,
    JsonOption,
    answered,
    configured,
    err,
    folder_of,
    out,
    print_json,
    print_table,
    reading,
    run,
)
from sync.engine import service
from sync.engine.applying import PUSHES, Comparison, Fate, as_args, compare
from sync.engine.clock import clock
from sync.engine.control import command, daemon_pid
from sync.engine.plan_files import FileRow, PlanFile, PlanRefused, read_plan, refusal
from sync.engine.refusals import CommandRefused
from sync.engine.wiring import Configuration
from sync.flows.names import FlowName
from sync.store import accounts, plans
from sync.store.database import Store

SLICE = 1000
_LOOK_SECONDS = 0.5
_ROUNDS = 3
_PAUSE_SECONDS = 2.5
"""A raise that must wait for another shop, or for orders, is tried again after about so long."""
Told = dict[str, Any]


def add_to(app: typer.Typer) -> None:
    """Put the command on the program."""
    app.command()(apply)


@answered
def apply(
    file: Annotated[Path, typer.Argument(help="A plan, as `entrepot plan --out FILE` writes it.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say whether it can be applied, and what is left of it.")
    ] = False,
    seconds: Annotated[float, typer.Option(min=1, help="Wait so long for the shops to answer.")] = 120.0,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send what a reviewed plan says, in spite of any guard: exactly its rows, or nothing.

    A plan is refused where anything of it is no longer so: plan again then. Beside a running daemon its pushes are
    woken; without one they are run here. What has been applied already is left alone.

    Example: entrepot apply prices.json --dry-run
    """
    configuration = configured(config)
    plan = _read(file)
    before = run(_checked(config, configuration, plan, file))
    told: Told = {"plan": str(file), "applied": False, "accounts": before.counts}
    if dry_run or not before.fields:
        _tell(told, before, dry_run=dry_run, as_json=as_json)
        return
    with bar("sending", before.count(Fate.OPEN) + before.count(Fate.APPROVED), quiet=as_json) as step:
        after = run(_Applied(config, configuration, plan, before, seconds, step).done())
    told |= {"applied": True, "accounts": after.counts}
    _tell_after(told, after, as_json=as_json)


def _read(file: Path) -> PlanFile:
    try:
        return read_plan(file)
    except PlanRefused as error:
        raise CommandRefused(str(error)) from None


async def _checked(
    config: ConfigOption, configuration: Configuration, plan: PlanFile, file: Path
) -> Comparison:
    """What is left of the plan. Raises CommandRefused where it is stale, or cannot be applied here."""
    rules = await _rules(config, configuration)
    async with reading(config) as store:
        async with store.read() as tx:
            database = await plans.database_id(tx)
        why = refusal(plan, database=database, rules=rules, now=clock().now(), sealer=store.sealer)
        if not why:
            await _refuse_not_live(store, plan, file)
        found = await compare(store, plan)
    moved = found.count(Fate.MOVED)
    if not why and moved:
        more = f"; and {moved - len(found.moved)} more" if moved > len(found.moved) else ""
        why = f"{moved} of its {len(plan.rows)} row(s) are no longer so: {'; '.join(found.moved)}{more}"
    if why:
        raise CommandRefused(
            f"{file} cannot be applied: {why}. Nothing was sent; plan again with: entrepot plan --out {file}"
        )
    return found


async def _rules(config: ConfigOption, configuration: Configuration) -> str:
    """The version of the rules that are in force: the daemon's where one runs, else the files'."""
    if daemon_pid(configuration.settings) is None:
        return configuration.rulebook.version
    return str((await command(folder_of(config), "status")).get("rules", ""))


async def _refuse_not_live(store: Store, plan: PlanFile, file: Path) -> None:
    async with store.read() as tx:
        rows = {row.name: row for row in await accounts.list_all(tx)}
    for name in sorted({row.account for row in plan.rows}):
        if name not in rows:
            why = f"there is no account {name!r} any more: plan again with: entrepot plan --out {file}"
        elif rows[name].live_from is None:
            why = f"{name} is only observed: set it live first with: entrepot accounts live {name}"
        else:
            continue
        raise CommandRefused(f"{file} cannot be applied: {why}. Nothing was sent")


class _Applied:
    """The plan's rows let through, and sent."""

    def __init__(
        self,
        config: ConfigOption,
        configuration: Configuration,
        plan: PlanFile,
        before: Comparison,
        seconds: float,
        step: Advance,
    ) -> None:
        self._config = config
        self._folder = folder_of(config)
        self._plan = plan
        self._rulebook = configuration.rulebook
        self._alone = daemon_pid(configuration.settings) is None
        self._fields = before.fields
        self._left = before.count(Fate.OPEN) + before.count(Fate.APPROVED)
        self._until = time.monotonic() + seconds
        self._step = step

    async def done(self) -> Comparison:
        """Let them through, have them sent, and compare again."""
        if self._alone:
            await self._approve(self._plan.rows)
        else:
            for start in range(0, len(self._plan.rows), SLICE):
                await self._approve(self._plan.rows[start : start + SLICE])
        after = await self._compared()
        rounds = 0
        while after.fields and time.monotonic() < self._until and (rounds < _ROUNDS or not self._alone):
            rounds += 1
            if self._alone:
                await self._push(first=rounds == 1)
            else:
                await asyncio.sleep(_LOOK_SECONDS)
            after = await self._compared()
        return after

    async def _approve(self, rows: Sequence[FileRow]) -> None:
        lasts = self._rulebook.guards.approval_lasts.total_seconds()
        await command(self._folder, "approve-plan", plan=self._plan.mark, seconds=lasts, rows=as_args(rows))

    async def _push(self, *, first: bool) -> None:
        """Without a daemon: take in new orders, and send, as `once` does."""
        if not first:
            await asyncio.sleep(_PAUSE_SECONDS)
        names = sorted({account for account, _ in self._fields})
        flows = [FlowName.ORDERS, *dict.fromkeys(PUSHES[field] for _, field in sorted(self._fields))]
        await service.once(self._folder, names, flows, max(1.0, self._until - time.monotonic()))

    async def _compared(self) -> Comparison:
        async with reading(self._config) as store:
            found = await compare(store, self._plan)
        left = found.count(Fate.OPEN) + found.count(Fate.APPROVED)
        self._step(self._left - left)
        self._left = left
        return found


def _tell(told: Told, found: Comparison, *, dry_run: bool, as_json: bool) -> None:
    """Of a plan of which nothing was sent now."""
    if as_json:
        print_json(told)
        return
    if not found.counts:
        out.print("nothing to do: this plan has no rows")
        return
    _table(found)
    if not found.fields:
        refused = (
            f"; {found.count(Fate.REFUSED)} were refused by the shop" if found.count(Fate.REFUSED) else ""
        )
        out.print(f"nothing to do: this plan was applied already{refused}")
    elif dry_run:
        left = found.count(Fate.OPEN) + found.count(Fate.APPROVED)
        out.print(f"it can be applied: {left} row(s) would be sent")


def _tell_after(told: Told, found: Comparison, *, as_json: bool) -> None:
    """What came of it. Exit 1 where a shop refused a row, or one has not been sent in time."""
    refused, moved = found.count(Fate.REFUSED), found.count(Fate.MOVED)
    left = found.count(Fate.OPEN) + found.count(Fate.APPROVED)
    if as_json:
        print_json(told)
    else:
        _table(found)
        out.print(f"{found.count(Fate.DONE)} row(s) are as planned")
        for one in found.refused:
            err.print(f"refused: {one}", markup=False)
        if refused > len(found.refused):
            err.print(f"and {refused - len(found.refused)} more were refused; see: entrepot issues")
        if left:
            err.print(
                f"{left} row(s) are let through and not sent yet: they go by themselves while a daemon runs, "
                "else with: entrepot once"
            )
        if moved:
            err.print(f"{moved} row(s) changed meanwhile: {'; '.join(found.moved)}", markup=False)
    if refused or left or moved:
        raise typer.Exit(FINDINGS)


def _table(found: Comparison) -> None:
    names = {
        Fate.DONE: "as planned",
        Fate.OPEN: "to send",
        Fate.APPROVED: "let through",
        Fate.REFUSED: "refused",
        Fate.MOVED: "changed meanwhile",
    }
    shown = [fate for fate in names if found.count(fate)]
    rows = (
        (account, *(counts.get(fate, 0) for fate in shown))
        for account, counts in sorted(found.counts.items())
    )
    print_table("plan", ("account", *(names[fate] for fate in shown)), rows)
