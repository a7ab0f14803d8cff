"""A warehouse's own status texts, where an admin overrides what its connector makes of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mappings.schema import ISSUE
from sync.domain.shipments import FulfilmentState


@dataclass(frozen=True, slots=True)
class StatusVerdict:
    """What a vendor's status means; `state` None means: an issue for a person."""

    state: FulfilmentState | None


@dataclass(frozen=True, slots=True)
class StatusRules:
    """`statuses:` compiled."""

    by_account: Mapping[str, Mapping[str, StatusVerdict]] = field(default_factory=dict)

    def verdict(self, account: str, status: str) -> StatusVerdict | None:
        """The admin's word on a vendor's status; None where there is none and the connector's own holds."""
        return self.by_account.get(account, {}).get(status)


def compile_statuses(sections: Mapping[str, object]) -> StatusRules:
    """A pure function of a section that `lint` found good; `unknown: issue` only repeats what is law."""
    return StatusRules(
        {
            account: {
                text: StatusVerdict(None if state == ISSUE else FulfilmentState(state))
                for text, state in words.items()
            }
            for account, words in sections.items()
            if isinstance(words, dict)
        }
    )
