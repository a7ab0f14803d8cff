"""The addresses of the accounts: made from the sealing key, so that no file holds them and no restart moves them."""

from collections.abc import Mapping

from config import AccountSettings, read_secret
from connectors.transport import Secret
from sync.domain.ids import AccountId
from sync.engine.house import House
from sync.engine.inbound.receiver import Door
from sync.engine.wiring import Configuration
from sync.store.sealing import Sealer
from sync.telemetry.redact import mask_secret


def doors_of(configuration: Configuration, house: House, sealer: Sealer) -> Mapping[str, Door]:
    """The door of every account whose connector reads deliveries. Raises ConfigError where a secret is missing."""
    doors = {}
    for account_id, post in house.posts.items():
        name = post.view.name
        reader = configuration.entries[name].webhook_reader
        if reader is None:
            continue
        secret = signing_secret(configuration, configuration.settings.accounts[name], account_id, sealer)
        read = reader(Secret(secret), configuration.options[name])
        doors[name] = Door(account_id, name, path_secret(account_id, sealer), read)
    return doors


def path_secret(account_id: AccountId, sealer: Sealer) -> str:
    """The last part of an account's address: whoever does not know it cannot even send a forgery."""
    return sealer.digest("webhook path", account_id.encode()).hex()


def signing_secret(
    configuration: Configuration, account: AccountSettings, account_id: AccountId, sealer: Sealer
) -> str:
    """What its vendor signs with: as configured, else one that is made for this account alone."""
    if account.webhook_secret is not None:
        found = read_secret(account.webhook_secret, configuration.settings.secrets)
    else:
        found = sealer.digest("webhook signature", account_id.encode()).hex()
    mask_secret(found)
    return found


def address(configuration: Configuration, name: str, account_id: AccountId, sealer: Sealer) -> str | None:
    """What the vendor is told to send to; None where `webhooks: {url: …}` is not set."""
    base = configuration.settings.webhooks_url
    return None if base is None else f"{base}/hooks/{name}/{path_secret(account_id, sealer)}"


def addresses(configuration: Configuration, doors: Mapping[str, Door], sealer: Sealer) -> dict[str, str]:
    """The address of each door, by account name; none where nothing listens or no `url` is set."""
    if configuration.settings.webhooks is None:
        return {}
    found = {name: address(configuration, name, door.account_id, sealer) for name, door in doors.items()}
    return {name: url for name, url in found.items() if url is not None}
