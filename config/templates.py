"""The commented files that `entrepot init` writes: rendered from `config/defaults/`, ready to be loaded."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import TypeAlias

DEFAULTS = Path(__file__).parent / "defaults"
_SHOP, _COURIER = "shop", "courier"


OptionValue: TypeAlias = "str | tuple[OptionValue, ...] | dict[str, OptionValue]"


@dataclass(frozen=True, slots=True)
class AccountAnswer:
    """One account as `init` was told of it. `options` are the connector's own: texts, lists or mappings."""

    name: str
    connector: str
    kind: str
    """storefront, warehouse, courier or supplier"""
    secret: str | None = None
    """env:NAME or file:NAME"""
    options: tuple[tuple[str, OptionValue], ...] = ()


def render(timezone: str, accounts: Sequence[AccountAnswer]) -> dict[str, str]:
    """The files by their path under the folder: `entrepot.yaml` and `mappings/*.yaml`."""
    values = {
        "timezone": timezone,
        "accounts": "\n".join(_account(answer) for answer in accounts) or "  {}",
        "shop": _first(accounts, "storefront", _SHOP),
        "courier": _first(accounts, "courier", _COURIER),
    }
    return {
        path.relative_to(DEFAULTS).as_posix(): Template(path.read_text("utf-8")).substitute(values)
        for path in sorted(DEFAULTS.rglob("*.yaml"))
    }


def _account(answer: AccountAnswer) -> str:
    secret = [("secret", answer.secret)] if answer.secret else []
    pairs = [("connector", answer.connector), *secret, *answer.options]
    lines = [f"    {key}: {_quoted(value)}" for key, value in pairs]
    return "\n".join([f"  {answer.name}:", *lines])


def _quoted(value: OptionValue) -> str:
    """A value as YAML reads it back unchanged, whatever is in it: JSON's strings are YAML's too."""
    return json.dumps(value, ensure_ascii=False)


def _first(accounts: Sequence[AccountAnswer], kind: str, otherwise: str) -> str:
    return next((answer.name for answer in accounts if answer.kind == kind), otherwise)
