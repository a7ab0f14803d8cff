"""entrepot.yaml as admins write it: what is read, what is resolved, what is left to the connector."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest
from pydantic import BaseModel, ConfigDict, Field

from config import (
    ConfigError,
    Level,
    Listen,
    LogFormat,
    Mode,
    PersonalData,
    Settings,
    bind_options,
    load_settings,
    settings_schema,
)
from config.units import Duration
from config.yaml import parse

WHOLE = """
timezone: Asia/Shanghai
data: ./state
metrics: {listen: "0.0.0.0:9999"}
log: {format: json, level: warning}
schedule: {orders: 30 seconds}
parcels: {unscanned_after: 10 hours}
accounts:
  main:
    connector: vendure
    secret: env:MAIN_KEY
    mode: live
    cutover: 2026-06-01 09:00
    currency: eur
    personal_data: masked
    url: https://shop.example.com
    retries: 3
    login: "00123"
    poll: 5 minutes
    careful: true
  wh:
    connector: tryton
    timezone: Europe/Berlin
    cutover: 2026-06-01
    sender: {name: Entrepot, street: 1 Quay, city: Hamburg, postal_code: "20457", country: de}
"""


class Options(BaseModel):
    """What a connector asks for."""

    model_config = ConfigDict(extra="forbid")
    url: str
    retries: int = Field(1, ge=0, le=5)
    login: str = ""
    poll: Duration = timedelta(minutes=1)
    careful: bool = False
    tags: list[str] = []


def settings(folder: Path, text: str) -> Settings:
    """The settings of a file of that text."""
    path = folder / "entrepot.yaml"
    path.write_text(text, "utf-8")
    return load_settings(path, file="entrepot.yaml")


def problems(folder: Path, text: str) -> str:
    """What the options of the account `main` are told."""
    with pytest.raises(ConfigError) as refusal:
        bind_options(settings(folder, text).accounts["main"], Options)
    return str(refusal.value)


def test_paths_are_beside_the_file(tmp_path: Path) -> None:
    found = settings(tmp_path, WHOLE)
    assert (found.data, found.database.path) == (tmp_path / "state", tmp_path / "state" / "entrepot.sqlite3")
    assert (found.secrets, found.mappings) == (tmp_path / "secrets", tmp_path / "mappings")


def test_a_database_may_lie_elsewhere(tmp_path: Path) -> None:
    text = f"database: sqlite:///{tmp_path}/other/db.sqlite3\naccounts: {{}}"
    assert settings(tmp_path, text).database.path == tmp_path / "other" / "db.sqlite3"


def test_a_postgresql_database_is_a_url_and_its_lock_lies_in_the_data_folder(tmp_path: Path) -> None:
    text = "database: postgres://sync@db:5433/entrepot?sslmode=require\ndata: ./state\naccounts: {}"
    found = settings(tmp_path, text).database
    assert (found.kind, found.path) == ("postgresql", None)
    assert str(found) == found.address == "postgresql://sync@db:5433/entrepot?sslmode=require"
    assert found.beside == tmp_path / "state" / "entrepot.postgresql"


def test_what_is_not_said_has_a_default(tmp_path: Path) -> None:
    found = settings(tmp_path, "accounts: {}")
    assert found.timezone.key == "UTC"
    assert found.data == tmp_path / "entrepot-data"
    assert found.metrics == Listen("127.0.0.1", 9464)
    assert (found.log_format, found.log_level) == (LogFormat.AUTO, Level.INFO)
    assert found.schedule["orders"] == timedelta(seconds=15)
    assert (found.unscanned_after, found.stuck_after) == (timedelta(hours=20), timedelta(hours=72))


def test_what_is_said_counts(tmp_path: Path) -> None:
    found = settings(tmp_path, WHOLE)
    assert found.metrics == Listen("0.0.0.0", 9999)
    assert (found.log_format, found.log_level) == (LogFormat.JSON, Level.WARNING)
    assert found.schedule["orders"] == timedelta(seconds=30)
    assert found.schedule["full_stock"] == timedelta(minutes=15)
    assert found.unscanned_after == timedelta(hours=10)


def test_metrics_may_be_off_or_on_ipv6(tmp_path: Path) -> None:
    assert settings(tmp_path, "metrics: {listen: off}\naccounts: {}").metrics is None
    six = settings(tmp_path, 'metrics: {listen: "[::1]:0"}\naccounts: {}').metrics
    assert six == Listen("::1", 0)


def test_an_account_has_its_common_keys_typed(tmp_path: Path) -> None:
    main = settings(tmp_path, WHOLE).accounts["main"]
    assert (main.connector, main.mode, main.currency) == ("vendure", Mode.LIVE, "EUR")
    assert main.personal_data is PersonalData.MASKED
    assert str(main.secret) == "env:MAIN_KEY"


def test_an_account_without_a_mode_leaves_it_to_the_store(tmp_path: Path) -> None:
    assert settings(tmp_path, WHOLE).accounts["wh"].mode is None


def test_a_cutover_without_offset_is_in_the_accounts_own_zone(tmp_path: Path) -> None:
    accounts = settings(tmp_path, WHOLE).accounts
    assert accounts["main"].cutover == datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
    assert accounts["wh"].cutover == datetime(2026, 5, 31, 22, 0, tzinfo=UTC)


def test_a_sender_is_an_address_that_no_repr_shows(tmp_path: Path) -> None:
    warehouse = settings(tmp_path, WHOLE).accounts["wh"]
    assert warehouse.sender is not None
    assert warehouse.sender.deliverable
    assert (warehouse.sender.street, warehouse.sender.country) == (("1 Quay",), "DE")
    assert "Hamburg" not in repr(warehouse)


def test_accounts_keep_the_order_of_the_file(tmp_path: Path) -> None:
    assert list(settings(tmp_path, WHOLE).accounts) == ["main", "wh"]


def test_options_are_typed_by_the_connectors_model(tmp_path: Path) -> None:
    options = bind_options(settings(tmp_path, WHOLE).accounts["main"], Options)
    assert options == Options(
        url="https://shop.example.com", retries=3, login="00123", poll=timedelta(minutes=5), careful=True
    )


def test_a_common_key_that_the_connector_wants_too_reaches_it(tmp_path: Path) -> None:
    class WithCurrency(BaseModel):
        currency: str

    text = "accounts:\n  main: {connector: x, currency: EUR}"
    assert bind_options(settings(tmp_path, text).accounts["main"], WithCurrency).currency == "EUR"


def test_a_missing_option_is_told_at_the_account(tmp_path: Path) -> None:
    told = problems(tmp_path, "accounts:\n  main: {connector: x}")
    assert told == "entrepot.yaml:2:9: accounts.main.url: this key is missing"


def test_a_slip_of_an_option_is_told_with_the_connectors_keys(tmp_path: Path) -> None:
    told = problems(tmp_path, "accounts:\n  main: {connector: x, url: u, retrys: 2}")
    assert told == (
        'entrepot.yaml:2:32: accounts.main.retrys: "retrys" is not a key here; '
        "allowed: url, retries, login, poll, careful, tags; did you mean retries?"
    )


def test_a_slip_of_a_common_key_is_told_as_such(tmp_path: Path) -> None:
    told = problems(tmp_path, "accounts:\n  main: {connector: x, url: u, curency: EUR}")
    assert told.endswith("did you mean currency?")


def test_options_of_a_wrong_type_are_told_each_at_its_place(tmp_path: Path) -> None:
    text = "accounts:\n  main: {connector: x, url: [u], retries: 9, poll: 5, careful: on, tags: {a: b}}"
    assert problems(tmp_path, text).splitlines() == [
        "entrepot.yaml:2:29: accounts.main.url: a list does not fit; allowed: text",
        'entrepot.yaml:2:43: accounts.main.retries: "9" does not fit; allowed: at most 5',
        'entrepot.yaml:2:52: accounts.main.poll: "5" is not a duration; '
        "allowed: a number with a unit: 500 ms, 15 seconds, 10 minutes, 2 hours, 3 days",
        'entrepot.yaml:2:64: accounts.main.careful: "on" is neither true nor false; '
        "allowed: true, false; did you mean true?",
        "entrepot.yaml:2:74: accounts.main.tags: a mapping does not fit; allowed: a list",
    ]


def test_a_value_under_a_secret_sounding_key_is_not_shown(tmp_path: Path) -> None:
    class WithSecret(BaseModel):
        client_key: int

    account = settings(tmp_path, "accounts:\n  main: {connector: x, client_key: hunter2}").accounts["main"]
    with pytest.raises(ConfigError) as refusal:
        bind_options(account, WithSecret)
    assert str(refusal.value) == (
        "entrepot.yaml:2:36: accounts.main.client_key: this value does not fit; allowed: a whole number"
    )


def test_files_that_cannot_be_read_are_told_without_a_line(tmp_path: Path) -> None:
    absent, folder, large = tmp_path / "absent.yaml", tmp_path / "folder.yaml", tmp_path / "large.yaml"
    folder.mkdir()
    large.write_bytes(b"#" * (1 << 20) + b"\n")
    told = []
    for path in (absent, folder, large):
        with pytest.raises(ConfigError) as refusal:
            load_settings(path, file=path.name)
        told.append(str(refusal.value))
    assert told == [
        "absent.yaml: there is no such file",
        "folder.yaml: this is a folder, not a file",
        "large.yaml: the file is larger than 1024 KiB",
    ]


def test_a_file_that_this_user_may_not_read_is_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "entrepot.yaml"
    path.write_text("accounts: {}")
    path.chmod(0)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        with pytest.raises(ConfigError) as refusal:
            load_settings(path, file="entrepot.yaml")
    finally:
        os.seteuid(user)
    assert str(refusal.value) == "entrepot.yaml: this user may not read it"


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="a file that fails when it is read")
def test_a_file_that_fails_while_it_is_read_is_told_as_such() -> None:
    with pytest.raises(ConfigError) as refusal:
        load_settings(Path("/proc/self/mem"), file="entrepot.yaml")
    assert str(refusal.value) == "entrepot.yaml: it cannot be read: Input/output error"


def test_the_editors_schema_takes_what_the_daemon_takes(tmp_path: Path) -> None:
    schema = settings_schema({"vendure": Options})
    account = {"connector": "vendure", "url": "u", "login": 123, "poll": "5 minutes", "mode": "live"}
    file = {"timezone": "UTC", "schedule": {"orders": "5 seconds"}, "accounts": {"main": account}}
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(file, schema)


@pytest.mark.parametrize(
    "wrong",
    [
        {"accounts": {"Main": {"connector": "vendure", "url": "u"}}},
        {"accounts": {"main": {"connector": "vendure"}}},
        {"accounts": {"main": {"connector": "vendure", "url": "u", "mode": "on"}}},
        {"accounts": {"main": {"connector": "vendure", "url": "u", "colour": "red"}}},
        {"accounts": {}, "shedule": {}},
        {},
    ],
)
def test_the_editors_schema_refuses_what_the_daemon_refuses(wrong: dict[str, object]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, settings_schema({"vendure": Options}))


def test_every_flow_has_an_interval(tmp_path: Path) -> None:
    from sync.flows.flow import FlowName

    schedule = settings(tmp_path, "accounts: {}").schedule
    assert set(schedule) == {flow.value for flow in FlowName} | {"full_stock"}


def test_located_values_are_found_by_steps() -> None:
    root = parse("a: [{b: c}]", "x.yaml")
    assert root is not None
    found = root.find("a", 0, "b")
    assert (found.line, found.column, found.path) == (1, 9, "a[0].b")
    assert root.find("a", 7).path == "a"


def test_data_of_people_are_kept_for_two_years_unless_something_else_is_said(tmp_path: Path) -> None:
    assert settings(tmp_path, "accounts: {}").retention.personal_data == timedelta(days=730)
    said = "retention: {personal_data: 26 weeks, raw_payloads: forever, deliveries: 1 year}\naccounts: {}"
    kept = settings(tmp_path, said).retention
    assert (kept.personal_data, kept.raw_payloads) == (timedelta(weeks=26), None)
    assert (kept.deliveries, kept.broken_records) == (timedelta(days=365), timedelta(days=90))


def test_backups_are_daily_and_seven_are_kept_unless_the_file_says_otherwise(tmp_path: Path) -> None:
    plan = settings(tmp_path, "accounts: {}").backup
    assert (plan.every, plan.keep) == (timedelta(days=1), 7)
    plan = settings(tmp_path, "backup: {every: 6 hours, keep: 30}\naccounts: {}").backup
    assert (plan.every, plan.keep) == (timedelta(hours=6), 30)
    assert settings(tmp_path, "backup: {every: off}\naccounts: {}").backup.every is None
