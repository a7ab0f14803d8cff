"""holds: everything that waits for a person, and a person's word on it."""

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
from sync.domain.waiting import Topic, readable
from sync.engine.control import command
from sync.engine.deciding import queue
from sync.engine.deciding.deciding import ended
from sync.engine.deciding.effects import DecisionRefused
from sync.engine.deciding.queue import Entry, Story
from sync.engine.refusals import CommandRefused

group = typer.Typer(
    help="What waits for a person's decision: see it, decide it, hand it on.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
WhichArgument = Annotated[
    str,
    typer.Argument(help="Its id, or its subject such as shop/10042 where one thing of it waits."),
]
CommentOption = Annotated[
    str, typer.Option("--comment", "-m", help="Why. It is kept sealed, with the decision.")
]


def add_to(app: typer.Typer) -> None:
    """Put the group on the program."""
    app.add_typer(group, name="holds")


@group.command("list")
@answered
def list_(
    topic: Annotated[Topic | None, typer.Option(help="Only things of this kind.")] = None,
    owner: Annotated[str | None, typer.Option(help="Only what belongs to this person or queue.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what ends by itself and asks nobody.")
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """What waits, the most urgent first.

    Example: entrepot holds list --topic order --owner service
    """

    async def rows() -> list[Entry]:
        async with reading(config) as store, store.read() as tx:
            return await queue.listed(tx, topic=topic, owner=owner, everything=everything)

    found = run(rows())
    if as_json:
        print_json(found)
        return
    print_table(
        "holds",
        ("id", "what", "subject", "rule", "owner", "value", "since", "due", "then", "stock", "decided"),
        (
            (
                x.id,
                x.topic,
                x.subject,
                readable(x.rule),
                x.owner,
                x.value,
                x.since,
                x.due_at,
                x.at_deadline,
                x.stock,
                x.word,
            )
            for x in found
        ),
    )


@group.command()
@answered
def show(which: WhichArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """One thing that waits: why, what it rests on, what was said about it, and who was told.

    Example: entrepot holds show shop/10042
    """
    found = run(_story(config, which))
    if as_json:
        print_json(_document(found))
    else:
        _show(found)


async def _story(config: ConfigOption, which: str) -> Story:
    async with reading(config) as store, store.read() as tx:
        try:
            return await queue.story(tx, await queue.one_of(tx, which))
        except DecisionRefused as error:
            raise CommandRefused(str(error)) from None


def _document(story: Story) -> dict[str, Any]:
    hold = story.matter.hold
    return {
        **_entry(story),
        "reason": hold.reason,
        "todo": hold.todo,
        "decided": ended(hold) if hold.word is not None or not hold.open else None,
        "decided_by": hold.decided_by,
        "decided_at": hold.decided_at,
        "decided_via": hold.decided_via,
        "open": hold.open,
        "waiting": story.matter.count or None,
        "rows": story.matter.rows,
        "more": story.matter.more,
        "comments": story.comments,
        "told": [
            {
                "person": one.person,
                "state": one.state,
                "expires_at": one.expires_at,
                "used_at": one.used_at,
                "error": one.error,
            }
            for one in story.links
        ],
    }


def _entry(story: Story) -> dict[str, Any]:
    one = queue.entry(story.matter.hold)
    return {name: getattr(one, name) for name in Entry.__dataclass_fields__}


def _show(story: Story) -> None:
    hold, told = story.matter.hold, _document(story)
    out.print(f"{hold.topic.value} {hold.about.subject}: {readable(hold.rule)}", style="bold", markup=False)
    for label, value in (
        ("why", hold.reason),
        ("do", hold.todo),
        ("owner", hold.owner),
        ("value", hold.about.value),
        ("stock", told["stock"]),
        ("since", f"{hold.opened_at:%Y-%m-%d %H:%M} UTC"),
        ("due", _due(story)),
        ("decided", told["decided"]),
    ):
        if value:
            out.print(f"  {label + ':':9}{value}", markup=False)
    if story.matter.rows:
        rows = ((row.name, row.code, row.said) for row in story.matter.rows)
        print_table("what it is about", ("title", "SKU or listing", ""), rows)
    if story.matter.more:
        out.print(f"and {story.matter.more} more")
    if story.comments:
        rows_of = ((one.at, one.who, one.word and one.word.value, one.text) for one in story.comments)
        print_table("comments", ("at (UTC)", "who", "word", "text"), rows_of)
    if story.links:
        people = ((one.person, one.state.value, one.expires_at, one.used_at) for one in story.links)
        print_table("told", ("person", "message", "link until (UTC)", "used"), people)
    if hold.waits:
        out.print(f"\ndecide it: entrepot holds approve {hold.id}", style="dim")


def _due(story: Story) -> str:
    hold = story.matter.hold
    if hold.due_at is None:
        return ""
    then = f", then it is {hold.at_deadline.value}" if hold.at_deadline else ", then it goes on waiting"
    return f"{hold.due_at:%Y-%m-%d %H:%M} UTC{then}"


@group.command()
@answered
def approve(
    which: WhichArgument,
    comment: CommentOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say yes: an order goes on, so many changes of a guard may pass, a request is granted.

    Example: entrepot holds approve shop/10042 --comment "the buyer confirmed it"
    """
    _say(run(command(folder_of(config), "hold-approve", hold=which, comment=comment)), as_json)


@group.command()
@answered
def reject(
    which: WhichArgument,
    comment: CommentOption = "",
    reason: Annotated[str, typer.Option(help="Why a request is refused: its buyer reads it.")] = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say no: an order is not sent and gives its stock back, changes go on waiting, a request is refused.

    Example: entrepot holds reject shop/10042 --comment "the card is stolen"
    """
    wish = {"hold": which, "comment": comment, "reason": reason}
    _say(run(command(folder_of(config), "hold-reject", **wish)), as_json)


def _say(told: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(told)
    else:
        out.print(f"{told['topic']} {told['subject']}, {told['rule']}: {told['word']}", markup=False)


@group.command()
@answered
def assign(
    which: WhichArgument,
    owner: Annotated[str, typer.Argument(help="A person of `people`, or a queue that people own.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hand it on. Whoever stands for the new owner is told; links of others decide it no more.

    Example: entrepot holds assign shop/10042 service
    """
    told = run(command(folder_of(config), "hold-assign", hold=which, owner=owner))
    if as_json:
        print_json(told)
    else:
        out.print(f"{told['subject']} belongs to {told['owner']} now", markup=False)


@group.command()
@answered
def comment(
    which: WhichArgument,
    text: Annotated[str, typer.Argument(help="What to write about it. It is kept sealed.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write something about it, for whoever decides.

    Example: entrepot holds comment shop/10042 "asked the buyer by phone"
    """
    told = run(command(folder_of(config), "hold-comment", hold=which, text=text))
    if as_json:
        print_json(told)
    else:
        out.print(f"kept with {which}", markup=False)
