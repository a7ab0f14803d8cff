"""The only place with URLs: documents that are fetched where they changed, and orders that are laid down."""

from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl, quote

from connectors.contract import BadAnswer, Deadline, Limits, Outcome, Refused, Rejected, Unavailable
from connectors.contract.outcome import Done, Unknown
from connectors.suppliers.feed.formats import Form
from connectors.suppliers.feed.options import Options
from connectors.transport import Answer, Call, Safety, Setup, Uncertain, basic, bearer
from connectors.transport.verdict import http_date

_PAGES = frozenset({"text/html", "application/xhtml+xml", "application/json"})
_TYPES = {"csv": "text/csv", "json": "application/json"}


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document. `at` is the server's Last-Modified."""

    body: bytes = field(repr=False)
    etag: str | None
    modified: str | None
    at: datetime | None


class NotThere(Unavailable):
    """The server has no such document, perhaps not yet."""


class Client:
    """One account's way to its supplier's server."""

    def __init__(self, setup: Setup, options: Options, limits: Limits) -> None:
        auth = None
        if options.username is not None:
            auth = basic(options.username, setup.secret)
        elif setup.secret:
            auth = bearer(setup.secret)
        is_json = options.list.format is Form.JSONL or options.list.files.endswith(("jsonl", "ndjson"))
        self._pages = _PAGES - {"application/json"} if is_json else _PAGES
        self._transport = setup.transport(options.url or "", limits, auth=auth)

    async def close(self) -> None:
        """Let the connections go."""
        await self._transport.close()

    async def fetch(
        self, operation: str, path: str, etag: str | None, modified: str | None, deadline: Deadline
    ) -> Fetched | None:
        """The document, or None where it has not changed. Raises NotThere."""
        headers = {"If-None-Match": etag} if etag else {}
        if modified and not etag:
            headers["If-Modified-Since"] = modified
        answer = await self._read(operation, quoted(path), deadline, headers, frozenset({304, 404}))
        if answer.status == 304:
            return None
        if answer.status == 404:
            raise NotThere(f"{operation}: there is no {path.partition('?')[0]} on the server yet (404)")
        given = answer.headers.get("last-modified")
        return Fetched(answer.body, answer.headers.get("etag"), given, http_date(given))

    async def greet(self, path: str, deadline: Deadline) -> None:
        """See that the server lets us in, whether it has the document or not.

        Raises BadAnswer where it shows a page in the place of a file, such as that of a log-in.
        """
        part = {"Range": "bytes=0-0"}
        answer = await self._read("identity", quoted(path), deadline, part, frozenset({404, 416}))
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if answer.status < 300 and kind in self._pages:
            what = f"the server answers with {kind} where a file is meant: check `url` and `list.files`"
            raise BadAnswer(f"identity: {what}", sample=answer.body[:10_000])

    async def exists(self, operation: str, path: str, proof: str, deadline: Deadline) -> bool:
        """Whether the server has it: an answer that holds `proof`, or 404 and 410. `path` is quoted already.

        Raises BadAnswer for any other page, such as that of a log-in.
        """
        answer = await self._read(operation, path, deadline, {}, frozenset({404, 410}))
        if answer.status >= 300:
            return False
        if proof.encode() not in answer.body:
            what = (
                f"the server answers {answer.status}, and what it answers does not hold the order's reference"
            )
            raise BadAnswer(f"{operation}: {what}", sample=answer.body[:10_000])
        return True

    async def lay(
        self, operation: str, method: str, path: str, body: bytes, key: str, deadline: Deadline
    ) -> Outcome[None]:
        """Lay a document down once. A PUT never replaces one that is there (412): that one is ours.

        Unknown where it answers with a page: it may be that of a log-in, so the order is looked up.
        """
        headers = {"Idempotency-Key": key} if key.isascii() and key.isprintable() else {}
        if method == "PUT":
            headers["If-None-Match"] = "*"
        kind = _TYPES.get(path.rpartition(".")[2], "text/csv" if body[:1] != b"{" else "application/json")
        call = Call(
            operation=operation,
            method=method,
            path=quoted(path),
            safety=Safety.CREATING,
            headers=headers,
            body=body,
            content_type=kind,
            accept=frozenset({412}),
        )
        try:
            answer = await self._transport.send(call, deadline)
        except Uncertain as error:
            return Unknown(str(error))
        except Refused as error:
            return Rejected(str(error), error.code, mendable=error.mendable)
        if answer.status in (201, 204, 412) or not answer.body.strip():
            return Done(path)
        return Unknown(f"{operation}: answered with {answer.status} and a page: it is looked up")

    async def _read(
        self, operation: str, path: str, deadline: Deadline, headers: dict[str, str], accept: frozenset[int]
    ) -> Answer:
        place, _, query = path.partition("?")
        call = Call(
            operation=operation,
            method="GET",
            path=place,
            safety=Safety.READ,
            params=parse_qsl(query, keep_blank_values=True),
            headers=headers,
            accept=accept,
        )
        return await self._transport.send(call, deadline)


def quoted(path: str) -> str:
    """A path of an admin's or a file's name as it stands in a URL; its query stays as it is."""
    place, mark, query = path.partition("?")
    return quote(place, safe="/") + mark + query


def filled(template: str, reference: str) -> str:
    """A template with the reference in the place of `{reference}`, quoted whole."""
    return quoted(template.replace("{reference}", "\x00")).replace("%00", quote(reference, safe=""))
