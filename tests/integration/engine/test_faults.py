"""What the machine refuses is told in a sentence that says what to do, and where."""

import errno
import sqlite3
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from connectors.contract import AuthRejected, Refused, Throttled, Unavailable
from sync.engine.faults import Ending, Fault, judge

PLACE = "/data/entrepot.sqlite3"


def database(text: str) -> OperationalError:
    return OperationalError("SELECT secret", {"name": "Erika"}, sqlite3.OperationalError(text))


MACHINE = [
    (
        [database("database or disk is full"), OSError(errno.ENOSPC, "x"), OSError(errno.EDQUOT, "x")],
        f"the disk is full: free some space for {PLACE}; nothing is lost, work goes on by itself then",
    ),
    (
        [
            database("attempt to write a readonly database"),
            database("unable to open database file"),
            sqlite3.OperationalError("unable to open database file"),
            OSError(errno.EROFS, "x"),
            PermissionError(errno.EACCES, "x"),
        ],
        f"{PLACE} cannot be written: check the owner and the mode of the file and of its folder",
    ),
    (
        [database("disk I/O error"), database("database disk image is malformed"), OSError(errno.EIO, "x")],
        f"{PLACE} cannot be read or written rightly: check the disk, then run: entrepot check",
    ),
    (
        [database("file is not a database")],
        f"{PLACE} is no SQLite database: put the right file back, or restore a backup",
    ),
    ([database("database is locked")], f"another program keeps {PLACE} locked: close it"),
    (
        [PoolTimeout("x")],
        f"{PLACE} answers too slowly: the disk is overloaded, or another program keeps it busy",
    ),
]


@pytest.mark.parametrize(("error", "text"), [(error, text) for errors, text in MACHINE for error in errors])
def test_a_fault_of_the_machine_says_what_to_do(error: Exception, text: str) -> None:
    verdict = judge(error, PLACE)
    assert (verdict.fault, verdict.text, verdict.ending) == (Fault.MACHINE, text, Ending.FAILED)


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (Throttled("later"), Fault.PATIENCE),
        (Unavailable("down"), Fault.OUTAGE),
        (AuthRejected("no"), Fault.CREDENTIALS),
        (Refused("no such thing"), Fault.FLOW),
    ],
)
def test_the_contracts_errors_are_told_in_their_own_words(error: Exception, fault: Fault) -> None:
    verdict = judge(error, PLACE)
    assert (verdict.fault, verdict.text) == (fault, str(error))


def test_of_another_exception_only_the_type_and_place_are_told() -> None:
    try:
        raise KeyError("Erika Mustermann")
    except KeyError as error:
        verdict = judge(error, PLACE)
    assert verdict.fault is Fault.FLOW
    assert verdict.text.startswith("KeyError at tests.integration.engine.test_faults:")
    assert "Erika" not in verdict.text


def test_an_unforeseen_fault_of_the_database_shows_neither_statement_nor_values() -> None:
    verdict = judge(database("no such table: x"), PLACE)
    assert verdict.fault is Fault.FLOW
    assert "secret" not in verdict.text
    assert "Erika" not in verdict.text


def test_an_error_of_ours_does_not_hide_behind_a_vendors_and_the_vendors_wait_is_kept() -> None:
    errors = [Throttled("t", retry_after=timedelta(seconds=90)), ValueError("v"), Unavailable("u")]
    verdict = judge(ExceptionGroup("all", errors), PLACE)
    assert (verdict.fault, verdict.retry_after) == (Fault.FLOW, timedelta(seconds=90))


def test_refused_credentials_outweigh_whatever_else_went_wrong_at_once() -> None:
    errors = [Throttled("t"), ExceptionGroup("deep", [Unavailable("u"), AuthRejected("a")]), ValueError("v")]
    assert judge(ExceptionGroup("all", errors), PLACE).fault is Fault.CREDENTIALS
