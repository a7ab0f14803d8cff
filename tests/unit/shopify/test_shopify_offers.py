"""What is written for quantities and prices, and what is refused before anything is sent."""

from decimal import Decimal

import pytest

from connectors.contract import Deadline, Done, Refused, Rejected, Retry, SetPrice, SetPublished, SetQuantity
from connectors.storefronts.shopify.connector import ShopifyStorefront
from connectors.storefronts.shopify.payloads import Item, Level, Quantity
from connectors.storefronts.shopify.prices import objection
from connectors.storefronts.shopify.stocktaking import NOT_TRACKED, Step, Stock, step_of, stock_of
from sync.domain.listing import StockSeen
from tests.unit.shopify.made import HERE, SHOP, nodes
from tests.unit.shopify.scripted import Scripted, answer, setup

V1, V2 = "gid://shopify/ProductVariant/1", "gid://shopify/ProductVariant/2"
SEEN = StockSeen(9)


def stock(available: int | None = 9) -> Stock:
    return Stock("gid://shopify/InventoryItem/1", HERE, available)


@pytest.mark.parametrize(
    ("request_", "there", "step"),
    [
        (SetQuantity(V1, 4), 9, Step.SET),
        (SetQuantity(V1, 4, seen=SEEN), 9, Step.SET),
        (SetQuantity(V1, 9, seen=SEEN), 9, Step.NOTHING),
        (SetQuantity(V1, 4), None, Step.ACTIVATE),
        (SetQuantity(V1, 0, seen=StockSeen(0)), None, Step.ACTIVATE),
    ],
)
def test_what_is_sent(request_: SetQuantity, there: int | None, step: Step) -> None:
    assert step_of(request_, stock(there)) is step


def test_a_figure_that_moved_is_decided_again_and_the_fresh_one_is_named() -> None:
    outcome = step_of(SetQuantity(V1, 9, seen=SEEN), stock(7))
    assert isinstance(outcome, Retry)
    assert "sells 7 now" in outcome.reason


@pytest.mark.parametrize(("quantity", "code"), [(-1, "NEGATIVE"), (1_000_000_001, "TOO_GREAT")])
def test_quantities_that_cannot_be_are_refused(quantity: int, code: str) -> None:
    outcome = step_of(SetQuantity(V1, quantity), stock())
    assert isinstance(outcome, Rejected)
    assert outcome.code == code


def test_an_item_that_nobody_counts_has_no_quantity() -> None:
    assert stock_of(Item("i", False), HERE) == NOT_TRACKED


def test_a_closed_level_is_none() -> None:
    closed = Level([Quantity("available", 5)], is_active=False)
    assert stock_of(Item("i", True, closed), HERE) == Stock("i", HERE, None)


def stocks(*figures: int) -> dict[str, object]:
    level = [{"isActive": True, "quantities": [{"name": "available", "quantity": n}]} for n in figures]
    items = [
        {"id": f"gid://shopify/InventoryItem/{n + 1}", "tracked": True, "inventoryLevel": each}
        for n, each in enumerate(level)
    ]
    return {
        "nodes": [
            {"id": f"gid://shopify/ProductVariant/{n + 1}", "inventoryItem": item}
            for n, item in enumerate(items)
        ]
    }


def written(*errors: dict[str, object], changes: list[dict[str, object]] | None = None) -> dict[str, object]:
    group = {"id": "g", "changes": changes or []} if not errors else None
    return {"inventorySetQuantities": {"inventoryAdjustmentGroup": group, "userErrors": list(errors)}}


async def set_both(line: Scripted) -> object:
    shop = ShopifyStorefront(setup(line))
    try:
        batch = [SetQuantity(V1, 4), SetQuantity(V2, 5)]
        return await shop.set_quantities(batch, Deadline.after(10))
    finally:
        await shop.close()


async def test_one_bad_item_gets_its_outcome_and_the_others_are_sent_again() -> None:
    stale = {
        "field": ["input", "quantities", "0", "changeFromQuantity"],
        "code": "CHANGE_FROM_QUANTITY_STALE",
    }
    line = Scripted([answer(SHOP), answer(stocks(9, 8)), answer(written(stale)), answer(written())])
    outcomes = await set_both(line)
    assert isinstance(outcomes, dict)
    assert isinstance(outcomes[V1], Retry)
    assert outcomes[V2] == Done(V2, 5)
    first, second = (each["variables"] for each in line.asked[2:])
    assert [q["changeFromQuantity"] for q in first["input"]["quantities"]] == [9, 8]
    assert [q["quantity"] for q in second["input"]["quantities"]] == [5]
    assert first["key"] != second["key"]


async def test_a_change_without_the_figure_after_it_is_counted_from_the_one_before() -> None:
    change = {
        "name": "available",
        "delta": -5,
        "quantityAfterChange": None,
        "item": {"id": "gid://shopify/InventoryItem/1"},
        "location": {"id": HERE},
    }
    line = Scripted([answer(SHOP), answer(stocks(9, 8)), answer(written(changes=[change]))])
    outcomes = await set_both(line)
    assert outcomes == {V1: Done(V1, 4), V2: Done(V2, 5)}


def price(**changes: object) -> SetPrice:
    given: dict[str, object] = {"variant": V1, "price": Decimal("9.90"), "currency": "EUR"}
    return SetPrice(**(given | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (price(), None),
        (price(compare_at=Decimal("12.00")), None),
        (price(compare_at=Decimal(0)), "COMPARE_AT_ZERO"),
        (price(price=Decimal(-1)), "NEGATIVE"),
        (price(price=Decimal("9.999")), "PRECISION"),
        (price(currency="USD"), "CURRENCY"),
    ],
)
def test_prices_that_cannot_be_are_refused(request_: SetPrice, code: str | None) -> None:
    wrong = objection(request_, "EUR")
    assert (wrong.code if wrong else None) == code


def test_yen_have_no_digits_and_dinars_three() -> None:
    assert objection(price(price=Decimal("900"), currency="JPY"), "JPY") is None
    assert objection(price(price=Decimal("1.5"), currency="JPY"), "JPY") is not None
    assert objection(price(price=Decimal("1.234"), currency="KWD"), "KWD") is None


OWNERS = {
    "nodes": [
        {
            "id": v,
            "product": {"id": "gid://shopify/Product/1", "status": "ACTIVE", "hasOnlyDefaultVariant": False},
        }
        for v in (V1, V2)
    ]
}


async def test_no_struck_out_price_is_null_and_never_0() -> None:
    done = {
        "productVariantsBulkUpdate": {
            "productVariants": [{"id": V1, "price": "9.90", "compareAtPrice": None}],
            "userErrors": [{"field": ["variants", "1", "price"], "code": "GREATER_THAN_OR_EQUAL_TO"}],
        }
    }
    line = Scripted([answer(SHOP), answer(OWNERS), answer(done)])
    shop = ShopifyStorefront(setup(line))
    outcomes = await shop.set_prices([price(), price(variant=V2)], Deadline.after(10))
    await shop.close()
    assert outcomes[V1] == Done(V1, Decimal("9.90"))
    assert isinstance(outcomes[V2], Rejected)
    sent = line.asked[-1]["variables"]
    assert sent["product"] == "gid://shopify/Product/1"
    assert [each["compareAtPrice"] for each in sent["variants"]] == [None, None]


async def test_a_publication_of_a_later_page_is_found() -> None:
    first = nodes([{"id": "gid://shopify/Publication/7", "catalog": {"title": "Company 1"}}], more=True)
    second = nodes([{"id": "gid://shopify/Publication/8", "catalog": {"title": "Online Store"}}])
    owner = {"id": "gid://shopify/Product/1", "status": "ACTIVE", "publishedOnPublication": True}
    pages = [answer({"publications": page}) for page in (first, second)]
    done = answer({"publishableUnpublish": {"userErrors": []}})
    line = Scripted([answer(SHOP), *pages, answer({"nodes": [owner]}), done])
    shop = ShopifyStorefront(setup(line, publications=["Online Store"]))
    await shop.set_published([SetPublished("gid://shopify/Product/1", False)], Deadline.after(5))
    await shop.close()
    assert line.asked[2]["variables"]["after"] == "c1"
    assert line.asked[-1]["variables"]["input"] == [{"publicationId": "gid://shopify/Publication/8"}]


async def test_publications_are_named_by_their_title_or_id_and_a_wrong_one_by_what_there_is() -> None:
    online = {"id": "gid://shopify/Publication/7", "catalog": {"title": "Online Store"}}
    bare = {"id": "gid://shopify/Publication/8", "catalog": None}
    found = answer({"publications": nodes([online, bare])})
    owner = {"id": "gid://shopify/Product/1", "status": "ACTIVE", "publishedOnPublication": False}
    owners = answer({"nodes": [owner]})
    done = answer({"publishablePublish": {"userErrors": []}})
    for given in ("Online Store", "gid://shopify/Publication/7"):
        asked = [answer(SHOP), *([found] if given == "Online Store" else []), owners, done]
        line = Scripted(asked)
        shop = ShopifyStorefront(setup(line, publications=[given]))
        wanted = [SetPublished("gid://shopify/Product/1", True)]
        assert list((await shop.set_published(wanted, Deadline.after(5))).values()) == [
            Done("gid://shopify/Product/1", True)
        ]
        assert line.asked[-1]["variables"]["input"] == [{"publicationId": "gid://shopify/Publication/7"}]
        await shop.close()
    shop = ShopifyStorefront(setup(Scripted([answer(SHOP), found]), publications=["Offline Store"]))
    with pytest.raises(Refused, match="there are: 'Online Store', 'gid://shopify/Publication/8'"):
        await shop.set_published([SetPublished("gid://shopify/Product/1", True)], Deadline.after(5))
    await shop.close()
