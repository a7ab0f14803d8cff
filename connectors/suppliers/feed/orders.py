"""Purchase orders and cancellations on their way: each reference once, whoever tries however often.

In a folder an order is drafted beside its place, marked as intended in `state`, and renamed into its place. So
an order is there if its file is, or if it was intended and its draft is gone: the supplier may have taken
the file away. Over HTTPS it is looked up at the server.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from connectors.contract import Deadline, Done, Outcome, Rejected, Unavailable, Unknown
from connectors.contract.supplier import PlaceOrder
from connectors.suppliers.feed.client import Client, filled, quoted
from connectors.suppliers.feed.folder import Folder
from connectors.suppliers.feed.formats import Verdict
from connectors.suppliers.feed.marks import Marks
from connectors.suppliers.feed.options import Method, OrderOptions
from connectors.suppliers.feed.reports import Reports
from connectors.suppliers.feed.writing import (
    Unwritable,
    asked_mark,
    cancellation_content,
    cancellation_mark,
    file_name,
    order_content,
    order_mark,
)

NO_ORDERS = "this account says nothing of `orders`: add orders: {folder: orders}"


@dataclass(frozen=True, slots=True)
class _Paper:
    """An order or a cancellation: its place, what it is remembered by, its key, and its lines if it has any."""

    name: str
    mark: str
    key: str
    content: bytes = field(repr=False)
    lines: Mapping[str, int] = field(default_factory=dict)


class Orders:
    """What we send to one supplier."""

    def __init__(
        self,
        options: OrderOptions,
        marks: Marks,
        *,
        folder: Folder | None,
        client: Client | None,
        answers: Reports | None,
        despatches: Reports | None,
    ) -> None:
        self._options = options
        self._marks = marks
        self._folder = folder
        self._client = client
        self._answers = answers
        self._despatches = despatches
        self._gate = asyncio.Lock()

    async def place(self, request: PlaceOrder, deadline: Deadline) -> Outcome[None]:
        """Done with the file's name, also where it is there already."""
        try:
            packs = await asyncio.to_thread(self._packs, request)
            content = order_content(request, self._options, packs)
        except Unwritable as error:
            return Rejected(str(error))
        name, mark = self._place_of(request.reference), order_mark(request.reference)
        return await self._lay(_Paper(name, mark, request.reference, content, _summed(request)), deadline)

    async def find(self, reference: str, deadline: Deadline) -> list[str]:
        """The order's file, where it is there or was taken away by the supplier."""
        name, mark = self._place_of(reference), order_mark(reference)
        if self._client is None:
            there = await asyncio.to_thread(self._is_sent, name, mark)
        elif await asyncio.to_thread(self._marks.intended, mark):
            there = True
        else:
            there = await self._is_there(self._client, name, reference, deadline)
        return [name] if there else []

    async def cancel(self, reference: str, deadline: Deadline) -> Outcome[bool]:
        """Done(True) when the supplier has stopped it, Done(False) when it is too late, Unknown until then."""
        said = await self._said(reference, deadline)
        if said is not None:
            return Done(reference, said)
        folder = self._options.cancellations or self._options.folder
        name = f"{folder.rstrip('/')}/{file_name(reference, self._options, cancel=True)}"
        content = cancellation_content(reference, self._options)
        mark = cancellation_mark(reference)
        await asyncio.to_thread(self._marks.intend, asked_mark(reference))
        laid = await self._lay(_Paper(name, mark, f"{reference} cancel", content), deadline)
        if not isinstance(laid, Done):
            return laid
        return Unknown("the cancellation is laid down; the supplier has not answered it yet")

    async def _said(self, reference: str, deadline: Deadline) -> bool | None:
        """Whether the supplier has stopped it; None while nothing is known."""
        if self._despatches is not None and (await self._despatches.answer(reference, deadline)).named:
            return False
        if self._answers is None:
            return None
        answer = await self._answers.answer(reference, deadline)
        if Verdict.CANCEL_REFUSED in answer.verdicts:
            return False
        lines = await asyncio.to_thread(self._marks.ordered, order_mark(reference))
        return True if Verdict.CANCELLED in answer.verdicts or answer.has_all(lines) else None

    async def _lay(self, paper: _Paper, deadline: Deadline) -> Outcome[None]:
        async with self._gate:
            if self._client is not None:
                return await self._lay_there(self._client, paper, deadline)
            await asyncio.to_thread(self._lay_down, paper)
            return Done(paper.name)

    async def _lay_there(self, client: Client, paper: _Paper, deadline: Deadline) -> Outcome[None]:
        """The mark is made when the server has answered: here it remembers what is known to be there."""
        if await asyncio.to_thread(self._marks.intended, paper.mark):
            return Done(paper.name)
        method = "POST" if self._options.method is Method.POST else "PUT"
        path = paper.name.rpartition("/")[0] if method == "POST" else paper.name
        laid = await client.lay("place_order", method, path, paper.content, paper.key, deadline)
        if not isinstance(laid, Done):
            return laid  # after an Unknown the flow looks it up
        with suppress(Unavailable):  # it is there; without the mark it is looked up at the server
            await asyncio.to_thread(self._marks.intend, paper.mark, paper.lines)
        return Done(paper.name)

    async def _is_there(self, client: Client, name: str, reference: str, deadline: Deadline) -> bool:
        lookup = self._options.lookup
        path = quoted(name) if lookup is None else filled(lookup, reference)
        return await client.exists("find_order", path, reference, deadline)

    def _lay_down(self, paper: _Paper) -> None:
        assert self._folder is not None  # noqa: S101 - one of folder and client is there
        self._folder.check()
        if self._is_sent(paper.name, paper.mark):
            return
        draft = self._folder.draft(paper.name, paper.content)
        self._marks.intend(paper.mark, paper.lines)
        try:
            self._folder.put(draft, paper.name)
        except Unavailable:
            if not self._is_sent(paper.name, paper.mark):
                raise

    def _is_sent(self, name: str, mark: str) -> bool:
        assert self._folder is not None  # noqa: S101 - as above
        self._folder.check()
        if self._folder.exists(name):
            return True
        return self._marks.intended(mark) and not self._folder.draft_of(name).exists()

    def _packs(self, request: PlaceOrder) -> dict[str, int]:
        return self._marks.packs(code for code, _ in request.lines) if self._options.needs_packs else {}

    def _place_of(self, reference: str) -> str:
        return f"{self._options.folder.rstrip('/')}/{file_name(reference, self._options)}"


def _summed(request: PlaceOrder) -> dict[str, int]:
    found: dict[str, int] = {}
    for code, pieces in request.lines:
        found[code] = found.get(code, 0) + pieces
    return found
