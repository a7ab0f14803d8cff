"""One GraphQL operation as it is sent."""

from dataclasses import dataclass

from connectors.transport import Safety


@dataclass(frozen=True, slots=True)
class Document:
    """`operation` is its name in metrics and messages, `safety` what a repeat would do.

    `cost` is what it is thought to cost at most, in points of Shopify's rate limit, until an answer tells its price.
    """

    operation: str
    text: str
    safety: Safety = Safety.READ
    cost: int = 20
