"""Both sides of every comparison, and the judge that runs one script on each."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.peers.books.karrio import Desk, Van
from tests.peers.books.tryton import People
from tests.peers.books.vendure import Staff
from tests.peers.parity.intended import unintended
from tests.peers.parity.sides import Courier, PretendVan, Shop, Warehouse, fresh, quiet_sandbox
from tests.peers.parity.transcript import Transcript, differences
from tests.peers.systems.karrio import Karrio
from tests.peers.systems.tryton import Tryton
from tests.peers.systems.vendure import Vendure


@pytest.fixture(scope="session")
def pretend() -> Iterator[dict[str, Any]]:
    """The ready line of a quiet sandbox."""
    with quiet_sandbox() as ready:
        yield ready


@pytest.fixture(scope="session")
def pretend_staff(pretend: dict[str, Any]) -> Iterator[Staff]:
    account = pretend["accounts"]["main"]
    people = Staff(f"{account['url'].rstrip('/')}/admin-api", account["username"], account["password"])
    yield people
    people.session.close()


@pytest.fixture(scope="session")
def pretend_people(pretend: dict[str, Any]) -> Iterator[People]:
    account = pretend["accounts"]["warehouse"]
    crew = People(account["url"], account["database"], account["key"], warehouse=account["warehouse"])
    yield crew
    crew.rest.close()


@pytest.fixture(scope="session")
def pretend_desk(pretend: dict[str, Any]) -> Iterator[Desk]:
    account = pretend["accounts"]["courier"]
    carriers = Desk(account["url"], account["key"])
    (connection, *_) = carriers.call("GET", "/v1/connections")["results"]
    carriers.carrier_id = connection["carrier_id"]
    yield carriers
    carriers.http.close()


@pytest.fixture
def shops(vendure: Vendure, staff: Staff, pretend: dict[str, Any], pretend_staff: Staff) -> tuple[Shop, Shop]:
    account = pretend["accounts"]["main"]
    base, login = account["url"].rstrip("/"), (account["username"], account["password"])
    coupon = fresh("FREE")
    staff.add_free_coupon(coupon)
    known = vendure.admin_url, vendure.shop_url, vendure.username, vendure.password
    real = Shop(*known, staff, coupon, Transcript())
    return real, Shop(f"{base}/admin-api", f"{base}/shop-api", *login, pretend_staff, "FREE", Transcript())


@pytest.fixture
def warehouses(
    tryton: Tryton, people: People, pretend: dict[str, Any], pretend_people: People
) -> tuple[Warehouse, Warehouse]:
    account = pretend["accounts"]["warehouse"]
    return (
        Warehouse(tryton.url, tryton.database, tryton.key, people, Transcript()),
        Warehouse(account["url"], account["database"], account["key"], pretend_people, Transcript()),
    )


@pytest.fixture
def couriers(
    karrio: Karrio, desk: Desk, van: Van, pretend: dict[str, Any], pretend_desk: Desk
) -> tuple[Courier, Courier]:
    account = pretend["accounts"]["courier"]
    return (
        Courier(karrio.url, karrio.key, desk, van, Transcript()),
        Courier(account["url"], account["key"], pretend_desk, PretendVan(pretend["control"]), Transcript()),
    )


Side = Shop | Warehouse | Courier


@pytest.fixture
def alike() -> Callable[[Callable[..., None], tuple[Any, Any]], None]:
    """Runs a script on the real side, then on the sandbox's, and fails with every difference."""

    def judge(script: Callable[..., None], sides: tuple[Side, Side]) -> None:
        real, sandbox = sides
        script(real)
        broken: list[tuple[str, str]] = []
        try:
            script(sandbox)
        except Exception as failure:  # the rest of the transcript still tells
            broken = [("the script", f"broke off on the sandbox: {type(failure).__name__}: {failure}")]
        found = broken + unintended(script.__name__, differences(real.notes, sandbox.notes))
        if found:
            pytest.fail(_report(found, real.notes, sandbox.notes), pytrace=False)

    return judge


def _report(found: list[tuple[str, str]], real: Transcript, sandbox: Transcript) -> str:
    lines = ["the sandbox differs from the real system:", *(f"  {step}: {line}" for step, line in found)]
    for step in dict.fromkeys(step for step, _ in found):
        for name, side in (("real", real), ("sandbox", sandbox)):
            if step in side.excerpts:
                lines += [f"--- {name}, {step}", side.excerpts[step]]
    return "\n".join(lines)
