"""Webhook subscriptions."""

from connectors.storefronts.shopify.documents.document import Document
from connectors.transport import Safety

_HOOK = "id topic uri format includeFields"

WEBHOOKS = Document(
    "webhooks",
    f"""query Webhooks($first: Int!, $after: String) {{
  webhookSubscriptions(first: $first, after: $after) {{
    nodes {{ {_HOOK} }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}""",
    cost=40,
)
SUBSCRIBE = Document(
    "webhooks.create",
    f"""mutation Subscribe($topic: WebhookSubscriptionTopic!, $subscription: WebhookSubscriptionInput!) {{
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $subscription) {{
    webhookSubscription {{ {_HOOK} }}
    userErrors {{ field message }}
  }}
}}""",
    Safety.ABSOLUTE,
)
"""Shopify refuses a second subscription of one topic to one address, so a repeat makes nothing new."""
RENEW = Document(
    "webhooks.update",
    f"""mutation RenewSubscription($id: ID!, $subscription: WebhookSubscriptionInput!) {{
  webhookSubscriptionUpdate(id: $id, webhookSubscription: $subscription) {{
    webhookSubscription {{ {_HOOK} }}
    userErrors {{ field message }}
  }}
}}""",
    Safety.ABSOLUTE,
)
UNSUBSCRIBE = Document(
    "webhooks.delete",
    """mutation Unsubscribe($id: ID!) {
  webhookSubscriptionDelete(id: $id) { deletedWebhookSubscriptionId userErrors { field message } }
}""",
    Safety.ABSOLUTE,
)

HOOKS = (WEBHOOKS, SUBSCRIBE, RENEW, UNSUBSCRIBE)
