"""The ways to customers, from the files: what is set up, what is missing, and what `check` says of a message."""

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from config import ConfigError
from connectors.contract.notifier import Needs
from sync.cli.app import app
from sync.engine.notifying import missing_secrets, open_notifiers, ways_of
from sync.engine.wiring import read_configuration, read_settings
from tests.integration.engine.test_starting import write

pytestmark = pytest.mark.usefixtures("no_key_outside")
MAIL = "mail: {host: localhost, security: none, user: shop, password: 'env:MAIL', from: shop@example.com}\n"
RULES = """messages:
  defaults: {by_country: {CN: zh}, shops: {shop0: Green Garden}}
  gone:
    when: cancelled
    via: mail
    zh: {subject: "订单 {order}", text: "{shop}：订单 {order} 已取消。{reason|}"}
    en: {subject: "Order {order}", text: "Order {order} was cancelled: {reason|as you wished}"}
"""


def folder(path: Path, more: str = MAIL, rules: str = RULES) -> Path:
    write(path, "http://127.0.0.1:1")
    file = path / "entrepot.yaml"
    file.write_text(more + file.read_text())
    (path / "mappings" / "messages.yaml").write_text(rules, encoding="utf-8")
    return path


def test_what_the_file_sets_up_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL", "hunter2")
    configuration = read_configuration(folder(tmp_path))
    assert ways_of(configuration.settings) == ("mail",)
    opened = open_notifiers(configuration.settings)
    assert opened["mail"].needs is Needs.MAIL
    assert configuration.loopback_only
    assert "hunter2" not in repr(configuration) + repr(opened)


def test_a_missing_password_is_told_with_its_place(tmp_path: Path) -> None:
    (problem,) = missing_secrets(read_settings(folder(tmp_path)))
    assert str(problem) == "entrepot.yaml:1:63: mail.password: the environment variable MAIL is not set"


def test_a_way_that_is_not_set_up_and_a_wrong_place_are_told_by_check(tmp_path: Path) -> None:
    path = folder(tmp_path, "", RULES.replace("{order}: {reason", "{order}: {raeson"))
    told = CliRunner().invoke(app, ["check", "--config", str(path)])
    assert told.exit_code != 0
    assert 'messages.yaml:5:10: messages.gone.via: entrepot.yaml does not set up "mail"' in told.output


def test_a_gateway_without_the_extra_is_told_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(ConfigError) as refusal:
        read_configuration(folder(tmp_path, MAIL + "apprise: {sms: 'env:SMS'}\n"))
    assert "entrepot.yaml:2:16: apprise.sms: gateways need a package that is not installed: pip" in str(
        refusal.value
    )


def test_a_message_is_shown_in_the_language_that_is_asked_for(tmp_path: Path) -> None:
    given = [
        "messages",
        "preview",
        "cancelled",
        "--config",
        str(folder(tmp_path)),
        "--account",
        "shop0",
        "--json",
    ]
    (shown,) = json.loads(CliRunner().invoke(app, [*given, "--language", "zh"]).output)
    assert shown["text"] == "Green Garden：订单 10042 已取消。The goods were used."
    (sparse,) = json.loads(CliRunner().invoke(app, [*given, "--language", "en", "--sparse"]).output)
    assert (sparse["subject"], sparse["text"]) == ("Order 10042", "Order 10042 was cancelled: as you wished")
    both = json.loads(CliRunner().invoke(app, given).output)
    assert [one["language"] for one in both] == ["zh", "en"]


def test_a_message_that_there_is_not_is_told_with_those_that_there_are(tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["messages", "preview", "nothing", "--config", str(folder(tmp_path))])
    assert told.exit_code == 2
    assert "there are: gone" in told.output
