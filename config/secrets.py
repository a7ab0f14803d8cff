"""Secrets by reference: the YAML names where a secret lies, and can be mailed around.

`env:NAME` is an environment variable; `file:NAME` is a file of mode 0600 in the secrets folder, one trailing
line end taken off. A value that names neither is taken for the secret itself and refused, unseen. No
secret ever stands in a message, and none in a `repr`.
"""

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from config.errors import ConfigError, Placed, Problem, problem_at
from config.yaml import Located

_MOST = 64 * 1024
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
KEY_VARIABLE = "ENTREPOT_KEY"
KEY_FILE_VARIABLE = "ENTREPOT_KEY_FILE"
KEY_FILE = "keys"


class Source(StrEnum):
    """Where a secret lies."""

    ENV = "env"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class SecretRef:
    """Where an account's secret lies, and where the YAML says so."""

    source: Source
    name: str
    place: Located = field(repr=False)

    def __str__(self) -> str:
        return f"{self.source}:{self.name}"


@dataclass(frozen=True, slots=True)
class KeyText:
    """The master keys' text as it was found, and where: `sync.store` reads its form."""

    text: str = field(repr=False)
    source: str


class KeyMissing(Exception):
    """No master key was found."""

    def __init__(self) -> None:
        super().__init__(
            f"there is no key to seal personal data with: run `entrepot keys new`, "
            f"or set {KEY_VARIABLE} or {KEY_FILE_VARIABLE}"
        )


def secret_ref(node: Located, text: str, problems: list[Problem]) -> SecretRef | None:
    """The reference that `text` is; anything else is refused without being shown."""
    source, colon, name = text.strip().partition(":")
    if colon and source == Source.ENV and _ENV_NAME.fullmatch(name):
        return SecretRef(Source.ENV, name, node)
    if colon and source == Source.FILE and _FILE_NAME.fullmatch(name):
        return SecretRef(Source.FILE, name, node)
    if colon and source in (Source.ENV, Source.FILE):
        what = f"{source}: needs a plain name"
        allowed = "env:NAME" if source == Source.ENV else "file:NAME, a file's name in the secrets folder"
    else:
        what = "a secret stands in this file in clear; put it in the environment or a file of mode 0600"
        allowed = "env:NAME, file:NAME"
    problems.append(problem_at(node, node.path, what, allowed=allowed))
    return None


def read_secret(ref: SecretRef, folder: Path, environ: Mapping[str, str] | None = None) -> str:
    """The secret itself. ConfigError with the place of its reference where it cannot be had."""
    if ref.source == Source.ENV:
        value = (os.environ if environ is None else environ).get(ref.name)
        if not value:
            state = "is not set" if value is None else "is empty"
            raise _refused(ref.place, ref.place.path, f"the environment variable {ref.name} {state}")
        return value
    return _read_private(folder / ref.name, f"the secret file {ref.name}", ref.place, ref.place.path)


def master_key(data: Path, environ: Mapping[str, str] | None = None) -> KeyText:
    """The text of the master keys: ENTREPOT_KEY, else the file of ENTREPOT_KEY_FILE, else `<data>/keys`.

    KeyMissing where there is none; ConfigError where a file is there and cannot be used.
    """
    variables = os.environ if environ is None else environ
    if variables.get(KEY_VARIABLE):
        return KeyText(variables[KEY_VARIABLE], KEY_VARIABLE)
    named = variables.get(KEY_FILE_VARIABLE)
    path = Path(named) if named else data / KEY_FILE
    if not named and not path.exists():
        raise KeyMissing
    place = _WholeFile(KEY_FILE_VARIABLE if named else str(path))
    return KeyText(_read_private(path, f"the key file {path.name}", place, ""), str(path))


@dataclass(frozen=True, slots=True)
class _WholeFile:
    """The place of a problem that is about a file as a whole."""

    file: str
    line: int = 0
    column: int = 0


def _read_private(path: Path, title: str, place: Placed, key: str) -> str:
    """A private file's text, one trailing line end off."""
    try:
        with path.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            raw = stream.read(_MOST + 1)
    except FileNotFoundError:
        raise _refused(place, key, f"{title} does not exist in {path.parent}") from None
    except OSError as error:
        reason = (error.strerror or "input/output error").lower()
        raise _refused(place, key, f"{title} cannot be read: {reason}") from None
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        what = f"{title} can be read by others (mode {stat.S_IMODE(mode):04o}): chmod 600 {path}"
        raise _refused(place, key, what)
    if len(raw) > _MOST:
        raise _refused(place, key, f"{title} is larger than {_MOST // 1024} KiB")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused(place, key, f"{title} is not UTF-8 text") from None
    text = text.removesuffix("\n").removesuffix("\r")
    if not text:
        raise _refused(place, key, f"{title} is empty")
    return text


def _refused(place: Placed, key: str, what: str) -> ConfigError:
    return ConfigError([problem_at(place, key, what)])
