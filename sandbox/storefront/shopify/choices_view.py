"""How options, what variants choose of them, and publications are read from the books."""

from typing import Any

from sandbox.storefront.goods import Option, OptionGroup, Product, Variant
from sandbox.storefront.shopify.answers import Made, count_of, stamp
from sandbox.storefront.shopify.books import PUBLICATIONS
from sandbox.storefront.shopify.calls import Call
from sandbox.storefront.shopify.goods_view import live
from sandbox.storefront.shopify.lists import Connection, connection, first_of
from sandbox.storefront.shopify.names import gid, inside
from sandbox.storefront.shopify.records import ONLINE_STORE
from sandbox.storefront.vendure.graphql.execution import Resolvers

Args = dict[str, Any]
DEFAULT = "Default Title"


def publication(id: str) -> Made:
    """A sales channel's catalogue."""
    facts = {"id": gid("Publication", id), "number": id, "name": PUBLICATIONS[id]}
    return Made(
        "Publication", facts | {"auto_publish": False, "supports_future_publishing": id == ONLINE_STORE}
    )


def _catalogue(made: Made, _: Args, __: Call) -> Made:
    """What the channel shows: its title is how people know the channel."""
    facts = {
        "id": gid("AppCatalog", made.number),
        "publication": made,
        "status": "ACTIVE",
        "title": made.name,
    }
    return Made("AppCatalog", facts)


def _publications(_: Any, arguments: Args, call: Call) -> Connection:
    found = [publication(id) for id in PUBLICATIONS]
    return connection(call, found, arguments, id=lambda made: made.number)


def _published(product: Product, arguments: Args, call: Call) -> Connection:
    known = call.shop.sheet(product).published
    wanted = [id for id in PUBLICATIONS if id in known or not arguments.get("onlyPublished", True)]
    found = [
        Made(
            "ResourcePublicationV2",
            {
                "is_published": id in known,
                "publication": publication(id),
                "publish_date": stamp(known.get(id)),
                "publishable": product,
            },
        )
        for id in wanted
    ]
    return connection(call, found, arguments, id=lambda made: made.publication.number)


def _published_on(product: Product, arguments: Args, call: Call) -> bool:
    return inside("Publication", arguments["publicationId"]) in call.shop.sheet(product).published


def _options(product: Product, arguments: Args, _: Call) -> list[Made]:
    groups = product.option_groups
    if not groups:
        only = Made(
            "ProductOptionValue",
            {
                "id": gid("ProductOptionValue", f"9{product.id}"),
                "name": "Default Title",
                "has_variants": True,
            },
        )
        return [_option(f"9{product.id}", "Title", 1, [only])]
    return first_of([_group(product, group, n + 1) for n, group in enumerate(groups)], arguments)


def _group(product: Product, group: OptionGroup, position: int) -> Made:
    used = {option.id for variant in live(product) for option in variant.options}
    return _option(
        group.id, group.name, position, [_value(option, option.id in used) for option in group.options]
    )


def _option(id: str, name: str, position: int, values: list[Made]) -> Made:
    facts = {"id": gid("ProductOption", id), "name": name, "position": position, "option_values": values}
    return Made("ProductOption", facts | {"values": [value.name for value in values]})


def _value(option: Option, used: bool = True) -> Made:
    facts = {"id": gid("ProductOptionValue", option.id), "name": option.name, "has_variants": used}
    return Made("ProductOptionValue", facts)


def _selected(variant: Variant, _: Args, __: Call) -> list[Made]:
    if not variant.options:
        id = gid("ProductOptionValue", f"9{variant.product.id}")
        only = Made("ProductOptionValue", {"id": id, "name": "Default Title", "has_variants": True})
        facts = {"name": "Title", "value": "Default Title", "option_value": only}
        return [Made("SelectedOption", facts)]
    return [
        Made("SelectedOption", {"name": o.group.name, "value": o.name, "option_value": _value(o)})
        for o in variant.options
    ]


VIEW: Resolvers = {
    ("QueryRoot", "publications"): _publications,
    ("Product", "availablePublicationsCount"): lambda p, _, call: count_of(len(call.shop.sheet(p).published)),
    ("Product", "options"): _options,
    ("Product", "publishedAt"): lambda p, _, call: stamp(call.shop.sheet(p).published.get(ONLINE_STORE)),
    ("Publication", "catalog"): _catalogue,
    ("Product", "publishedOnPublication"): _published_on,
    ("Product", "resourcePublicationsV2"): _published,
    ("ProductVariant", "selectedOptions"): _selected,
}
