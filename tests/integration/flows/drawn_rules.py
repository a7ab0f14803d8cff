"""Rules and goods by chance, and what the least price of each is: by plain arithmetic, in fractions, beside ours."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fractions import Fraction
from random import Random

SKUS = tuple(f"CUP-{n:02d}" for n in range(1, 9))
LIVE, OBSERVED = ("main", "yen", "shopify"), "dinar"
SHOPS = (*LIVE, OBSERVED)
CURRENCY = {"main": "EUR", "yen": "JPY", "shopify": "EUR", "dinar": "KWD"}
WITH_TAX = {"main": False, "yen": True, "shopify": True, "dinar": False}
RATE = {"EUR": Fraction(1), "JPY": Fraction(160), "KWD": Fraction("0.33")}
SALE = "sale"


@dataclass(frozen=True, slots=True)
class Good:
    """One row of the goods' table; amounts in EUR, empty where not known."""

    sku: str
    cost: str
    landed_cost: str
    list_price: str
    map: str
    tag: str
    blocked: bool
    expired: bool
    title: str

    def row(self, now: datetime) -> str:
        """As it is written."""
        expires = f"{now - timedelta(days=2):%Y-%m-%d}" if self.expired else ""
        blocked = "yes" if self.blocked else "no"
        cells = (self.sku, self.cost, self.landed_cost, self.list_price, self.map, self.tag, blocked, expires)
        return ",".join((*cells, self.title))


@dataclass(frozen=True, slots=True)
class Rules:
    """One drawing. Texts are YAML; numbers beside them are what they say."""

    goods: tuple[Good, ...]
    kept: bool
    """Goods on sale keep their shops' own price."""
    formula: str
    surcharge: int
    tax: str
    """"", with or without."""
    cover: tuple[str, ...]
    """Empty: there is no floor."""
    margin: tuple[str, int]
    """(price, cost, EUR or "", how much)"""
    coupons: tuple[str, int]
    """(share, EUR or "", how much)"""
    respects_map: bool
    rounds: tuple[str, str]
    """For euros and dinars, for yen."""
    promotion: str
    more: str
    """Of prices: what they strike out, how far they move."""
    stock: str
    listings: str
    content: bool
    guards: str
    labels: frozenset[str] = field(default=frozenset())

    def yaml(self) -> str:
        """The whole mapping file."""
        kept = f"  - {{name: kept, when: {{tags: [{SALE}]}}, price: keep}}\n" if self.kept else ""
        floor = f"    floor: {{{self._floor()}}}\n" if self.cover else ""
        kind, number = self.coupons
        coupons = f"    coupons: {number}{'%' if kind == 'share' else ' EUR'}\n" if kind else ""
        tax = f"    tax: {{rate: 19%, formula: {self.tax}}}\n" if self.tax else ""
        common = (
            f"    price: {self.formula}\n    convert: daily_rate + {self.surcharge}%\n{tax}{floor}{coupons}"
            f"    map: {'respect' if self.respects_map else 'ignore'}\n{self.more}"
        )
        prices = (
            f"prices:\n{kept}"
            f"  - name: in yen\n    when: {{account: yen}}\n{common}{self.rounds[1]}"
            f"  - name: everything\n{common}{self.rounds[0]}"
        )
        content = "content: {table: content.csv, accounts: [main], fields: [title]}\n" if self.content else ""
        return (
            "goods: {table: goods.csv, currency: EUR}\nrates: {table: rates.csv, longest: 400 days}\n"
            "fees:\n  - {name: commission, when: {account: [main, yen]}, percent: 12%, fixed: 0.30 EUR}\n"
            "  - {name: post, percent: 3%, fixed: 1 EUR, for: shipping}\n"
            f"{prices}{self.promotion}{self.stock}{self.listings}{content}{self.guards}"
        )

    def tables(self, now: datetime) -> dict[str, str]:
        """The tables by their files' names."""
        goods = "sku,cost,landed_cost,list_price,map,tags,blocked,expires,title\n"
        day = now - timedelta(days=3)
        rates = "".join(
            f"{day:%Y-%m-%d},EUR,{name},{float(rate)}\n" for name, rate in RATE.items() if rate != 1
        )
        return {
            "goods.csv": goods + "".join(good.row(now) + "\n" for good in self.goods),
            "rates.csv": "date,from,to,rate\n" + rates,
            "content.csv": "sku,title\n" + "".join(f"{good.sku},{good.title}\n" for good in self.goods),
        }

    def unguarded(self) -> "Rules":
        """The same with no guard that holds anything."""
        more = self.more if "limit" in self.more else _without_move(self.more)
        return replace(self, guards=ALL_OFF, more=more)

    def _floor(self) -> str:
        of, number = self.margin
        margins = {
            "price": f"{number}% of price",
            "cost": f"{number}% of cost",
            "EUR": f"{number} EUR",
            "": "",
        }
        margin = f", margin: {margins[of]}" if of else ""
        after = ", after: coupons" if self.coupons[0] else ""
        return f"cover: [{', '.join(self.cover)}]{margin}{after}"

    # --- what it comes to, by the schoolbook ----------------------------------------------------------

    def managed(self, good: Good) -> bool:
        """Whether its price is ours, and everything that it is made of is known."""
        if self.kept and good.tag == SALE:
            return False
        needed = {"cost": good.cost, "landed_cost": good.landed_cost, "list_price": good.list_price}
        return all(value for name, value in needed.items() if name in self.cover or name in self._words())

    def _words(self) -> set[str]:
        return set(self.formula.replace("*", " ").replace("+", " ").split())

    def too_cheap(self, good: Good, shop: str, price: Fraction) -> str:
        """Why a shop must not ask this price (as it shows it); empty where it may."""
        rate = RATE[CURRENCY[shop]] * (1 if CURRENCY[shop] == "EUR" else 1 + Fraction(self.surcharge, 100))
        in_goods = Fraction(119, 100) if self.tax == "with" else Fraction(1)
        in_price = Fraction(119, 100) if self.tax and WITH_TAX[shop] else Fraction(1)
        if self.respects_map and good.map and price < Fraction(good.map) * rate / in_goods * in_price:
            return f"advertised below {good.map} EUR"
        if not self.cover:
            return ""
        kind, number = self.coupons
        coupons = {"share": price * number / 100, "EUR": number * rate, "": Fraction(0)}[kind]
        earned = (price - coupons) / in_price
        named = {"cost": good.cost, "landed_cost": good.landed_cost}
        cost = sum((Fraction(named[name]) for name in self.cover if name in named), Fraction(0))
        paid = cost * rate / in_goods
        fees = Fraction(0)
        if "fees" in self.cover and shop in ("main", "yen"):
            fees += price * 12 / 100 + Fraction("0.30") * rate
        if "shipping" in self.cover:
            fees += price * 3 / 100 + rate
        of, much = self.margin
        margin = {
            "price": price / in_price * much / 100,
            "cost": paid * much / 100,
            "EUR": much * rate,
            "": 0,
        }[of]
        left = earned - fees - paid - margin
        return (
            "" if left >= -Fraction(1, 10**20) else f"{float(-left):.6f} {CURRENCY[shop]} short of its floor"
        )


ALL_OFF = (
    'guards: {price_move: "off", prices_changing: "off", quantities_changing: "off", going_to_zero: "off", '
    'going_down: "off", figures_to_zero: "off"}\n'
)


def _without_move(more: str) -> str:
    kept = [line for line in more.splitlines(keepends=True) if "_move" not in line and "beyond" not in line]
    return "".join(kept)


def draw(chance: Random, now: datetime) -> Rules:
    """Any rules."""
    cover = _cover(chance)
    margins = [("", 0), ("price", 15), ("EUR", 2)] + (
        [("cost", 20)] if {"cost", "landed_cost"} & set(cover) else []
    )
    coupons = chance.choice([("", 0), ("share", 10), ("EUR", 1)]) if cover else ("", 0)
    promotion, promoted = _promotion(chance, now)
    stock, stocked = _stock(chance, now)
    listings, down = _listings(chance)
    guards, guarded = _guards(chance)
    respects, taxed = chance.random() < 0.7, chance.choice(("", "with", "without"))
    labels = {promoted, down, guarded, *stocked} | ({"a floor"} if cover else {"no floor"})
    labels |= {f"tax {taxed or 'none'}", f"coupons {coupons[0] or 'none'}"}
    return Rules(
        goods=tuple(_good(chance, sku) for sku in SKUS),
        kept=chance.random() < 0.2,
        formula=chance.choice(("cost * 1.5", "cost * 1.1", "landed_cost * 1.3 + 1", "list_price")),
        surcharge=chance.choice((0, 2)),
        tax=taxed,
        cover=cover,
        margin=chance.choice(margins) if cover else ("", 0),
        coupons=coupons,
        respects_map=respects,
        rounds=_rounds(chance),
        promotion=promotion,
        more=_more(chance),
        stock=stock,
        listings=listings,
        content=chance.random() < 0.4,
        guards=guards,
        labels=frozenset(labels),
    )


def _good(chance: Random, sku: str) -> Good:
    cents = chance.randint(200, 3000)

    def amount(share: float, known: float) -> str:
        return f"{int(cents * share) / 100:.2f}" if chance.random() < known else ""

    return Good(
        sku,
        cost=amount(1, 0.95),
        landed_cost=amount(1.1, 0.95),
        list_price=amount(chance.choice((1.2, 2)), 0.95),
        map=amount(chance.choice((1.3, 1.8)), 0.4),
        tag=SALE if chance.random() < 0.4 else "other",
        blocked=chance.random() < 0.12,
        expired=chance.random() < 0.06,
        title=f"Cup {sku} {chance.choice(('red', 'blue'))}",
    )


def _cover(chance: Random) -> tuple[str, ...]:
    if chance.random() < 0.25:
        return ()
    more = tuple(one for one in ("fees", "shipping") if chance.random() < 0.6)
    return (chance.choice(("cost", "landed_cost")), *more)


def _rounds(chance: Random) -> tuple[str, str]:
    way = chance.choice(("up", "down", "nearest"))
    euros = chance.choice(('end_in: ".99"', 'to: "0.05"', 'to: "0.5"', ""))
    yen = chance.choice(('end_in: "9"', 'to: "10"', ""))
    return tuple(f"    round: {{{one}, direction: {way}}}\n" if one else "" for one in (euros, yen))  # type: ignore[return-value]


def _more(chance: Random) -> str:
    struck = chance.choice(("", "", "    compare_at: list_price\n", "    compare_at: none\n"))
    moves = (
        "",
        "",
        "    largest_move: 20% per day\n",
        "    largest_move: 20% per day\n    beyond_limit: limit\n",
    )
    return struck + chance.choice(moves)


def _promotion(chance: Random, now: datetime) -> tuple[str, str]:
    """In force, over, or none."""
    if chance.random() < 0.4:
        return "", "no promotion"
    over = chance.random() < 0.3
    until = now - timedelta(hours=1) if over else now + timedelta(days=30)
    what = chance.choice(("off: 20%", "off: 3 EUR", "price: price * 0.5", "off: 70%, compare_at: regular"))
    window = f'from: "{now - timedelta(days=30):%Y-%m-%d %H:%M}", until: "{until:%Y-%m-%d %H:%M}"'
    text = f"promotions:\n  - {{name: flash, when: {{tags: [{SALE}]}}, {window}, {what}}}\n"
    return text, "a promotion that is over" if over else "a promotion in force"


def _stock(chance: Random, now: datetime) -> tuple[str, set[str]]:
    lines: list[str] = []
    labels: set[str] = set()

    def maybe(often: float, label: str, line: str) -> None:
        if chance.random() < often:
            lines.append(f"  {line}\n")
            labels.add(label)

    maybe(0.2, "shared stock", "mode: shared")
    alone = not labels
    maybe(0.5, "a buffer", f"buffer: {{units: {chance.randint(0, 3)}, percent: {chance.choice((5, 20))}%}}")
    maybe(0.3, "a buffer", f"by_account: {{yen: {{units: {chance.randint(0, 6)} units}}}}")
    maybe(0.3, "safety stock", f"safety_stock: {chance.randint(1, 4)}")
    maybe(
        0.5 * alone, "shares", f"share: {{main: {chance.choice((30, 60))}%, yen: {chance.choice((10, 30))}%}}"
    )
    maybe(0.3, "a cap", f"cap: {{shopify: {chance.randint(2, 9)} units}}")
    maybe(0.3, "least shown", f"least_shown: {{yen: {chance.randint(2, 5)}}}")
    maybe(0.3, "priority", f"priority: {{order: [yen, main], when_below: {chance.randint(4, 20)} units}}")
    window = f'from: "{now - timedelta(hours=1):%Y-%m-%d %H:%M}", until: "{now + timedelta(days=9):%Y-%m-%d %H:%M}"'
    maybe(
        0.3,
        "a reserve",
        f"reserve: [{{name: show, for: yen, sku: [{SKUS[0]}, {SKUS[1]}], units: 8, {window}}}]",
    )
    return ("stock:\n" + "".join(lines) if lines else ""), labels


def _listings(chance: Random) -> tuple[str, str]:
    if chance.random() < 0.35:
        return "", "nothing is taken down"
    accounts = chance.choice(("[main, shopify, dinar]", "[main, yen, shopify]"))
    times = "at_zero_for: 1 minute, put_back_at: 2 units, put_back_after: 1 minute"
    text = f"  - {{name: gone, when: {{account: {accounts}}}, take_down: [at_zero, expired, blocked], {times}}}\n"
    return f"listings:\n{text}", "a rule takes down"


def _guards(chance: Random) -> tuple[str, str]:
    if chance.random() < 0.2:
        return ALL_OFF, "guards off"
    named = [f"from: {chance.randint(1, 4)} offers"]
    for name, shares in (
        ("prices_changing", (20, 60)),
        ("quantities_changing", (20, 70)),
        ("going_to_zero", (10, 40)),
        ("going_down", (10, 40)),
    ):
        if chance.random() < 0.8:
            named.append(f"{name}: {chance.choice((*shares, 'off'))}%".replace("off%", '"off"'))
    move = chance.choice(("30% per day", "95% per day", '"off"'))
    return f'guards: {{{", ".join(named)}, price_move: {move}, figures_to_zero: "off"}}\n', "guards on"
