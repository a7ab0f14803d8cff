"""The pretend shoppers: who they are, what they mean to buy, and how they go about it.

What they mean to buy is a script that depends on the seed alone, so that two runs can be compared. What they
get depends on what the shop shows at that moment. They buy through the very steps of the Shop API.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from sandbox.assortment import BULK, DUO, EXTRA, NO_SKU, PENNY, SCARCE, SHOPS, SHORT, STEADY, TWINS
from sandbox.storefront import checkout, till
from sandbox.storefront.books import Shop
from sandbox.storefront.goods import Variant
from sandbox.storefront.orders import Order
from sandbox.storefront.refusals import Refused
from sandbox.storefront.states import OrderState

SLOW_SECONDS = 4.0
"""How long a slow shopper leaves a full cart before paying."""


class Plot(StrEnum):
    """What else happens to a purchase."""

    NOTHING = "nothing"
    CANCEL_BEFORE = "cancel before picking"
    CANCEL_DURING = "cancel during picking"
    CANCEL_AFTER = "cancel after shipping"
    CANCEL_LINE = "cancel one line before picking"
    BREAK_STOCK = "most units of a line are found broken"
    SEND_BACK = "send one unit back after delivery"
    SWAP = "swap one unit for another after delivery"
    AMENDS = "staff give some money back after delivery"


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who buys and where the goods go; the phone may be missing."""

    first_name: str
    last_name: str
    full_name: str
    street: str
    city: str
    postal_code: str
    country: str
    email: str
    phone: str | None = None
    company: str | None = None


@dataclass(frozen=True, slots=True)
class Purchase:
    """What one shopper means to buy: listing SKUs and units; `hunt` takes the scarcest that is shown."""

    shop: str
    lines: tuple[tuple[str, int], ...]
    buyer: Buyer
    coupon: str | None = None
    slow: bool = False
    hunt: bool = False
    at_once: bool = False
    plot: Plot = Plot.NOTHING


_PEOPLE = (
    ("Ada", "Lovelace", "DE", "Berlin", "10115", "Hauptstraße 1"),
    ("Grace", "Hopper", "FR", "Paris", "75001", "12 rue de l'Échelle"),
    ("Niels", "Bohr", "DE", "Hamburg", "20095", "Alter Wall 9"),
    ("Hedy", "Lamarr", "GB", "London", "N1 9GU", "4 King's Mews"),
    ("Tu", "Youyou", "CN", "宁波", "315000", "中山东路 88 号"),
    ("Mae", "Jemison", "US", "Houston", "77058", "2101 NASA Pkwy"),
)
CANARY_NAME, CANARY_YARD, CANARY_PHONE = "Kanarienvogel", "Kanarienhof", "73707370737"
"""Every ordinary buyer bears them, so that whoever searches a program's files for them finds any buyer."""
_ABROAD = {"yen": ("JP", "東京", "100-0001"), "dinar": ("KW", "Kuwait City", "15000")}


def someone(shop: str, random: Random) -> Buyer:
    """An ordinary buyer, who lives where the shop sells."""
    first, last, country, city, code, street = random.choice(_PEOPLE)
    if shop in _ABROAD:
        country, city, code = _ABROAD[shop]
    last = f"{last}-{CANARY_NAME}"
    mail = f"{first}.{last}{random.randrange(1000)}@example.com".lower().replace(" ", "")
    phone = f"+49 {CANARY_PHONE} {random.randrange(10**3, 10**4)}" if random.random() < 0.7 else None
    street = f"{street}, {CANARY_YARD}"
    return Buyer(first, last, f"{first} {last}", street, city, code, country, mail, phone)


ONE_NAME = Buyer("Pelé", "", "Pelé", "Rua 1", "Berlin", "10117", "DE", "pele@example.com")
NO_NAME = Buyer("", "", "", "Postfach 7", "Berlin", "10118", "DE", "nobody@example.com")
EMOJI = Buyer(
    "Zoë 🎁",
    "O'Näme",
    "Zoë 🎁 O'Näme",
    "Rosenweg 3 🌹",
    "Köln",
    "50667",
    "DE",
    "zoe@example.com",
    company="🦊 GmbH",
)
CHINESE = Buyer(
    "小明",
    "王",
    "王小明",
    "浦东新区世纪大道100号环球金融中心",
    "上海市",
    "200120",
    "CN",
    "wang@example.com",
    "+86 21 5555 0100",
)


def opening(random: Random) -> list[Purchase]:
    """The purchases that every run holds, before the ordinary ones."""
    steady = [good.sku for good in STEADY]

    def some(buyer: Buyer | None = None, shop: str = "main", units: int = 1, **more: object) -> Purchase:
        lines = ((random.choice(steady), units),)
        return Purchase(shop, lines, buyer or someone(shop, random), **more)  # type: ignore[arg-type]

    gift = EXTRA[0].sku
    everybody = someone("main", random)
    return [
        some(slow=True),
        Purchase("main", tuple((good.sku, 4 if good.scarce else 1) for good in BULK), everybody),
        some(ONE_NAME),
        some(NO_NAME),
        some(EMOJI, units=2),
        some(CHINESE),
        some(plot=Plot.CANCEL_BEFORE),
        some(coupon="FREE"),
        Purchase("main", ((steady[0], 1), (NO_SKU, 1)), someone("main", random)),
        Purchase("main", ((DUO.sku, 2), (gift, 1)), someone("main", random)),
        Purchase("main", tuple((good.sku, 1) for good in TWINS), someone("main", random)),
        Purchase("main", ((PENNY.sku, 1),), someone("main", random)),
        some(shop="yen"),
        some(shop="yen", at_once=True),
        Purchase("main", ((steady[1], 1), (SHORT.sku, 3)), someone("main", random), plot=Plot.BREAK_STOCK),
        some(plot=Plot.CANCEL_DURING, units=2),
        some(shop="dinar", plot=Plot.CANCEL_AFTER),
        Purchase(
            "main",
            ((steady[2], 2), (steady[3], 1)),
            someone("main", random),
            plot=Plot.CANCEL_LINE,
        ),
        some(shop="yen", plot=Plot.CANCEL_DURING),
    ]


def script(random: Random) -> Iterator[Purchase]:
    """All purchases of a run, without end: first the odd ones, then ordinary ones."""
    yield from opening(random)
    while True:
        shop = random.choices(SHOPS, (5, 3, 2))[0]
        lines: dict[str, int] = {}
        for _ in range(random.choices((1, 2, 3), (5, 3, 1))[0]):
            good = random.choice(SCARCE if random.random() < 0.6 else STEADY)
            lines[good.sku] = random.choices((1, 2, 3), (6, 3, 1))[0]
        fate = random.random()
        plot = Plot.NOTHING
        if fate < 0.06:
            plot = random.choice((Plot.CANCEL_BEFORE, Plot.CANCEL_DURING, Plot.CANCEL_LINE))
        yield Purchase(
            shop,
            tuple(lines.items()),
            someone(shop, random),
            hunt=random.random() < 0.35,
            at_once=random.random() < 0.1,
            plot=plot,
        )


# --- buying ---------------------------------------------------------------------------------------------


def fill(shop: Shop, listings: dict[tuple[str, str], Variant], purchase: Purchase) -> Order | None:
    """Fill a cart with what is wanted, as far as the shop shows it, and go to the till; None when empty."""
    cart = checkout.new_cart(shop)
    for sku, units in _wanted(shop, listings, purchase):
        try:
            checkout.add_item(shop, cart, listings[shop.name, sku].id, units)
        except Refused:
            continue
    if not cart.lines:
        till.transition(shop, cart, OrderState.CANCELLED)
        return None
    if purchase.coupon:
        checkout.apply_coupon(shop, cart, purchase.coupon)
    _introduce(shop, cart, purchase.buyer)
    checkout.set_shipping_method(shop, cart, ["1"])
    try:
        return till.transition(shop, cart, OrderState.ARRANGING)
    except Refused:
        till.transition(shop, cart, OrderState.CANCELLED)
        return None


def settle(shop: Shop, cart: Order) -> Order:
    """Pay for a cart that stands at the till."""
    return till.pay(shop, cart, till.PAYMENT_METHOD, {})


def _wanted(
    shop: Shop, listings: dict[tuple[str, str], Variant], purchase: Purchase
) -> tuple[tuple[str, int], ...]:
    if not purchase.hunt:
        return purchase.lines
    shown = [(listings[shop.name, good.sku].saleable, good.sku) for good in SCARCE]
    left = sorted((units, sku) for units, sku in shown if units > 0)
    return ((left[0][1], left[0][0]),) if left else purchase.lines


def _introduce(shop: Shop, cart: Order, buyer: Buyer) -> None:
    person = {
        "firstName": buyer.first_name,
        "lastName": buyer.last_name,
        "emailAddress": buyer.email,
        "phoneNumber": buyer.phone,
    }
    checkout.set_customer(shop, cart, person)
    address = {
        "fullName": buyer.full_name,
        "company": buyer.company,
        "streetLine1": buyer.street,
        "city": buyer.city,
        "postalCode": buyer.postal_code,
        "countryCode": buyer.country,
        "phoneNumber": buyer.phone,
    }
    checkout.set_shipping_address(shop, cart, address)
