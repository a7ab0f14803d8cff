"""How the Admin API shows things: the fields of a route, one thing, or a page of a list."""

from typing import Any

from sandbox.storefront.medusa.calls import Call
from sandbox.storefront.medusa.fields import Thing, Wish, render, wish
from sandbox.storefront.medusa.lists import Listing


def _without_own(defaults: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(path for path in defaults if path != "*")


def shown_as(call: Call, name: str, thing: Thing, defaults: tuple[str, ...]) -> dict[str, Any]:
    """One thing under its name, with the fields that the call asks for."""
    return {name: render(thing, wish_of(call, defaults))}


def wish_of(call: Call, defaults: tuple[str, ...]) -> Wish:
    """The wish; a route whose defaults begin with `*` shows all own fields unless others are asked for."""
    given = call.query.get("fields")
    wanted = wish(given, _without_own(defaults))
    asked = [part.strip() for part in (given or "").split(",") if part.strip()]
    if "*" in defaults and all(part[0] in "+-*" for part in asked):
        wanted.whole = True
    return wanted


def page_of(
    call: Call, name: str, records: Any, listing: Listing, show: Any, defaults: tuple[str, ...]
) -> dict[str, Any]:
    """A page of records under their name, each made ready by `show`, with count, offset and limit."""
    listing.check(call.query)
    page, facts = listing.page(records, call.query)
    wanted = wish_of(call, defaults)
    return {name: [render(show(record), wanted) for record in page], **facts}
