"""The only place with Tryton's URLs: records are searched, created, written, and told to act.

Every call carries the company in its context and skips warnings. Answers with 400, 403 and 404 to a write
come back for the caller to judge, since Tryton says in them what a person can mend; reads raise.
"""

from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import replace

import msgspec

from connectors.contract import Deadline
from connectors.transport import Answer, Call, Safety, Transport, path_of
from connectors.warehouse.tryton.payloads import Domain, Json

JUDGED = frozenset({400, 403, 404})
"""The refusals of a write that the connector words itself."""
BROKEN = 500
"""What Tryton answers, as a page of HTML, where a model or field does not exist."""


class Client:
    """One database of one Tryton, seen as one company."""

    def __init__(self, transport: Transport, database: str, company: int) -> None:
        self._transport = transport
        self._database = database
        self._company = company

    async def search(
        self,
        model: str,
        domain: Domain,
        fields: Sequence[str],
        deadline: Deadline,
        *,
        size: int | None = None,
        context: Mapping[str, Json] | None = None,
        accept: frozenset[int] = frozenset(),
    ) -> Answer:
        """Records by condition, in the order of their ids. A record that is not there is an empty list:
        a search tells that apart from a database that is not there, which answers 404."""
        params = [*_fields(fields), ("d", _packed(domain)), ("o", _packed([["id", "ASC"]]))]
        if size is not None:
            params.append(("s", str(size)))
        call = Call(
            operation=f"{model}.search",
            method="GET",
            path=self._path(model),
            safety=Safety.READ,
            params=params,
            headers=self._headers(context),
            accept=accept,
        )
        return await self._transport.send(call, deadline)

    async def create(
        self, model: str, record: Mapping[str, Json], fields: Sequence[str], deadline: Deadline
    ) -> Answer:
        """A new record, never sent twice by itself; Uncertain where no answer came."""
        call = self._writing(f"{model}.create", "POST", (model,), fields)
        sent = replace(call, safety=Safety.CREATING, body=msgspec.json.encode(record))
        return await self._transport.send(sent, deadline)

    async def write(
        self, model: str, record: int, values: Mapping[str, Json], fields: Sequence[str], deadline: Deadline
    ) -> Answer:
        """Set values of one record; may be repeated."""
        call = self._writing(f"{model}.write", "PUT", (model, str(record)), fields)
        return await self._transport.send(replace(call, body=msgspec.json.encode(values)), deadline)

    async def act(
        self,
        model: str,
        record: int,
        action: str,
        fields: Sequence[str],
        deadline: Deadline,
        *,
        once: bool = False,
    ) -> Answer:
        """Tell one record to act (wait, assign_try, cancel…); the answer is the record afterwards.

        `once` is for what must not be repeated blindly: Uncertain where no answer came.
        """
        call = self._writing(f"{model}.{action}", "POST", (model, str(record), action), fields)
        sent = replace(call, safety=Safety.CREATING) if once else call
        return await self._transport.send(sent, deadline)

    async def close(self) -> None:
        """Give the connections back."""
        await self._transport.close()

    def _writing(self, operation: str, method: str, path: Sequence[str], fields: Sequence[str]) -> Call:
        return Call(
            operation=operation,
            method=method,
            path=self._path(*path),
            safety=Safety.ABSOLUTE,
            params=_fields(fields),
            headers=self._headers(None),
            accept=JUDGED,
        )

    def _path(self, *parts: str) -> str:
        return path_of(self._database, "rest", "model", *parts)

    def _headers(self, context: Mapping[str, Json] | None) -> dict[str, str]:
        told: dict[str, Json] = {"company": self._company, "_skip_warnings": True, **(context or {})}
        return {"X-Tryton-Context": _packed(told), "Accept-Language": "en"}


def _fields(fields: Sequence[str]) -> list[tuple[str, str]]:
    return [("f", field) for field in fields]


def _packed(value: Json) -> str:
    return urlsafe_b64encode(msgspec.json.encode(value)).decode()
