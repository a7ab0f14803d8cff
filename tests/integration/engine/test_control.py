"""The socket between the command line and the daemon, and what is told where no daemon answers."""

import json
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from sync.engine.answering import listen
from sync.engine.control import connect, socket_path
from sync.engine.lock import Lock
from sync.engine.refusals import UNREACHABLE, CommandRefused, StartRefused
from sync.engine.settings_file import read_settings
from sync.flows.flow import FlowName
from tests.integration.engine.bureau import ALONE, LISTENING, Bureau

pytestmark = pytest.mark.usefixtures("no_key_outside")
listening = pytest.mark.parametrize("office", [LISTENING], indirect=True)
DEEP = b'{"command":' + b"[" * 100_000 + b"\n"
alone = pytest.mark.parametrize("office", [ALONE], indirect=True)


@listening
async def test_a_hint_without_a_flow_wakes_them_all(office: Bureau) -> None:
    await office.do("hint", account="shop")
    assert office.hints == list(FlowName)


@listening
async def test_the_daemon_looks_at_its_accounts_again_after_each_change_of_them(office: Bureau) -> None:
    for name in ("live", "pause", "resume", "accept-shop"):
        await office.do(name, account="shop")
    assert office.changed == 4


@listening
async def test_the_socket_is_its_owners_alone(office: Bureau) -> None:
    mode = socket_path(office.settings).stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o600


@listening
@pytest.mark.parametrize("line", [b"hello\n", b"{}\n", b"[1]\n", b'"x"\n', b"\xff\xfe\n", b"\n", DEEP])
async def test_a_line_that_is_no_command_is_answered(office: Bureau, line: bytes) -> None:
    reader, writer = await connect(office.settings)
    writer.write(line)
    answer = json.loads(await reader.readline())
    writer.close()
    assert answer == {"ok": False, "why": "that is no command of this version"}


@listening
async def test_a_line_without_end_is_not_gathered(office: Bureau) -> None:
    reader, writer = await connect(office.settings)
    with suppress(ConnectionError):
        for _ in range(40):
            writer.write(b"x" * 100_000)
            await writer.drain()
    with suppress(ConnectionError):
        assert await reader.read() == b""
    writer.close()
    await office.do("hint", account="shop")
    assert office.hints == list(FlowName)


@listening
async def test_a_command_that_fails_is_answered_without_its_exceptions_text(office: Bureau) -> None:
    with pytest.raises(CommandRefused) as refused:
        await office.do("pause", account={"name": "Erika"})
    assert str(refused.value).startswith("the command failed in the daemon (")
    assert "Erika" not in str(refused.value)


@listening
async def test_an_unknown_command_is_refused(office: Bureau) -> None:
    with pytest.raises(CommandRefused, match="there is no command 'dance'"):
        await office.do("dance")


@listening
async def test_a_caller_that_goes_away_disturbs_nobody(office: Bureau) -> None:
    _, writer = await connect(office.settings)
    writer.close()
    assert (await office.do("pause", account="shop"))["condition"] == "paused"


@alone
async def test_a_dead_daemons_socket_is_taken_over(tmp_path: Path, office: Bureau) -> None:
    socket_path(office.settings).write_text("left behind")
    server = await listen(office.settings, office.answer)
    assert (await office.do("pause", account="shop"))["condition"] == "paused"
    server.close()


@alone
async def test_without_a_daemon_what_only_a_daemon_can_do_is_refused(office: Bureau) -> None:
    for name in ("reload", "stop"):
        with pytest.raises(StartRefused) as refused:
            await office.do(name)
        assert str(refused.value) == "no daemon is running; start it with: entrepot run"
        assert refused.value.exit_code == UNREACHABLE
    assert (await office.do("status"))["running"] is False


@alone
async def test_a_daemon_that_has_no_socket_yet_is_told_with_its_pid(office: Bureau) -> None:
    lock = Lock(office.settings)
    lock.take()
    try:
        with pytest.raises(StartRefused) as refused:
            await office.do("pause", account="shop")
    finally:
        lock.release()
    assert str(refused.value) == (
        f"the daemon (pid {os.getpid()}) does not answer on its socket: it is starting or stopping; try again"
    )


async def test_a_socket_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "entrepot.yaml").write_text("timezone: UTC\naccounts: {}\n")
    settings = read_settings(tmp_path)

    async def answer(name: str, args: dict[str, Any]) -> dict[str, Any]:
        return {}

    with pytest.raises(StartRefused) as refused:
        await listen(settings, answer)
    assert str(refused.value) == (
        f"the control socket {socket_path(settings)} cannot be made (No such file or directory): "
        "check the folder's owner and mode"
    )


async def test_a_path_too_long_for_a_socket_still_has_it_beside_the_database(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 120)
    (deep / "entrepot-data").mkdir(parents=True)
    (deep / "entrepot.yaml").write_text("timezone: UTC\naccounts: {}\n")
    settings = read_settings(deep)

    async def answer(name: str, args: dict[str, Any]) -> dict[str, Any]:
        return {"asked": name}

    server = await listen(settings, answer)
    try:
        assert socket_path(settings).is_socket()
        assert socket_path(settings).stat().st_mode & 0o777 == 0o600
        reader, writer = await connect(settings)
        writer.write(b'{"command": "status"}\n')
        assert json.loads(await reader.readline()) == {"ok": True, "result": {"asked": "status"}}
        writer.close()
    finally:
        server.close()


async def test_a_files_name_too_long_for_a_socket_is_told(tmp_path: Path) -> None:
    name = "x" * 120
    (tmp_path / "entrepot.yaml").write_text(f"timezone: UTC\ndatabase: sqlite:///{name}\naccounts: {{}}\n")
    settings = read_settings(tmp_path)

    async def answer(name: str, args: dict[str, Any]) -> dict[str, Any]:
        return {}

    with pytest.raises(StartRefused, match=r"cannot be made .*AF_UNIX path too long") as refused:
        await listen(settings, answer)
    assert refused.value.exit_code == 3
