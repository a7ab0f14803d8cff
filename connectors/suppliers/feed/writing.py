"""Orders and cancellations as the content of files. Pure.

A text of a buyer's that a spreadsheet would run as a formula gets an apostrophe before it; line breaks and
other control signs become spaces.
"""

import csv
import io
import re
from collections.abc import Mapping
from hashlib import sha256

import msgspec

from connectors.contract.supplier import PlaceOrder
from connectors.suppliers.feed.options import OrderForm, OrderOptions

_SAFE = re.compile(r"[^A-Za-z0-9._-]")
_LONGEST = 100
_FORMULA = re.compile(r"[=@]|[+-](?![0-9 ()/.-]*$)")


class Unwritable(ValueError):
    """An order cannot be written as the options say; the text says why, without its data."""


def file_name(reference: str, options: OrderOptions, *, cancel: bool = False) -> str:
    """The file of an order, or of its cancellation: the same reference is always the same name."""
    plain = _SAFE.sub("_", reference).lstrip(".")[:_LONGEST]
    if plain != reference:
        plain = f"{plain or '_'}-{sha256(reference.encode()).hexdigest()[:8]}"
    return f"{options.prefix}{'cancel-' if cancel else ''}{plain}.{options.format.value}"


def cancellation_mark(reference: str) -> str:
    """What a request to cancel is remembered by, whatever its file is called."""
    return f"cancel {reference}"


def asked_mark(reference: str) -> str:
    """What is remembered before the supplier can know of a request to cancel: its answer may overtake ours."""
    return f"asked {reference}"


def order_mark(reference: str) -> str:
    """What an order is remembered by."""
    return f"order {reference}"


def order_content(request: PlaceOrder, options: OrderOptions, packs: Mapping[str, int]) -> bytes:
    """The order. `packs` are pieces in a pack by code, where the options ask for packs. Raises Unwritable."""
    head = _head(request)
    lines = [_line(n, code, pieces, options, packs) for n, (code, pieces) in enumerate(request.lines, 1)]
    if options.format is OrderForm.JSON:
        rows = [_document(options.template, {**head, **line}) for line in lines]
        whole = _document(options.document, head)
        whole[options.lines_key] = rows
        return _json(whole, options)
    names = list(options.template)
    return _csv(names, [_filled(options.template, {**head, **line}) for line in lines], options)


def cancellation_content(reference: str, options: OrderOptions) -> bytes:
    """The request to cancel a whole order."""
    if options.format is OrderForm.JSON:
        return _json({"reference": reference, "action": "cancel"}, options)
    return _csv(["reference", "action"], [[reference, "cancel"]], options)


def _head(request: PlaceOrder) -> dict[str, str]:
    to = request.ship_to
    texts = {
        "name": to.name,
        "company": to.company,
        "street": ", ".join(part for part in to.street if part),
        "street_1": to.street[0] if to.street else "",
        "street_2": ", ".join(part for part in to.street[1:] if part),
        "city": to.city,
        "region": to.region,
        "postal_code": to.postal_code,
        "country": to.country,
        "phone": to.phone,
        "email": to.email,
        "note": request.note,
    }
    return {
        "reference": request.reference,
        "drop_ship": "true" if request.drop_ship else "false",
        "ship_by": request.ship_by.isoformat() if request.ship_by else "",
        **{name: _plain(text or "") for name, text in texts.items()},
    }


def _line(n: int, code: str, pieces: int, options: OrderOptions, packs: Mapping[str, int]) -> dict[str, str]:
    if pieces <= 0:
        raise Unwritable(f"{pieces} pieces of {code} cannot be ordered")
    facts = {"line": str(n), "code": code, "pieces": str(pieces)}
    if not options.needs_packs:
        return facts
    size = packs.get(code)
    if size is None:
        raise Unwritable(f"the supplier's list has no pack size of {code}, and orders are in packs")
    if pieces % size:
        raise Unwritable(f"{code} comes in packs of {size}: {pieces} pieces are no whole number of packs")
    return {**facts, "packs": str(pieces // size)}


def _plain(text: str) -> str:
    clean = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return f"'{clean}" if _FORMULA.match(clean) else clean


def _filled(template: Mapping[str, str], facts: Mapping[str, str]) -> list[str]:
    return [field[1:] if field.startswith("=") else facts[field] for field in template.values()]


def _document(template: Mapping[str, str], facts: Mapping[str, str]) -> dict[str, object]:
    whole: dict[str, object] = {}
    for key, field in template.items():
        *outer, last = key.split(".")
        place = whole
        for step in outer:
            inner = place.setdefault(step, {})
            if not isinstance(inner, dict):
                raise Unwritable(f"head and columns use {step} as a value and as an object")
            place = inner
        place[last] = _typed(field, facts)
    return whole


def _typed(field: str, facts: Mapping[str, str]) -> object:
    if field.startswith("="):
        return field[1:]
    if field in ("line", "pieces", "packs"):
        return int(facts[field])
    return facts[field] == "true" if field == "drop_ship" else facts[field]


def _csv(names: list[str], rows: list[list[str]], options: OrderOptions) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter="\t" if options.delimiter == "tab" else options.delimiter)
    writer.writerow(names)
    writer.writerows(rows)
    return _encoded(stream.getvalue(), options)


def _json(whole: dict[str, object], options: OrderOptions) -> bytes:
    return _encoded(msgspec.json.encode(whole).decode(), options)


def _encoded(text: str, options: OrderOptions) -> bytes:
    try:
        return text.encode(options.encoding)
    except UnicodeEncodeError:
        raise Unwritable(
            f"the order holds signs that {options.encoding} does not have: set `orders.encoding: utf-8`"
        ) from None
