"""What the bench's systems have in common: where they are, who they are, and what they refuse."""

from typing import NoReturn

from pydantic import BaseModel, ConfigDict, Field

from connectors.contract import Deadline, Manifest, Refused
from connectors.transport import Call, Safety, Setup


class Options(BaseModel):
    """Where the system is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(description="Where the system's API lies.")


class BenchSystem:
    """One account's system. What its manifest does not declare is refused in words, before anything is called."""

    def __init__(self, setup: Setup, manifest: Manifest) -> None:
        if not isinstance(setup.options, Options):
            raise TypeError("the bench's systems are opened with their own Options")
        self.manifest = manifest
        self._transport = setup.transport(setup.options.url, manifest.limits)

    async def identity(self, deadline: Deadline) -> str:
        """Who answers; there is one of a kind."""
        await self._transport.send(Call("shop", "GET", "/shop", Safety.READ), deadline)
        return self.manifest.name

    async def close(self) -> None:
        """Let the connections go."""
        await self._transport.close()

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_"):
            raise AttributeError(name)
        raise Refused(f"{self.manifest.title} has no {name}", code="unsupported", mendable=False)
