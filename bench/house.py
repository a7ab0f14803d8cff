"""The installed program on a place: a configuration of shops and one depot, and runs that are measured."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench import machine, peers
from bench.catalogue import DEPOT, SHOP
from bench.places import Place
from bench.process import Measured, program, run

FINDINGS = 1


def configure(
    place: Place,
    url: str,
    connector: str = "benchshop",
    shops: Sequence[str] = (SHOP,),
    currency: str | None = None,
) -> None:
    """An entrepot.yaml as an admin writes it: all accounts live, the usual schedule."""
    shop = {"connector": connector, "url": url, "mode": "live"}
    if currency is not None:
        shop["currency"] = currency
    depot = {"connector": "benchdepot", "url": url, "mode": "live"}
    settings = {
        "timezone": "UTC",
        "database": place.database_line,
        "metrics": {"listen": "off"},
        "schedule": {"full_stock": "7 days"},
        "backup": {"every": "off"},
        "accounts": {**dict.fromkeys(shops, shop), DEPOT: depot},
    }
    _write(place.folder / "entrepot.yaml", settings)
    write_rules(place.folder / "mappings", {})


def write_rules(folder: Path, sections: Mapping[str, object]) -> None:
    """A mapping folder with these sections, a file each; listings are matched by their SKU."""
    for name, section in {"skus": {"match": ["sku"]}, **sections}.items():
        _write(folder / f"{name}.yaml", {name: section})


def hold_back(place: Place, units: int) -> None:
    """An edit of the rules that moves every offer: so many units of each SKU are promised to no shop."""
    _write(place.folder / "mappings" / "stock.yaml", {"stock": {"safety_stock": units}})


def _write(path: Path, document: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def entrepot(place: Place, *args: str) -> Measured:
    """One command of the installed program, to its end. Raises ProgramFailed."""
    return run(
        [program(), *args, "--config", place.folder],
        cores=machine.cores().ours,
        cwd=place.folder,
        env={"PYTHONPATH": str(peers.connector_path())},
        allowed=(0, FINDINGS) if args[0] == "check" else (0,),
    )


def settle_in(place: Place) -> None:
    """Make the database and its accounts: the first round, before there is anything to sell."""
    if place.version is not None:
        entrepot(place, "migrate")
    entrepot(place, "once", "--seconds", "60")
