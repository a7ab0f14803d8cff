"""The routes of variations: beneath their product, and in the newer generation one list of them all."""

from sandbox.storefront.woocommerce import batches, goods_edits
from sandbox.storefront.woocommerce.admin_goods import POSTS, fits
from sandbox.storefront.woocommerce.answers import invalid_id, no
from sandbox.storefront.woocommerce.calls import Body, Call, Reply, made, one
from sandbox.storefront.woocommerce.goods_view import variation
from sandbox.storefront.woocommerce.posts import Kind, Post
from sandbox.storefront.woocommerce.routes_of import ID, PRODUCT, Table


def _parent(call: Call) -> Post:
    post = call.shop.posts.get(call.path["product_id"])
    if post is None or post.kind is Kind.VARIATION:
        raise no(404, "woocommerce_rest_product_invalid_id", "Invalid product ID.")
    return post


def _find(call: Call, id: int, status: int) -> Post:
    post = call.shop.posts.get(id)
    if post is None or post.parent is not _parent(call):
        raise invalid_id("product_variation", status)
    return post


def variations(call: Call) -> Reply:
    """A page of one product's variations."""
    parent = _parent(call)
    kept = [post for post in call.shop.children(parent) if fits(post, call.query)]
    path = f"products/{parent.id}/variations"
    return POSTS.reply(call, kept, lambda post: variation(call.shop, post, call.api), path)


def every_variation(call: Call) -> Reply:
    """A page of the variations of all products."""
    kept = [post for post in call.shop.posts.values() if post.parent and fits(post, call.query)]
    return POSTS.reply(call, kept, lambda post: variation(call.shop, post, call.api), "variations")


def _one(call: Call) -> Reply:
    return one(call, variation(call.shop, _find(call, call.path["id"], 404), call.api))


def create(call: Call, body: Body) -> Body:
    post = goods_edits.create_variation(call.shop, _parent(call), body, call.home)
    return variation(call.shop, post, call.api, edit=True)


def change(call: Call, id: int, body: Body) -> Body:
    post = _find(call, id, 400)
    goods_edits.change(call.shop, post, body, call.home)
    return variation(call.shop, post, call.api, edit=True)


def drop(call: Call, id: int, *, force: bool) -> Body:
    post = _find(call, id, 404)
    shown = variation(call.shop, post, call.api)
    goods_edits.delete(call.shop, post, force=force)
    return shown


def _create(call: Call) -> Reply:
    shown = create(call, call.body)
    return made(call, shown, f"products/{call.path['product_id']}/variations/{shown['id']}")


def _change(call: Call) -> Reply:
    return one(call, change(call, call.path["id"], call.body))


def _drop(call: Call) -> Reply:
    return Reply(drop(call, call.path["id"], force=call.switch("force", default=False)))


def _drop_for_good(call: Call, id: int) -> Body:
    return drop(call, id, force=True)


def _batch(call: Call) -> Reply:
    _parent(call)
    return batches.batch(call, create=create, update=change, delete=_drop_for_good)


_PATH = f"/wc/v3/products/{PRODUCT}/variations"
ROUTES: Table = {
    _PATH: {"GET": variations, "POST": _create},
    f"{_PATH}/batch": {"EDIT": _batch},
    f"{_PATH}/{ID}": {"GET": _one, "EDIT": _change, "DELETE": _drop},
}
NEW: Table = {"/wc/v3/variations": {"GET": every_variation}}
"""What the older generation does not have."""
