"""explain: why a shop shows 7, why it costs 14.99, and why it is up."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated, Any

import typer

from config import ConfigError
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
from sync.cli.placing import Places
from sync.domain.clock import from_micros, to_micros
from sync.domain.ids import AccountId
from sync.domain.plan import Field
from sync.domain.sku import normal_sku
from sync.domain.telling import price_sentences, state_sentences
from sync.domain.telling_quantities import quantity_limits, quantity_sentence
from sync.engine.clock import clock
from sync.engine.looking import looker
from sync.engine.refusals import CommandRefused, StartRefused
from sync.engine.wiring import Configuration
from sync.flows.flow import FlowContext
from sync.flows.trying import judging
from sync.store import accounts, plans, reports
from sync.store.database import Tx
from sync.store.plans import StoredOffer
from sync.store.reports import ExplainedFigure, ExplainedOffer

MORE = (Field.PRICE, Field.STATE, Field.CONTENT)
"""What is told of a listing besides its quantity."""


@dataclass(frozen=True, slots=True)
class Explained:
    """One listing: its quantity, its other fields as far as any is ours, and what keeps each back."""

    quantity: ExplainedOffer
    fields: dict[Field, StoredOffer] = field(default_factory=dict)
    held: dict[Field, list[str]] = field(default_factory=dict)

    @property
    def skus(self) -> list[str]:
        """What it sells."""
        return [str(term["sku"]) for term in self.quantity.terms.get("skus", ())]


def add_to(app: typer.Typer) -> None:
    """Put the command on the program."""
    app.command()(explain)


@answered
def explain(
    sku: Annotated[str, typer.Argument(help="The SKU.")],
    account: Annotated[str | None, typer.Option(help="Only on this shop.")] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Every term of the quantity, the price and the state that each shop shows of a SKU.

    With the rules' names, files and lines, what the shop said last, and what keeps a change back.

    Example: entrepot explain TEE-02 --account shop
    """
    configuration, trouble = _configuration(config)
    figures, offers = run(_look(config, configuration, normal_sku(sku) or sku, account))
    places = Places(None if configuration is None else configuration.rulebook)
    if as_json:
        found = [_document(offer, places) for offer in offers]
        print_json({"sku": sku, "warehouses": figures, "listings": found, "note": trouble or None})
        return
    _show_figures(sku, figures)
    for offer in offers:
        for line in _lines(offer, places):
            out.print(line, markup=False)
    if trouble:
        out.print(f"\n{trouble}", markup=False)


def _configuration(config: ConfigOption) -> tuple[Configuration | None, str]:
    """The configuration where it can be read; else why the places of rules cannot be told."""
    try:
        return configured(config), ""
    except ConfigError as error:
        first = str(error).splitlines()[0]
        return None, f"files and lines of rules cannot be told, for the configuration cannot be read: {first}"


async def _look(
    config: ConfigOption, configuration: Configuration | None, sku: str, account: str | None
) -> tuple[list[ExplainedFigure], list[Explained]]:
    async with reading(config) as store, store.read() as tx:
        figures, offers = await reports.figures_of(tx, sku), await reports.explain(tx, sku)
        if not figures and not offers:
            near = difflib.get_close_matches(sku, await reports.near_skus(tx, sku), n=3)
            meant = f"; did you mean {' or '.join(near)}?" if near else ""
            raise CommandRefused(f"no warehouse and no listing has the SKU {sku}{meant}")
        if account is not None:
            offers = await _of(tx, offers, sku, account)
        ctx = None
        if configuration is not None:
            try:
                ctx = await looker(configuration, store, clock())
            except StartRefused:
                ctx = None
        return figures, [await _explained(tx, ctx, offer) for offer in offers]


async def _of(tx: Tx, offers: Sequence[ExplainedOffer], sku: str, account: str) -> list[ExplainedOffer]:
    """Those on one shop. Raises CommandRefused where there is no such shop, or it has none."""
    known = [row.name for row in await accounts.list_all(tx) if row.kind == "storefront"]
    if account not in known:
        near = difflib.get_close_matches(account, known, n=1)
        meant = f"did you mean {near[0]}?" if near else f"there are: {', '.join(known) or 'none'}"
        raise CommandRefused(f"there is no shop {account!r}; {meant}")
    found = [offer for offer in offers if offer.account == account]
    if not found:
        on = ", ".join(sorted({offer.account for offer in offers})) or "no shop"
        raise CommandRefused(f"{account} has no listing of {sku}; it is listed on: {on}")
    return found


async def _explained(tx: Tx, ctx: FlowContext | None, offer: ExplainedOffer) -> Explained:
    fields: dict[Field, StoredOffer] = {}
    held: dict[Field, list[str]] = {}
    for one in (Field.QUANTITY, *MORE):
        rows = (await plans.by_listing(tx, one, [offer.listing_id])).get(offer.listing_id, [])
        if not rows:
            continue
        if one in MORE:
            fields[one] = rows[0]
        view = ctx.accounts.get(AccountId(rows[0].account_id)) if ctx is not None else None
        if ctx is not None and view is not None and rows[0].unsent:
            held[one] = await judging.holding(tx, replace(ctx, account=view), one, rows[0])
    return Explained(offer, fields, held)


def _document(one: Explained, places: Places) -> dict[str, Any]:
    """One listing as JSON tells it: the quantity's columns, then the other fields."""
    names = ("account", "listing", "title", "live", "published", "desired", "acked", "ceiling", "rejected")
    told = {name: getattr(one.quantity, name) for name in names}
    told |= {
        "rejected_reason": one.quantity.rejected_reason,
        "terms": places.with_places(one.quantity.terms, one.quantity.account),
        "said": _terms_told(one.quantity, places),
        "changed_at": one.quantity.changed_at,
        "acked_at": one.quantity.acked_at,
        "held": one.held.get(Field.QUANTITY, []),
    }
    for name, offer in one.fields.items():
        told[name.value] = _field_document(one, name, offer, places)
    return told


def _field_document(one: Explained, name: Field, offer: StoredOffer, places: Places) -> dict[str, Any]:
    told = {
        "desired": offer.desired,
        "acked": offer.acked,
        "rejected": offer.rejected,
        "rejected_reason": offer.rejected_reason or None,
        "terms": offer.told,
        "said": sentences_of(one, name, offer, places),
        "changed_at": _moment(offer.changed_at),
        "acked_at": _moment(offer.acked_at),
        "next_at": _moment(offer.next_at),
        "held": one.held.get(name, []),
    }
    if name is Field.PRICE:
        told |= {
            "terms": places.with_price_places(offer.told, one.quantity.account, one.skus),
            "currency": offer.currency,
            "desired_compare_at": offer.desired_compare_at,
            "acked_compare_at": offer.acked_compare_at,
        }
    return told


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)


def _show_figures(sku: str, figures: Sequence[ExplainedFigure]) -> None:
    print_table(
        f"{sku} in the warehouses and at suppliers",
        ("where", "on hand", "basis", "held by orders", "read at", "held by"),
        (
            (
                f.warehouse,
                f.on_hand,
                f.basis,
                f.reserved,
                f.read_at,
                ", ".join(f"{n}: {u}" for n, u in f.held_by[:8]),
            )
            for f in figures
        ),
    )


def _lines(one: Explained, places: Places) -> Iterator[str]:
    offer = one.quantity
    mode = "" if offer.live else " (only observed: nothing is sent)"
    yield f"\n{offer.account}:{offer.listing} {offer.title}{mode}"
    yield from (f"  {line}" for line in _quantity(offer, places))
    yield from (f"  {line}" for line in one.held.get(Field.QUANTITY, ()))
    for name, stored in one.fields.items():
        found = list(_field(one, name, stored, places))
        if found:
            yield f"  {name.value}"
            yield from (f"    {line}" for line in (*found, *one.held.get(name, ())))


def _quantity(offer: ExplainedOffer, places: Places) -> Iterator[str]:
    if offer.desired is None:
        yield "no quantity yet: no warehouse has said how much is there"
        return
    yield from _terms_told(offer, places)
    shown = "the shop has not confirmed any yet" if offer.acked is None else f"the shop shows {offer.acked}"
    since = f", confirmed {offer.acked_at:%Y-%m-%d %H:%M:%S} UTC" if offer.acked_at else ""
    yield f"= {offer.desired} to show; {shown}{since}"
    if offer.acked != offer.desired and offer.ceiling is not None:
        yield f"not sent yet: until then it counts as selling up to {offer.ceiling}"
    if offer.rejected is not None and offer.rejected == offer.desired:
        yield f"the shop refused {offer.rejected}: {offer.rejected_reason}"


def _terms_told(offer: ExplainedOffer, places: Places) -> list[str]:
    """The terms of the quantity in sentences."""
    at, terms = places.setting(offer.account), offer.terms.get("skus", [])
    lines = [quantity_sentence(term, places.rule, at) for term in terms]
    if len(terms) > 1:
        lines.append("the scarcest of these decides")
    lines += quantity_limits(offer.terms, at)
    if not offer.published:
        lines.append("it is not published, so it gets no share")
    return lines


def sentences_of(one: Explained, name: Field, offer: StoredOffer, places: Places) -> list[str]:
    """The terms of one field in sentences."""
    if name is Field.PRICE:
        return price_sentences(offer.told, places.rule, places.setting(one.quantity.account, one.skus))
    return state_sentences(offer.told, places.rule) if name is Field.STATE else []


def _field(one: Explained, name: Field, offer: StoredOffer, places: Places) -> Iterator[str]:
    """One field that is ours; nothing of one that is the shop's own."""
    now = to_micros(clock().now())
    yield from sentences_of(one, name, offer, places)
    if offer.desired is not None:
        yield f"= {_wanted(name, offer)}; {_said(name, offer)}"
        if offer.rejected == offer.desired:
            yield f"the shop refused {_value(name, offer, offer.desired)}: {offer.rejected_reason}"
        elif offer.unsent and offer.retry_at is not None and offer.retry_at > now:
            yield f"it is tried again at {from_micros(offer.retry_at):%Y-%m-%d %H:%M:%S} UTC"
    if offer.next_at is not None and offer.next_at > now:
        yield f"it may change by itself at {from_micros(offer.next_at):%Y-%m-%d %H:%M:%S} UTC"


def _value(name: Field, offer: StoredOffer, value: str) -> str:
    if name is Field.CONTENT:
        return "that content"
    return f"{value} {offer.currency}" if name is Field.PRICE else value


def _wanted(name: Field, offer: StoredOffer) -> str:
    value = _value(name, offer, offer.desired or "")
    if name is Field.CONTENT:
        return f"{', '.join(sorted(offer.told)) or 'content'} of the catalogue to show"
    if name is Field.STATE:
        return f"it shall be {value}"
    struck = f", {offer.desired_compare_at} {offer.currency} struck out" if offer.desired_compare_at else ""
    return f"{value} to ask{struck}"


def _said(name: Field, offer: StoredOffer) -> str:
    if offer.acked is None:
        return "the shop has not confirmed any yet"
    since = f", confirmed {from_micros(offer.acked_at):%Y-%m-%d %H:%M:%S} UTC" if offer.acked_at else ""
    if name is Field.CONTENT:
        return ("the shop has them" if offer.acked == offer.desired else "the shop has others") + since
    if name is Field.STATE:
        return f"the shop shows it {offer.acked}{since}"
    struck = f", {offer.acked_compare_at} struck out" if offer.acked_compare_at else ""
    return f"the shop asks {offer.acked} {offer.currency}{struck}{since}"
