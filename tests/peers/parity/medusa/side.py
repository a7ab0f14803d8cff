"""One side of the comparison: a Medusa shop, real or not, with what a script needs of it."""

from dataclasses import dataclass

from tests.peers.books.medusa import Address, Clerk, Visitor
from tests.peers.books.people import ADA, Buyer
from tests.peers.parity.sides import fresh
from tests.peers.parity.transcript import Transcript


@dataclass(frozen=True, slots=True)
class MedusaSide:
    """A Medusa shop, real or not."""

    address: Address
    clerk: Clerk
    notes: Transcript

    def goods(self, units: int = 50, price: float = 9.9) -> str:
        """A SKU that nobody else uses, on the shelf of the first location."""
        sku = fresh("M")
        self.clerk.add_product(sku, units, price)
        return sku

    def visitor(self) -> Visitor:
        return Visitor(self.address, self.clerk)

    def buy(self, lines: dict[str, int], buyer: Buyer = ADA) -> str:
        """An order's id, authorised and not captured."""
        with self.visitor() as visitor:
            return visitor.buy(lines, buyer)
