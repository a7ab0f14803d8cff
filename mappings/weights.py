"""What a parcel weighs where nobody has weighed it: the sum of its units' weights."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from mappings.facts import LineFacts


@dataclass(frozen=True, slots=True)
class WeightRules:
    """`weights:` compiled, in kilograms. Without a default, an unlisted SKU makes the sum unknown."""

    default: Decimal | None = None
    by_sku: Mapping[str, Decimal] = field(default_factory=dict)

    def weigh(self, lines: Iterable[LineFacts]) -> Decimal | None:
        """Kilograms of all lines together; None where one of them is not known, or there is no line."""
        total = Decimal(0)
        for line in lines:
            unit = self.by_sku.get(line.sku or "", self.default)
            if unit is None:
                return None
            total += unit * line.quantity
        return total or None
