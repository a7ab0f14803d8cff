"""`returns received`: what a person counts of a return that no warehouse tells of."""

from typing import Annotated

import typer

from sync.cli.office import ConfigOption, JsonOption, answered, folder_of, out, print_json, run
from sync.engine.control import command
from sync.engine.refusals import CommandRefused

CaseArgument = Annotated[str, typer.Argument(help="The case, such as shop/10042/R1.")]


@answered
def received(
    case: CaseArgument,
    units: Annotated[
        list[str] | None, typer.Argument(metavar="[SKU=UNITS]...", help="All that came so far, by SKU.")
    ] = None,
    damaged: Annotated[list[str] | None, typer.Option(help="SKU=UNITS of them that are damaged.")] = None,
    wrong: Annotated[list[str] | None, typer.Option(help="SKU=UNITS that are other goods.")] = None,
    restocked: Annotated[list[str] | None, typer.Option(help="SKU=UNITS that are in stock again.")] = None,
    scrapped: Annotated[list[str] | None, typer.Option(help="SKU=UNITS that were thrown away.")] = None,
    to_supplier: Annotated[
        list[str] | None, typer.Option(help="SKU=UNITS that went to the supplier.")
    ] = None,
    to_customer: Annotated[
        list[str] | None, typer.Option(help="SKU=UNITS that went back to the buyer.")
    ] = None,
    complete: Annotated[bool, typer.Option("--complete", help="No more will come.")] = False,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Although a warehouse expects them: they did not go there.")
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what came back in all, where no warehouse tells of it. A later word takes an earlier one's place.

    Example: entrepot returns received shop/10042/R1 TEE-02=2 --damaged TEE-02=1 --complete
    """
    wish = {
        "case": case,
        "units": pairs_of(units),
        "damaged": pairs_of(damaged),
        "wrong": pairs_of(wrong),
        "restocked": pairs_of(restocked),
        "scrapped": pairs_of(scrapped),
        "to_supplier": pairs_of(to_supplier),
        "to_customer": pairs_of(to_customer),
        "complete": complete,
        "anyway": anyway,
    }
    result = run(command(folder_of(config), "returns-received", **wish))
    if as_json:
        print_json(result)
        return
    goods = ", ".join(f"{count} × {sku}" for sku, count in result["received"].items()) or "nothing"
    more = "; no more will come" if result["complete"] else ""
    known = "" if result["changed"] else " (as was known)"
    out.print(f"{result['case']}: {goods} came back{more}{known}", markup=False)


def pairs_of(given: list[str] | None) -> dict[str, str]:
    """`SKU=NUMBER` as people write them, by SKU. Raises CommandRefused."""
    found: dict[str, str] = {}
    for pair in given or []:
        name, equals, value = pair.rpartition("=")
        if not equals or not name or not value:
            raise CommandRefused(f"{pair!r} is not SKU=NUMBER, as in TEE-02=1")
        if name in found:
            raise CommandRefused(f"{name} stands twice; say it once")
        found[name] = value
    return found
