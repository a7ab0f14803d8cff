"""The terms of a quantity as they are stored: every number of it, and every rule by name."""

from sync.domain.allotment import Allotment
from sync.domain.ids import AccountId
from sync.domain.sharing import Policy
from sync.domain.stock import Promise
from sync.flows.flow import FlowContext
from sync.store.offers import Selling


def quantity_terms(policy: Policy, account: str, pieces: int) -> dict[str, object]:
    """The cap and the least of a listing that could show so many pieces, where they change that."""
    cap, least = policy.cap.get(account), policy.least.get(account, 0)
    found: dict[str, object] = {}
    if cap is not None and cap < pieces:
        found["cap"] = cap
    if 0 < min(pieces, pieces if cap is None else cap) < least:
        found["least_shown"] = least
    return found


def sku_terms(
    ctx: FlowContext, promise: Promise, allotment: Allotment, seller: Selling, buffer: int
) -> dict[str, object]:
    """One SKU's promise with its terms, and this listing's part of it. What a rule did is there where it did it."""
    terms = _promise(ctx, promise)
    terms["sharing"] = allotment.sharing
    terms["share"] = allotment.units(seller.listing_id)
    terms["buffer"] = buffer
    terms["units"] = seller.components[promise.sku]
    if allotment.ruled:
        _add_rules(terms, ctx.rulebook.stock.policy, allotment, seller, promise.shortfall)
    return terms


def _promise(ctx: FlowContext, promise: Promise) -> dict[str, object]:
    return {
        "sku": promise.sku,
        "warehouses": [
            {
                "warehouse": _name(ctx, figure.warehouse),
                "on_hand": figure.on_hand,
                "reserved": figure.reserved,
            }
            for figure in promise.figures
        ],
        "on_hand": promise.on_hand,
        "reserved": promise.reserved,
        "safety": promise.safety,
        "velocity": promise.velocity,
        "inbound": promise.inbound,
        "suppliers": [
            {
                "supplier": _name(ctx, figure.supplier),
                "said": figure.said,
                "counted": figure.counted,
                "reserved": figure.reserved,
                "free": figure.free,
                "standing": figure.standing.value,
            }
            for figure in promise.suppliers
        ],
        "promise": promise.value,
    }


def _name(ctx: FlowContext, account: str) -> str:
    view = ctx.accounts.get(AccountId(account))
    return account if view is None else view.name


def _add_rules(
    found: dict[str, object], policy: Policy, allotment: Allotment, seller: Selling, shortfall: int
) -> None:
    if allotment.kept:
        found["reserves"] = [
            {"name": rule.name, "for": rule.account, "units": rule.units, "sold": rule.sold, "kept": units}
            for rule, units in allotment.kept
        ]
        found["common"] = allotment.limits.common
    mine = [(rule, units) for rule, units in allotment.ahead if rule.account == seller.account]
    if mine:
        found["presales"] = [
            {"name": rule.name, "cap": rule.cap, "inbound": rule.inbound, "short": shortfall, "added": units}
            for rule, units in mine
        ]
    if allotment.scarce:
        found["scarce_below"] = policy.scarce_below
    elif policy.shared:
        found["mode"] = "shared"
    elif seller.account in policy.shares:
        found["percent"] = _percent(policy.shares[seller.account])
    found["from"] = [
        {"why": source.why.value, "units": source.units, **({"name": source.name} if source.name else {})}
        for source in allotment.parts.get(seller.listing_id, ())
    ]
    if seller.listing_id in allotment.passed:
        found["passed"] = policy.least[seller.account]


def _percent(weight: int) -> str:
    return f"{weight / 10**9:.9f}".rstrip("0").rstrip(".") + "%"
