"""Whether the vendors still tell us: subscriptions that were lost or disabled become an issue of their account.

Vendors take a subscription away after some failures, by a person's hand, or with a reinstalled app. Nothing is lost
by it, for the feeds are read all the same; but news comes as late as the schedule looks.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from connectors.contract import Capability, ConnectorError, Deadline, Subscription, Subscriptions
from sync.engine.house import Post
from sync.store import issues
from sync.store.database import Store
from sync.telemetry.logs import logger

CALL_SECONDS = 60.0
_log = logger("engine.inbound")


@dataclass(frozen=True, slots=True)
class Standing:
    """An account's subscriptions to one address of ours."""

    active: tuple[Subscription, ...]
    disabled: tuple[Subscription, ...]
    missing: tuple[str, ...]
    """Topics that nobody sends."""

    @property
    def good(self) -> bool:
        """Whether every topic comes."""
        return not self.disabled and not self.missing


def standing(found: Sequence[Subscription], url: str, topics: Sequence[str]) -> Standing:
    """Compare what the vendor shows with what we use. Of a topic that stands twice one active one is enough."""
    ours = [one for one in found if one.url == url]
    active = tuple(one for one in ours if one.active)
    there = Counter(one.topic for one in active)
    disabled = tuple(one for one in ours if not one.active and not there[one.topic])
    known = {one.topic for one in ours}
    return Standing(active, disabled, tuple(topic for topic in topics if topic not in known))


class SubscriptionWatch:
    """Asks each vendor from time to time. `addresses` are ours by account name, empty where nothing listens."""

    def __init__(
        self,
        store: Store,
        posts: Callable[[], Iterable[Post]],
        addresses: Callable[[], Mapping[str, str]],
    ) -> None:
        self._store = store
        self._posts = posts
        self._addresses = addresses

    async def look(self) -> None:
        """Open and close the issues. A vendor that does not answer is asked the next time."""
        for post in tuple(self._posts()):
            url = self._addresses().get(post.view.name)
            if url is None or not post.manifest.can(Capability.WEBHOOKS):
                continue
            try:
                found = await keeper(post).webhooks(Deadline.after(CALL_SECONDS))
            except ConnectorError as error:
                _log.info("subscriptions could not be read", account=post.view.name, why=str(error))
                continue
            await self._judge(post, standing(found, url, post.manifest.webhook_topics))

    async def _judge(self, post: Post, now: Standing) -> None:
        name = post.view.name
        key = f"account.webhooks:{post.view.id}"
        async with self._store.write() as tx:
            if now.good:
                await issues.clear(tx, key)
                return
            await issues.raise_issue(
                tx,
                key=key,
                kind="account.webhooks",
                account_id=post.view.id,
                subject=name,
                what=f"{name} does not tell us of everything that changes",
                why=_why(now),
                todo="Nothing is lost: it is read by the schedule. Repair it with: "
                f"entrepot accounts webhooks {name} --repair. If it is disabled again and again, look whether "
                "the address can be reached from outside.",
            )


def _why(now: Standing) -> str:
    parts = []
    if now.missing:
        parts.append(f"not subscribed: {', '.join(now.missing)}")
    if now.disabled:
        parts.append(f"disabled by the vendor: {', '.join(one.topic for one in now.disabled)}")
    return "; ".join(parts)


def keeper(post: Post) -> Subscriptions:
    """The part of a connector that keeps subscriptions; its manifest says that it has one."""
    subscriptions: Subscriptions = post.connector  # type: ignore[assignment]  # the capability WEBHOOKS says so
    return subscriptions
