"""Stock: shops and suppliers that exist, percents that add up, and units that are kept once for one channel."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from config.errors import Problem, listed, problem_at, shown
from config.yaml import Located, MapNode
from mappings.accounts import STOREFRONT, SUPPLIER, Accounts
from mappings.goods import GoodsTable
from mappings.lint.names import named_twice
from mappings.schema import MappingsModel, ReserveModel, StockModel
from mappings.schema.stock import REST

_MOST_SKUS = 8


def check_stock(model: MappingsModel, root: MapNode, accounts: Accounts) -> Iterator[Problem]:
    """What forbids `stock:` and `suppliers:`."""
    stock, suppliers = root.child("stock"), root.child("suppliers")
    if model.stock is not None and stock is not None:
        for key in ("by_account", "cap", "least_shown"):
            yield from accounts.keys(stock.child(key), STOREFRONT)
        yield from _senders(stock.child("suppliers"), accounts)
        yield from _shares(model.stock, stock.child("share"), accounts)
        yield from _caps(model.stock, stock)
        yield from _priority(model.stock, stock, accounts)
        yield from _reserves(model.stock.reserve, stock.find("reserve"), accounts)
        yield from _presales(model, stock.find("reserve"))
    if model.suppliers is not None:
        yield from accounts.keys(suppliers, SUPPLIER)


def warn_stock(model: MappingsModel, root: MapNode, accounts: Accounts) -> Iterator[Problem]:
    """Shops that the percents leave nothing for."""
    shares, node = (model.stock.share if model.stock else {}), root.find("stock", "share")
    left = [name for name in accounts.of(STOREFRONT) if name not in shares]
    if sum(part for name, part in shares.items() if name != REST) == 1 and left:
        what = f"the shares leave nothing for {', '.join(left)}"
        yield problem_at(node, node.path, what)


def warn_reserves_unknown(model: MappingsModel, root: MapNode, goods: GoodsTable) -> Iterator[Problem]:
    """Reserves of SKUs that the goods table does not have, where there is one."""
    if not goods.rows:
        return
    for index, rule in enumerate(model.stock.reserve if model.stock else ()):
        unknown = goods.unknown(rule.sku)
        if unknown:
            place = root.find("stock", "reserve", index, "sku")
            named = listed([shown(sku) for sku in unknown], _MOST_SKUS)
            yield problem_at(place, place.path, f"{goods.file} does not have {named}")


def _senders(node: Located | None, accounts: Accounts) -> Iterator[Problem]:
    if isinstance(node, MapNode):
        for key, _ in node:
            yield from accounts.sender(key.text, key, key.path)


def _shares(model: StockModel, node: Located | None, accounts: Accounts) -> Iterator[Problem]:
    if not isinstance(node, MapNode) or not model.share:
        return
    for key, _ in node:
        if key.text != REST:
            yield from accounts.check(key.text, (STOREFRONT,), key, key.path)
    total = sum(model.share.values(), Decimal(0))
    if model.mode == "shared":
        what = "in mode shared each shop sees everything: there are no shares"
        yield problem_at(node, node.path, what, allowed="mode: strict, or no share")
    elif total > 1:
        yield problem_at(node, node.path, f"the shares add up to {_percent(total)}", allowed="100% at most")
    elif total < 1 and REST in model.share:
        what = f"the shares add up to {_percent(total)}, and {_percent(1 - total)} belongs to nobody"
        yield problem_at(
            node, node.path, what, allowed="100% with `shared`, or no `shared`: then it is the rest"
        )


def _percent(part: Decimal) -> str:
    return f"{(part * 100).normalize():f}%"


def _caps(model: StockModel, node: Located) -> Iterator[Problem]:
    for account, cap in model.cap.items():
        least = model.least_shown.get(account, 0)
        if cap < least:
            place = node.find("cap", account)
            what = f"{account} shows {cap} of a listing at most, and less than {least} as 0: it would never show any"
            yield problem_at(place, place.path, what, allowed="a cap that is not below least_shown")


def _priority(model: StockModel, node: Located, accounts: Accounts) -> Iterator[Problem]:
    if model.priority is None:
        return
    order = node.find("priority", "order")
    yield from accounts.each(model.priority.order, order, STOREFRONT)
    for index, name in enumerate(model.priority.order):
        if name in model.priority.order[:index]:
            place = order.find(index)
            yield problem_at(place, place.path, f"{shown(name)} stands twice in the order")


def _reserves(rules: Sequence[ReserveModel], node: Located, accounts: Accounts) -> Iterator[Problem]:
    yield from named_twice(rules, node)
    for index, rule in enumerate(rules):
        place = node.find(index, "for")
        yield from accounts.check(rule.for_, (STOREFRONT,), place, place.path)
        for before in rules[:index]:
            both = sorted(set(before.sku) & set(rule.sku))
            if both and before.for_ == rule.for_ and before.against == rule.against and _meet(before, rule):
                place = node.find(index, "name")
                what = f"{shown(before.name)} keeps {both[0]} for {rule.for_} at the same time"
                yield problem_at(place, place.path, what, allowed="one rule at a time for a shop and a SKU")


def _meet(one: ReserveModel, other: ReserveModel) -> bool:
    """Whether both are in force at some time; where only one names an offset, nobody knows before the zones do."""
    for first, second in ((one, other), (other, one)):
        begin = second.from_
        for end in (first.until, first.ship_by):
            if end and begin and (end.tzinfo is None) == (begin.tzinfo is None) and end <= begin:
                return False
    return True


def _presales(model: MappingsModel, node: Located) -> Iterator[Problem]:
    for index, rule in enumerate(model.stock.reserve if model.stock else ()):
        if rule.against == "inbound" and model.inbound is None:
            place = node.find(index, "against")
            what = "nothing is known of what is on its way"
            yield problem_at(place, place.path, what, allowed="a section `inbound: {table: FILE.csv}`")
