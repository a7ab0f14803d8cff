"""Tokens that end, as an operator has them: fetched once, sealed, given by a person's yes, refused, given anew."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.acceptance.conftest import ROOT, entrepot, until
from tests.acceptance.two_shops import TwoShops, two_shops

pytestmark = pytest.mark.timeout(600)
BUSY = dict.fromkeys(("orders", "open_orders", "catalogue", "stock"), "1 second")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[TwoShops]:
    with two_shops(tmp_path / "house", schedule=BUSY) as made:
        yield made


def grants(house: TwoShops) -> int:
    """How many tokens the vendor has given."""
    return int(house.street("levers")["grants"])


def goes_on(house: TwoShops, system: str = "shop:shopify") -> None:
    """Some more calls reach a server."""
    before = house.calls(system)
    until(f"{system} is called again", lambda: house.calls(system) >= before + 6)


def refused(house: TwoShops) -> int:
    """The gauge of an account that needs a person."""
    (line,) = [
        one
        for one in house.metrics().splitlines()
        if one.startswith('entrepot_account_needs_reauth{account="shopify"}')
    ]
    return round(float(line.rpartition(" ")[2]))


class Connecting:
    """`entrepot connect` in a process of its own, after it has told its address."""

    def __init__(self, house: TwoShops, *args: str) -> None:
        command = [sys.executable, "-m", "daemon", "connect", "shopify", "--config", str(house.folder), *args]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self._process = subprocess.Popen(command, text=True, cwd=ROOT, **pipes)  # type: ignore[call-overload]
        self.address = ""
        while not self.address.startswith("http"):
            self.address = self._process.stderr.readline().strip()

    def said_yes(self) -> str:
        """Where the vendor sends the browser."""
        return str(httpx.get(self.address).headers["location"])

    def end(self, pasted: str = "") -> tuple[int, str]:
        """The exit code, and what was said on standard error."""
        _, said = self._process.communicate(f"{pasted}\n", timeout=60)
        return self._process.returncode, said.strip()


def connected(house: TwoShops) -> None:
    """A person says yes, and pastes."""
    asked = Connecting(house, "--paste")
    code, said = asked.end(asked.said_yes())
    assert code == 0, said


def test_many_flows_fetch_one_token_which_no_file_shows_and_which_a_rotation_reseals(house: TwoShops) -> None:
    daemon = house.start()
    goes_on(house)
    assert grants(house) == 1
    house.street("levers", expire_tokens=True)
    goes_on(house)
    assert grants(house) == 2, "however many calls were refused, it was fetched once"
    assert house.run("accounts", "webhooks", "shopify").returncode == 1
    checked = house.run("check", "--online", "--json")
    assert "answers; it is " in checked.stdout
    assert "shpat_" not in checked.stdout + checked.stderr
    assert grants(house) == 2, "commands work with the daemon's token"

    assert house.rows("SELECT key_id FROM credential") == [(1,)]
    assert house.told("keys", "rotate")["key"] == 2
    assert house.told("keys", "drop") == {"key": 2, "dropped": [1]}
    assert house.rows("SELECT key_id FROM credential") == [(2,)]
    assert house.stop(daemon) == 0
    files = [path for path in (house.folder / "entrepot-data").iterdir() if "sqlite3" in path.name]
    for path in (*files, house.folder / "daemon.log"):
        assert b"shpat_" not in path.read_bytes(), f"a token stands in {path.name}"

    house.start()
    goes_on(house)
    assert grants(house) == 2, "the next process goes on with the token that was kept"


def test_a_refused_secret_stops_the_account_until_it_is_another_one(house: TwoShops) -> None:
    house.start()
    goes_on(house)
    secret = house.folder / "secrets" / "shopify"
    right = secret.read_text("utf-8")
    secret.write_text("shpss_of-another-app", encoding="utf-8")
    until("the file was read again", lambda: "configuration taken over" in house.log())
    house.street("levers", expire_tokens=True)
    until("it needs a person", lambda: refused(house) == 1)
    assert house.issues("account.needs_reauth") == ["shopify"]
    checked = house.run("check", "--online")
    assert checked.returncode == 1
    assert (
        "renew the secret of this account, or, where its app is let in by a yes: entrepot connect shopify"
        in (" ".join(checked.stdout.split()))
    )
    before = house.calls("shop:shopify")
    goes_on(house, "warehouse")
    assert house.calls("shop:shopify") == before
    secret.write_text(right, encoding="utf-8")
    until("it is worked on again", lambda: refused(house) == 0)
    assert house.issues("account.needs_reauth") == []
    goes_on(house)


def test_connect_by_the_browser_and_by_paste_and_every_wrong_answer_with_a_next_step(house: TwoShops) -> None:
    early = house.run("connect", "shopify", "--paste")
    assert early.returncode == 2
    assert early.stderr.strip().endswith("yet; `entrepot run` makes it")
    assert house.run("once", "--seconds", "60", "--account", "shopify").returncode in (0, 1)
    other = house.run("connect", "woo")
    assert other.returncode == 2
    assert "WooCommerce gives no token by a browser" in other.stderr
    assert "then: entrepot check --online" in other.stderr

    for pasted, told in (
        (lambda _: "c-1", "paste the whole address that the browser shows after you said yes"),
        (lambda yes: yes.replace("state=", "state=x"), "begin again, and use the address just printed"),
        (lambda yes: yes.replace("code=", "code=x"), "See that `secret:` is the client secret of this very"),
        (lambda yes: yes + "&error=access_denied", "begin again and say yes there, or ask whoever may"),
    ):
        asked = Connecting(house, "--paste")
        code, said = asked.end(pasted(asked.said_yes()))
        assert (code, told in said) == (2, True), said
        assert "shpss" not in said
        assert "Traceback" not in said
    assert house.rows("SELECT count(*) FROM audit_event WHERE what = 'account connected'") == [(0,)]

    asked = Connecting(house)
    port = httpx.URL(asked.said_yes()).port
    taken = house.run("connect", "shopify", "--port", str(port))
    assert taken.returncode == 2
    assert "give another one that the vendor's app allows with --port, use --paste" in taken.stderr
    page = httpx.get(asked.address, follow_redirects=True)
    assert page.text.startswith("Thank you.")
    assert asked.end()[0] == 0
    connected(house)
    assert house.rows("SELECT count(*) FROM audit_event WHERE what = 'account connected'") == [(2,)]


def test_a_folder_that_was_taken_over_elsewhere_goes_on_with_its_token(house: TwoShops) -> None:
    assert house.run("once", "--seconds", "60", "--account", "shopify").returncode in (0, 1)
    connected(house)
    given, there = grants(house), house.folder.with_name("taken-over")
    shutil.copytree(house.folder, there)
    assert entrepot("adopt", folder=there).returncode == 0
    assert entrepot("once", "--seconds", "60", "--account", "shopify", folder=there).returncode in (0, 1)
    elsewhere = TwoShops(there, house.ready, house.control)
    read = "flow = 'orders' AND last_success_at > (SELECT renewed_at FROM credential)"
    assert elsewhere.rows(f"SELECT count(*) FROM flow_state WHERE {read}") == [(1,)]
    assert grants(house) == given


@pytest.mark.timeout(900)
def test_a_rotating_token_goes_on_and_a_restored_one_that_was_used_up_is_told_with_what_to_do(
    house: TwoShops,
) -> None:
    """Tokens of 301 seconds end soon after one: so each second one is renewed by a refresh token that is good once."""
    house.street("levers", token_seconds=301)
    daemon = house.start()
    connected(house)
    backup = house.told("backup")["file"]
    given = grants(house)
    until("it was renewed again and again", lambda: grants(house) >= given + 3)
    assert house.issues("account.needs_reauth") == []
    daemon.kill()
    daemon.wait()
    again = house.start()
    given = grants(house)
    until("a killed process is followed by one that renews it", lambda: grants(house) >= given + 2)
    assert house.issues("account.needs_reauth") == []

    assert house.stop(again) == 0
    assert house.run("restore", backup).returncode == 0
    house.start()
    until("the copy's refresh token is refused", lambda: refused(house) == 1)
    (issue,) = [one for one in house.told("issues") if one["kind"] == "account.needs_reauth"]
    assert "as after a restore" in issue["why"]
    assert "only `entrepot connect` gives another one" in issue["why"]
    connected(house)
    until("it is worked on again", lambda: refused(house) == 0)
    goes_on(house)
    assert house.issues("account.needs_reauth") == []
