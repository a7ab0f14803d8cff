"""connect: get an account's token by a person's yes at the vendor, and keep it sealed."""

import sys
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from connectors.contract import AuthRejected, ConnectorError, Deadline, Refused
from connectors.transport import Memory, Secret, Setup
from connectors.transport.grants import CodeGrant
from sync.cli.office import (
    ConfigOption,
    JsonOption,
    answered,
    configured,
    err,
    folder_of,
    out,
    print_json,
    reading,
    run,
)
from sync.engine.clock import clock
from sync.engine.control import command
from sync.engine.inbound.callback import Callback, Declined, new_state, pasted
from sync.engine.refusals import UNREACHABLE, CommandRefused, StartRefused
from sync.engine.wiring import Configuration, secret_of
from sync.store import accounts as rows_of
from sync.telemetry.redact import mask_secret

SECONDS, CALL_SECONDS = 600.0, 60.0
ELSEWHERE = "http://127.0.0.1/callback"
"""Where the vendor's answer goes with --paste: nobody listens there, and the address bar holds it."""


def add_to(app: typer.Typer) -> None:
    """Put the command on the program."""
    app.command()(connect)


@answered
def connect(
    account: Annotated[str, typer.Argument(help="The account's name in entrepot.yaml.")],
    paste: Annotated[
        bool, typer.Option("--paste", help="No browser on this machine: paste the address that it ends on.")
    ] = False,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The loopback port that the vendor's app allows; 0: any.")
    ] = 0,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a person say yes at the vendor, and keep the token sealed.

    Example: entrepot connect shop
    """
    configuration = configured(config)
    grant = _grant(configuration, account)
    token = run(_granted(grant, account, paste=paste, port=port, config=config))
    told_ = run(command(folder_of(config), "keep-token", account=account, **token))
    if as_json:
        print_json(told_)
    else:
        out.print(f"{account} is connected; see that it answers with: entrepot check --online", markup=False)


def _grant(configuration: Configuration, name: str) -> CodeGrant:
    settings = configuration.settings.accounts.get(name)
    if settings is None:
        known = ", ".join(configuration.settings.accounts) or "none"
        raise CommandRefused(f"there is no account {name!r} in entrepot.yaml; there are: {known}")
    entry = configuration.entries[name]
    if entry.code_grant is None:
        means = " or ".join(entry.manifest.secrets) or "a secret"
        raise CommandRefused(
            f"{entry.manifest.title} gives no token by a browser: it works with {means}, named by `secret:` of "
            f"{name} in entrepot.yaml (env:NAME or file:NAME); then: entrepot check --online"
        )
    secret = Secret(secret_of(configuration.settings, settings))
    setup = Setup(name, configuration.options[name], secret, clock(), settings.timezone, tokens=Memory())
    mask_secret(secret.reveal())
    try:
        return entry.code_grant(setup)
    except Refused as error:
        raise CommandRefused(f"{name}: {error}") from None


async def _known(name: str, config: Any) -> None:
    """There must be a place for the token before a person is asked to say yes. Raises CommandRefused."""
    async with reading(config) as store, store.read() as tx:
        if await rows_of.by_name(tx, name) is None:
            raise CommandRefused(f"{name} was not started yet: run `entrepot run` or `entrepot once` first")


async def _granted(grant: CodeGrant, name: str, *, paste: bool, port: int, config: Any) -> dict[str, Any]:
    state = new_state()
    try:
        await _known(name, config)
        answer, redirect = await (_pasted(grant, state) if paste else _called_back(grant, state, port))
        token = await grant.exchange(answer, redirect, Deadline.after(CALL_SECONDS))
    except Declined as error:
        raise CommandRefused(str(error)) from None
    except TimeoutError:
        raise CommandRefused("no answer came within ten minutes: begin again, or use --paste") from None
    except AuthRejected as error:
        raise CommandRefused(
            f"{name}: {error}. See that `secret:` is the client secret of this very app, then begin again: a code is "
            f"good once, and not for long"
        ) from None
    except ConnectorError as error:
        raise StartRefused(
            f"{name}: {error}: check its URL and whether it runs, then begin again", UNREACHABLE
        ) from None
    finally:
        await grant.close()
    mask_secret(token.access.reveal())
    return {
        "access": token.access.reveal(),
        "refresh": token.refresh.reveal() if token.refresh else None,
        "scopes": token.scopes,
        "ends_at": token.ends_at.isoformat() if token.ends_at else None,
    }


async def _called_back(grant: CodeGrant, state: str, port: int) -> tuple[Mapping[str, str], str]:
    callback = Callback(state, port)
    callback.bind()
    await callback.start()
    try:
        redirect = callback.redirect
        _say("Open this address in a browser on this machine, and say yes:", grant.address(redirect, state))
        return await callback.wait(SECONDS), redirect
    finally:
        await callback.stop()


async def _pasted(grant: CodeGrant, state: str) -> tuple[Mapping[str, str], str]:
    _say("Open this address in any browser, and say yes:", grant.address(ELSEWHERE, state))
    err.print("The browser then ends on an address that it cannot show. Paste that address here:")
    return pasted(sys.stdin.readline(), state), ELSEWHERE


def _say(what: str, address: str) -> None:
    err.print(what)
    err.print(address, markup=False, soft_wrap=True)
