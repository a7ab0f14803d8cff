"""messages: what customers were told and will be, and how a message looks before anybody is told it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import typer

from mappings import MessageRule, MessageRules
from mappings.messages import spoken
from sync.cli.office import (
    ConfigOption,
    JsonOption,
    answered,
    configured,
    folder_of,
    out,
    print_json,
    print_table,
    reading,
    run,
)
from sync.domain.messages import FACTS, SAMPLE, Event, Fact, MessageState
from sync.engine.control import command
from sync.engine.refusals import CommandRefused
from sync.store import accounts, decisions, messages

group = typer.Typer(
    help="What customers are told, and how a message will look.", no_args_is_help=True, rich_markup_mode=None
)


def add_to(app: typer.Typer) -> None:
    """Put the group on the program."""
    app.add_typer(group, name="messages")


@dataclass(frozen=True, slots=True)
class Told:
    """One message without its words and without the customer."""

    id: str
    shop: str
    order: str
    message: str
    event: Event
    way: str
    state: MessageState
    language: str
    happened_at: datetime
    sent_at: datetime | None
    next_at: datetime | None
    reason: str


@group.command("list")
@answered
def list_(
    account: Annotated[str | None, typer.Option(help="Only to this shop's customers.")] = None,
    order: Annotated[
        str | None, typer.Option(help="Only about this order, as number or shop/number.")
    ] = None,
    state: Annotated[MessageState | None, typer.Option(help="Only in this state.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many.")] = 50,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """The newest messages: what was told, when and by which way, or why not. No address and no words.

    Example: entrepot messages list --state unknown
    """
    found = run(_told(config, account, order, state, limit))
    if as_json:
        print_json(found)
        return
    columns = ("shop", "order", "message", "way", "state", "language", "sent (UTC)", "why", "id")
    print_table(
        "messages",
        columns,
        (
            (
                one.shop,
                one.order,
                one.message,
                one.way,
                one.state.value,
                one.language,
                one.sent_at,
                one.reason,
                one.id,
            )
            for one in found
        ),
    )


async def _told(
    config: ConfigOption, account: str | None, order: str | None, state: MessageState | None, limit: int
) -> list[Told]:
    async with reading(config) as store, store.read() as tx:
        shop, _, number = (order or "").rpartition("/")
        named = account or shop
        row = await accounts.by_name(tx, named) if named else None
        if named and row is None:
            raise CommandRefused(f"there is no account {named!r}; see: entrepot accounts list")
        ids = await decisions.order_ids(tx, number, row.id if row else None) if number else None
        found = await messages.listed(
            tx, account_id=row.id if row else None, order_ids=ids, state=state, limit=limit
        )
    return [
        Told(
            one.id,
            one.shop,
            one.number,
            one.name,
            one.event,
            one.way,
            one.state,
            one.language,
            one.happened_at,
            one.sent_at,
            one.next_at if one.state is MessageState.PLANNED else None,
            one.reason,
        )
        for one in found
    ]


@dataclass(frozen=True, slots=True)
class Preview:
    """A message with invented values."""

    message: str
    event: Event
    ways: tuple[str, ...]
    language: str
    subject: str
    text: str


@group.command()
@answered
def preview(
    message: Annotated[str, typer.Argument(help="The message's name, or its event, such as first_scan.")],
    language: Annotated[
        str | None, typer.Option(help="In this language alone, such as zh. Default: every one it has.")
    ] = None,
    account: Annotated[str | None, typer.Option(help="As this shop's customers are told it.")] = None,
    sparse: Annotated[
        bool, typer.Option("--sparse", help="With nothing but what is always known of the event.")
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """How a message looks, with invented values. Nobody is told anything.

    Example: entrepot messages preview first_scan --language zh
    """
    configuration = configured(config)
    if account is not None and account not in configuration.settings.accounts:
        raise CommandRefused(f"there is no account {account!r}; see: entrepot accounts list")
    rules = configuration.rulebook.messages
    found = list(_previews(rules, message, language, account, sparse=sparse))
    if not found:
        raise CommandRefused(_nothing(rules, message, language))
    if as_json:
        print_json(found)
        return
    for one in found:
        out.print(
            f"{one.message}: {one.event.value}, by {', '.join(one.ways)}, {one.language}",
            style="bold",
            markup=False,
        )
        if one.subject:
            out.print(f"  subject: {one.subject}", markup=False)
        out.print("".join(f"  {line}\n" for line in one.text.splitlines()), markup=False)


def _previews(
    rules: MessageRules, name: str, language: str | None, account: str | None, *, sparse: bool
) -> Iterator[Preview]:
    for rule in rules.named(name, account):
        known = FACTS[rule.event]
        values = {fact.value: SAMPLE[fact] for fact in known.facts if not sparse or fact in known.always}
        values[Fact.SHOP.value] = rules.shop(account or next(iter(sorted(rule.accounts)), SAMPLE[Fact.SHOP]))
        for code in _codes(rule, language):
            said = rule.say(code, values)
            yield Preview(rule.name, rule.event, rule.ways, code, said.subject, said.text)


def _codes(rule: MessageRule, language: str | None) -> list[str]:
    if language is None:
        return list(rule.letters)
    found = spoken(language, rule.letters)
    return [] if found is None else [found]


def _nothing(rules: MessageRules, message: str, language: str | None) -> str:
    there = [rule.name for rule in rules.rules]
    if not there:
        return "no message is written yet: see `messages` of the mappings"
    if not rules.named(message):
        return (
            f"there is no message {message!r}, and none tells of such an event; there are: {', '.join(there)}"
        )
    return f"{message} has no text in {language or 'any language'} for this shop"


@group.command()
@answered
def settle(
    account: Annotated[str, typer.Argument(help="The shop.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let all messages be that were perhaps told: they count as told, and none is told again.

    Example: entrepot messages settle shop
    """
    result = run(command(folder_of(config), "messages-settle", account=account))
    if as_json:
        print_json(result)
    else:
        out.print(f"{result['settled']} message(s) of {result['account']} count as told", markup=False)
