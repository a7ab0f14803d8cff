"""Which ways lead to a customer, and which do not and why."""

from connectors.contract import Capability, Manifest, Operation, Repeat
from connectors.contract.notifier import Needs, Notifier
from sync.domain.messages import CHANNEL
from sync.flows.flow import FlowContext
from sync.store.order_rows import Buyer

_RECOGNISED = frozenset({Repeat.VENDOR_KEY, Repeat.REFERENCE})


def email_of(buyer: Buyer) -> str:
    """The customer's mail address; "" where none is known."""
    return (buyer.person.email or buyer.ship_to.email or "").strip()


def phone_of(buyer: Buyer) -> str:
    """The customer's telephone number; "" where none is known."""
    return (buyer.person.phone or buyer.ship_to.phone or "").strip()


def obstacle(ctx: FlowContext, manifest: Manifest, way: str, buyer: Buyer) -> str:
    """Why a way does not lead to the customer of a shop; "" where it does. `manifest` is the shop's."""
    if way == CHANNEL:
        return "" if speaks(manifest) else "the shop cannot tell its customers anything"
    notifier = ctx.notifiers.get(way)
    if notifier is None:
        return "entrepot.yaml does not set it up"
    return _missing(notifier, buyer)


def _missing(notifier: Notifier, buyer: Buyer) -> str:
    match notifier.needs:
        case Needs.MAIL:
            return "" if email_of(buyer) else "no mail address is known"
        case Needs.PHONE:
            return "" if phone_of(buyer) else "no telephone number is known"
    return ""


def speaks(manifest: Manifest) -> bool:
    """Whether a shop can tell its customers something."""
    return manifest.can(Capability.MESSAGES) or manifest.can(Capability.PUBLIC_NOTES)


def recognises_repeats(manifest: Manifest) -> bool:
    """Whether what a shop is asked to tell again is told once: then an unknown outcome is simply asked for again."""
    operation = Operation.REPLY if manifest.can(Capability.MESSAGES) else Operation.NOTE
    return speaks(manifest) and manifest.repeats.get(operation) in _RECOGNISED
