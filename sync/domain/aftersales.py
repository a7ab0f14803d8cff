"""What a decision on the way back rests on, and the deeds that it can come to.

A request is what the buyer asks for; a verdict is the answer of policy or a person; `Standing` is what was done
for it already, and what couriers and channels have said. Amounts are minor units of the order's currency, units
of order lines are pieces; custody counts units of SKUs, and `Outbound.components` says how many are in a piece.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum

from sync.domain.custody import Case
from sync.domain.ledger import Ledger
from sync.domain.prorating import Wanted
from sync.domain.receipts import Condition, Disposal
from sync.domain.routing import LineKey


class RequestKind(StrEnum):
    """What a buyer asks for after the sale."""

    CANCELLATION = "cancellation"
    """Stop what did not leave; what left comes back if it can be turned round."""
    RETURN = "return"
    EXCHANGE = "exchange"
    RESEND = "resend"
    """The same or other goods once more; nothing comes back, no money moves."""
    REFUND_ONLY = "refund_only"
    PRICE_PROTECTION = "price_protection"
    """Money without goods for a line that is cheaper now; also any other part refund."""

    @property
    def brings_back(self) -> bool:
        """Whether goods come back by it, so that there is custody."""
        return self in (RequestKind.CANCELLATION, RequestKind.RETURN, RequestKind.EXCHANGE)


class Answer(StrEnum):
    """The verdict in one word."""

    APPROVE = "approve"
    REFUSE = "refuse"
    ASK = "ask"


class MoneyAt(StrEnum):
    """From when on money may go back for goods that left."""

    WITHOUT_RETURN = "without_return"
    """At once, whatever becomes of the goods. Who writes this by name has said so."""
    FIRST_SCAN = "first_scan"
    """When a courier has them on the way back, or the parcel turns round."""
    RECEIPT = "receipt"
    INSPECTION = "inspection"


class GoodsAt(StrEnum):
    """From when on the goods of an exchange may leave."""

    REQUEST = "request"
    FIRST_SCAN = "first_scan"
    RECEIPT = "receipt"
    INSPECTION = "inspection"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What policy, by its `rule`, or a person says of a request."""

    rule: str
    answer: Answer
    reason: str = ""
    by_person: bool = False
    money_at: MoneyAt = MoneyAt.INSPECTION
    goods_at: GoodsAt = GoodsAt.INSPECTION
    pays: frozenset[Condition] = frozenset({Condition.GOOD})
    """Conditions for which money or other goods are given."""
    denies: frozenset[Condition] = frozenset()
    """Conditions for which nothing is given. What is in neither is asked about."""
    disposals: Mapping[Condition, Disposal] = field(default_factory=dict)
    """Where goods go by condition; for a refused request all go back to the customer."""
    label: bool = True
    """Whether a courier's label is made for the way back; else the buyer sends to an address."""
    freight: int = 0
    """What the buyer pays of the way back: it comes off the refund."""
    within: timedelta | None = None
    """How long a person has to answer."""
    shipping: bool = True
    """Whether the share of the shipping that was paid goes back, too."""

    def treating(self, condition: Condition, *, paid: bool, goes: Disposal | None = None) -> "Verdict":
        """This verdict with a person's word on goods in a condition: whether they are paid for, and where they go."""
        pays, denies = self.pays - {condition}, self.denies - {condition}
        disposals = self.disposals if goes is None else {**self.disposals, condition: goes}
        if paid:
            return replace(self, pays=pays | {condition}, denies=denies, disposals=disposals)
        return replace(self, pays=pays, denies=denies | {condition}, disposals=disposals)

    @property
    def said(self) -> bool:
        """Whether somebody said that money may go back while the goods are out."""
        return self.answer == Answer.APPROVE and (self.by_person or self.money_at == MoneyAt.WITHOUT_RETURN)


@dataclass(frozen=True, slots=True)
class Instead:
    """Goods that go out instead of, or once more: units per SKU, and what they cost with tax (0 for a resend).

    `price` is None where the shop does not say what they cost: no difference can be worked out, so a person is asked.
    """

    goods: Mapping[str, int]
    price: int | None = 0
    unknown: int = 0
    """Further pieces that the shop's order has no line for yet: they cannot be let go."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for. `case` names it everywhere: in custody, in the ledger, in keys."""

    case: str
    kind: RequestKind
    lines: Mapping[str, Wanted]
    instead: Instead | None = None


@dataclass(frozen=True, slots=True)
class Outbound:
    """Where the pieces of one order line are on the way out.

    What is neither `open` (may still leave) nor `shipped` is stopped and stays. `back`: of the shipped ones, those
    whose parcel turns round, was refused or came back by other cases.
    """

    ordered: int
    open: int
    shipped: int
    back: int = 0
    components: Mapping[str, int] = field(default_factory=dict)
    """Units per SKU in one piece."""
    claimed: int = 0
    """Of those that are back, pieces that count for other cases. What stopped for others is not in `ordered`."""

    @property
    def stopped(self) -> int:
        """Pieces that surely will not leave."""
        return max(0, self.ordered - self.open - self.shipped)

    @property
    def out(self) -> int:
        """Pieces that are, or may yet be, with the buyer."""
        return max(0, self.open + self.shipped - self.back)


class ChannelAnswer(StrEnum):
    """What the shop was told."""

    APPROVED = "approved"
    REFUSED = "refused"
    STOPPED = "stopped"
    TOO_LATE = "too_late"


class Interception(StrEnum):
    """How far the wish to turn a parcel round is."""

    NONE = "none"
    ASKED = "asked"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Standing:
    """What was written or heard for this request by now. Levels, all of them."""

    stop_asked: bool = False
    stops: Mapping[str, int] = field(default_factory=dict)
    """By order line, pieces that may not leave because of it."""
    answered: ChannelAnswer | None = None
    answered_as: int = 0
    """Which of its order's granted cancellations was answered so: the nth."""
    interception: Interception = Interception.NONE
    label: bool = False
    announced: Mapping[LineKey, int] = field(default_factory=dict)
    instructed: Mapping[tuple[LineKey, Disposal], int] = field(default_factory=dict)
    scanned: bool = False
    """A courier has the goods on their way back."""
    reserved: bool = False
    charge_asked: bool = False
    charged: bool = False
    sent: bool = False
    """The fulfilment of the other goods is written."""
    decided: frozenset[str] = frozenset()
    """Questions that a person answered with "go on"."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that the plan is made of. `custody` is None where no goods come back (yet)."""

    request: Request
    verdict: Verdict
    outbound: Mapping[str, Outbound]
    ledger: Ledger
    custody: Case | None = None
    standing: Standing = Standing()
    sends: bool = True
    """Whether the order's review sends anything: not where it is cancelled, or from before the cut-over."""
    before: frozenset[str] | None = None
    """The shop's refunds that were there when the request came up; None: all that are shown by now."""


@dataclass(frozen=True, slots=True)
class StopWarehouse:
    """Ask the warehouse not to send: pieces per order line."""

    lines: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class AnswerChannel:
    """Tell the shop, once."""

    answer: ChannelAnswer
    reason: str


@dataclass(frozen=True, slots=True)
class Intercept:
    """Ask the courier to turn the parcels round that hold these pieces."""

    lines: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class LetBack:
    """Let so many units come back in all (sync.domain.custody.approve)."""

    lines: Mapping[LineKey, int]


@dataclass(frozen=True, slots=True)
class MakeLabel:
    """Ask a courier for a label of the way back."""


@dataclass(frozen=True, slots=True)
class Announce:
    """Tell the warehouse what comes back: units in all, advised in custody by that for a parcel turned round."""

    lines: Mapping[LineKey, int]


@dataclass(frozen=True, slots=True)
class Dispose:
    """Tell the warehouse where units of a line go: so many in all."""

    key: LineKey
    disposal: Disposal
    units: int


@dataclass(frozen=True, slots=True)
class Owe:
    """Set what the case is owed (sync.domain.refunds.owe): a level, from which refunds are planned."""

    wanted: Mapping[str, Wanted]
    less: int


@dataclass(frozen=True, slots=True)
class Charge:
    """Ask the buyer for the difference, in minor units."""

    amount: int


@dataclass(frozen=True, slots=True)
class Reserve:
    """Hold the other goods."""

    goods: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Ship:
    """Send the other goods."""

    goods: Mapping[str, int]


Deed = (
    StopWarehouse
    | AnswerChannel
    | Intercept
    | LetBack
    | MakeLabel
    | Announce
    | Dispose
    | Owe
    | Charge
    | Reserve
    | Ship
)
