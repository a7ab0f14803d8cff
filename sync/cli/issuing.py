"""issues: what needs a person, and what a person says of it."""

from typing import Annotated

import typer

from sync.cli.office import (
    ConfigOption,
    JsonOption,
    answered,
    folder_of,
    out,
    print_json,
    print_table,
    reading,
    run,
)
from sync.domain.ids import IssueId
from sync.engine.control import command
from sync.engine.refusals import CommandRefused
from sync.store import accounts, issues
from sync.store.issues import Issue

group = typer.Typer(
    help="What needs a person. Without a command: the open issues.",
    invoke_without_command=True,
    rich_markup_mode=None,
)
WhichArgument = Annotated[str, typer.Argument(help="The issue's id or key, or the id that its text names.")]


def add_to(app: typer.Typer) -> None:
    """Put the group on the program."""
    app.add_typer(group, name="issues")


@group.callback()
@answered
def list_(
    context: typer.Context,
    kind: Annotated[str | None, typer.Option(help="Only of this kind, such as order.held.")] = None,
    account: Annotated[str | None, typer.Option(help="Only of this account.")] = None,
    order: Annotated[str | None, typer.Option(help="Only of this order, as shop/number.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many.")] = 200,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """The open issues, the most urgent first.

    Example: entrepot issues --kind order.held
    """
    if context.invoked_subcommand is not None:
        return
    found = run(_open(config, kind, account, order, limit))
    if as_json:
        print_json(found)
        return
    out.print(f"{len(found)} open issue(s)" if found else "no open issues")
    for one in found:
        _show(one)


def _show(issue: Issue) -> None:
    """One issue as a person reads it: what, why, what to do."""
    due = f", due {issue.due_at:%Y-%m-%d %H:%M} UTC" if issue.due_at else ""
    owner = f", for {issue.owner}" if issue.owner else ""
    out.print(f"\n{issue.what}", style="bold", markup=False)
    out.print(f"  why: {issue.why}", markup=False)
    out.print(f"  do:  {issue.todo}", markup=False)
    out.print(
        f"  {issue.kind}, since {issue.opened_at:%Y-%m-%d %H:%M} UTC{owner}{due}, id {issue.id}",
        markup=False,
        style="dim",
    )


async def _open(
    config: ConfigOption, kind: str | None, account: str | None, order: str | None, limit: int
) -> list[Issue]:
    async with reading(config) as store, store.read() as tx:
        row = await accounts.by_name(tx, account) if account else None
        if account and row is None:
            raise CommandRefused(f"there is no account {account!r}; see: entrepot accounts list")
        found = await issues.list_open(tx, kind=kind, account_id=row.id if row else None)
    return [one for one in found if order is None or _is_about(one.subject, order)][:limit]


def _is_about(subject: str, order: str) -> bool:
    """Whether an issue's `shop/number` is the order that a person names; a sign before the number may be left out."""
    shop, _, number = subject.rpartition("/")
    named_shop, _, named = order.rpartition("/")
    return named_shop in ("", shop) and number.removeprefix("#") == named.removeprefix("#")


@group.command()
@answered
def show(which: WhichArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """One issue, whole.

    Example: entrepot issues show 0195...
    """
    found = run(_one(config, which))
    if as_json:
        print_json(found)
        return
    print_table("issue", ("", ""), rows_of(found))


async def _one(config: ConfigOption, which: str) -> Issue:
    async with reading(config) as store, store.read() as tx:
        by_id = await issues.get(tx, IssueId(which))
        named = [one for one in await issues.list_open(tx) if which == one.key]
    for one in (by_id, *named):
        if one is not None:
            return one
    raise CommandRefused(f"there is no issue {which}; see: entrepot issues")


def rows_of(issue: Issue) -> list[tuple[str, object]]:
    """The issue's fields as rows."""
    names = ["id", "key", "kind", "subject", "what", "why", "todo", "owner", "due_at", "opened_at", "seen_at"]
    if issue.closed_at is not None:
        names += ["closed_at", "closed_by"]
    return [(name, getattr(issue, name)) for name in names]


@group.command()
@answered
def retry(which: WhichArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Send again what a vendor refused, or what was held because nobody knew whether it had happened.

    Example: entrepot issues retry 0195...
    """
    result = run(command(folder_of(config), "issue-retry", issue=which))
    if as_json:
        print_json(result)
    else:
        out.print(f"{result['write']} will be sent again", markup=False)


@group.command()
@answered
def done(which: WhichArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Say that a person has settled it. A held write is then taken as having happened.

    Example: entrepot issues done 0195...
    """
    result = run(command(folder_of(config), "issue-done", issue=which))
    if as_json:
        print_json(result)
    else:
        out.print(f"{result['issue']} is settled", markup=False)
