"""How a demo looks: a live layout on a terminal, plain lines elsewhere, and the summary."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from sync.cli.demo.play import Moment

SUMMARY = (
    ("orders placed", "orders_placed"),
    ("pulled", "orders_pulled"),
    ("sent to the warehouse", "orders_sent"),
    ("held, with an issue that says why", "orders_held"),
    ("parcels told to the shops", "parcels_told"),
    ("parcels delivered", "parcels_delivered"),
    ("quantities pushed", "stock_pushes"),
    ("calls to the systems", "api_calls"),
    ("of them throttled", "throttled"),
)
PROMISES = (
    ("units sold beyond the stock", "oversold_units"),
    ("orders lost", "lost_orders"),
    ("effects doubled", "duplicate_effects"),
)


class LiveView:
    """The terminal's view; use it as a context."""

    def __init__(self, console: Console) -> None:
        self._live = Live(console=console, refresh_per_second=8, transient=True)

    def __enter__(self) -> "LiveView":
        self._live.__enter__()
        return self

    def __exit__(self, *failure: Any) -> None:
        self._live.__exit__(*failure)

    def show(self, moment: Moment) -> None:
        """Draw one moment."""
        self._live.update(drawn(moment))


class LineView:
    """For logs and pipes: a line when the phase changes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._phase = ""

    def __enter__(self) -> "LineView":
        return self

    def __exit__(self, *failure: Any) -> None:
        return None

    def show(self, moment: Moment) -> None:
        """Say the phase, once."""
        phase = moment.phase.split(";")[0]
        if phase != self._phase:
            self._phase = phase
            self._console.print(phase, markup=False)


def drawn(moment: Moment) -> RenderableType:
    """One moment as a picture."""
    parts: list[RenderableType] = [
        Text(moment.phase, style="bold"),
        ProgressBar(total=1.0, completed=moment.done),
    ]
    if moment.figures is not None:
        parts.append(_flowing(moment))
    if moment.latest:
        parts.append(Panel(Text("\n".join(moment.latest)), title="what happened last", border_style="dim"))
    return Group(*parts)


def _flowing(moment: Moment) -> RenderableType:
    grid = Table.grid(padding=(0, 3))
    for _ in range(4):
        grid.add_column(vertical="top")
    grid.add_row(_shops(moment), _warehouse(moment), _so_far(moment), _issues(moment))
    return grid


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, header_style="dim", pad_edge=False)
    for n, column in enumerate(columns):
        table.add_column(column, justify="left" if n == 0 else "right")
    return table


def _shops(moment: Moment) -> Table:
    table = _table("shops: orders by state", "shop", "sent", "shipped", "held", "other")
    assert moment.figures is not None  # noqa: S101
    by_shop: dict[str, dict[str, int]] = {}
    for (shop, state), count in moment.figures.orders.items():
        by_shop.setdefault(shop, {})[state] = count
    for shop, states in sorted(by_shop.items()):
        named = [states.get(state, 0) for state in ("sent", "shipped", "held")]
        table.add_row(shop, *map(str, named), str(sum(states.values()) - sum(named)))
    return table


def _warehouse(moment: Moment) -> Table:
    table = _table("warehouse and parcels", "", "")
    shipments = moment.books.get("warehouse", {}).get("shipments", [])
    counts: dict[str, int] = {}
    for shipment in shipments:
        counts[shipment["state"]] = counts.get(shipment["state"], 0) + 1
    for state, count in sorted(counts.items()):
        table.add_row(f"shipments {state}", str(count))
    assert moment.figures is not None  # noqa: S101
    for status, count in sorted(moment.figures.parcels.items()):
        table.add_row(f"parcels {status.replace('_', ' ')}", str(count))
    table.add_row("units reserved", str(moment.figures.reserved_units))
    return table


def _so_far(moment: Moment) -> Table:
    table = _table("so far", "", "")
    for name, key in SUMMARY:
        if key in moment.counts:
            table.add_row(name.partition(",")[0], str(moment.counts[key]))
    return table


def _issues(moment: Moment) -> Table:
    assert moment.figures is not None  # noqa: S101
    table = _table("open issues", "", "")
    for kind, count in sorted(moment.figures.issues.items()):
        table.add_row(kind, str(count))
    unsent = sum(one.count for one in moment.figures.unsent.values())
    table.add_row("quantities on their way", str(unsent))
    return table


def summary(told: Mapping[str, Any], folder: str | None) -> RenderableType:
    """What came of it, the judge's verdict, and what to try next."""
    flow = _table("the business", "", "")
    for name, key in SUMMARY:
        flow.add_row(name, str(told[key]))
    promises = _table("the judge, by the sandbox's own books", "", "", "")
    for name, key in PROMISES:
        kept = told[key] == 0
        promises.add_row(name, str(told[key]), Text("kept", "green") if kept else Text("BROKEN", "bold red"))
    share = float(told["flow_share"])
    kept = share >= 0.9
    promises.add_row(
        "orders shipped that could be",
        f"{share:.0%}",
        Text("kept", "green") if kept else Text("BROKEN", "bold red"),
    )
    tries = [
        "entrepot demo --seconds 20 --json --faults     the same with lost answers, throttling and outages",
        "entrepot demo --keep ./demo                    keep the folder, then look around in it:",
        "entrepot status --config ./demo                and issues, orders list, explain TEE-02",
        "entrepot init                                  your own shop, warehouse and courier",
    ]
    if folder is not None:
        tries[1] = f"entrepot issues --config {folder}"
        tries[2] = f"entrepot explain DUO-1 --config {folder}"
    return Group(flow, Text(), promises, Text(), Text("try next", style="bold"), Text("\n".join(tries)))
