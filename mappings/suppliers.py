"""Which of our SKUs a supplier's code is: the admin's table, then the list's own SKU, then the code itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mappings.schema import SupplierModel
from sync.domain.ids import Sku
from sync.domain.sku import normal_sku


@dataclass(frozen=True, slots=True)
class CodeRules:
    """One supplier's codes; `codes` are in their normal form."""

    codes: Mapping[str, Sku] = field(default_factory=dict)
    others_are_skus: bool = True

    def sku(self, code: str, named: str | None) -> Sku | None:
        """What a code is, where the list names `named`; None where it is nothing of ours."""
        by_hand = self.codes.get(normal_sku(code) or code)
        if by_hand is not None:
            return by_hand
        own = normal_sku(named)
        return own or (normal_sku(code) if self.others_are_skus else None)


@dataclass(frozen=True, slots=True)
class SupplierRules:
    """`suppliers:` compiled."""

    by_account: Mapping[str, CodeRules] = field(default_factory=dict)

    def sku(self, account: str, code: str, named: str | None) -> Sku | None:
        """Which SKU a supplier's code is."""
        return self.by_account.get(account, CodeRules()).sku(code, named)


def compile_suppliers(models: Mapping[str, SupplierModel]) -> SupplierRules:
    """A pure function of the models."""
    return SupplierRules(
        {
            account: CodeRules(
                {normal_sku(code) or code: Sku(sku) for code, sku in model.codes.items()},
                model.other_codes == "are_skus",
            )
            for account, model in models.items()
        }
    )
