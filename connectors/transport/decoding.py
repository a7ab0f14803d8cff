"""JSON from a vendor, decoded without trusting it: whatever is wrong with it is one kind of error.

msgspec raises RecursionError where values are nested too deeply, as a hostile record can be; here that is a
msgspec.ValidationError like any other answer that does not fit its description.
"""

from typing import TypeVar

import msgspec

T = TypeVar("T")


def decode(content: bytes | msgspec.Raw, *, type: type[T]) -> T:
    """The content in the shape of `type`. Raises msgspec.DecodeError (ValidationError where it is JSON at all)."""
    try:
        return msgspec.json.decode(content, type=type)
    except RecursionError:
        raise msgspec.ValidationError("nested too deeply") from None
    except UnicodeDecodeError:
        raise msgspec.DecodeError("not UTF-8") from None
