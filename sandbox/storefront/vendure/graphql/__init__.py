"""A small GraphQL engine: documents are parsed, validated against a schema, and executed on plain objects.

It follows the GraphQL specification of October 2021 for queries and mutations. Introspection is limited to
`__typename`; subscriptions do not exist.
"""
