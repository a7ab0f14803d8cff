"""What a Corner Shop has not: refused in words, before anything is called."""

from typing import NoReturn

from connectors.contract import Refused


async def _refuse(what: str) -> NoReturn:
    raise Refused(f"Corner Shop has no {what}", code="unsupported", mendable=False)


class Absent:
    """The methods of a storefront whose capability the manifest does not declare."""

    async def quantities(self, variants: object, deadline: object) -> NoReturn:
        """Not declared."""
        await _refuse("way to ask for single quantities")

    async def set_prices(self, batch: object, deadline: object) -> NoReturn:
        """Not declared."""
        await _refuse("prices to be set")

    async def put_listings(self, batch: object, deadline: object) -> NoReturn:
        """Not declared."""
        await _refuse("texts to be set")

    async def set_published(self, batch: object, deadline: object) -> NoReturn:
        """Not declared."""
        await _refuse("switch for products")

    async def confirm_delivery(self, request: object, deadline: object) -> NoReturn:
        """Not declared."""
        await _refuse("deliveries")

    async def answer_cancel(self, request: object, deadline: object) -> NoReturn:
        """Not declared."""
        await _refuse("requests to cancel")

    async def answer_address_change(self, request: object, deadline: object) -> NoReturn:
        """Not declared."""
        await _refuse("changes of address")

    async def cancel_lines(self, request: object, deadline: object) -> NoReturn:
        """Not declared."""
        await _refuse("cancellation of lines")

    async def requests(self, cursor: object, deadline: object) -> NoReturn:
        """Not declared."""
        await _refuse("requests after the sale")

    async def request(self, kind: object, external_id: object, deadline: object) -> NoReturn:
        """Not declared."""
        await _refuse("requests after the sale")

    async def answer_request(self, answer: object, deadline: object) -> NoReturn:
        """Not declared."""
        await _refuse("requests after the sale")

    async def receive_request(self, receipt: object, deadline: object) -> NoReturn:
        """Not declared."""
        await _refuse("requests after the sale")

    async def refund(self, request: object, deadline: object) -> NoReturn:
        """Not declared."""
        await _refuse("refunds")

    async def find_refund(self, request: object, deadline: object) -> NoReturn:
        """Not declared."""
        await _refuse("refunds")

    async def note(self, request: object, deadline: object) -> NoReturn:
        """Not declared."""
        await _refuse("notes on orders")

    async def messages(self, cursor: object, deadline: object) -> NoReturn:
        """Not declared."""
        await _refuse("messages")

    async def reply(self, request: object, deadline: object) -> NoReturn:
        """Not declared."""
        await _refuse("messages")
