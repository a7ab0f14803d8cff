"""How two SKUs are compared: NFKC, outer white space off, inner runs of white space one space.

Case and leading zeros count: `AB-1` and `ab-1`, `00123` and `0123` are four goods. An admin who knows
that two spellings are one item says so in the SKU table; the daemon never guesses it.
"""

import re
import unicodedata

from sync.domain.ids import Sku

_SPACES = re.compile(r"\s+")


def normal_sku(text: str | None) -> Sku | None:
    """The SKU in the form that all comparisons use, or None where there is none (blank, missing)."""
    if text is None:
        return None
    normal = _SPACES.sub(" ", unicodedata.normalize("NFKC", text)).strip()
    return Sku(normal) if normal else None
