"""Six shops that list the same goods, rules for all of them, and what those must come to.

The expected quantities and prices are worked out here by plain arithmetic, and compared by plain SQL: nothing of
the program has a say in it.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from bench import catalogue, house
from bench.catalogue import SHOP, SHOWN, TERMS, Priced, Rows
from bench.places import Kind, Place

SHARES: Mapping[str, int] = {SHOP: 25, "shop2": 20, "shop3": 15, "shop4": 10, "shop5": 10, "shop6": 0}
"""Each shop's own percent of a SKU; what is left goes to all alike."""
SHOPS = tuple(SHARES)
BUFFER = 2
BEFORE = Priced("5.00", "EUR")
"""What everything costs before the rules: the least that they ask is 8.99."""
ON_HAND = SHOWN * len(SHOPS)
_CHEAPEST, _SPREAD = 500, 9000
"""In cents: what a SKU costs us is the cheapest, and as many cents more as its number says within the spread."""
_CENTS = {
    Kind.SQLITE: "CAST(REPLACE({text}, '.', '') AS INTEGER)",
    Kind.POSTGRESQL: "CAST(REPLACE({text}, '.', '') AS BIGINT)",
}


def configure(place: Place, url: str) -> None:
    """The six shops and their depot, live, in euros."""
    house.configure(place, url, shops=SHOPS, currency=BEFORE.currency)


def load(place: Place, size: int) -> dict[str, str]:
    """`size` SKUs, each listed by every shop, with acknowledged quantities and prices. Returns ids by name."""
    return catalogue.load(place, size, SHOPS, BEFORE)


def write_rules(folder: Path, size: int, buffer: int = BUFFER) -> None:
    """Mappings by which every quantity and every price is another one than what is stored."""
    named = {name: f"{percent}%" for name, percent in SHARES.items() if percent}
    price = {
        "name": "everything",
        "price": "landed_cost * 1.6",
        "floor": {"cover": ["landed_cost", "fees"], "margin": "15% of price"},
        "round": {"end_in": ".99", "direction": "up"},
    }
    sections = {
        "goods": {"table": "goods.csv", "currency": BEFORE.currency},
        "fees": [{"name": "commission", "percent": "12%", "fixed": f"0.30 {BEFORE.currency}"}],
        "prices": [price],
        "stock": {"share": named, "buffer": {"units": buffer}},
    }
    house.write_rules(folder, sections)
    with (folder / "goods.csv").open("w", encoding="utf-8") as table:
        table.writelines(_goods(size))


def _goods(size: int) -> Iterator[str]:
    yield "sku,landed_cost\n"
    for n in range(1, size + 1):
        whole, cents = divmod(_CHEAPEST + n % _SPREAD, 100)
        yield f"S{n:07d},{whole}.{cents:02d}\n"


def quantity(shop: str, on_hand: int) -> int:
    """What the rules have a shop show of so many; `on_hand` must divide without odd units (by 300)."""
    rest = 100 - sum(SHARES.values())
    common = on_hand * rest // 100 // len(SHARES)
    return on_hand * SHARES[shop] // 100 + common - BUFFER


def right_quantities(sql: Rows, ids: Mapping[str, str]) -> int:
    """Offers that show what the rules say, with terms of their own, and of which no shop was told anything."""
    return sum(
        int(
            sql.one(
                "SELECT count(*) FROM offer_quantity WHERE account_id = ? AND desired = ? AND acked = ? "
                "AND terms <> ?",
                [ids[shop], quantity(shop, ON_HAND), SHOWN, TERMS],
            )
        )
        for shop in SHOPS
    )


def right_prices(sql: Rows) -> int:
    """Offers that cost 1.6 times what they cost us, up to the next .99, and of which no shop was told anything.

    The floor lies below that everywhere: 1.37 times the cost and 42 cents.
    """
    mine = _CENTS[sql.kind].format(text="desired")
    cost = f"({_CHEAPEST} + CAST(external_id AS INTEGER) % {_SPREAD})"
    cents = f"(({cost} * 16 - 990 + 999) / 1000) * 100 + 99"
    return int(
        sql.one(
            f"SELECT count(*) FROM offer_price WHERE {mine} = {cents} AND desired LIKE '%.99' AND acked = ? "
            "AND terms <> ?",
            [BEFORE.price, TERMS],
        )
    )


def unsent(sql: Rows, table: str, shop: str | None = None) -> int:
    """How many offers of a table shall show something else than their shop said; of one shop, or of all."""
    differs = "acked IS NULL OR desired <> acked"
    if shop is None:
        return int(sql.one(f"SELECT count(*) FROM {table} WHERE {differs}"))
    return int(sql.one(f"SELECT count(*) FROM {table} WHERE account_id = ? AND ({differs})", [shop]))
