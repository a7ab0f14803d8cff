"""Things that happen in the world in the middle of a pass: a connector beside which a test may act.

It is the real connector, and its answers are real; what is added happens just before or after one of its
calls, where no test could reach otherwise.
"""

from collections.abc import Awaitable, Callable
from typing import Any

Act = Callable[[], Awaitable[None]]


class Interlude:
    """A connector with something that happens around the calls of one method.

    `before` and `then` act before a call and after its answer has come; `after` turns the answer over.
    """

    def __init__(
        self,
        connector: Any,
        method: str,
        *,
        before: Act | None = None,
        after: Callable[[Any], Any] | None = None,
        then: Act | None = None,
    ) -> None:
        self._connector = connector
        self._method = method
        self._before = before
        self._after = after
        self._then = then

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._connector, name)
        return self._around(real) if name == self._method else real

    def _around(self, real: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def call(*given: Any) -> Any:
            if self._before is not None:
                await self._before()
            answer = await real(*given)
            if self._then is not None:
                await self._then()
            return self._after(answer) if self._after is not None else answer

        return call
