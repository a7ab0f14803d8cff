"""Shopify's global ids. One of another form makes Shopify refuse a whole request: so they are looked at first."""

import re

_FORM = re.compile(r"gid://shopify/([A-Za-z]+)/([0-9]{1,20})(\?[\w=&%.-]*)?")


def is_gid(text: str, kind: str) -> bool:
    """Whether `text` is an id of something of this kind, such as `gid://shopify/Order/1`."""
    found = _FORM.fullmatch(text)
    return found is not None and found[1] == kind


def number(text: str) -> int | None:
    """The number in a global id; None where it is none."""
    found = _FORM.fullmatch(text)
    return int(found[2]) if found else None


def gid(kind: str, id: int | str) -> str:
    """The global id of a thing that is known by its number."""
    return f"gid://shopify/{kind}/{id}"
