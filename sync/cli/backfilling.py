"""backfill: read everything that the vendors have, with a bar for each feed; it goes on where it was stopped."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any

import typer
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)

from connectors.contract import Kind
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
    reading,
    run,
)
from sync.engine import service
from sync.engine.control import command, daemon_pid
from sync.engine.progress import Advance
from sync.engine.refusals import UNREACHABLE, StartRefused
from sync.engine.wiring import Configuration
from sync.flows.names import FlowName
from sync.store import accounts as rows_of
from sync.store import flow_states

READS: Mapping[Kind, tuple[FlowName, ...]] = {
    Kind.WAREHOUSE: (FlowName.STOCK,),
    Kind.SUPPLIER: (FlowName.OFFERS,),
    Kind.STOREFRONT: (FlowName.CATALOGUE, FlowName.ORDERS),
}
"""What is read at first, in this order: figures before listings, so that each listing finds its SKU."""
LOOK_SECONDS = 0.3


def add_to(app: typer.Typer) -> None:
    """Put the command on the program."""
    app.command()(backfill)


@answered
def backfill(
    account: Annotated[list[str] | None, typer.Option(help="Only this account; may be repeated.")] = None,
    hours: Annotated[float, typer.Option(min=0.001, help="Stop after so long; what is read is kept.")] = 24.0,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read all stock, listings and orders that the vendors have, and show how far it is.

    Beside a running daemon it shows the daemon's work; without one it does the reading itself. Stop it at any time:
    the next one goes on from there.

    Example: entrepot backfill --account shop
    """
    configuration = configured(config)
    flows = _wanted(configuration, account)
    folder = folder_of(config)
    read = _read if daemon_pid(configuration.settings) is None else _watched
    try:
        with _bars(quiet=as_json) as bars:
            told = run(read(folder, flows, _Drawn(bars).show, hours * 3600))
    except KeyboardInterrupt:
        err.print("stopped; go on with the same command")
        raise
    if as_json:
        print_json(told)
    else:
        _say(told)
    if told["waiting"]:
        raise typer.Exit(UNREACHABLE)
    if told["failed"] or told["unfinished"]:
        raise typer.Exit(FINDINGS)


def _wanted(configuration: Configuration, names: list[str] | None) -> dict[str, tuple[FlowName, ...]]:
    """The reads of each account, the kinds in the order of `READS`."""
    unknown = sorted(set(names or ()) - set(configuration.kinds))
    if unknown:
        known = ", ".join(sorted(configuration.kinds)) or "none"
        raise StartRefused(f"there is no account {unknown[0]!r}; there are: {known}")
    return {
        name: flows
        for kind, flows in READS.items()
        for name, its in configuration.kinds.items()
        if its == kind.value and (names is None or name in names)
    }


Show = Callable[[Iterable[Advance]], None]


async def _read(
    folder: Any, flows: Mapping[str, tuple[FlowName, ...]], show: Show, seconds: float
) -> dict[str, Any]:
    """Without a daemon: read it here, one account after another."""
    told: dict[str, Any] = {"records": 0, "troubled": 0, "failed": [], "waiting": [], "unfinished": False}
    until = asyncio.get_running_loop().time() + seconds
    for name, its in flows.items():
        for flow in its:
            left = until - asyncio.get_running_loop().time()
            if left <= 0:
                told["unfinished"] = True
                return told
            report = await service.once(folder, [name], [flow], left, look=lambda one: show(one.progress))
            told["records"] += report.handled
            told["troubled"] += report.troubled
            told["failed"] += [list(each) for each in dict.fromkeys(report.failed)]
            told["waiting"] += [each for each in report.waiting if each not in told["waiting"]]
            told["unfinished"] |= report.unfinished
    return told


async def _watched(
    folder: Any, flows: Mapping[str, tuple[FlowName, ...]], show: Show, seconds: float
) -> dict[str, Any]:
    """Beside a daemon: have it look, and show what it does until each read has come to its end once."""
    for name, its in flows.items():
        for flow in its:
            await command(folder, "hint", account=name, flow=flow.value)
    until = asyncio.get_running_loop().time() + seconds
    left = {f"{name}/{flow.value}" for name, its in flows.items() for flow in its}
    mine, most = frozenset(left), dict[str, int]()
    status: dict[str, Any] = {"accounts": {}}
    while left and asyncio.get_running_loop().time() < until:
        await asyncio.sleep(LOOK_SECONDS)
        status = await command(folder, "status")
        reads = [Advance(**{**one, "flow": FlowName(one["flow"])}) for one in status["reads"]]
        now = {f"{one.account}/{one.flow.value}": one for one in reads}
        most |= {key: one.records for key, one in now.items() if key in mine}
        show(one for key, one in now.items() if key in mine)
        left -= {key for key in left if key not in now and key not in status["keys"]}
    closed = sorted(name for name in flows if not status["accounts"].get(name, {"open": True})["open"])
    failed, midway = await _as_stored(
        folder, {name: its for name, its in flows.items() if name not in closed}
    )
    return {
        "records": sum(most.values()),
        "troubled": 0,
        "failed": failed,
        "waiting": closed,
        "unfinished": bool(left) or midway,
    }


async def _as_stored(folder: Any, flows: Mapping[str, tuple[FlowName, ...]]) -> tuple[list[list[str]], bool]:
    """The reads that stand on a failure (one that backs off takes no hint), and whether any is in the middle."""
    wanted = {(name, flow.value) for name, its in flows.items() for flow in its}
    async with reading(folder) as store, store.read() as tx:
        names = {row.id: row.name for row in await rows_of.list_all(tx)}
        states = {(names.get(one.account_id, ""), one.flow): one for one in await flow_states.states(tx)}
    its = {key: state for key, state in states.items() if key in wanted}
    failed = sorted([name, flow] for (name, flow), state in its.items() if state.last_error is not None)
    return failed, any(state.more or state.last_success_at is None for state in its.values())


def _bars(*, quiet: bool) -> Progress:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=err, disable=quiet)


class _Drawn:
    """One bar for each read; it is full when the read has ended."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[tuple[str, FlowName], Any] = {}

    def show(self, reads: Iterable[Advance]) -> None:
        """Draw what is under way; what no longer is, has ended."""
        now = {(one.account, one.flow): one for one in reads}
        for key, one in now.items():
            if key not in self._tasks:
                self._tasks[key] = self._bars.add_task(f"{one.account}: {one.flow.value}", total=None)
            self._bars.update(self._tasks[key], completed=one.records, total=one.total)
        for key in [key for key in self._tasks if key not in now]:
            task = self._tasks.pop(key)
            done = next(each.completed for each in self._bars.tasks if each.id == task)
            self._bars.update(task, total=max(done, 1), completed=max(done, 1))


def _say(told: Mapping[str, Any]) -> None:
    what = (
        "there is more to read" if told["failed"] or told["waiting"] or told["unfinished"] else "all is read"
    )
    out.print(f"{what}: {told['records']} records now, {told['troubled']} in trouble")
    for name, flow in told["failed"]:
        err.print(f"failed: {flow} of {name}; see: entrepot status")
    if told["waiting"]:
        err.print(f"could not start: {', '.join(told['waiting'])}; see: entrepot issues")
    if told["unfinished"]:
        err.print("there is more; go on with the same command")
