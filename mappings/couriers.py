"""Couriers by rule: the first rule that matches names the carriers for a parcel, tried in its order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from config.errors import listed, near, shown
from config.units import BadUnit
from mappings.facts import OrderFacts
from mappings.schema import CourierModel
from mappings.when import When, compile_when

FIRST = "first"


@dataclass(frozen=True, slots=True)
class CourierChoice:
    """A courier account, its carrier (empty: the account's own default) and service (empty: the cheapest)."""

    rule: str
    account: str
    carrier: str
    service: str


@dataclass(frozen=True, slots=True)
class Couriers:
    """The courier accounts in the order of `entrepot.yaml`, each with its carriers (empty: not known)."""

    carriers: Mapping[str, tuple[str, ...]]

    def resolve(self, text: str) -> tuple[str, str]:
        """(account, carrier) that a rule's word means. BadUnit where it means none, or several."""
        account, colon, carrier = text.partition(":")
        if colon:
            return self._pair(account, carrier)
        if text == FIRST:
            account = next(iter(self.carriers), "")
            return (account, self._default(account)) if account else ("", "")
        if text in self.carriers:
            return text, self._default(text)
        return self._carrier(text)

    def _pair(self, account: str, carrier: str) -> tuple[str, str]:
        if account not in self.carriers:
            hint = near(account, self.carriers)
            raise BadUnit(f"there is no courier account {shown(account)}", listed(self.carriers), hint)
        known = self.carriers[account]
        if not carrier or (known and carrier not in known):
            what = f"{account} has no carrier {shown(carrier)}"
            raise BadUnit(what, listed(known) or "account:carrier", near(carrier, known))
        return account, carrier

    def _carrier(self, carrier: str) -> tuple[str, str]:
        having = [account for account, known in self.carriers.items() if carrier in known]
        open_ones = [account for account, known in self.carriers.items() if not known]
        if len(having) > 1:
            pairs = listed(f"{account}:{carrier}" for account in having)
            raise BadUnit(f"several courier accounts have {shown(carrier)}", pairs)
        if having:
            return having[0], carrier
        if len(open_ones) == len(self.carriers) == 1:
            return open_ones[0], carrier
        carriers = (name for known in self.carriers.values() for name in known)
        names = list(dict.fromkeys((*self.carriers, *carriers)))
        raise BadUnit(f"no courier account has {shown(carrier)}", listed(names), near(carrier, names))

    def _default(self, account: str) -> str:
        return next(iter(self.carriers[account]), "")


@dataclass(frozen=True, slots=True)
class CourierRules:
    """`couriers:` compiled."""

    rules: tuple[tuple[When, tuple[CourierChoice, ...]], ...] = field(default=(), repr=False)

    def choices(self, facts: OrderFacts) -> tuple[CourierChoice, ...]:
        """The carriers of the first rule that matches, in its order; empty where none matches."""
        return next((choices for when, choices in self.rules if when.matches(facts)), ())


def compile_couriers(models: Sequence[CourierModel], couriers: Couriers) -> CourierRules:
    """A pure function of models that `lint` found good: every word of theirs can be resolved."""
    return CourierRules(tuple((compile_when(model.when), _choices(model, couriers)) for model in models))


def _choices(model: CourierModel, couriers: Couriers) -> tuple[CourierChoice, ...]:
    pairs = [couriers.resolve(word) for word in model.use]
    return tuple(
        CourierChoice(model.name, account, carrier, model.service) for account, carrier in pairs if account
    )
