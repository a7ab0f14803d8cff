"""The mapping files, section by section, and the names of expressions."""

import ast
import inspect
from collections.abc import Mapping, Sequence
from enum import Enum

from mappings import mappings_schema
from mappings.expr_check import (
    FORMULA_FUNCTIONS,
    FORMULA_NAMES,
    FUNCTIONS,
    NAMES,
    OFFER_NAMES,
    REQUEST_NAMES,
    Function,
    Type,
)
from pages import NOTE
from pages.markdown import code, table
from pages.schemas import Schema, choices, inner_parts, kind_of, part_section, plain
from sync.domain.messages import FACTS, Event, Fact


def mappings() -> str:
    """The mapping files, section by section."""
    schema = mappings_schema()
    parts: Mapping[str, Schema] = schema["$defs"]  # type: ignore[assignment]
    sections: Mapping[str, Schema] = schema["properties"]  # type: ignore[assignment]
    pages = [
        "# mappings/*.yaml\n" + NOTE,
        "The rules. Each section stands in one file of the folder, whatever the file's name; a section that "
        'stands in none has its defaults. Keys of a `when` are "and", lists are "or", and a condition on '
        "something that is not known does not match. A change is taken over whole, or not at all.\n",
        "## Sections\n"
        + table(("section", "value"), ((code(k), kind_of(p, parts)) for k, p in sections.items())),
        "`statuses` are a warehouse's own status texts by account: each leads to a state of a fulfilment "
        f"({choices(_states(sections['statuses']))}). It is compared letter by letter, and comes before what "
        "the connector makes of the text. `issue` leaves a fulfilment as it is and asks a person "
        "(`fulfilment.status`), and so does a text that neither the connector nor the section knows. What has "
        "shipped stays so, and what the connector says has left is never cancelled by a word: it is asked about.\n",
        *(part_section(name, parts) for name in inner_parts(schema, parts)),
        _messages(),
        _expressions(),
    ]
    return "\n".join(pages)


def _messages() -> str:
    rows = (
        (
            code(event.value),
            _said(Event)[event.value],
            ", ".join(code(f"{{{fact.value}}}") for fact in known.facts if fact in known.always),
            ", ".join(code(f"{{{fact.value}|…}}") for fact in known.facts if fact in known.sometimes),
        )
        for event, known in FACTS.items()
    )
    facts = ((code(f"{{{fact.value}}}"), _said(Fact)[fact.value]) for fact in Fact)
    return (
        "## Messages to customers\nEach name of your own is a message: an event, its ways, and a text for each "
        "language. `defaults` holds for all of them. What is not always known needs words for when it is not, behind "
        "a bar.\n\n"
        + table(("event", "tells that", "always known", "known of some"), rows)
        + "\n"
        + table(("place", "is"), facts)
    )


def _said(kind: type[Enum]) -> dict[str, str]:
    """What stands below each value in the code."""
    found: dict[str, str] = {}
    body = ast.parse(inspect.getsource(kind)).body[0]
    if not isinstance(body, ast.ClassDef):
        raise TypeError(f"{kind} is no class")
    for one, after in zip(body.body, body.body[1:], strict=False):
        match one, after:
            case ast.Assign(value=ast.Constant(value=str(value))), ast.Expr(
                value=ast.Constant(value=str(said))
            ):
                found[value] = said
    return found


def _states(part: Schema) -> Sequence[str]:
    states: Sequence[str] = plain(part)["additionalProperties"]["additionalProperties"]["enum"]
    return states


def _expressions() -> str:
    return "\n".join(
        [
            "## expr\nA condition for what the other keys cannot say, such as `total > 100 and not "
            'starts(postal_code, "99")`: `and`, `or`, `not`, comparisons, `in`, `+ - * /`, and the names and '
            "functions below. `total` is in the order's currency, `weight` in kilograms. A name whose value is not "
            "known matches nothing.\n",
            "Of orders and parcels (`holds`, `routing`, `couriers`, `merging`):\n",
            _names(NAMES),
            "Of offers (`fees`, `prices`, `promotions`, `listings`):\n",
            _names(OFFER_NAMES),
            "Of requests after the sale (`returns`):\n",
            _names(REQUEST_NAMES),
            _functions(FUNCTIONS),
            "## Formulas\nAn amount, such as `landed_cost * 1.6` or `max(cost * 1.5, map)`: `+ - * /` with a "
            "written number behind a division, the functions below, and these names. `price` (what it would be "
            "without the promotion) and `regular` (the price outside promotions) are there in `promotions` alone.\n",
            _names(FORMULA_NAMES),
            _functions(FORMULA_FUNCTIONS),
        ]
    )


def _names(names: Mapping[str, Type]) -> str:
    return table(("name", "is"), ((code(name), kind.value) for name, kind in names.items()))


def _functions(functions: Mapping[str, Function]) -> str:
    rows = (
        (code(name), ", ".join(kind.value for kind in takes), gives.value)
        for name, (takes, gives, _) in functions.items()
    )
    return table(("function", "takes", "gives"), rows)
