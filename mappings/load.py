"""Read the mappings folder into a Rulebook, or say everything that is wrong with it.

Several files may share the sections between them; one section stands in one file. A section that stands in
none has the defaults of `mappings/defaults/`. Nothing is taken over unless all of it is good.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path

from config.bind import try_bind
from config.errors import ConfigError, Problem, listed, near, problem_at, refuse_if, shown
from config.text import is_blank
from config.yaml import ListNode, Located, MapNode, ScalarNode, load
from mappings.content import content_rules
from mappings.couriers import Couriers, compile_couriers
from mappings.guards import compile_guards
from mappings.holds import compile_holds
from mappings.inbound import inbound_rules
from mappings.known import Facts
from mappings.lint.across import COURIER, STOREFRONT, SUPPLIER, WAREHOUSE, Accounts, lint, warnings_of
from mappings.lint.skus import override_places
from mappings.lint.stock import warn_reserves_unknown
from mappings.lint.stored import known_warnings
from mappings.listings import compile_listings
from mappings.merging import compile_merging
from mappings.messages import compile_messages
from mappings.people import compile_people
from mappings.places import places_of
from mappings.prices.book import price_rules
from mappings.reading import Reading
from mappings.returns import compile_returns
from mappings.routing import compile_routes
from mappings.rulebook import Rulebook
from mappings.schema import (
    SECTIONS,
    GuardsModel,
    MappingsModel,
    MessagesModel,
    SkusModel,
    StockModel,
    WeightsModel,
)
from mappings.settings import stock_places
from mappings.skus import Components, ListingKey, SkuRules, listing_key
from mappings.statuses import compile_statuses
from mappings.stock import compile_stock
from mappings.suppliers import compile_suppliers
from mappings.tabled import sku_tables
from mappings.tables import listing_table, weight_table
from mappings.weights import WeightRules
from sync.domain.ids import Sku

DEFAULTS = Path(__file__).parent / "defaults"


def load_mappings(
    folder: Path,
    accounts: Mapping[str, str],
    *,
    carriers: Mapping[str, Sequence[str]] | None = None,
    dropship: Collection[str] | None = None,
    label: str | None = None,
    zones: Mapping[str, tzinfo] | None = None,
    ways: Collection[str] | None = None,
    speaking: Collection[str] | None = None,
    facts: Facts | None = None,
) -> Rulebook:
    """The rules of a folder; a folder that does not exist has the defaults alone.

    `accounts` are the kinds (storefront, warehouse, courier, supplier) by name, in the order of
    `entrepot.yaml`; `carriers` are the carriers of each courier account where they are known; `dropship` are
    the suppliers that send to buyers (None: all of them); `label` is the folder's name in messages; `zones` are
    the accounts' time zones (UTC where one is not there); `ways` lead to customers besides the shops (`mail`,
    `apprise:sms`) and `speaking` are the shops that can tell their customers something (None: not looked at);
    `facts` are what stored data know, for more warnings. ConfigError with all problems of all files.
    """
    by_courier = {
        name: tuple((carriers or {}).get(name, ())) for name, kind in accounts.items() if kind == COURIER
    }
    sending = frozenset(accounts if dropship is None else dropship)
    reading = Reading(
        folder,
        label or str(folder),
        Accounts(
            accounts,
            Couriers(by_courier),
            sending,
            None if ways is None else frozenset(ways),
            None if speaking is None else frozenset(speaking),
        ),
        zones or {},
    )
    model, root = _bound(_root(reading), reading)
    skus = _sku_rules(model.skus, root.find("skus"), reading) if model.skus else SkuRules()
    weights = _weight_rules(model.weights, root.find("weights"), reading) if model.weights else WeightRules()
    prices = price_rules(model, root, reading)
    content = content_rules(model.content, root.find("content"), reading)
    inbound = inbound_rules(model.inbound, root.find("inbound"), reading)
    staff = compile_people(model.people or (), root, reading.problems)
    reading.problems.extend(lint(model, root, reading.accounts))
    refuse_if(reading.problems)
    reading.warnings.extend(warnings_of(model, root, reading.accounts))
    reading.warnings.extend(warn_reserves_unknown(model, root, prices.goods))
    if facts is not None:
        reading.warnings.extend(known_warnings(model, root, reading.accounts, facts))
    return replace(
        _compiled(model, root, skus, weights, reading),
        listing_rules=compile_listings(model.listings or ()),
        return_rules=compile_returns(model.returns or (), prices.goods),
        staff=staff,
        messages=compile_messages(model.messages or MessagesModel()),
        guards=compile_guards(model.guards or GuardsModel()),
        contents=content,
        prices=prices,
        places=places_of(root),
        tables=sku_tables(
            model,
            reading,
            skus=skus,
            goods=prices.goods,
            inbound=inbound,
            content=content,
            weights=weights,
        ),
        stock_places=stock_places(root),
        stock=compile_stock(model.stock or StockModel(), inbound, reading.zones),
    )


def _root(reading: Reading) -> MapNode:
    """All sections as one mapping, each value with its own file; defaults where a section is absent."""
    entries: dict[str, tuple[ScalarNode, Located]] = {}
    for path in _files(reading.folder):
        try:
            node = load(path, f"{reading.label}/{path.name}")
        except ConfigError as error:
            reading.problems.extend(error.problems)
            continue
        if node is not None:
            _take_sections(node, entries, reading)
        elif is_blank(path):
            what = "the file is empty; was it saved to its end? Delete it to have the defaults"
            reading.problems.append(Problem(f"{reading.label}/{path.name}", 0, 0, "", what))
    for path in _files(DEFAULTS):
        node = load(path, f"defaults/{path.name}")
        if isinstance(node, MapNode):
            entries |= {key.text: (key, value) for key, value in node if key.text not in entries}
    return MapNode(reading.label, 0, 0, "", tuple(entries.values()))


def _files(folder: Path) -> list[Path]:
    """The YAML files of a folder by name; an editor's hidden and backup files are not among them."""
    if not folder.is_dir():
        return []
    found = (path for path in folder.iterdir() if path.suffix in (".yaml", ".yml"))
    return sorted(path for path in found if not path.name.startswith("."))


def _take_sections(node: Located, entries: dict[str, tuple[ScalarNode, Located]], reading: Reading) -> None:
    if not isinstance(node, MapNode):
        reading.problems.append(
            problem_at(node, "", "the file is not a mapping of sections", allowed=listed(SECTIONS))
        )
        return
    for key, value in node:
        if key.text not in SECTIONS:
            what = f"{shown(key.text)} is not a section"
            hint = near(key.text, SECTIONS)
            reading.problems.append(problem_at(key, key.path, what, allowed=listed(SECTIONS), hint=hint))
        elif key.text in entries:
            first = entries[key.text][0]
            what = f"the section stands in {first.file} already; one section stands in one file"
            reading.problems.append(problem_at(key, key.path, what))
        elif isinstance(value, ScalarNode) and value.null:
            what = "the section is empty; delete its name to have the defaults"
            reading.problems.append(problem_at(key, key.path, what))
        else:
            entries[key.text] = (key, value)


def _bound(root: MapNode, reading: Reading) -> tuple[MappingsModel, MapNode]:
    """What is good of each section, and the located text of just that: no bad key hides another's problem."""
    model = MappingsModel()
    entries: list[tuple[ScalarNode, Located]] = []
    for key, whole in root:
        value = whole
        bound = try_bind(MappingsModel, _section(key, value), reading.problems)
        if bound is None and isinstance(value, ListNode):
            good = [
                rule
                for rule in value.items
                if try_bind(MappingsModel, _section(key, _listed(value, [rule])), [])
            ]
            value = _listed(value, good)
            bound = try_bind(MappingsModel, _section(key, value), [])
        if bound is not None:
            model = model.model_copy(update={key.text: getattr(bound, key.text)})
            entries.append((key, value))
    return model, MapNode(root.file, root.line, root.column, root.path, tuple(entries))


def _section(key: ScalarNode, value: Located) -> MapNode:
    return MapNode(value.file, value.line, value.column, "", ((key, value),))


def _listed(node: ListNode, items: Sequence[Located]) -> ListNode:
    return ListNode(node.file, node.line, node.column, node.path, tuple(items))


def _sku_rules(model: SkusModel, node: Located, reading: Reading) -> SkuRules:
    overrides: dict[ListingKey, Components] = {}
    for override in model.overrides:
        account, _, listing = override.listing.partition(":")
        one = ((Sku(override.sku), override.pack or 1),) if override.sku else ()
        several = tuple((Sku(sku), units) for sku, units in (override.bundle or {}).items())
        overrides[listing_key(account, listing)] = one or several
    tables: dict[str, Mapping[ListingKey, Components]] = {}
    overridden = override_places(model, node)
    for index, step in enumerate(model.match):
        if step.startswith("table:"):
            place = node.find("match", index)
            tables[step] = _listing_table(step, place, model.table_encoding, overridden, reading)
    return SkuRules(model.match, overrides, tables)


def _listing_table(
    step: str, place: Located, encoding: str, overridden: Callable[[ListingKey], str], reading: Reading
) -> Mapping[ListingKey, Components]:
    name = step.removeprefix("table:")
    shops = reading.accounts.of(STOREFRONT)
    rows = reading.table(
        name,
        place,
        lambda path, file: listing_table(path, file, encoding, shops, reading.warnings, overridden),
    )
    if rows is None:
        return {}
    reading.tables[name] = [
        [list(key), [list(part) for part in value]] for key, value in sorted(rows.items())
    ]
    return rows


def _weight_rules(model: WeightsModel, node: Located, reading: Reading) -> WeightRules:
    by_sku = dict(model.by_sku)
    if model.table is not None:
        place = node.find("table")
        rows = reading.table(
            model.table, place, lambda path, file: weight_table(path, file, reading.warnings)
        )
        if rows is None:
            return WeightRules()
        reading.tables[model.table] = [[sku, str(weight)] for sku, weight in sorted(rows.items())]
        by_sku = rows | by_sku
    return WeightRules(model.default, by_sku)


def _compiled(
    model: MappingsModel, root: MapNode, skus: SkuRules, weights: WeightRules, reading: Reading
) -> Rulebook:
    accounts = reading.accounts
    content = {
        "sections": root.plain(),
        "tables": reading.tables,
        "accounts": list(accounts.kinds.items()),
        "zones": sorted((name, str(zone)) for name, zone in reading.zones.items()),
        "carriers": list(accounts.couriers.carriers.items()),
        "dropship": [name for name in accounts.of(SUPPLIER) if name in accounts.dropship],
    }
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return Rulebook(
        version=hashlib.sha256(canonical.encode()).hexdigest(),
        canonical=canonical,
        skus=skus,
        weights=weights,
        hold_rules=compile_holds(model.holds or ()),
        routes=compile_routes(model.routing or (), reading.accounts.of(WAREHOUSE)),
        courier_rules=compile_couriers(model.couriers or (), reading.accounts.couriers),
        merge_rules=compile_merging(model.merging or ()),
        statuses=compile_statuses(model.statuses or {}),
        suppliers=compile_suppliers(model.suppliers or {}),
        carriers=accounts.couriers.carriers,
        warnings=tuple(sorted(reading.warnings)),
    )
