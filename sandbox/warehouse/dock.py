"""The dock of the main warehouse: parcels that come back are opened, counted, looked at and put away.

People work on the customer return that was announced, by its reference, or write one themselves for a parcel
that nobody announced, with its tracking number for a reference. Everything goes through the same moves and buttons
as the dialect's requests.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sandbox.warehouse.assigning import split
from sandbox.warehouse.inbound import Inbound
from sandbox.warehouse.refusals import Refusal
from sandbox.warehouse.rows import (
    CustomerReturn,
    Location,
    LocationType,
    Move,
    Product,
    ShipmentState,
)
from sandbox.warehouse.store import BACK, COMPANY, MAIN, Store

WASTE = "WASTE"
"""The code of the place for waste, which the dock opens when it first needs it."""
BUYERS = "CUS-1"


class NoReturn(Exception):
    """There is no such return that waits."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no return {name} that waits")


@dataclass(frozen=True, slots=True)
class Found:
    """Units of one SKU in a parcel: good ones, damaged ones that become waste, and such that go to other places.

    `places` are units by the code of a place, which must be there; `wrong` units of other SKUs that came in place
    of this one.
    """

    sku: str
    good: int = 0
    damaged: int = 0
    places: Mapping[str, int] = field(default_factory=dict)
    wrong: Mapping[str, int] = field(default_factory=dict)

    @property
    def units(self) -> int:
        """Units of the SKU itself."""
        return self.good + self.damaged + sum(self.places.values())


class Dock:
    """Receives what comes back."""

    def __init__(self, store: Store, inbound: Inbound) -> None:
        self.store = store
        self.inbound = inbound

    def announced(self, reference: str) -> CustomerReturn:
        """The draft that was announced under a reference, with or without a tracking number behind it.

        Raises NoReturn.
        """
        for row in self.store.returns.rows.values():
            named = (row.reference or "").partition(" | ")[0]
            if named == reference and row.state is ShipmentState.DRAFT:
                return row
        raise NoReturn(reference)

    def receive(self, row: CustomerReturn, found: Sequence[Found] | None = None) -> None:
        """Open the parcel: set the lines to what is in it, and press Receive. None: all is there and good.

        A line that is not among what was found came with no unit.
        """
        with self.store.transaction():
            if found is not None:
                self._count(row, found)
            self.inbound.press(row, "receive")

    def put_away(self, row: CustomerReturn, found: Sequence[Found] | None = None) -> None:
        """Look at the goods, bring each where it belongs, and press Done. None: all into storage."""
        with self.store.transaction():
            for one in found or ():
                if one.damaged:
                    self._bring(row, one.sku, one.damaged, self._waste())
                for code, units in one.places.items():
                    self._bring(row, one.sku, units, self._place(code))
            self.inbound.press(row, "do")

    def unannounced(self, tracking: str | None, found: Sequence[Found]) -> CustomerReturn:
        """A return that the dock writes itself, as a draft."""
        with self.store.transaction():
            house, customer = self.store.location(MAIN), self.store.parties.by("code", BUYERS)[0]
            number = self.store.number(BACK)
            row = self.store.returns.insert(
                lambda i, t: CustomerReturn(
                    id=i,
                    create_date=t,
                    company=COMPANY,
                    number=number,
                    reference=tracking,
                    customer=customer.id,
                    warehouse=house.id,
                    warehouse_storage=house.storage_location,
                    warehouse_input=house.input_location,
                    planned_date=self.store.today(),
                )
            )
            for one in found:
                self._expect(row, one.sku)
        return row

    def _waste(self) -> Location:
        known = self.store.locations.by("code", WASTE)
        house = self.store.location(MAIN)
        return (
            known[0]
            if known
            else self.store.locations.insert(
                lambda i, t: Location(
                    id=i,
                    create_date=t,
                    name="Waste",
                    code=WASTE,
                    type=LocationType.LOST_FOUND,
                    waste_warehouses=house.id,
                )
            )
        )

    def _count(self, row: CustomerReturn, found: Sequence[Found]) -> None:
        counted = {one.sku: one for one in found}
        expected: dict[str, Move] = {}
        for move in self.inbound.incoming(row):
            sku = self.store.sku(move.product)
            again = sku in expected
            expected.setdefault(sku, move)
            units = counted[sku].units if sku in counted and not again else 0
            self.store.moves.change(move, quantity=float(units))
        for one in found:
            move = expected.get(one.sku) or self._expect(row, one.sku, one.units)
            for sku, units in one.wrong.items():
                self._expect(row, sku, units, instead_of=move)

    def _expect(
        self, row: CustomerReturn, sku: str, units: int = 0, *, instead_of: Move | None = None
    ) -> Move:
        product = self._product(sku)
        template = self.store.templates.one(product.template)
        customers = self.store.of_type(LocationType.CUSTOMER).id
        return self.store.moves.add(
            lambda i, t: Move(
                id=i,
                create_date=t,
                product=product.id,
                unit=template.default_uom,
                quantity=float(units),
                from_location=customers,
                to_location=row.warehouse_input,
                company=COMPANY,
                currency=1,
                unit_price=product.list_price or template.list_price or Decimal(0),
                shipment=(BACK, row.id),
                origin=("stock.move", instead_of.id) if instead_of else None,
                planned_date=row.planned_date,
            )
        )

    def _bring(self, row: CustomerReturn, sku: str, units: int, place: Location) -> None:
        product = self._product(sku)
        for move in self.inbound.inventory(row):
            here = min(units, int(move.units))
            if move.product != product.id or move.to_location != row.warehouse_storage or here < 1:
                continue
            split(self.store, move, float(here), to_location=place.id)
            self.store.moves.change(move, quantity=move.units - here)
            units -= here
        if units:
            raise ValueError(f"{units} more of {sku} are to be put away than came")

    def _product(self, sku: str) -> Product:
        found = self.store.products.by("code", sku)
        if not found:
            raise Refusal(f"the warehouse has no product {sku}")
        return found[0]

    def _place(self, code: str) -> Location:
        found = self.store.locations.by("code", code)
        if not found:
            raise Refusal(f"the warehouse has no place {code}")
        return found[0]
