"""Karrio 2026.1's REST dialect over the courier's books."""

from sandbox.courier.karrio.server import app

__all__ = ["app"]
