"""Who gets the odd unit of a SKU does not hang on which SKU a recompute was about."""

from sync.domain.ids import AccountId
from sync.flows.selling.promises import claimants_by_sku
from sync.store.offers import Selling


def listing(name: str, **components: int) -> Selling:
    return Selling(name, AccountId("shop"), "shop", name, live=True, published=True, components=components)


def test_the_sellers_of_a_sku_stand_in_one_order_whoever_was_asked_for_first() -> None:
    alone, bundle = listing("1", cup=1), listing("2", cup=1, pot=1)
    about_the_pot = claimants_by_sku([bundle, alone, bundle])
    about_the_cup = claimants_by_sku([alone, bundle])
    assert about_the_pot == about_the_cup
    assert [seller.listing_id for seller in about_the_pot["cup"]] == ["1", "2"]
