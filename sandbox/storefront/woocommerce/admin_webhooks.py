"""The routes of webhooks. The secret that is sent is never shown again."""

import secrets

from sandbox.storefront.woocommerce import batches
from sandbox.storefront.woocommerce.answers import invalid_id, no, not_one_of
from sandbox.storefront.woocommerce.calls import Body, Call, Reply, made, one
from sandbox.storefront.woocommerce.hooks import AFTER, Hook, HookStatus, valid
from sandbox.storefront.woocommerce.links import links
from sandbox.storefront.woocommerce.lists import Listing
from sandbox.storefront.woocommerce.moments import pair
from sandbox.storefront.woocommerce.routes_of import ID, Table

HOOKS: Listing[Hook] = Listing(
    lambda hook: hook.id,
    lambda hook: hook.created,
    lambda hook: hook.modified or hook.created,
    posts=False,
    sorts={"title": lambda hook: hook.name},
)
_STATUSES = [str(each) for each in HookStatus]


def shown(call: Call, hook: Hook) -> Body:
    """A webhook as the API shows it."""
    resource, _, event = hook.topic.partition(".")
    return {
        "id": hook.id,
        "name": hook.name,
        "status": str(hook.status),
        "topic": hook.topic,
        "resource": resource,
        "event": event,
        "hooks": AFTER.get(hook.topic, [event] if resource == "action" else []),
        "delivery_url": hook.url,
        **pair(call.shop, "date_created", hook.created),
        **pair(call.shop, "date_modified", hook.modified),
        "_links": links(call.shop.rules, call.api, f"webhooks/{hook.id}", collection="webhooks"),
    }


def _list(call: Call) -> Reply:
    wanted = call.query.get("status") or "all"
    if wanted not in ("all", *_STATUSES):
        raise not_one_of("status", ["all", *_STATUSES])
    kept = [hook for hook in call.shop.hooks.values() if wanted in ("all", hook.status)]
    return HOOKS.reply(call, kept, lambda hook: shown(call, hook), "webhooks")


def _find(call: Call, id: int, status: int) -> Hook:
    hook = call.shop.hooks.get(id)
    if hook is None:
        raise invalid_id("shop_webhook", status)
    return hook


def _check(body: Body, *, new: bool) -> None:
    if (new or "topic" in body) and not valid(body.get("topic")):
        text = "Webhook topic is required and must be valid."
        raise no(400, "woocommerce_rest_shop_webhook_invalid_topic", text)
    url = body.get("delivery_url")
    if (new or "delivery_url" in body) and not str(url or "").startswith(("http://", "https://")):
        text = "Webhook delivery URL must be a valid URL starting with http:// or https://."
        raise no(400, "woocommerce_rest_shop_webhook_invalid_delivery_url", text)
    if body.get("status") is not None and body["status"] not in _STATUSES:
        raise not_one_of("status", _STATUSES)


def create(call: Call, body: Body) -> Body:
    """A new webhook; where it delivers to hears of it at once."""
    _check(body, new=True)
    topic = str(body["topic"])
    hook = Hook(
        int(call.shop.numbers.next("webhook")),
        str(body.get("name") or f"Webhook created on {call.shop.second():%b %d, %Y @ %I:%M %p}"),
        topic,
        str(body["delivery_url"]),
        str(body.get("secret") or secrets.token_urlsafe(30)),
        call.shop.second(),
        status=HookStatus(body.get("status") or "active"),
    )
    call.shop.hooks[hook.id] = hook
    call.shop.opened_hook(hook.id)
    return shown(call, hook)


def change(call: Call, id: int, body: Body) -> Body:
    """Change a webhook; one that is made active again begins without failures."""
    hook = _find(call, id, 400)
    _check(body, new=False)
    fields = (("name", "name"), ("topic", "topic"), ("delivery_url", "url"), ("secret", "secret"))
    for field, name in fields:
        if body.get(field) is not None:
            setattr(hook, name, str(body[field]))
    if body.get("status") is not None:
        hook.status = HookStatus(body["status"])
        hook.failures = 0 if hook.status is HookStatus.ACTIVE else hook.failures
    hook.modified = call.shop.second()
    return shown(call, hook)


def drop(call: Call, id: int, *, force: bool) -> Body:
    """Delete a webhook, for good or not at all."""
    hook = _find(call, id, 404)
    if not force:
        raise no(501, "woocommerce_rest_trash_not_supported", "Webhooks do not support trashing.")
    del call.shop.hooks[id]
    return shown(call, hook)


def _create(call: Call) -> Reply:
    found = create(call, call.body)
    return made(call, found, f"webhooks/{found['id']}")


def _one(call: Call) -> Reply:
    return one(call, shown(call, _find(call, call.path["id"], 404)))


def _change(call: Call) -> Reply:
    return one(call, change(call, call.path["id"], call.body))


def _drop(call: Call) -> Reply:
    return Reply(drop(call, call.path["id"], force=call.switch("force", default=False)))


def _drop_for_good(call: Call, id: int) -> Body:
    return drop(call, id, force=True)


def _batch(call: Call) -> Reply:
    return batches.batch(call, create=create, update=change, delete=_drop_for_good)


ROUTES: Table = {
    "/wc/v3/webhooks": {"GET": _list, "POST": _create},
    "/wc/v3/webhooks/batch": {"EDIT": _batch},
    f"/wc/v3/webhooks/{ID}": {"GET": _one, "EDIT": _change, "DELETE": _drop},
}
