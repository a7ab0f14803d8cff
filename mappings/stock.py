"""What is held back: safety stock, each channel's buffer, and what of a supplier's stock is not believed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal

from mappings.schema import BufferModel, StockModel
from sync.domain.sku import normal_sku
from sync.domain.supply import Trust


@dataclass(frozen=True, slots=True)
class Buffer:
    """Units, a share of the promise rounded up, or both: the larger of them or their sum."""

    units: int = 0
    fraction: Decimal = Decimal(0)
    summed: bool = False

    def of(self, promise: int) -> int:
        """Units held back from a promise; never more than it, and 0 where there is nothing to promise."""
        if promise <= 0:
            return 0
        share = int((self.fraction * promise).to_integral_value(ROUND_CEILING))
        held = self.units + share if self.summed else max(self.units, share)
        return min(held, promise)


@dataclass(frozen=True, slots=True)
class StockRules:
    """`stock:` compiled."""

    default: Buffer = Buffer()
    by_account: Mapping[str, Buffer] = field(default_factory=dict)
    safety_stock: int = 0
    safety_by_sku: Mapping[str, int] = field(default_factory=dict)
    suppliers: Mapping[str, Trust] = field(default_factory=dict)

    def buffer(self, account: str, sku: str, promise: int) -> int:
        """Units of the SKU's promise that this shop does not show, 0 to `promise`."""
        return self.by_account.get(account, self.default).of(promise)

    def safety(self, sku: str) -> int:
        """Units of the SKU that no channel is promised."""
        return self.safety_by_sku.get(normal_sku(sku) or sku, self.safety_stock)

    def trust(self, supplier: str) -> Trust:
        """How far a drop-ship supplier's stock is believed."""
        return self.suppliers.get(supplier, Trust())


def compile_stock(model: StockModel) -> StockRules:
    """A pure function of the model."""
    return StockRules(
        _buffer(model.buffer),
        {account: _buffer(own) for account, own in model.by_account.items()},
        model.safety_stock,
        dict(model.safety_by_sku),
        {name: Trust(own.use, own.less, own.max_age, own.lag) for name, own in model.suppliers.items()},
    )


def _buffer(model: BufferModel) -> Buffer:
    return Buffer(model.units, model.percent or Decimal(0), model.use == "sum")
