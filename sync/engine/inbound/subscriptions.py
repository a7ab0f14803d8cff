"""Whether the vendors still tell us: subscriptions that were lost or disabled become an issue of their account.

Vendors take a subscription away after some failures, by a person's hand, or with a reinstalled app. Nothing is lost
by it, for the feeds are read all the same; but news comes as late as the schedule looks. An account is asked as soon
as it is open, then about every hour, and at once where its address or what it is called with has changed.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from connectors.contract import Capability, ConnectorError, Deadline, Subscription, Subscriptions
from sync.domain.ids import AccountId
from sync.engine.house import Post
from sync.store import issues
from sync.store.database import Store
from sync.telemetry.logs import logger

CALL_SECONDS = 60.0
EVERY_SECONDS, AGAIN_SECONDS = 3500.0, 300.0
"""Between two looks at an account; and where it did not answer."""
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


def issue_key(account_id: AccountId) -> str:
    """The issue of an account whose vendor does not tell us of everything."""
    return f"account.webhooks:{account_id}"


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
        self._next: dict[AccountId, tuple[tuple[str, str], float]] = {}
        """By account: what it was asked about, and when again, on the event loop's clock."""

    async def look(self) -> None:
        """Ask whose time has come; open and close the issues. A vendor that does not answer is asked again."""
        addresses, now = self._addresses(), asyncio.get_running_loop().time()
        for post in tuple(self._posts()):
            if not post.manifest.can(Capability.WEBHOOKS):
                continue
            about = (addresses.get(post.view.name, ""), post.face)
            asked, again = self._next.get(post.view.id, (about, now))
            if asked == about and again > now:
                continue
            wait = EVERY_SECONDS if await self._ask(post, about[0]) else AGAIN_SECONDS
            self._next[post.view.id] = (about, now + wait)

    async def _ask(self, post: Post, url: str) -> bool:
        """Whether it is known how things stand. Without an address of ours nothing is missed."""
        if not url:
            async with self._store.write() as tx:
                await issues.clear(tx, issue_key(post.view.id))
            return True
        try:
            found = await keeper(post).webhooks(Deadline.after(CALL_SECONDS))
        except ConnectorError as error:
            _log.info("subscriptions could not be read", account=post.view.name, why=str(error))
            return False
        await self._judge(post, standing(found, url, post.manifest.webhook_topics))
        return True

    async def _judge(self, post: Post, now: Standing) -> None:
        name = post.view.name
        key = issue_key(post.view.id)
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
