"""What `accounts webhooks` does at the vendor; apart from the command, for it needs connectors and their rules."""

from dataclasses import asdict
from typing import Any

from connectors.contract import AuthRejected, Capability, ConnectorError, Deadline, Manifest, Refused
from sync.cli.office import folder_of, reading
from sync.engine.clock import clock
from sync.engine.control import command
from sync.engine.inbound.doors import address, signing_secret
from sync.engine.inbound.subscriptions import CALL_SECONDS, Standing, issue_key, standing
from sync.engine.refusals import UNREACHABLE, CommandRefused, StartRefused
from sync.engine.tokens import StoreBox
from sync.engine.wiring import Configuration, open_one
from sync.store import accounts as rows_of
from sync.store import issues
from sync.store.database import Store


async def work(
    configuration: Configuration, name: str, *, repair: bool, remove: bool, config: Any
) -> dict[str, Any]:
    """See what stands at the vendor, after a repair or a removal where one is asked for.

    Raises CommandRefused, or StartRefused where the vendor does not answer.
    """
    manifest = _manifest(configuration, name)
    async with reading(config) as store:
        async with store.read() as tx:
            row = await rows_of.by_name(tx, name)
        if row is None:
            raise CommandRefused(f"{name} was not started yet: run `entrepot run` or `entrepot once` first")
        url = address(configuration, name, row.id, store.sealer)
        if url is None:
            raise CommandRefused(
                "vendors need an address of ours: set `webhooks: {listen: 127.0.0.1:9465, url: https://…}` in "
                "entrepot.yaml, where the url leads to that port"
            )
        try:
            made = await _at_vendor(configuration, row, store, url, repair=repair, remove=remove)
        except (AuthRejected, Refused) as error:
            raise CommandRefused(f"{name}: {error}. See what it says to: entrepot check --online") from None
        except ConnectorError as error:
            raise StartRefused(f"{name}: {error}: try again when it answers", UNREACHABLE) from None
        if remove:
            return {"ok": True, "removed": made}
        now = standing(made, url, manifest.webhook_topics)
        async with store.read() as tx:
            told = await issues.is_open(tx, issue_key(row.id))
    if now.good and told:
        await command(folder_of(config), "issue-done", issue=issue_key(row.id))
    return _document(now)


def _manifest(configuration: Configuration, name: str) -> Manifest:
    if name not in configuration.entries:
        known = ", ".join(configuration.settings.accounts) or "none"
        raise CommandRefused(f"there is no account {name!r} in entrepot.yaml; there are: {known}")
    manifest = configuration.entries[name].manifest
    if not manifest.can(Capability.WEBHOOKS):
        raise CommandRefused(
            f"{manifest.title} sends no webhooks that we use: {name} is read by the schedule"
        )
    return manifest


async def _at_vendor(
    configuration: Configuration,
    row: rows_of.AccountRow,
    store: Store,
    url: str,
    *,
    repair: bool,
    remove: bool,
) -> Any:
    """What stands at the vendor, after `repair`; how many were removed with `remove`."""
    settings = configuration.settings.accounts[row.name]
    secret = signing_secret(configuration, settings, row.id, store.sealer)
    box = StoreBox(store, row.id, ours=False)
    connector: Any = open_one(configuration, row.name, settings, clock(), tokens=box)
    deadline = Deadline.after(CALL_SECONDS)
    try:
        if remove:
            return await connector.unsubscribe(url, deadline)
        if repair:
            await connector.subscribe(url, secret, deadline)
        return await connector.webhooks(deadline)
    finally:
        await connector.close()


def _document(now: Standing) -> dict[str, Any]:
    """As JSON tells it; the address is left out, for it is a secret."""
    ours = [
        {key: value for key, value in asdict(one).items() if key != "url"}
        for one in (*now.active, *now.disabled)
    ]
    return {"ok": now.good, "ours": ours, "missing": list(now.missing)}
