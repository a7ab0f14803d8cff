"""The routes of products."""

from datetime import datetime

from sandbox.storefront.woocommerce import batches, goods_edits
from sandbox.storefront.woocommerce.answers import no, not_one_of
from sandbox.storefront.woocommerce.calls import Body, Call, Query, Reply, made, one
from sandbox.storefront.woocommerce.goods_edits import STATUSES
from sandbox.storefront.woocommerce.goods_view import product
from sandbox.storefront.woocommerce.lists import Listing
from sandbox.storefront.woocommerce.money import exact
from sandbox.storefront.woocommerce.posts import TRASH, Kind, Post, same_sku
from sandbox.storefront.woocommerce.routes_of import ID, Table

_ELSEWHERE = (
    "To manipulate product variations you should use the "
    "/products/&lt;product_id&gt;/variations/&lt;id&gt; endpoint."
)


def _created(post: Post) -> datetime:
    return post.created


def _modified(post: Post) -> datetime:
    return post.modified


POSTS: Listing[Post] = Listing(
    lambda post: post.id,
    _created,
    _modified,
    posts=True,
    sorts={
        "title": lambda post: post.name,
        "slug": lambda post: post.product.slug,
        "price": lambda post: exact(post.regular_price),
        "popularity": lambda post: post.sales,
        "rating": lambda post: 0,
        "menu_order": lambda post: post.words.get("menu_order", 0),
    },
)


def fits(post: Post, query: Query) -> bool:
    """Whether a post is among what is asked for, by what products and variations have in common."""
    statuses = query.many("status") or ["any"]
    for place, status in enumerate(statuses):
        if status not in ("any", *STATUSES):
            raise not_one_of(f"status[{place}]", ["any", *STATUSES], under="status")
    if "any" in statuses:
        if post.status == TRASH:
            return False
    elif post.status not in statuses:
        return False
    if (wanted := query.get("stock_status")) and post.stock_status != wanted:
        return False
    search = (query.get("search") or "").lower()
    if search and search not in f"{post.name} {post.product.description} {post.sku}".lower():
        return False
    found = query.get("search_sku")
    if found and same_sku(found) not in same_sku(post.sku):
        return False
    skus = _skus(query.get("sku"))
    return not skus or same_sku(post.sku) in skus


def _skus(given: str | None) -> set[str]:
    """The SKUs asked for: the text as a whole, or its parts; "0" asks for nothing."""
    if not given or given == "0":
        return set()
    given = goods_edits.without_tags(given)
    return {same_sku(given), *(same_sku(part) for part in given.split(","))}


def products(call: Call) -> Reply:
    """A page of products; variations are among them only where a SKU is asked for."""
    asked = bool(_skus(call.query.get("sku"))) or bool(call.query.get("search_sku"))
    kind, category = call.query.get("type"), call.query.ids("category") or []
    kept = [
        post
        for post in call.shop.posts.values()
        if (post.parent is None or asked)
        and (kind is None or post.kind == kind)
        and (not category or set(category) & set(post.categories))
        and fits(post, call.query)
    ]
    return POSTS.reply(call, kept, lambda post: product(call.shop, post, call.api), "products")


def one_product(call: Call) -> Reply:
    return one(call, product(call.shop, goods_edits.find(call.shop, call.path["id"], 404), call.api))


def create(call: Call, body: Body) -> Body:
    return product(call.shop, goods_edits.create_product(call.shop, body, call.home), call.api, edit=True)


def change(call: Call, id: int, body: Body) -> Body:
    """Change a product; a variation is not to be changed here, although it can be read here."""
    post = goods_edits.find(call.shop, id, 400)
    if post.kind is Kind.VARIATION:
        raise no(404, "woocommerce_rest_invalid_product_id", _ELSEWHERE)
    goods_edits.change(call.shop, post, body, call.home)
    return product(call.shop, post, call.api, edit=True)


def drop(call: Call, id: int, *, force: bool) -> Body:
    """Delete; the answer shows the product as it was."""
    post = goods_edits.find(call.shop, id, 404)
    if post.kind is Kind.VARIATION:
        raise no(404, "woocommerce_rest_invalid_product_id", _ELSEWHERE)
    shown = product(call.shop, post, call.api)
    goods_edits.delete(call.shop, post, force=force)
    return shown


def _create(call: Call) -> Reply:
    if call.body.get("id"):
        raise no(400, "woocommerce_rest_product_exists", "Cannot create existing product.")
    shown = create(call, call.body)
    return made(call, shown, f"products/{shown['id']}")


def _change(call: Call) -> Reply:
    return one(call, change(call, call.path["id"], call.body))


def _drop(call: Call) -> Reply:
    return Reply(drop(call, call.path["id"], force=call.switch("force", default=False)))


def _drop_for_good(call: Call, id: int) -> Body:
    return drop(call, id, force=True)


def _batch(call: Call) -> Reply:
    return batches.batch(call, create=create, update=change, delete=_drop_for_good)


ROUTES: Table = {
    "/wc/v3/products": {"GET": products, "POST": _create},
    "/wc/v3/products/batch": {"EDIT": _batch},
    f"/wc/v3/products/{ID}": {"GET": one_product, "EDIT": _change, "DELETE": _drop},
}
