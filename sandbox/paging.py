"""Lets a fault move a page under a reader, as rows that come and go during paging do."""

from contextvars import ContextVar

PAGE_SHIFT: ContextVar[int] = ContextVar("PAGE_SHIFT", default=0)
"""Added to the offset of every page but the first, while one request is served."""
