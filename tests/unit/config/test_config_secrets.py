"""Secrets by reference: where they come from, and that no message shows one."""

from pathlib import Path

import pytest

from config import ConfigError, KeyMissing, SecretRef, load_settings, master_key, read_secret

SECRET = "hunter2-and-more"


def reference(folder: Path, text: str) -> SecretRef:
    """The reference of an account that says so."""
    path = folder / "entrepot.yaml"
    path.write_text(f'accounts:\n  main: {{connector: x, secret: "{text}"}}\n', "utf-8")
    ref = load_settings(path, file="entrepot.yaml").accounts["main"].secret
    assert ref is not None
    return ref


def secret_file(folder: Path, raw: bytes, mode: int = 0o600) -> Path:
    """A secrets folder with one file, `shop`."""
    (folder / "secrets").mkdir()
    path = folder / "secrets" / "shop"
    path.write_bytes(raw)
    path.chmod(mode)
    return path.parent


def refusal(ref: SecretRef, folder: Path, environ: dict[str, str] | None = None) -> str:
    """What is said where the secret cannot be had."""
    with pytest.raises(ConfigError) as refused:
        read_secret(ref, folder, environ or {})
    assert SECRET not in str(refused.value)
    return str(refused.value)


def test_a_secret_comes_from_the_environment(tmp_path: Path) -> None:
    assert read_secret(reference(tmp_path, "env:SHOP_KEY"), tmp_path, {"SHOP_KEY": SECRET}) == SECRET


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_a_secret_comes_from_a_file_without_its_line_end(end: bytes, tmp_path: Path) -> None:
    folder = secret_file(tmp_path, SECRET.encode() + end)
    assert read_secret(reference(tmp_path, "file:shop"), folder) == SECRET


def test_white_space_inside_a_secret_is_kept(tmp_path: Path) -> None:
    folder = secret_file(tmp_path, b" two words \n")
    assert read_secret(reference(tmp_path, "file:shop"), folder) == " two words "


def test_a_variable_that_is_not_set_or_empty_is_named(tmp_path: Path) -> None:
    ref = reference(tmp_path, "env:SHOP_KEY")
    head = "entrepot.yaml:2:32: accounts.main.secret: the environment variable SHOP_KEY"
    assert refusal(ref, tmp_path) == f"{head} is not set"
    assert refusal(ref, tmp_path, {"SHOP_KEY": ""}) == f"{head} is empty"


HEAD = "entrepot.yaml:2:32: accounts.main.secret: the secret file shop"


def test_a_file_that_does_not_exist_is_named_with_its_folder(tmp_path: Path) -> None:
    assert refusal(reference(tmp_path, "file:shop"), tmp_path) == f"{HEAD} does not exist in {tmp_path}"


@pytest.mark.parametrize(("mode", "shown"), [(0o644, "0644"), (0o640, "0640"), (0o604, "0604")])
def test_a_file_that_others_can_read_is_refused_with_its_mend(mode: int, shown: str, tmp_path: Path) -> None:
    folder = secret_file(tmp_path, SECRET.encode(), mode)
    told = refusal(reference(tmp_path, "file:shop"), folder)
    assert told == f"{HEAD} can be read by others (mode {shown}): chmod 600 {folder / 'shop'}"


def test_a_file_without_a_secret_is_refused(tmp_path: Path) -> None:
    assert refusal(reference(tmp_path, "file:shop"), secret_file(tmp_path, b"\n")) == f"{HEAD} is empty"


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    told = refusal(reference(tmp_path, "file:shop"), secret_file(tmp_path, b"\xff\xfe\xfd"))
    assert told == f"{HEAD} is not UTF-8 text"


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    told = refusal(reference(tmp_path, "file:shop"), secret_file(tmp_path, b"x" * 70_000))
    assert told == f"{HEAD} is larger than 64 KiB"


def test_a_folder_is_no_secret(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    assert refusal(reference(tmp_path, "file:shop"), tmp_path) == f"{HEAD} cannot be read: is a directory"


def test_the_master_key_comes_from_its_variable_first(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("1:file\n")
    found = master_key(tmp_path, {"ENTREPOT_KEY": "1:variable", "ENTREPOT_KEY_FILE": "/nowhere"})
    assert (found.text, found.source) == ("1:variable", "ENTREPOT_KEY")


def test_the_master_key_comes_from_the_named_file_next(tmp_path: Path) -> None:
    named = tmp_path / "named"
    named.write_text("1:named\n2:newer\n")
    named.chmod(0o600)
    found = master_key(tmp_path, {"ENTREPOT_KEY_FILE": str(named)})
    assert (found.text, found.source) == ("1:named\n2:newer", str(named))


def test_the_master_key_comes_from_the_data_folder_last(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("1:data\n")
    (tmp_path / "keys").chmod(0o600)
    assert master_key(tmp_path, {}).text == "1:data"


def test_without_a_master_key_the_mend_is_said(tmp_path: Path) -> None:
    with pytest.raises(KeyMissing) as missing:
        master_key(tmp_path, {})
    assert str(missing.value) == (
        "there is no key to seal personal data with: run `entrepot keys new`, "
        "or set ENTREPOT_KEY or ENTREPOT_KEY_FILE"
    )


def test_a_named_key_file_that_is_absent_is_an_error_and_not_a_missing_key(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        master_key(tmp_path, {"ENTREPOT_KEY_FILE": str(tmp_path / "k")})
    assert str(refused.value) == f"ENTREPOT_KEY_FILE: the key file k does not exist in {tmp_path}"


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text("1:data\n")
    path.chmod(0o644)
    with pytest.raises(ConfigError) as refused:
        master_key(tmp_path, {})
    assert (
        str(refused.value) == f"{path}: the key file keys can be read by others (mode 0644): chmod 600 {path}"
    )


def test_no_repr_shows_a_key(tmp_path: Path) -> None:
    assert SECRET not in repr(master_key(tmp_path, {"ENTREPOT_KEY": SECRET}))
