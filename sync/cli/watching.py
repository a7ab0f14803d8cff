"""status: whether everything flows."""

from datetime import datetime
from typing import Any

import typer

from sync.cli.office import (
    ConfigOption,
    JsonOption,
    ago,
    answered,
    folder_of,
    out,
    print_json,
    print_table,
    reading,
    run,
)
from sync.engine.control import command, daemon_pid
from sync.engine.refusals import StartRefused
from sync.engine.settings_file import read_settings
from sync.flows.names import FlowName
from sync.store.figures import Figures, figures
from sync.store.flow_states import FlowState

_FLOWS = frozenset(flow.value for flow in FlowName)
"""The engine keeps states of its own beside those of the flows; they are no business of people."""


def add_to(app: typer.Typer) -> None:
    """Put the command on the program."""
    app.command()(status)


@answered
def status(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Accounts, flows, backlogs, orders and issues at one look.

    Example: entrepot status --json
    """
    daemon, now = run(_look(config))
    if as_json:
        print_json({"daemon": daemon, "now": as_document(now)})
        return
    _show_daemon(daemon)
    _show_accounts(now, daemon)
    _show_flows(now)
    _show_backlogs(now)


async def _look(config: ConfigOption) -> tuple[dict[str, Any], Figures]:
    daemon = await _daemon(config)
    async with reading(config) as store, store.read() as tx:
        return daemon, await figures(tx)


async def _daemon(config: ConfigOption) -> dict[str, Any]:
    """What the daemon says of itself; one that is starting or stopping does not keep us from looking."""
    folder = folder_of(config)
    settings = read_settings(folder)
    try:
        return await command(folder, "status")
    except StartRefused as error:
        return {"running": True, "pid": daemon_pid(settings), "metrics": None, "why": str(error)}


def as_document(now: Figures) -> dict[str, Any]:
    """The figures as JSON tells them."""
    return {
        "at": now.at,
        "accounts": [
            {
                "name": row.name,
                "kind": row.kind,
                "mode": "live" if row.live_from else "observe",
                "condition": row.condition,
                "why": row.condition_reason,
            }
            for row in now.accounts
        ],
        "flows": [
            {
                "account": account,
                "flow": state.flow,
                "last_success_at": state.last_success_at,
                "next_due_at": state.next_due_at,
                "failures": state.attempts,
                "last_error": state.last_error,
                "cursor_at": state.cursor_at,
            }
            for account, state in _flows(now)
        ],
        "unsent": now.unsent,
        "rejected": now.rejected,
        "outbox": now.outbox,
        "orders": now.orders,
        "holds": now.holds,
        "issues": now.issues,
        "broken": now.broken,
        "reserved_units": now.reserved_units,
        "short_units": now.short_units,
        "parcels": now.parcels,
    }


def _flows(now: Figures) -> list[tuple[str, FlowState]]:
    return [(account, state) for account, state in now.flows if state.flow in _FLOWS]


def _show_daemon(daemon: dict[str, Any]) -> None:
    if "why" in daemon:
        out.print(daemon["why"], markup=False)
    elif daemon["running"]:
        out.print(f"the daemon runs, pid {daemon['pid']}, metrics on {daemon['metrics'] or 'no address'}")
    else:
        out.print("no daemon is running; start it with: entrepot run")


def _show_accounts(now: Figures, daemon: dict[str, Any]) -> None:
    known = daemon.get("accounts", {})
    print_table(
        "accounts",
        ("name", "kind", "mode", "condition", "why"),
        (
            (
                row.name,
                row.kind,
                "live" if row.live_from else "observe",
                row.condition.value,
                row.condition_reason or ("" if known.get(row.name, {}).get("open", True) else "starting"),
            )
            for row in now.accounts
        ),
    )


def _show_flows(now: Figures) -> None:
    print_table(
        "flows",
        ("account", "flow", "last success", "next", "cursor", "failures", "last error"),
        (
            (
                account,
                state.flow,
                ago(state.last_success_at, now.at),
                _due(state.next_due_at, now.at),
                ago(state.cursor_at, now.at) if state.cursor_at else "",
                state.attempts or "",
                state.last_error or "",
            )
            for account, state in _flows(now)
        ),
    )


def _due(moment: datetime | None, now: datetime) -> str:
    return "now" if moment is None or moment <= now else ago(moment, now)


def _show_backlogs(now: Figures) -> None:
    rows: list[tuple[object, ...]] = [
        (account, f"unsent {field}", one.count, ago(one.oldest, now.at))
        for (account, field), one in now.unsent.items()
    ]
    rows += [(account, f"refused {field}", count, "") for (account, field), count in now.rejected.items()]
    rows += [
        (account, f"{operation} {state}", one.count, ago(one.oldest, now.at))
        for (account, operation, state), one in now.outbox.items()
    ]
    print_table("backlog", ("account", "what", "count", "oldest"), rows)
    print_table(
        "orders", ("account", "state", "count"), ((*key, count) for key, count in sorted(now.orders.items()))
    )
    print_table("issues", ("kind", "open"), sorted(now.issues.items()))
    out.print(f"reserved units {now.reserved_units}, short units {now.short_units}")
