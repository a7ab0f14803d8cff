"""What a push did, counted while its batches are on their way side by side."""

from dataclasses import dataclass


@dataclass(slots=True)
class Tally:
    """What a pass did."""

    sent: int = 0
    waiting: int = 0
    refused: int = 0
