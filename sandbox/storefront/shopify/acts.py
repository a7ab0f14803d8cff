"""How mutations are carried out: small arrays, keys that make a repeat count once, refusals as user errors."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.storefront.refusals import Refused, Rejected
from sandbox.storefront.shopify.answers import Made, Refusal, payload, user_error
from sandbox.storefront.shopify.calls import Call
from sandbox.storefront.shopify.once import REQUIRED, Mismatch, demanded
from sandbox.storefront.vendure.graphql.execution import FieldFault, Resolver, Resolvers

Args = dict[str, Any]
Act = Callable[[Args, Call], Made]
"""Carries a mutation out and gives its payload; raises Refusal, or FieldFault for what is an error of the request."""

LARGEST_ARRAY = 250
_MISMATCH = "The same idempotency key cannot be used with different operation parameters."


def small_enough(value: Any) -> None:
    """Refuse arrays that are too long, wherever they stand in the arguments."""
    if isinstance(value, list):
        if len(value) > LARGEST_ARRAY:
            raise FieldFault(
                f"The input array size of {len(value)} is greater than the maximum allowed of {LARGEST_ARRAY}.",
                "MAX_INPUT_SIZE_EXCEEDED",
            )
        for each in value:
            small_enough(each)
    elif isinstance(value, dict):
        for each in value.values():
            small_enough(each)


def resolver(name: str, act: Act) -> Resolver:
    """The resolver of a mutation."""

    def resolve(_: Any, arguments: Args, call: Call) -> Made:
        small_enough(arguments)
        key = call.take_key(name)
        if name in REQUIRED:
            key = demanded(name, key)
        if key is None:
            return _done(act, arguments, call)
        try:
            known = call.memory.earlier(name, key, arguments)
        except Mismatch:
            return payload([user_error(_MISMATCH, None, "IDEMPOTENCY_KEY_PARAMETER_MISMATCH")])
        if known is not None:
            return known  # type: ignore[no-any-return]
        answer = _done(act, arguments, call)
        call.memory.keep(name, key, arguments, answer)
        return answer

    return resolve


def _done(act: Act, arguments: Args, call: Call) -> Made:
    try:
        return act(arguments, call)
    except Refusal as refusal:
        return payload([refusal.shown()])
    except (Refused, Rejected) as refused:
        return payload([user_error(str(refused), None)])


def resolvers(acts: Mapping[str, Act]) -> Resolvers:
    """The resolvers of several mutations."""
    return {("Mutation", name): resolver(name, act) for name, act in acts.items()}
