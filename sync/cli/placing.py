"""Where in the admins' files stands what made a term: terms hold names and numbers alone, so that it is looked up."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from mappings import Rulebook
from sync.domain.rules import RuleRef
from sync.domain.telling import At, Placed, by_name, nowhere, price_sentences
from sync.domain.telling_quantities import quantity_limits, quantity_sentence

GONE = "no longer in the files"
_DEFAULTED = frozenset({"use", "max_age"})
"""Terms that are told also where no file says anything."""
_IMPLIED = frozenset({"rest"})
"""Terms that no setting need have made."""


@dataclass(frozen=True, slots=True)
class Places:
    """Of one rulebook; of None where the files cannot be read: then nothing has a place."""

    rulebook: Rulebook | None = None

    @property
    def rule(self) -> Placed:
        """A named rule's name with its place."""
        return by_name if self.rulebook is None else self._named

    def setting(self, account: str, skus: Sequence[str] = ()) -> At:
        """The place of a term without a name, on a shop, of a listing of these SKUs."""
        if self.rulebook is None:
            return nowhere
        book = self.rulebook

        def at(term: str, about: str) -> str:
            match term:
                case "goods":
                    return ", ".join(_text(one) for one in book.goods_places(about, skus))
                case "rates":
                    found = book.rate_place(*about.split(" "))
                    return GONE if found is None else _text(found)
            setting = book.setting(term, account, about)
            if setting is not None:
                return _text(setting)
            if term in _IMPLIED:
                return ""
            return "default" if term in _DEFAULTED else GONE

        return at

    def _named(self, section: str, rule: str) -> str:
        found = None if self.rulebook is None else self.rulebook.place(section, rule)
        return f"{rule} ({GONE})" if found is None else str(found)

    def with_places(self, terms: Mapping[str, Any], account: str) -> dict[str, Any]:
        """The terms of a quantity with `places`: `file:line` by the word of each term that a setting made."""
        at = self.setting(account)
        skus = [
            {**term, "places": _told(partial(quantity_sentence, term, self.rule), at)}
            for term in terms.get("skus", ())
        ]
        whole = {**terms, "places": _told(partial(quantity_limits, terms), at)}
        return {**whole, "skus": skus} if "skus" in terms else whole

    def with_price_places(
        self, terms: Mapping[str, Any], account: str, skus: Sequence[str]
    ) -> dict[str, Any]:
        """The same for the terms of a price: `goods landed_cost`, `rates USD EUR 2026-06-11`."""
        at = self.setting(account, skus)
        return {**terms, "places": _told(partial(price_sentences, terms, self.rule), at)}


def _told(tell: Callable[[At], object], at: At) -> dict[str, str]:
    """What the sentences ask for, by term; a supplier's and an amount's by its name, too."""
    found: dict[str, str] = {}

    def noting(term: str, about: str) -> str:
        place = at(term, about)
        if place:
            found[f"{term} {about}" if about and term != "safety" else term] = place
        return place

    tell(noting)
    return found


def _text(ref: RuleRef) -> str:
    return f"{ref.file}:{ref.line}"
