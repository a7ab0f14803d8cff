"""`guards:`: limits that stop a mass change until a person approves."""

from config.schema import Strict


class GuardsModel(Strict):
    """What waits for a person before it is sent."""
