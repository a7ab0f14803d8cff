"""`returns:`: what is answered to a buyer's request after the sale, and what follows from the answer."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from config.errors import listed
from config.schema import Strict, Texts, refused
from config.units import Duration, MoneyAmount
from mappings.schema.parts import Count, Countries, RequestExpression, RuleName, Skus
from sync.domain.aftersales import RequestKind
from sync.domain.receipts import Condition


class Do(StrEnum):
    """What a rule does with a request."""

    APPROVE = "approve"
    STOP_THEN_REFUND = "stop_then_refund"
    """Stop what did not leave; money for that. What left is turned round where it can be."""
    REFUSE = "refuse"
    ASK = "ask"
    QUARANTINE = "quarantine"
    """Goods that nobody announced are kept apart until a request names them."""


class When(StrEnum):
    """From when on money goes back."""

    WITHOUT_RETURN = "without_return"
    AT_FIRST_SCAN = "at_first_scan"
    AT_RECEIPT = "at_receipt"
    AFTER_INSPECTION = "after_inspection"


class ShipAt(StrEnum):
    """From when on the other goods of an exchange leave."""

    AT_REQUEST = "at_request"
    AT_FIRST_SCAN = "at_first_scan"
    AT_RECEIPT = "at_receipt"
    AFTER_INSPECTION = "after_inspection"


class Goes(StrEnum):
    """Where goods of a condition go."""

    RESTOCK = "restock"
    SCRAP = "scrap"
    TO_SUPPLIER = "to_supplier"
    TO_CUSTOMER = "to_customer"


def _many(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _once(values: tuple[Condition, ...]) -> tuple[Condition, ...]:
    twice = next((one for one in values if values.count(one) > 1), None)
    if twice is not None:
        raise refused(f"{twice} stands twice")
    return values


def _words(enum: type[StrEnum]) -> WithJsonSchema:
    one = {"enum": [each.value for each in enum]}
    return WithJsonSchema({"anyOf": [one, {"type": "array", "items": one}]})


Kinds = Annotated[tuple[RequestKind, ...], BeforeValidator(_many), _words(RequestKind)]
Conditions = Annotated[
    tuple[Condition, ...], BeforeValidator(_many), AfterValidator(_once), _words(Condition)
]
NONE = "none"
ANSWERED = (Do.APPROVE, Do.STOP_THEN_REFUND)


def _no_request(value: object) -> object:
    if value != NONE:
        raise refused("request says one thing only: that there is none", NONE)
    return value


class ReturnLineModel(Strict):
    """A condition on the lines that are asked about; all its keys must hold for one and the same line."""

    sku: Skus = ()
    tags: Texts = Field((), description="The good bears one of these tags in the table of goods.")
    quantity_at_least: Count | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.sku and not self.tags and self.quantity_at_least is None:
            raise refused("this condition is empty", "sku, tags, quantity_at_least")
        return self


class ReturnWhenModel(Strict):
    """A condition on a request after the sale, or on goods that came back without one."""

    request: Annotated[str | None, BeforeValidator(_no_request), WithJsonSchema({"const": NONE})] = Field(
        None, description="none: goods that nobody announced."
    )
    type: Kinds = Field((), description="What the buyer asks for.")
    account: Texts = Field((), description="Shops by their account names.")
    country: Countries = Field((), description="Where the order went; ISO 3166-1 codes.")
    shipped: bool | None = Field(None, description="Whether any of what is asked about has left.")
    days_since_delivery_at_most: Annotated[int, Field(ge=0, le=3660)] | None = Field(
        None, description="Whole days, counted from the delivery of the last parcel; unknown matches nothing."
    )
    reason: Texts = Field((), description="The shop's own reasons; case and width make no difference.")
    value_above: MoneyAmount | None = Field(None, description="Of what is asked about, tax included.")
    value_at_least: MoneyAmount | None = None
    value_below: MoneyAmount | None = None
    customer_requests_at_least: Count | None = Field(
        None, description="Requests of this buyer in the last 365 days, this one among them."
    )
    customer_orders_at_least: Count | None = Field(None, description="Orders of this buyer, this one too.")
    any_line: ReturnLineModel | None = Field(None, description="At least one line is so.")
    all_lines: ReturnLineModel | None = Field(None, description="Every line is so.")
    expr: RequestExpression | None = Field(None, description="An expression for the rest.")

    @model_validator(mode="before")
    @classmethod
    def _items_need_a_word(cls, value: object) -> object:
        found = [key for key in ReturnLineModel.model_fields if isinstance(value, dict) and key in value]
        if found:
            what = f"{found[0]} is a condition on lines: say which ones"
            raise refused(what, f"any_line: {{{found[0]}: …}}, all_lines: {{{found[0]}: …}}")
        return value

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        said = [name for name in type(self).model_fields if getattr(self, name) not in ((), None)]
        if not said:
            raise refused("this `when` has no condition; leave it out to match everything")
        if self.request is not None and len(said) > 1:
            other = next(name for name in said if name != "request")
            raise refused(f"where there is no request, nothing is known of {other}", "request: none alone")
        return self


class GoesModel(Strict):
    """Where goods go by their condition; those of a condition that is left out are asked about."""

    good: Goes | None = None
    damaged: Goes | None = None
    wrong: Goes | None = None

    def of(self, condition: Condition) -> Goes | None:
        """Where goods of this condition go; None: a person is asked."""
        return {
            Condition.GOOD: self.good,
            Condition.DAMAGED: self.damaged,
            Condition.WRONG: self.wrong,
        }[condition]


class ReturnModel(Strict):
    """What is answered; the first rule that matches decides."""

    name: RuleName
    when: ReturnWhenModel | None = None
    do: Do
    reason: str = Field("", max_length=250, description="Told to the buyer; needed where do: refuse.")
    refund: When = Field(When.AFTER_INSPECTION, validate_default=False, description="When money goes back.")
    ship: ShipAt = Field(
        ShipAt.AFTER_INSPECTION, validate_default=False, description="When an exchange's other goods leave."
    )
    pays: Conditions = Field(
        (Condition.GOOD,), description="Conditions for which money or other goods are given."
    )
    denies: Conditions = Field(
        (), description="Conditions for which nothing is given. What is in neither is asked about."
    )
    goods: GoesModel = GoesModel()
    label: bool = Field(
        True, description="Whether a courier's label is made; else the buyer is given the address."
    )
    freight: MoneyAmount | None = Field(
        None, description="What the buyer pays of the way back: it comes off the refund."
    )
    shipping: bool = Field(
        True, description="Whether the share of the shipping that was paid goes back, too."
    )
    owner: str | None = Field(None, min_length=1, description="Who is asked.")
    answer_within: Duration | None = Field(None, description="How soon; needed where a person is asked.")
    at_deadline: Annotated[Do | None, WithJsonSchema({"enum": [Do.APPROVE.value, Do.REFUSE.value]})] = Field(
        None, description="What is answered when nobody did in time; else it is told, and stays open."
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for problem in (self._of_quarantine(), self._of_asking(), self._of_goods()):
            if problem is not None:
                raise refused(*problem)
        return self

    def _of_quarantine(self) -> tuple[str, str] | None:
        nobody = self.when is not None and self.when.request is not None
        if nobody and self.do not in (Do.QUARANTINE, Do.ASK):
            return f"do: {self.do} answers a request, and there is none", f"{Do.QUARANTINE}, {Do.ASK}"
        if self.do == Do.QUARANTINE and not nobody:
            return "only goods without a request are kept in quarantine", "when: {request: none}"
        return None

    def _of_asking(self) -> tuple[str, str] | None:
        asks = self.do in (Do.ASK, Do.QUARANTINE)
        for key in ("owner", "answer_within"):
            if asks and getattr(self, key) is None:
                return f"do: {self.do} needs {key}: what nobody owns is forgotten", ""
        if self.at_deadline is not None and self.do != Do.ASK:
            return "at_deadline does nothing where nobody is asked", f"do: {Do.ASK}"
        if self.at_deadline not in (None, Do.APPROVE, Do.REFUSE):
            return f"{self.at_deadline} is no answer", f"{Do.APPROVE}, {Do.REFUSE}"
        if Do.REFUSE in (self.do, self.at_deadline) and not self.reason:
            return "a refusal needs a reason: the buyer reads it", 'reason: "…"'
        return None

    def _of_goods(self) -> tuple[str, str] | None:
        both = next((one for one in self.pays if one in self.denies), None)
        if both is not None:
            return f"{both} is both paid and denied", ""
        if self.do not in ANSWERED and self.at_deadline != Do.APPROVE:
            for key in ("refund", "ship", "pays", "denies", "freight", "shipping", "label"):
                if key in self.model_fields_set and self.do != Do.ASK:
                    return f"{key} does nothing where do: {self.do}", ""
        if self.goods.wrong == Goes.RESTOCK:
            return "wrong goods are not put into stock as this SKU", listed(
                [one.value for one in Goes if one != Goes.RESTOCK]
            )
        return None


__all__ = [
    "ANSWERED",
    "NONE",
    "Do",
    "Goes",
    "GoesModel",
    "ReturnLineModel",
    "ReturnModel",
    "ReturnWhenModel",
    "ShipAt",
    "When",
]
