"""accounts webhooks: what a vendor tells us unasked: show it, see that it does, or end it."""

from typing import Annotated, Any

import typer

from sync.cli.office import (
    FINDINGS,
    ConfigOption,
    JsonOption,
    answered,
    configured,
    out,
    print_json,
    print_table,
    run,
)
from sync.engine.refusals import CommandRefused

NameArgument = Annotated[str, typer.Argument(help="The account's name in entrepot.yaml.")]


@answered
def webhooks(
    account: NameArgument,
    repair: Annotated[
        bool, typer.Option("--repair", help="Create what is missing, wake what is disabled.")
    ] = False,
    remove: Annotated[bool, typer.Option("--remove", help="End our subscriptions at the vendor.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show an account's subscriptions at its vendor. Exit 1 where some are missing or disabled.

    Example: entrepot accounts webhooks shop --repair
    """
    if repair and remove:
        raise CommandRefused("say either --repair or --remove")
    from sync.cli.hooking import work

    configuration = configured(config)
    told_ = run(work(configuration, account, repair=repair, remove=remove, config=config))
    if as_json:
        print_json(told_)
    elif remove:
        out.print(
            f"{told_['removed']} subscription(s) of {account} removed; while `webhooks:` stands in entrepot.yaml "
            "they are told as missing",
            markup=False,
        )
    else:
        _show(account, told_)
    if not told_["ok"]:
        raise typer.Exit(FINDINGS)


def _show(account: str, said: dict[str, Any]) -> None:
    rows = [
        (one["topic"], "active" if one["active"] else "disabled", one["failures"]) for one in said["ours"]
    ]
    rows += [(topic, "missing", None) for topic in said["missing"]]
    print_table(f"webhooks of {account}", ("topic", "state", "failures in a row"), rows)
    if said["ok"]:
        out.print("the vendor tells us of every change")
    else:
        out.print(f"repair it with: entrepot accounts webhooks {account} --repair", markup=False)
