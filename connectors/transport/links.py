"""Addresses out of a vendor's answer that are shown to people: kept only where they are what they look like.

They are never called by us; what is called goes through `Place`, which stays on the account's own host.
"""

import httpx

LONGEST = 2000


def web_link(text: str | None) -> str | None:
    """The address, where it is a plain one of the web; None for any other scheme, a user, or odd signs."""
    if not text or len(text) > LONGEST or not text.isprintable() or any(sign in text for sign in ' "<>\\'):
        return None
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        return None
    plain = url.scheme in ("http", "https") and bool(url.host) and not url.userinfo
    return text if plain else None
