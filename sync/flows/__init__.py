"""Flows: each reconciles one thing of one account. Gather (reads), plan (pure, in sync.domain), apply.

A flow calls only the connector of its own account; what it wants of another account it writes to the
store and hints at that account's flow.
"""
