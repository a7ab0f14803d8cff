"""The tables whose rows are about SKUs, so that somebody can ask which of them the stored data know."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from config.errors import ConfigError
from mappings.content import ContentRules
from mappings.goods import GoodsTable
from mappings.inbound import Inbound
from mappings.reading import Reading
from mappings.schema import MappingsModel
from mappings.skus import Components, ListingKey, SkuRules
from mappings.tables import rows_of
from mappings.weights import WeightRules
from sync.domain.sku import normal_sku


@dataclass(frozen=True, slots=True)
class SkuTable:
    """One table as it was read. It holds no rows of its own: `skus` goes through those of the rules."""

    file: str
    """Its name in messages."""
    path: Path
    skus: Callable[[], Iterator[str]] = field(repr=False)
    """The SKU of each row that was not left out, in the order of the rows."""
    encoding: str = "utf-8"

    def lines(self, wanted: Collection[str]) -> dict[str, int]:
        """By SKU: the first line about it. The file is read again; what is no longer in it is left out."""
        found: dict[str, int] = {}
        try:
            for row in rows_of(self.path, self.file, self.encoding, required=("sku",), optional=None):
                sku = normal_sku(row.cells.get("sku"))
                if sku is not None and sku in wanted:
                    found.setdefault(sku, row.line)
                if len(found) == len(wanted):
                    break
        except ConfigError:
            return found
        return found


def sku_tables(
    model: MappingsModel,
    reading: Reading,
    *,
    skus: SkuRules,
    goods: GoodsTable,
    inbound: Inbound,
    content: ContentRules,
    weights: WeightRules,
) -> tuple[SkuTable, ...]:
    """All that the files name. A weight that the YAML itself gives is none of its table's rows."""

    def table(name: str, rows: Callable[[], Iterator[str]], encoding: str = "utf-8") -> SkuTable:
        return SkuTable(f"{reading.label}/{name}", reading.folder / name, rows, encoding)

    found = [
        table(step.removeprefix("table:"), partial(_of_listings, rows), model.skus.table_encoding)
        for step, rows in skus.tables.items()
        if model.skus is not None
    ]
    if model.goods is not None:
        found.append(table(model.goods.table, lambda: iter(goods.rows)))
    if model.inbound is not None:
        found.append(table(model.inbound.table, partial(_of_arrivals, inbound)))
    if model.content is not None:
        found.append(table(model.content.table, lambda: (sku for _, sku in content.rows)))
    if model.weights is not None and model.weights.table is not None:
        by_hand = model.weights.by_sku
        rest = partial(filter, lambda sku: sku not in by_hand, weights.by_sku)
        found.append(table(model.weights.table, rest))
    return tuple(found)


def _of_listings(rows: Mapping[ListingKey, Components]) -> Iterator[str]:
    for components in rows.values():
        yield from (sku for sku, _ in components)


def _of_arrivals(inbound: Inbound) -> Iterator[str]:
    for sku, arrivals in inbound.items():
        yield from (sku for _ in arrivals)
