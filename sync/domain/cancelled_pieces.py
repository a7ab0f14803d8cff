"""Whose the stopped and the turned pieces of an order line are, where several cancellations ask for some of it.

Each piece counts for one of them: first for those that were answered, in the order of their answers, then for the
others in the order in which they came up. So nothing that a buyer was told, or paid, is taken away by a later one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sync.domain.aftersales import Outbound


@dataclass(frozen=True, slots=True)
class Claim:
    """What one cancellation asks of an order line, in pieces."""

    case: str
    pieces: int
    answered_as: int
    """Which of its order's cancellations it was answered as; 0: it was not yet."""
    n: int
    received: int = 0
    """Pieces that came back by it."""

    @property
    def place(self) -> tuple[bool, int, int]:
        """Those with a smaller one are served before it."""
        return not self.answered_as, self.answered_as, self.n


@dataclass(frozen=True, slots=True)
class Way:
    """Where the pieces of one order line are, whoever asks for them.

    `wanted`: before any cancellation stopped some. `turned`: of the shipped ones, those whose parcel turns round.
    `returned`: of the shipped ones, those that came back by other requests than cancellations.
    """

    wanted: int
    open: int
    shipped: int
    turned: int = 0
    returned: int = 0
    components: Mapping[str, int] = field(default_factory=dict)


def outbound(way: Way, claims: Iterable[Claim], case: str) -> Outbound:
    """The line as one case sees it: what stopped or turned for those before it is not its own."""
    known = sorted(claims, key=lambda one: one.place)
    others = [one for one in known if one.case != case]
    mine = next((one.place for one in known if one.case == case), None)
    before = [one for one in others if mine is None or one.place < mine]
    stopped = max(0, way.wanted - way.open - way.shipped)
    taken = min(stopped, sum(one.pieces for one in before))
    late = sum(one.pieces for one in before) - taken
    received = sum(one.received for one in others)
    turned = max(way.turned, received)
    back = min(way.shipped, turned + way.returned)
    return Outbound(
        way.wanted - taken,
        way.open,
        way.shipped,
        back,
        way.components,
        claimed=min(back, way.returned + min(turned, max(late, received))),
    )
