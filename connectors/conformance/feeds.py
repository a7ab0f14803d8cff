"""Pages: they stream, they resume where a restart left them, and one bad record never loses the others."""

from dataclasses import dataclass, field

from connectors.conformance.bench import Bench, Opened
from connectors.conformance.checks import check, keep, with_feeds
from connectors.conformance.wire import Spoiling, replaying
from connectors.contract import BadAnswer, Broken, Feed, FeedOrder, Page

_MOST_PAGES = 2000


@dataclass(slots=True)
class Read:
    """What a feed gave so far."""

    keys: set[str] = field(default_factory=set)
    broken: list[Broken] = field(default_factory=list)
    cursor: str | None = None
    pages: int = 0
    complete: bool = False


async def turn(bench: Bench, opened: Opened, feed: str, read: Read) -> None:
    """Read one page more."""
    page = await opened.call(feed, read.cursor)
    if not isinstance(page, Page):
        keep(False, f"{feed} gives no Page")
        return
    read.keys |= {bench.key(feed, record) for record in page.records}
    read.broken += page.broken
    keep(
        page.complete or page.cursor is not None, f"{feed} has more to give and does not say where it goes on"
    )
    read.cursor = page.cursor or read.cursor
    read.complete = page.complete
    read.pages += 1
    keep(read.pages < _MOST_PAGES, f"{feed} does not come to an end")


async def finish(bench: Bench, opened: Opened, feed: str, read: Read) -> Read:
    """Read until the feed has no more for now."""
    while not read.complete:
        await turn(bench, opened, feed, read)
    return read


async def finish_with(bench: Bench, opened: Opened, feed: str) -> list[object]:
    """Every record that the feed gives from its begin, as it came last."""
    found: dict[str, object] = {}
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        page = await opened.call(feed, cursor)
        if not isinstance(page, Page):
            break
        found |= {bench.key(feed, record): record for record in page.records}
        cursor = page.cursor or cursor
        if page.complete:
            break
    return list(found.values())


@check(when=with_feeds, wired=False)
async def pages_stream_to_their_end(bench: Bench) -> None:
    """A feed read page by page gives every record, and after its end what came since."""
    for feed in bench.filled():
        keys = set(await bench.fill(feed, bench.many))
        async with bench.opened() as opened:
            read = await finish(bench, opened, feed, Read())
            keep(
                read.pages > 1,
                f"{feed}: {bench.many} records fit into one page: give the bench smaller pages",
            )
            keep(keys <= read.keys, f"{feed} lost {len(keys - read.keys)} of {len(keys)} records")
            keep(not read.broken, f"{feed} could not read a record of a healthy server")
            later = set(await bench.fill(feed, 1))
            more = await finish(bench, opened, feed, Read(cursor=read.cursor))
            keep(later <= more.keys, f"{feed} does not show what was made after its last page")


@check(when=with_feeds, wired=False)
async def pages_resume_after_a_restart(bench: Bench) -> None:
    """Another process goes on where the stored cursor says, and loses nothing."""
    for feed in bench.filled():
        keys = set(await bench.fill(feed, bench.many))
        read = Read()
        for _ in range(3):
            if not read.complete:
                async with bench.opened() as opened:
                    await turn(bench, opened, feed, read)
        async with bench.opened() as opened:
            await finish(bench, opened, feed, read)
        keep(keys <= read.keys, f"{feed} lost {len(keys - read.keys)} records over a restart")


@check(when=with_feeds, wired=False)
async def shifted_pages_lose_nothing(bench: Bench) -> None:
    """A change while the pages are read moves records between pages; all that were there are given."""
    for feed in bench.filled():
        keys = set(await bench.fill(feed, bench.many))
        async with bench.opened() as opened:
            read = Read()
            while not read.complete:
                await turn(bench, opened, feed, read)
                if read.pages <= bench.many:
                    await bench.shift(feed)
            keep(keys <= read.keys, f"{feed} lost {len(keys - read.keys)} records when its pages shifted")


@check(when=with_feeds)
async def a_page_given_twice_loses_nothing(bench: Bench) -> None:
    """A vendor that answers each page in place of the next once ends neither in a loop nor in a lost record.

    One whose declared order is `offset` or `snapshot` may need its next whole reading for that.
    """
    for feed in bench.filled():
        keys = set(await bench.fill(feed, bench.many))
        async with bench.opened() as opened:
            await opened.call("identity")
            read = Read()
            while not read.complete:
                before = len(opened.wire.heard)
                await turn(bench, opened, feed, read)
                if not read.complete:
                    opened.wire.trouble(replaying(opened.wire.heard[before:]))
                    await turn(bench, opened, feed, read)
                    opened.wire.calm()
            found = read.keys
            if not _is_keyset(bench, feed):
                found |= (await finish(bench, opened, feed, Read())).keys
            keep(keys <= found, f"{feed} lost {len(keys - found)} records when a page came twice")


def _described(bench: Bench, feed: str) -> FeedOrder | None:
    return bench.manifest.feeds.get(Feed(feed)) if feed in set(Feed) else None


def _is_keyset(bench: Bench, feed: str) -> bool:
    described = _described(bench, feed)
    return described is not None and described.order in ("keyset", "windows")


@check(when=with_feeds)
async def a_record_that_does_not_fit_is_kept(bench: Bench) -> None:
    """One record of another shape is kept as it came, as `Broken`; the rest of its page arrives."""
    for feed in bench.filled():
        keys = list(await bench.fill(feed, bench.many))
        bad, good = keys[1], set(keys) - {keys[1]}
        spoil = Spoiling(bench.mark(feed, bad))
        async with bench.opened() as opened:
            opened.wire.trouble(spoil)
            try:
                read = await finish(bench, opened, feed, Read())
            except BadAnswer as error:
                keep(False, f"{feed}: one bad record lost its page: {error}")
                continue
            keep(spoil.hits > 0, f"{feed}: no answer had a record with {spoil.mark!r}: say it in `mark`")
            keep(bad not in read.keys, f"{feed} guessed at a record that does not fit")
            keep(good <= read.keys, f"{feed}: one bad record lost {len(good - read.keys)} others")
            keep(bool(read.broken), f"{feed} left out a record that does not fit without a word")
            keep(all(each.raw for each in read.broken), f"{feed} did not keep a bad record as it came")
            keep(all(each.why for each in read.broken), f"{feed} does not say why a record is bad")
