"""A pretend Shopify shop: the Admin GraphQL API of 2026-07, its access tokens, bulk operations and webhooks."""
