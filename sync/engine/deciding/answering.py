"""What a person says of what waits on the terminal. Each raises DecisionRefused, and nothing is written then."""

from collections.abc import Mapping
from typing import Any

from sync.domain.waiting import Via, Word
from sync.engine.deciding import queue
from sync.engine.deciding.deciding import Wake, assign, checked, comment, decide
from sync.engine.deciding.effects import By
from sync.store.database import Store

Args = Mapping[str, Any]


async def decided(store: Store, args: Args, word: Word) -> tuple[dict[str, Any], frozenset[Wake]]:
    """Decide one thing. Returns what to tell, and the flows to wake."""
    note = checked(args["comment"]) if args.get("comment") else ""
    reason = checked(args["reason"]) if args.get("reason") else ""
    async with store.write() as tx:
        id = await queue.one_of(tx, args["hold"])
        done = await decide(tx, id, word, By(args["who"], Via.TERMINAL, reason=reason), note)
    about = done.hold.about
    told = {
        "hold": id,
        "topic": about.topic.value,
        "subject": about.subject,
        "rule": done.hold.rule,
        "word": word.value,
    }
    return told, done.wake


async def assigned(store: Store, args: Args) -> dict[str, Any]:
    """Give one thing to a person or a queue."""
    async with store.write() as tx:
        hold = await assign(tx, await queue.one_of(tx, args["hold"]), args["owner"], args["who"])
    return {"hold": hold.id, "subject": hold.about.subject, "owner": args["owner"], "before": hold.owner}


async def commented(store: Store, args: Args) -> dict[str, Any]:
    """Write something about one thing."""
    async with store.write() as tx:
        id = await queue.one_of(tx, args["hold"])
        note = await comment(tx, id, args["text"], args["who"])
    return {"hold": id, "comment": note}
