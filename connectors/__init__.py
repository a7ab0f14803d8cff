"""Connectors: each speaks one vendor's language, and nothing of it leaves its folder."""
