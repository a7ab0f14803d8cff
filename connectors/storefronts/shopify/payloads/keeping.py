"""Bulk operations and webhook subscriptions."""

from msgspec import Struct, field

from connectors.storefronts.shopify.payloads.common import Camel, Nodes, UserError


class Operation(Camel, frozen=True):
    """A bulk operation. `url` leads to what it found, `partial_data_url` to what it had found when it failed."""

    id: str
    status: str
    error_code: str | None = None
    url: str | None = None
    partial_data_url: str | None = None
    query: str = ""

    def __repr__(self) -> str:
        return f"Operation({self.id!r}, {self.status!r})"


class RunResult(Camel, frozen=True):
    """The outcome of beginning one."""

    user_errors: list[UserError]
    bulk_operation: Operation | None = None


class RunData(Camel, frozen=True):
    """The answer to `bulk.run`."""

    bulk_operation_run_query: RunResult | None


class OperationData(Camel, frozen=True):
    """The answer to `bulk.operation`; null where Shopify has forgotten it."""

    bulk_operation: Operation | None


class OperationsData(Camel, frozen=True):
    """The answer to `bulk.running`."""

    bulk_operations: Nodes[Operation]


class Hook(Camel, frozen=True):
    """A webhook subscription."""

    id: str
    topic: str
    uri: str
    format: str = "JSON"
    include_fields: list[str] = field(default_factory=list)


class HooksData(Camel, frozen=True):
    """The answer to `webhooks`."""

    webhook_subscriptions: Nodes[Hook]


class HookResult(Camel, frozen=True):
    """The outcome of making or renewing one."""

    user_errors: list[UserError]
    webhook_subscription: Hook | None = None


class HookMade(Camel, frozen=True):
    """The answer to `webhooks.create`."""

    webhook_subscription_create: HookResult | None


class HookRenewed(Camel, frozen=True):
    """The answer to `webhooks.update`."""

    webhook_subscription_update: HookResult | None


class HookEnded(Camel, frozen=True):
    """The outcome of deleting one."""

    user_errors: list[UserError]
    deleted_webhook_subscription_id: str | None = None


class HookDeleted(Camel, frozen=True):
    """The answer to `webhooks.delete`."""

    webhook_subscription_delete: HookEnded | None


class Token(Struct, frozen=True):
    """The answer to a grant; `expires_in` in seconds."""

    access_token: str
    expires_in: float | None = None
    refresh_token: str | None = None
    scope: str | None = None

    def __repr__(self) -> str:
        return "Token(…)"


class Notice(Struct, frozen=True):
    """As much of a webhook's body as is read: which record it is about."""

    id: int | str | None = None
    admin_graphql_api_id: str | None = None
    order_id: int | None = None
