"""What keeps the program from starting is told in one line: the key, the clock, the database, the accounts."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config import ConfigError
from sync.domain.clock import SystemClock
from sync.engine.clock import FileClock, clock
from sync.engine.control import command
from sync.engine.opening import key_ring, open_store
from sync.engine.refusals import UNREACHABLE, StartRefused
from sync.engine.service import once
from sync.engine.settings_file import read_settings
from sync.engine.wiring import read_configuration
from sync.store.sealing import new_key

pytestmark = pytest.mark.usefixtures("no_key_outside")
SHOP = "  {name}: {{connector: vendure, url: '{url}', username: sync, secret: 'env:{secret}'}}\n"


def write(folder: Path, *urls: str) -> Path:
    """A configuration of shops at these addresses, with a key."""
    accounts = "".join(
        SHOP.format(name=f"shop{n}", url=url, secret=f"SECRET_{n}") for n, url in enumerate(urls)
    )
    text = "timezone: UTC\nmetrics: {listen: off}\naccounts:\n" + (accounts or "  {}\n")
    (folder / "entrepot.yaml").write_text(text)
    (folder / "mappings").mkdir(exist_ok=True)
    keys = folder / "entrepot-data" / "keys"
    keys.parent.mkdir(mode=0o700)
    keys.touch(0o600)
    keys.write_text(new_key())
    return folder


async def refusal(folder: Path) -> StartRefused:
    with pytest.raises(StartRefused) as refused:
        await once(folder)
    return refused.value


async def test_without_a_configuration_init_is_named(tmp_path: Path) -> None:
    assert str(await refusal(tmp_path)) == (
        f"there is no entrepot.yaml in {tmp_path}; make one with: entrepot init"
    )


async def test_without_a_key_the_command_that_makes_one_is_named(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "entrepot-data" / "keys").unlink()
    error = await refusal(tmp_path)
    assert str(error) == (
        "there is no key to seal personal data with: run `entrepot keys new`, "
        "or set ENTREPOT_KEY or ENTREPOT_KEY_FILE"
    )
    assert error.exit_code == 2


async def test_a_key_that_is_none_is_told_without_showing_it(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "entrepot-data" / "keys").write_text("blind:tooshort")
    told = str(await refusal(tmp_path))
    assert "tooshort" not in told
    assert "key" in told


async def test_another_key_than_the_databases_own_is_told_before_any_call(tmp_path: Path) -> None:
    """The shop's address leads nowhere: it is not asked."""
    write(tmp_path)
    await once(tmp_path)
    (tmp_path / "entrepot-data" / "keys").write_text(new_key())
    assert "is not the one that sealed this database; restore the right key file" in str(
        await refusal(tmp_path)
    )


async def test_a_refused_start_keeps_no_lock(tmp_path: Path) -> None:
    write(tmp_path)
    await once(tmp_path)
    key = (tmp_path / "entrepot-data" / "keys").read_text()
    (tmp_path / "entrepot-data" / "keys").write_text(new_key())
    await refusal(tmp_path)
    (tmp_path / "entrepot-data" / "keys").write_text(key)
    assert (await once(tmp_path)).passes == 0


@pytest.mark.parametrize(
    "url", ["https://shop.example.com", "http://10.0.0.7:3000", "http://127.evil.example"]
)
@pytest.mark.parametrize("act", ["start", "command"])
async def test_a_test_clock_is_refused_where_an_account_is_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, act: str
) -> None:
    write(tmp_path, "http://127.0.0.1:9", url)
    (tmp_path / "now").write_text("+0")
    monkeypatch.setenv("ENTREPOT_TEST_CLOCK", str(tmp_path / "now"))
    with pytest.raises(StartRefused) as refused:
        if act == "start":
            await once(tmp_path)
        else:
            await command(tmp_path, "live", account="shop0")
    assert str(refused.value) == (
        "ENTREPOT_TEST_CLOCK is for tests: it is refused unless every account is on 127.0.0.1"
    )
    assert not (tmp_path / "entrepot-data" / "entrepot.sqlite3").exists()


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://localhost:9", "http://[::1]:9"])
async def test_a_test_clock_is_taken_on_loopback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    write(tmp_path, url)
    monkeypatch.setenv("ENTREPOT_TEST_CLOCK", str(tmp_path / "now"))
    (tmp_path / "now").write_text("2031-05-06T07:08:09+02:00")
    assert read_configuration(tmp_path).loopback_only
    assert clock().now() == datetime(2031, 5, 6, 5, 8, 9, tzinfo=UTC)
    monkeypatch.setenv("SECRET_0", "x")
    assert (await once(tmp_path, seconds=5)).waiting == ["shop0"]


def test_a_test_clock_is_read_at_every_look(tmp_path: Path) -> None:
    file = tmp_path / "now"
    file.write_text("+3600")
    ahead = FileClock(file).now() - datetime.now(UTC)
    assert timedelta(minutes=59) < ahead < timedelta(minutes=61)
    file.write_text("2026-01-01T00:00:00+00:00")
    assert FileClock(file).now() == datetime(2026, 1, 1, tzinfo=UTC)


def test_without_the_variable_it_is_the_machines_clock() -> None:
    assert isinstance(clock(), SystemClock)


async def test_every_missing_secret_is_told_and_nothing_is_stored(tmp_path: Path) -> None:
    write(tmp_path, "http://127.0.0.1:9", "http://127.0.0.1:9")
    with pytest.raises(ConfigError) as refused:
        await once(tmp_path)
    told = str(refused.value)
    assert "SECRET_0 is not set" in told
    assert "SECRET_1 is not set" in told
    with sqlite3.connect(tmp_path / "entrepot-data" / "entrepot.sqlite3") as database:
        (count,) = database.execute("SELECT count(*) FROM account").fetchone()
    database.close()
    assert count == 0


async def test_only_looking_makes_no_database(tmp_path: Path) -> None:
    settings = read_settings(write(tmp_path))
    with pytest.raises(StartRefused) as refused:
        await open_store(settings, SystemClock(), read_only=True)
    assert str(refused.value) == (f"there is no database at {settings.database} yet; `entrepot run` makes it")
    assert settings.database.path is not None
    assert not settings.database.path.exists()


async def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    settings = read_settings(write(tmp_path))
    assert settings.database.path is not None
    settings.database.path.write_bytes(b"this is no database " * 400)
    error = await refusal(tmp_path)
    assert str(error) == (
        f"{settings.database} is no SQLite database: put the right file back, or restore a backup"
    )
    assert error.exit_code == UNREACHABLE


def test_the_key_may_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path)
    (tmp_path / "entrepot-data" / "keys").unlink()
    monkeypatch.setenv("ENTREPOT_KEY", new_key())
    assert key_ring(read_settings(tmp_path)).keys
