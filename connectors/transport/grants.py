"""The one thing that a person does for a token: to say yes at the vendor, in a browser (RFC 6749, section 4.1)."""

from collections.abc import Mapping
from typing import Protocol

from connectors.contract import Deadline
from connectors.transport.tokens import Token


class CodeGrant(Protocol):
    """A connector's part of it, offered by its package as `code_grant(setup)`. Close it."""

    def address(self, redirect: str, state: str) -> str:
        """Where the person says yes; the vendor sends its answer to `redirect`, with our `state`."""
        ...

    async def exchange(self, answer: Mapping[str, str], redirect: str, deadline: Deadline) -> Token:
        """The token for the vendor's answer (its query). Checks the vendor's own signature where it gives one.

        Raises AuthRejected where it is not the vendor's, or says no; Unavailable, BadAnswer.
        """
        ...

    async def close(self) -> None: ...
