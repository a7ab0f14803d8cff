"""What a PostgreSQL server refuses is told in a sentence that says what to do, and where."""

import psycopg
import pytest
from psycopg import errors
from sqlalchemy.exc import DBAPIError, OperationalError

from sync.engine.faults import Fault, judge
from sync.store.postgres import Taken

PLACE = "postgresql://sync@db/entrepot"
AWAY = f"{PLACE} does not answer: see that PostgreSQL runs and can be reached; work goes on by itself then"
USER = (
    f"{PLACE} refuses our user: check the user under `database:`, and its password in ~/.pgpass or PGPASSWORD"
)
NOT_THERE = f"{PLACE} is not there: make it with createdb, owned by the user under `database:`"
SLOW = f"{PLACE} answers too slowly: the server is overloaded, or another session holds what is wanted"
DISK = f"{PLACE} cannot be read or written rightly: check the server's disk and its log"
FULL = f"{PLACE} has no connection left: raise max_connections (Entrepot takes up to 17), or close other programs"
TOLD = [
    (psycopg.OperationalError("connection failed: Connection refused"), AWAY),
    (psycopg.OperationalError("failed to resolve host 'db': Name or service not known"), AWAY),
    (psycopg.OperationalError("the connection is closed"), AWAY),
    (errors.AdminShutdown("x"), AWAY),
    (errors.CannotConnectNow("x"), AWAY),
    (errors.ConnectionException("x"), AWAY),
    (psycopg.OperationalError('FATAL:  password authentication failed for user "sync"'), USER),
    (psycopg.OperationalError("fe_sendauth: no password supplied"), USER),
    (psycopg.OperationalError('FATAL:  no pg_hba.conf entry for host "1.2.3.4"'), USER),
    (psycopg.OperationalError('FATAL:  role "sync" does not exist'), USER),
    (psycopg.OperationalError('FATAL:  database "entrepot" does not exist'), NOT_THERE),
    (psycopg.OperationalError("FATAL:  sorry, too many clients already"), FULL),
    (errors.TooManyConnections("x"), FULL),
    (
        errors.DiskFull("x"),
        f"the disk of the server of {PLACE} is full: free some space; "
        "nothing is lost, work goes on by itself then",
    ),
    (
        errors.OutOfMemory("x"),
        f"the server of {PLACE} lacks memory or other means: see its log; "
        "nothing is lost, work goes on by itself then",
    ),
    (
        errors.ReadOnlySqlTransaction("x"),
        f"{PLACE} can only be read: it is a standby, or was set so; name the primary server under `database:`",
    ),
    (errors.QueryCanceled("x"), SLOW),
    (errors.LockNotAvailable("x"), SLOW),
    (
        errors.InsufficientPrivilege("x"),
        f"{PLACE} does not allow that: the user under `database:` must own the database and its tables",
    ),
    (errors.IoError("x"), DISK),
    (errors.DataCorrupted("x"), DISK),
    (
        errors.IdleInTransactionSessionTimeout("x"),
        f"{PLACE} ended a transaction that took too long: the machine is overloaded",
    ),
]


@pytest.mark.parametrize("number", range(len(TOLD)))
@pytest.mark.parametrize("wrapped", [True, False])
def test_what_the_server_refuses_says_what_to_do(number: int, wrapped: bool) -> None:
    error, text = TOLD[number]
    told: Exception = OperationalError("SELECT secret", {"name": "Erika"}, error) if wrapped else error
    verdict = judge(told, PLACE)
    assert (verdict.fault, verdict.text) == (Fault.MACHINE, text)


def test_another_daemon_on_the_database_is_the_machines_affair() -> None:
    verdict = judge(Taken("the daemon db:1 already works on this database"), PLACE)
    assert (verdict.fault, verdict.text) == (
        Fault.MACHINE,
        "the daemon db:1 already works on this database",
    )


@pytest.mark.parametrize("error", [errors.DeadlockDetected("x"), errors.SerializationFailure("x")])
def test_passes_that_collide_are_only_run_again(error: psycopg.Error) -> None:
    verdict = judge(DBAPIError("UPDATE secret", {}, error), PLACE)
    assert (verdict.fault, verdict.text) == (
        Fault.PATIENCE,
        "another pass worked on the same rows; this one is run again",
    )
    assert verdict.retry_after is not None


def test_an_error_of_ours_is_no_fault_of_the_server() -> None:
    verdict = judge(DBAPIError("INSERT secret", {"name": "Erika"}, errors.UniqueViolation("Erika")), PLACE)
    assert verdict.fault is Fault.FLOW
    assert "Erika" not in verdict.text
