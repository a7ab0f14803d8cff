"""returns: list, show, enter, decide, answer, and find the home of goods that nobody announced."""

from enum import StrEnum
from typing import Annotated, Any

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
from sync.cli.receiving import CaseArgument, pairs_of, received
from sync.engine.control import command
from sync.engine.refusals import CommandRefused

group = typer.Typer(
    help="Returns, exchanges and refunds: what was asked, what came back, what was given back.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


class Yes(StrEnum):
    """A person's verdict."""

    APPROVE = "approve"
    REFUSE = "refuse"


class For(StrEnum):
    """What a refund in the shop was for."""

    COUNTS = "counts"
    APART = "apart"


OrderArgument = Annotated[str, typer.Argument(help="The order's number, or shop/number.")]
Pairs = Annotated[list[str] | None, typer.Option(help="SKU=PIECES; may be given several times.")]


def add_to(app: typer.Typer) -> None:
    """Put the group on the program."""
    app.add_typer(group, name="returns")


@group.command("list")
@answered
def list_(
    account: Annotated[str | None, typer.Option(help="Only of this shop or warehouse.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Those that are done, too.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Cases of the way back, the one due first on top.

    Example: entrepot returns list --account shop
    """
    found = run(_rows(config, account, everything=everything, limit=limit))
    if as_json:
        print_json(found)
        return
    names = ("case", "kind", "answer", "rule", "state", "owner", "due_at", "waits")
    print_table("returns", names, ([row[name] for name in names] for row in found))


async def _rows(
    config: ConfigOption, account: str | None, *, everything: bool, limit: int
) -> list[dict[str, Any]]:
    from sync.store import accounts
    from sync.store.back import cases

    async with reading(config) as store, store.read() as tx:
        row = await accounts.by_name(tx, account) if account else None
        if account and row is None:
            raise CommandRefused(f"there is no account {account!r}; see: entrepot accounts list")
        state = None if everything else cases.OPEN
        found = await cases.listed(tx, account_id=row.id if row else None, state=state, limit=limit)
    return [
        {
            "case": one.reference,
            "kind": one.kind.value if one.kind else "unannounced goods",
            "answer": one.verdict.answer.value if one.verdict else "",
            "rule": one.verdict.rule if one.verdict else "",
            "state": one.state,
            "owner": one.owner,
            "due_at": one.due_at,
            "waits": one.waits,
        }
        for one in found
        if one.state != cases.JOINED
    ]


@group.command()
@answered
def show(case: CaseArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """One case: its verdict, its goods, its money, and what it asks.

    Example: entrepot returns show shop/10042/R1
    """
    told = run(_document(config, case))
    if as_json:
        print_json(told)
        return
    lists = ("goods", "beyond", "questions", "refunds", "given_by_people")
    for name, value in told.items():
        if name not in lists and value not in ("", None):
            out.print(f"{name.replace('_', ' ')}: {value}", markup=False)
    for name in lists:
        rows = told.get(name) or []
        if rows:
            heads = list(dict.fromkeys(key for row in rows for key in row))
            print_table(name.replace("_", " "), heads, ([row.get(key, "") for key in heads] for row in rows))


async def _document(config: ConfigOption, case: str) -> dict[str, Any]:
    from sync.engine.returns_shown import document

    async with reading(config) as store, store.read() as tx:
        return await document(tx, case)


@group.command()
@answered
def enter(
    order: OrderArgument,
    kind: Annotated[str, typer.Option(help="return, exchange, resend, price_protection, cancellation, …")],
    line: Pairs = None,
    amount: Annotated[
        list[str] | None, typer.Option(help="SKU=MONEY without goods, in the order's currency.")
    ] = None,
    instead: Annotated[list[str] | None, typer.Option(help="SKU=UNITS that go out instead.")] = None,
    price: Annotated[
        str | None,
        typer.Option(
            help="What the other goods of an exchange cost in all, with tax; absent: you are asked."
        ),
    ] = None,
    tracking: Annotated[list[str] | None, typer.Option(help="The number that it comes back under.")] = None,
    reason: Annotated[str, typer.Option(help="Why, in a word or two; nothing personal.")] = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Enter a request that no shop told of: by mail, by telephone, or price protection. The rules judge it.

    Example: entrepot returns enter shop/10042 --kind price_protection --amount TEE-02=3.00
    """
    result = run(
        command(
            folder_of(config),
            "returns-enter",
            order=order,
            kind=kind,
            lines=pairs_of(line),
            amounts=pairs_of(amount),
            instead=pairs_of(instead),
            tracking=tracking or [],
            price=price,
            reason=reason,
        )
    )
    if as_json:
        print_json(result)
    else:
        out.print(f"{result['kind']} of {order} entered as {result['request']}", markup=False)


@group.command()
@answered
def decide(
    case: CaseArgument,
    word: Annotated[Yes, typer.Argument(help="Yes or no.")],
    reason: Annotated[str, typer.Option(help="Told to the buyer; needed for a no.")] = "",
    refund: Annotated[
        str | None,
        typer.Option(
            help="When money goes back: without_return, at_first_scan, at_receipt, after_inspection."
        ),
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say yes or no to a request. Your word stands whatever the rules say later.

    Example: entrepot returns decide shop/10042/R1 approve --refund at_receipt
    """
    wish = {"case": case, "approve": word is Yes.APPROVE, "reason": reason, "refund": refund}
    result = run(command(folder_of(config), "returns-decide", **wish))
    if as_json:
        print_json(result)
    else:
        out.print(f"{result['case']}: {result['answer']}", markup=False)


@group.command()
@answered
def answer(
    case: CaseArgument,
    rule: Annotated[str, typer.Argument(help="The question, as `returns show` names it.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say "go on" to one question of a case.

    Example: entrepot returns answer shop/10042/R1 "goods out"
    """
    result = run(command(folder_of(config), "returns-answer", case=case, rule=rule))
    if as_json:
        print_json(result)
    else:
        out.print(f"{result['case']} goes on: {result['rule']}", markup=False)


group.command()(received)


@group.command()
@answered
def treat(
    case: CaseArgument,
    condition: Annotated[str, typer.Argument(help="good, damaged or wrong.")],
    paid: Annotated[bool, typer.Option("--paid/--not-paid", help="Whether the buyer gets money for them.")],
    to: Annotated[str | None, typer.Option(help="restock, scrap, to-supplier or to-customer.")] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say of a case's goods in a condition whether they are paid for, and where they go.

    Example: entrepot returns treat shop/10042/R1 damaged --paid --to scrap
    """
    wish = {"case": case, "condition": condition, "paid": paid, "goes": to}
    result = run(command(folder_of(config), "returns-treat", **wish))
    if as_json:
        print_json(result)
    else:
        said = "paid for" if result["paid"] else "not paid for"
        goes = f", and go: {result['goes']}" if result["goes"] else ""
        out.print(f"{result['case']}: {result['condition']} goods are {said}{goes}", markup=False)


@group.command()
@answered
def join(
    stray: Annotated[str, typer.Argument(help="Goods that nobody announced, as `returns list` names them.")],
    case: CaseArgument,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say whose goods these are.

    Example: entrepot returns join unannounced/… shop/10042/R1
    """
    result = run(command(folder_of(config), "returns-join", stray=stray, case=case))
    if as_json:
        print_json(result)
    else:
        out.print(f"{result['joined']} belongs to {result['case']}", markup=False)


@group.command()
@answered
def meant(
    order: OrderArgument,
    refund: Annotated[str, typer.Argument(help="The shop's id of the refund, as `returns show` names it.")],
    word: Annotated[For, typer.Argument(help="For the order's cases, or for none of them.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what a refund that somebody made in the shop was for.

    Example: entrepot returns meant shop/10042 re_01H counts
    """
    wish = {"order": order, "refund": refund, "counts": word is For.COUNTS}
    result = run(command(folder_of(config), "returns-meant", **wish))
    if as_json:
        print_json(result)
    else:
        out.print(f"{result['refund']} of {result['order']}: {result['meant']}", markup=False)
