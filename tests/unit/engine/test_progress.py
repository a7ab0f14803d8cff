"""How far a read is: pages add up, and a read that has ended is no longer told."""

from sync.engine.progress import Advance, Progress
from sync.flows.flow import FlowName


def test_pages_add_up_and_the_latest_total_counts() -> None:
    progress = Progress()
    progress.page("shop", FlowName.ORDERS, 100, None)
    progress.page("shop", FlowName.ORDERS, 100, 1000)
    progress.page("shop", FlowName.ORDERS, 50, None)
    assert list(progress) == [Advance("shop", FlowName.ORDERS, 250, 1000)]


def test_each_feed_is_told_apart_and_one_that_has_ended_is_gone() -> None:
    progress = Progress()
    progress.page("shop", FlowName.ORDERS, 1, None)
    progress.page("shop", FlowName.CATALOGUE, 2, 5)
    progress.page("annex", FlowName.ORDERS, 3, None)
    progress.end("shop", FlowName.ORDERS)
    progress.end("nobody", FlowName.ORDERS)
    assert [(one.account, one.flow, one.records) for one in progress] == [
        ("annex", FlowName.ORDERS, 3),
        ("shop", FlowName.CATALOGUE, 2),
    ]
