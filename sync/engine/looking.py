"""What a command that only looks is given: the accounts as they are stored, and rules, those in force or others.

Nothing is opened but the database, nothing is written, and no vendor is called.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from connectors.contract import Kind
from mappings import Rulebook, load_mappings
from sync.domain.clock import Clock
from sync.domain.ids import AccountId
from sync.engine.refusals import StartRefused
from sync.engine.wiring import Configuration, timing_of, view_of
from sync.flows.flow import AccountView, FlowContext, FlowName, InForce
from sync.store import accounts, config_bundles
from sync.store.database import Fence, Store

_NO_LEASE = Fence(AccountId(""), "", 0, 0.0)
"""Nothing can be written under it."""


async def looker(configuration: Configuration, store: Store, clock: Clock) -> FlowContext:
    """The context of whoever looks with the rules in force. Raises StartRefused where no account is stored yet."""
    async with store.read() as tx:
        rows = {row.name: row for row in await accounts.list_all(tx)}
    views = {
        rows[name].id: view_of(rows[name], account, Kind(configuration.kinds[name]))
        for name, account in configuration.settings.accounts.items()
        if name in rows
    }
    if not views:
        raise StartRefused("no account has been read yet; start with: entrepot run")
    manifests = {id: configuration.entries[view.name].manifest for id, view in views.items()}
    first = next(iter(views))
    read = InForce(configuration.rulebook, timing_of(configuration.settings), views, manifests)
    return FlowContext(
        account=views[first],
        connector=None,
        manifest=manifests[first],
        store=store,
        fence=_NO_LEASE,
        in_force=lambda: read,
        clock=clock,
        hint=_no_hint,
        fresh=_never,
    )


def shops_of(ctx: FlowContext, named: Sequence[str] | None) -> tuple[AccountView, ...]:
    """The storefronts, or those of these names. Raises StartRefused where a name is none."""
    from difflib import get_close_matches

    shops = {shop.name: shop for shop in ctx.of_kind(Kind.STOREFRONT)}
    for name in named or ():
        if name not in shops:
            near = get_close_matches(name, shops, n=1)
            meant = f"; did you mean {near[0]}?" if near else f"; there are: {', '.join(shops) or 'none'}"
            raise StartRefused(f"there is no shop {name!r}{meant}")
    return tuple(shop for name, shop in shops.items() if not named or name in named)


def other_rules(configuration: Configuration, folder: Path) -> Rulebook:
    """The rules of another mapping folder, for the same accounts. Raises ConfigError with all that is wrong."""
    if not folder.is_dir():
        raise StartRefused(f"there is no folder {folder}; give the folder with the changed mapping files")
    settings = configuration.settings
    return load_mappings(
        folder,
        configuration.kinds,
        carriers={
            name: tuple(getattr(option, "carriers", ())) for name, option in configuration.options.items()
        },
        dropship=[name for name, one in settings.accounts.items() if one.dropship],
        label=folder.name,
        zones={name: one.timezone for name, one in settings.accounts.items()},
    )


def _no_hint(account: AccountId, flow: FlowName) -> None:
    """Whoever only looks wakes nobody."""


async def _never(*_: Any) -> bool:
    return False


async def in_force(configuration: Configuration, store: Store) -> bool:
    """Whether the rules as the files have them ever ruled this database: else no daemon has taken them over yet."""
    async with store.read() as tx:
        return await config_bundles.get(tx, configuration.rulebook.version) is not None
