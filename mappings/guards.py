"""`guards:` compiled to the frozen limits that the flows judge by."""

from mappings.schema import GuardsModel
from sync.domain.guards import Guards


def compile_guards(model: GuardsModel) -> Guards:
    """A pure function of the model."""
    return Guards(
        price_move=model.price_move,
        prices_changing=model.prices_changing,
        quantities_changing=model.quantities_changing,
        going_to_zero=model.going_to_zero,
        going_down=model.going_down,
        figures_to_zero=model.figures_to_zero,
        refunds=model.refunds.count,
        refunds_value=model.refunds.value,
        least=model.from_,
        approval_lasts=model.approval_lasts,
    )
