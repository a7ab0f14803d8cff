"""The supplier contract, spoken by files: each method is done by the part of its name."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import TypeVar

from connectors.contract import Deadline, Manifest, Outcome, Page, Refused, Rejected, Unavailable, Unknown
from connectors.contract.supplier import PlaceOrder, SupplierOffer, SupplierReport
from connectors.suppliers.feed import MANIFEST
from connectors.suppliers.feed.client import Client
from connectors.suppliers.feed.folder import Folder
from connectors.suppliers.feed.formats import ReportOptions
from connectors.suppliers.feed.listing import Most
from connectors.suppliers.feed.marks import Marks
from connectors.suppliers.feed.noting import Desk
from connectors.suppliers.feed.offers import Offers
from connectors.suppliers.feed.options import Options
from connectors.suppliers.feed.orders import NO_ORDERS, Orders
from connectors.suppliers.feed.reports import Reports
from connectors.suppliers.feed.source import FolderSource, Source, WebSource
from connectors.transport import Setup

T = TypeVar("T")


class OutOfTime(Exception):
    """The deadline passed in the middle of a creating write."""


class FeedSupplier:
    """One supplier by files, in a folder or over HTTPS."""

    def __init__(self, setup: Setup) -> None:
        options = setup.options
        if not isinstance(options, Options):
            raise TypeError("a feed account is opened with feed's options")
        self._setup = setup
        self._options = options
        self._most = Most(options.max_bytes, options.max_rows)
        self._marks = Marks(setup.account, options.marks)
        self._folder, self._client = _ways(setup, options)
        self._offers = Offers(
            setup.account,
            self._source(),
            self._marks,
            options.list,
            clock=setup.clock,
            zone=setup.zone,
            most=self._most,
            page_items=options.page_items,
        )
        self._acknowledgements = self._reports("acknowledgements", options.acknowledgements)
        self._despatches = self._reports("despatches", options.despatches)
        self._orders = self._sending()

    @property
    def manifest(self) -> Manifest:
        """What this connector declares."""
        return MANIFEST

    async def identity(self, deadline: Deadline) -> str:
        """A mark in `state` for a folder; a hash of address and user over HTTPS.

        Raises Unavailable where the folder is not there (a share that is not mounted is nobody) or the server
        does not answer, AuthRejected where it does not let us in.
        """
        if self._folder is not None:
            await asyncio.to_thread(self._folder.check)
            return await asyncio.to_thread(self._marks.identity)
        if self._client is not None:
            await self._within(deadline, self._client.greet(self._options.list.files, deadline))
        return sha256(f"feed {self._options.url} {self._options.username}".encode()).hexdigest()[:32]

    async def offers(self, cursor: str | None, deadline: Deadline) -> Page[SupplierOffer]:
        """Rows of a new list that differ from the last, and what vanished. Raises ListHeld, BadAnswer."""
        return await self._within(deadline, self._offers.page(cursor, deadline))

    async def place_order(self, request: PlaceOrder, deadline: Deadline) -> Outcome[None]:
        """A file of the reference's name; `external_id` is its path inside the folder."""
        if self._orders is None:
            return Rejected(NO_ORDERS)
        try:
            return await self._within(deadline, self._orders.place(request, deadline), OutOfTime)
        except OutOfTime as error:
            return Unknown(str(error))

    async def find_orders(self, reference: str, deadline: Deadline) -> Sequence[str]:
        """The order's path, if it was ever laid down."""
        if self._orders is None:
            return []
        return await self._within(deadline, self._orders.find(reference, deadline))

    async def acknowledgements(self, cursor: str | None, deadline: Deadline) -> Page[SupplierReport]:
        """Accepted, refused and cancelled lines."""
        if self._acknowledgements is None:
            raise _absent("acknowledgements")
        return await self._within(deadline, self._acknowledgements.page(cursor, deadline))

    async def despatches(self, cursor: str | None, deadline: Deadline) -> Page[SupplierReport]:
        """What left, with tracking number and carrier where the file names them."""
        if self._despatches is None:
            raise _absent("despatches")
        return await self._within(deadline, self._despatches.page(cursor, deadline))

    async def cancel_order(self, reference: str, deadline: Deadline) -> Outcome[bool]:
        """True: stopped; False: too late. Unknown until the supplier answers: ask again, it is asked once."""
        if self._orders is None:
            return Rejected(NO_ORDERS)
        try:
            return await self._within(deadline, self._orders.cancel(reference, deadline), OutOfTime)
        except OutOfTime as error:
            return Unknown(str(error))

    async def close(self) -> None:
        """Let files and connections go."""
        self._offers.close()
        if self._client is not None:
            await self._client.close()

    async def _within(self, deadline: Deadline, work: Awaitable[T], late: type[Exception] = Unavailable) -> T:
        """A share that hangs must not hang us: its thread is left behind."""
        try:
            async with asyncio.timeout(deadline.left()):
                return await work
        except TimeoutError:
            raise late(f"{self._setup.account}: no answer in time") from None

    def _source(self) -> Source:
        if self._folder is not None:
            return FolderSource(
                self._setup.account, self._folder, self._marks, self._options.list, self._setup.zone
            )
        assert self._client is not None  # noqa: S101 - one of folder and client is there
        return WebSource(self._client, self._marks, self._options.list, self._setup.clock)

    def _reports(self, kind: str, options: ReportOptions | None) -> Reports | None:
        if options is None:
            return None
        desk = Desk(kind, options, self._marks, self._setup.zone, self._most)
        return Reports(
            self._setup.account,
            desk,
            folder=self._folder,
            client=self._client,
            clock=self._setup.clock,
            page_items=self._options.page_items,
        )

    def _sending(self) -> Orders | None:
        if self._options.orders is None:
            return None
        return Orders(
            self._options.orders,
            self._marks,
            folder=self._folder,
            client=self._client,
            answers=self._acknowledgements,
            despatches=self._despatches,
        )


def _ways(setup: Setup, options: Options) -> tuple[Folder | None, Client | None]:
    if options.folder is None:
        return None, Client(setup, options, replace(MANIFEST.limits, answer_bytes=options.max_bytes))
    settle = options.settle.total_seconds()
    return Folder(setup.account, options.folder, settle, options.done_marker), None


def _absent(what: str) -> Refused:
    return Refused(f"this account says nothing of `{what}`: add it to read them", code="UNSUPPORTED")
