"""What all papers that move stock have in common: buttons that are shown in some states only."""

from collections.abc import Callable, Mapping
from typing import Generic, Protocol, TypeVar

from sandbox.warehouse.names import model_label, record_name
from sandbox.warehouse.refusals import Refusal
from sandbox.warehouse.rows import CustomerReturn, Inventory, Row, Shipment, ShipmentState, Transfer
from sandbox.warehouse.store import Store
from sandbox.warehouse.tables import Table

P = TypeVar("P", Shipment, CustomerReturn, Transfer, Inventory)
Step = Callable[[P, bool], None]
ANY_STATE = frozenset(ShipmentState)


class Buttons(Protocol):
    """What a dialect needs of a desk."""

    def offers(self, button: str) -> bool:
        """Whether there is such a button."""

    def press(self, row: Row, button: str, *, skip_warnings: bool = True) -> None:
        """Press it."""


class Desk(Generic[P]):
    """Presses the buttons of one kind of paper."""

    model: str
    steps: Mapping[str, Step[P]]

    def __init__(self, store: Store, table: Table[P]) -> None:
        self.store = store
        self.table: Table[P] = table

    def offers(self, button: str) -> bool:
        """Whether this kind of paper has the button, shown or not."""
        return button in self.steps

    def shown(self, row: P, button: str) -> bool:
        """Whether the button can be pressed in the paper's present state."""
        raise NotImplementedError

    def press(self, row: Row, button: str, *, skip_warnings: bool = True) -> None:
        """Press a button.

        Raises Refusal when the state does not allow it, and Warned for a confirmation that was not given.
        """
        paper = self.table.one(row.id)
        if not self.shown(paper, button):
            name = record_name(self.store, paper)
            raise Refusal(f'You can not call "{button}" on "{name}" of "{model_label(self.model)}".')
        with self.store.transaction():
            self.steps[button](paper, skip_warnings)
