"""The routes of categories and tags, as far as products need them."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from sandbox.storefront.woocommerce.answers import no
from sandbox.storefront.woocommerce.calls import Act, Body, Call, Reply, made, one
from sandbox.storefront.woocommerce.goods_edits import DEFAULT_CATEGORY, clean
from sandbox.storefront.woocommerce.links import links
from sandbox.storefront.woocommerce.routes_of import ID, Table


def _shown(call: Call, kind: str, id: int) -> Body:
    term = call.shop.terms_of[kind][id]
    name = "categories" if kind == "categories" else "tags"
    extra = {"parent": term.get("parent", 0), "display": "default", "image": None, "menu_order": 0}
    return {
        "id": id,
        "name": term["name"],
        "slug": term["slug"],
        "description": term.get("description", ""),
        **(extra if kind == "categories" else {}),
        "count": sum(id in getattr(post, kind) for post in call.shop.posts.values()),
        "_links": links(call.shop.rules, call.api, f"products/{name}/{id}", collection=f"products/{name}"),
    }


def _list(kind: str, call: Call) -> Reply:
    search = (call.query.get("search") or "").lower()
    slug = call.query.get("slug")
    known = call.shop.terms_of[kind]
    kept = [
        id
        for id, term in sorted(known.items(), key=lambda pair: str(pair[1]["name"]).lower())
        if search in str(term["name"]).lower() and slug in (None, term["slug"])
    ]
    size = call.query.number("per_page", 10, least=1, most=100)
    begin = (call.query.number("page", 1, least=1) - 1) * size
    head = {"x-wp-total": str(len(kept)), "x-wp-totalpages": str(-(-len(kept) // size))}
    return Reply([_shown(call, kind, id) for id in kept[begin : begin + size]], headers=head)


def _create(kind: str, call: Call) -> Reply:
    """A new term; a name that its siblings bear is refused with the id of that one."""
    name = clean(str(call.body.get("name") or ""))
    if not name:
        raise no(400, "rest_missing_callback_param", "Missing parameter(s): name", params=["name"])
    known = call.shop.terms_of[kind]
    parent = call.body.get("parent") or 0
    for id, term in known.items():
        if str(term["name"]).lower() == name.lower() and term.get("parent", 0) == parent:
            text = "A term with the name provided already exists with this parent."
            raise no(400, "term_exists", text, resource_id=id)
    id = DEFAULT_CATEGORY + int(call.shop.numbers.next("term"))
    slug = call.body.get("slug") or re.sub(r"[^\w]+", "-", name.lower()).strip("-")
    known[id] = {"name": name, "slug": slug, "parent": parent}
    return made(call, _shown(call, kind, id), f"products/{kind}/{id}")


def _find(kind: str, call: Call) -> dict[str, Any]:
    term = call.shop.terms_of[kind].get(call.path["id"])
    if term is None:
        raise no(404, "woocommerce_rest_term_invalid", "Resource does not exist.")
    return term


def _one(kind: str, call: Call) -> Reply:
    _find(kind, call)
    return one(call, _shown(call, kind, call.path["id"]))


def _change(kind: str, call: Call) -> Reply:
    term = _find(kind, call)
    term.update({name: call.body[name] for name in ("name", "slug", "parent") if name in call.body})
    return one(call, _shown(call, kind, call.path["id"]))


def _drop(kind: str, call: Call) -> Reply:
    _find(kind, call)
    if not call.switch("force", default=False):
        text = "Resource does not support trashing."
        raise no(501, "woocommerce_rest_trash_not_supported", text)
    shown = _shown(call, kind, call.path["id"])
    del call.shop.terms_of[kind][call.path["id"]]
    for post in call.shop.posts.values():
        own: list[int] = getattr(post, kind)
        own[:] = [id for id in own if id != call.path["id"]]
    return Reply(shown)


def _of(kind: str, act: Callable[[str, Call], Reply]) -> Act:
    return partial(act, kind)


ROUTES: Table = {}
for _kind in ("categories", "tags"):
    ROUTES[f"/wc/v3/products/{_kind}"] = {"GET": _of(_kind, _list), "POST": _of(_kind, _create)}
    ROUTES[f"/wc/v3/products/{_kind}/{ID}"] = {
        "GET": _of(_kind, _one),
        "EDIT": _of(_kind, _change),
        "DELETE": _of(_kind, _drop),
    }
