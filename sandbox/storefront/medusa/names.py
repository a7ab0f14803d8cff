"""Ids as Medusa shows them: a prefix for the kind, and 26 characters that sort by age."""

PREFIXES = {
    "product": "prod",
    "variant": "variant",
    "inventory": "iitem",
    "level": "ilev",
    "order": "order",
    "line": "ordli",
    "detail": "orditem",
    "payment": "pay",
    "collection": "pay_col",
    "session": "payses",
    "capture": "capt",
    "refund": "ref",
    "fulfilment": "ful",
    "fulfilment_item": "fulit",
    "label": "fulla",
    "address": "ordaddr",
    "method": "ordsm",
    "method_detail": "ordspmv",
    "customer": "cus",
    "price": "price",
    "price_set": "pset",
    "link": "pvitem",
    "reservation": "resitem",
    "location": "sloc",
    "channel": "sc",
    "cart": "cart",
    "cart_line": "cali",
    "cart_address": "caaddr",
    "cart_method": "casm",
    "option": "opt",
    "value": "optval",
    "shipping_option": "so",
    "region": "reg",
    "user": "user",
    "store": "store",
    "store_currency": "stocur",
    "tax_line": "ordlitxl",
    "delivery_address": "fuladdr",
    "credit": "ordcl",
    "profile": "sp",
    "key": "apk",
    "change": "ordch",
    "action": "ordchact",
    "return": "return",
    "return_item": "retitem",
    "reason": "rr",
    "exchange": "oexc",
    "exchange_item": "oexcitem",
    "claim": "claim",
    "claim_item": "claitem",
    "preference": "prpref",
}
_BEGIN = "01SB"
_DIGITS = 22


def outside(kind: str, id: str | int) -> str:
    """The id that the API shows for a record of the books."""
    return f"{PREFIXES[kind]}_{_BEGIN}{int(id):0{_DIGITS}d}"


def inside(kind: str, shown: object) -> str | None:
    """The books' id behind a shown one; None when it cannot be one of ours."""
    head = f"{PREFIXES[kind]}_{_BEGIN}"
    if not isinstance(shown, str) or not shown.startswith(head):
        return None
    digits = shown.removeprefix(head)
    return str(int(digits)) if len(digits) == _DIGITS and digits.isdigit() else None
