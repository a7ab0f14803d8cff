"""A token that a person has got: kept sealed, and the account that was refused works again."""

from typing import Any

from sync.store import accounts, credentials
from sync.store.accounts import Condition
from tests.integration.engine.bureau import Bureau

TOKEN = {
    "access": "access-1",
    "refresh": "refresh-1",
    "scopes": "read",
    "ends_at": "2026-03-01T13:00:00+00:00",
}


async def test_a_token_is_kept_and_a_refused_account_goes_on(office: Bureau) -> None:
    async def refuse(tx: Any) -> None:
        await accounts.refuse_credentials(tx, office.id, "the token was refused")

    await office.in_store(refuse)
    said = await office.do("keep-token", account="shop", **TOKEN)
    assert said == {"account": "shop", "ends_at": TOKEN["ends_at"], "scopes": "read"}

    async def kept(tx: Any) -> Any:
        return await credentials.take(tx, office.id)

    token, ends_at = await office.in_store(kept)
    assert (token.access, token.refresh, ends_at.isoformat()) == ("access-1", "refresh-1", TOKEN["ends_at"])
    assert (await office.account()).condition is Condition.OK


async def test_a_paused_account_stays_paused(office: Bureau) -> None:
    await office.do("pause", account="shop")
    await office.do("keep-token", account="shop", **TOKEN)
    assert (await office.account()).condition is Condition.PAUSED


async def test_the_token_of_an_account_that_is_removed_is_gone(office: Bureau) -> None:
    await office.do("keep-token", account="shop", **TOKEN)
    await office.do("remove", account="shop")

    async def kept(tx: Any) -> Any:
        return await credentials.take(tx, office.id)

    assert await office.in_store(kept) is None
