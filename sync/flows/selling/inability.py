"""What a shop's connector cannot do, though the rules ask for it: one issue for each, never a silent no-op."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from connectors.contract import Capability
from sync.domain.ids import AccountId
from sync.flows.flow import FlowContext
from sync.store import issues
from sync.store.database import Tx


@dataclass(frozen=True, slots=True)
class Inability:
    """One matter. In the texts {shop} and {connector} are named, and {unsent} is how much waits."""

    capability: Capability
    kind: str
    """Of the issue."""
    unsent: Callable[[Tx, AccountId], Awaitable[int]]
    """How much the rules want otherwise than the shop has it."""
    what: str
    why: str
    todo: str


async def tell(ctx: FlowContext, matter: Inability) -> None:
    """Open the issue while something waits that the connector cannot do; it clears itself."""
    key = f"{matter.kind}:{ctx.account.id}"
    async with ctx.store.read() as tx:
        unsent = 0 if ctx.manifest.can(matter.capability) else await matter.unsent(tx, ctx.account.id)
        told = await issues.is_open(tx, key)
    if bool(unsent) == told:
        return
    named = {"shop": ctx.account.name, "connector": ctx.account.connector, "unsent": unsent}
    async with ctx.store.write(ctx.fence) as tx:
        if not unsent:
            await issues.clear(tx, key)
            return
        await issues.raise_issue(
            tx,
            key=key,
            kind=matter.kind,
            account_id=ctx.account.id,
            subject=ctx.account.name,
            what=matter.what.format(**named),
            why=matter.why.format(**named),
            todo=matter.todo.format(**named),
        )
