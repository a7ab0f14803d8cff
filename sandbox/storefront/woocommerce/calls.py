"""One call of the API: what was asked and sent, and what is answered."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from sandbox.storefront.woocommerce.answers import invalid, wrong_type

if TYPE_CHECKING:
    from sandbox.storefront.woocommerce.books import WooShop

Body = dict[str, Any]
_TRUE = ("1", "true", "yes", "on")


@dataclass(frozen=True, slots=True)
class Query:
    """The parameters in an address, in their order."""

    pairs: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls, text: bytes) -> "Query":
        """From the part after the question mark."""
        return cls(tuple(parse_qsl(text.decode("ascii", "replace"), keep_blank_values=True)))

    def get(self, name: str) -> str | None:
        """The last value of a parameter, as PHP has it."""
        found = [value for key, value in self.pairs if key == name]
        return found[-1] if found else None

    def flag(self, name: str) -> bool:
        """Whether a switch is on."""
        return (self.get(name) or "").lower() in _TRUE

    def number(self, name: str, default: int, *, least: int = 0, most: int | None = None) -> int:
        """A whole number within its bounds."""
        given = self.get(name)
        if given is None:
            return default
        try:
            value = int(given)
        except ValueError:
            raise wrong_type(name, "integer") from None
        if most is not None and not least <= value <= most:
            text = f"{name} must be between {least} (inclusive) and {most} (inclusive)"
            raise invalid(name, text, "rest_out_of_bounds")
        if value < least:
            raise invalid(name, f"{name} must be greater than or equal to {least}", "rest_out_of_bounds")
        return value

    def many(self, name: str) -> list[str] | None:
        """A list: separated by commas, or repeated with brackets; None where it is absent or empty."""
        given = [value for key, value in self.pairs if key == name or key.startswith(f"{name}[")]
        found = [part.strip() for value in given for part in value.split(",") if part.strip()]
        return found or None

    def ids(self, name: str) -> list[int] | None:
        """A list of ids."""
        found = self.many(name)
        if found is None:
            return None
        for place, each in enumerate(found):
            if not each.isdigit():
                raise wrong_type(f"{name}[{place}]", "integer", under=name)
        return [int(each) for each in found]


@dataclass(slots=True)
class Reply:
    """An answer."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Call:
    """A call that was let in; `home` is the address that links begin with."""

    shop: "WooShop"
    query: Query
    body: Body
    path: dict[str, int]
    home: str
    verb: str = "GET"
    words: dict[str, str] = field(default_factory=dict)
    """What in the address is no number."""

    @property
    def api(self) -> str:
        """Where the API's addresses begin."""
        return f"{self.home}/wp-json/wc/v3"

    @property
    def dp(self) -> int:
        """Digits after the point that are asked for."""
        return self.query.number("dp", self.shop.rules.decimals)

    def given(self, name: str) -> Any:
        """A parameter from the body, else from the address, as WordPress merges them."""
        return self.body[name] if name in self.body else self.query.get(name)

    def switch(self, name: str, *, default: bool) -> bool:
        """A switch from the body or the address."""
        value = self.given(name)
        if value is None:
            return default
        return value.lower() in _TRUE if isinstance(value, str) else bool(value)


Act = Callable[[Call], Reply]


def picked(shown: Body, fields: list[str] | None, *, links: bool = True) -> Body:
    """Only the fields that are asked for; an answer of one record keeps its links."""
    if fields is None:
        return shown
    kept = {name.split(".")[0] for name in fields} | ({"_links"} if links else set())
    return {name: value for name, value in shown.items() if name in kept}


def made(call: Call, shown: Body, path: str) -> Reply:
    """A new record, with its address."""
    return Reply(shown, 201, {"location": f"{call.api}/{path}"})


def one(call: Call, shown: Body) -> Reply:
    """One record."""
    return Reply(picked(shown, call.query.many("_fields")))
