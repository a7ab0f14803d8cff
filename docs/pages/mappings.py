"""The mapping files, section by section, and the names of expressions."""

from collections.abc import Mapping, Sequence

from mappings import mappings_schema
from mappings.expr import FUNCTIONS, NAMES
from pages import NOTE
from pages.markdown import code, table
from pages.schemas import Schema, choices, inner_parts, kind_of, part_section, plain


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
        f"({choices(_states(sections['statuses']))}). A text that stands nowhere is an issue.\n",
        *(part_section(name, parts) for name in inner_parts(schema, parts)),
        _expressions(),
    ]
    return "\n".join(pages)


def _states(part: Schema) -> Sequence[str]:
    states: Sequence[str] = plain(part)["additionalProperties"]["additionalProperties"]["enum"]
    return states


def _expressions() -> str:
    names = table(("name", "is"), ((code(name), kind.value) for name, kind in NAMES.items()))
    functions = table(
        ("function", "takes", "gives"),
        (
            (code(name), ", ".join(kind.value for kind in takes), gives.value)
            for name, (takes, gives, _) in FUNCTIONS.items()
        ),
    )
    return (
        "## expr\nA condition for what the other keys cannot say, such as `total > 100 and not "
        'starts(postal_code, "99")`: `and`, `or`, `not`, comparisons, `in`, `+ - * /`, and the names and '
        "functions below. `total` is in the order's currency, `weight` in kilograms.\n\n"
        f"{names}\n{functions}"
    )
