"""Pictures of a listing: addresses that Shopify fetches, or files of this machine that are put where it takes them.

Each gets a name made of its address or content, by which it is known again at the shop. A path may come from another
system's list: so only files that are pictures are read, and no larger than Shopify takes. The place for a file is an
address that came in the shop's answer: it is called without any credential, and only where it is a public one.
"""

import asyncio
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import httpx

from connectors.contract import Deadline, Limits, Rejected, Unavailable
from connectors.storefronts.shopify import documents, payloads
from connectors.storefronts.shopify.jsonl import checked
from connectors.storefronts.shopify.refusals import refused_by
from connectors.storefronts.shopify.shop import Shop
from connectors.transport import web_link
from connectors.transport.place import Place, new_client

MOST_BYTES = 20_000_000
"""Shopify takes pictures of 20 MB."""
_KINDS = {
    "jpg": "jpeg",
    "jpeg": "jpeg",
    "png": "png",
    "gif": "gif",
    "webp": "webp",
    "heic": "heic",
    "avif": "avif",
}
_BEGINNINGS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"RIFF", b"\x00\x00\x00")
"""PNG, JPEG, GIF, WebP, and AVIF or HEIC."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: by its address, or its content."""

    name: str
    link: str | None = None
    content: bytes = field(default=b"", repr=False)

    @property
    def kind(self) -> str:
        """Its media type, by its name."""
        return f"image/{_KINDS[self.name.rpartition('.')[2]]}"


def pictures_of(named: Sequence[str]) -> list[Picture] | Rejected:
    """The pictures that a listing names, in their order. Reads files."""
    found: list[Picture] = []
    for each in named:
        picture = _linked(each) if "://" in each else _read(each)
        if isinstance(picture, Rejected):
            return picture
        found.append(picture)
    return found


def _linked(link: str) -> Picture | Rejected:
    if web_link(link) is None or not link.startswith("https://"):
        return _no("a picture's address must be an https one that Shopify can fetch")
    return Picture(_name(link.encode(), link.split("?", 1)[0]), link)


def _read(path: str) -> Picture | Rejected:
    if "\x00" in path:
        return _no("the name of a picture holds a NUL character")
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):
            return _no(f"picture {path}: is no file")
        with Path(path).open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except OSError as error:
        return _no(f"picture {path}: {error.strerror or 'cannot be read'}")
    if len(content) > MOST_BYTES:
        return _no(f"picture {path}: is larger than {MOST_BYTES // 1_000_000} MB")
    if not content.startswith(_BEGINNINGS):
        return _no(f"picture {path}: is no PNG, JPEG, GIF, WebP, HEIC or AVIF")
    return Picture(_name(content, path), None, content)


def _name(content: bytes, path: str) -> str:
    ending = path.rpartition(".")[2].lower()
    return f"{sha256(content).hexdigest()[:20]}.{ending if ending in _KINDS else 'jpg'}"


def _no(why: str) -> Rejected:
    return Rejected(why, code="PICTURE")


class Pictures:
    """Puts one shop's pictures where it takes them."""

    def __init__(self, shop: Shop, limits: Limits, http: httpx.AsyncBaseTransport | None) -> None:
        self._shop = shop
        self._limits = limits
        self._http = http

    async def files(
        self, pictures: Sequence[Picture], there: Mapping[str, str], title: str, deadline: Deadline
    ) -> list[dict[str, object]] | Rejected:
        """As a product names its files: by the id in `there` (by name), else by where they lie."""
        places = await self._placed([each for each in pictures if each.name not in there], deadline)
        if isinstance(places, Rejected):
            return places
        return [
            {"id": there[each.name]} if each.name in there else _new(each, places[each.name], title)
            for each in pictures
        ]

    async def _placed(self, pictures: Sequence[Picture], deadline: Deadline) -> dict[str, str] | Rejected:
        """Where each lies, by its name; files of this machine are uploaded."""
        places = {each.name: each.link for each in pictures if each.link is not None}
        ours = [each for each in pictures if each.link is None]
        if not ours:
            return places
        wanted = [
            {
                "resource": "IMAGE",
                "filename": each.name,
                "mimeType": each.kind,
                "httpMethod": "POST",
                "fileSize": str(len(each.content)),
            }
            for each in ours
        ]
        reply = await self._shop.client.send(documents.STAGE, {"input": wanted}, deadline)
        result = reply.read(payloads.Staged).staged_uploads_create
        refused = refused_by(result.user_errors if result else [], "placing the pictures")
        if refused is not None:
            return refused
        targets = (result.staged_targets if result else None) or []
        if len(targets) != len(ours):
            raise reply.unlike("stagedUploadsCreate gives not a place for each picture")
        for picture, target in zip(ours, targets, strict=True):
            places[picture.name] = await self._upload(picture, target, deadline)
        return places

    async def _upload(self, picture: Picture, target: payloads.StagedTarget, deadline: Deadline) -> str:
        """Where it lies then. Raises Unavailable, Refused."""
        url = checked(target.url or "", self._shop.options.url)
        client = new_client(Place(url), self._limits, self._http)
        fields = {each.name: each.value for each in target.parameters}
        files = {"file": (picture.name, picture.content, picture.kind)}
        try:
            async with asyncio.timeout(deadline.left()):
                async with client.stream("POST", url, data=fields, files=files) as answer:
                    status = answer.status_code
        except (TimeoutError, httpx.HTTPError):
            raise Unavailable("placing a picture: its host did not take it") from None
        finally:
            if self._http is None:
                await client.aclose()
        if not 200 <= status < 300 or not target.resource_url:
            raise Unavailable(f"placing a picture: its host answered {status}")
        return target.resource_url


def _new(picture: Picture, source: str, title: str) -> dict[str, object]:
    return {
        "originalSource": source, "filename": picture.name, "contentType": "IMAGE", "alt": title[:120]
    }  # fmt: skip


def known_in(media: Sequence[payloads.Medium], pictures: Sequence[Picture]) -> dict[str, str]:
    """The ids of those pictures that a product has already, by the file name in their address."""
    found: dict[str, str] = {}
    for medium in media:
        stem = (medium.url or "").split("?", 1)[0].rpartition("/")[2].rpartition(".")[0]
        for picture in pictures:
            if stem.startswith(picture.name.rpartition(".")[0]):
                found[picture.name] = medium.id
    return found
