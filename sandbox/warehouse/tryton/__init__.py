"""Tryton 8.2.1's REST dialect over the warehouse's books."""

from sandbox.warehouse.tryton.server import app

__all__ = ["app"]
