"""Files that come with a GraphQL multipart request, and what the shop keeps of them.

The request follows the multipart request specification of jaydenseric: `operations`, `map`, then the files.
"""

import json
import re
from dataclasses import dataclass
from email import message_from_bytes
from typing import Any

from sandbox.storefront.books import Shop
from sandbox.storefront.goods import Asset
from sandbox.storefront.refusals import Refused, Rejected

_PNG = b"\x89PNG\r\n\x1a\n"
_PERMITTED = re.compile(r"^(image|video|audio)/|^application/pdf$")


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of a request."""

    name: str
    mime_type: str
    content: bytes


def read_multipart(content_type: str, body: bytes) -> dict[str, Any]:
    """The GraphQL request in a multipart body, its files put where the map says; raises ValueError."""
    head = f"Content-Type: {content_type}\r\nMIME-Version: 1.0\r\n\r\n".encode()
    message = message_from_bytes(head + body)
    if not message.is_multipart():
        raise ValueError("not a multipart body")
    parts: dict[str, bytes] = {}
    uploads: dict[str, Upload] = {}
    for part in message.walk():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(content, bytes):
            continue
        parts[name] = content
        uploads[name] = Upload(part.get_filename() or "file", part.get_content_type(), content)
    request = json.loads(parts["operations"])
    for key, paths in json.loads(parts["map"]).items():
        for path in paths:
            _put(request, path.split("."), uploads[key])
    if not isinstance(request, dict):
        raise ValueError("operations is not an object")
    return request


def _put(target: Any, path: list[str], upload: Upload) -> None:
    for step in path[:-1]:
        target = target[int(step)] if isinstance(target, list) else target[step]
    last = path[-1]
    if isinstance(target, list):
        target[int(last)] = upload
    else:
        target[last] = upload


def asset_of(shop: Shop, upload: Upload) -> Asset:
    """Keep a file as an asset; types that are not permitted are refused."""
    if not _PERMITTED.search(upload.mime_type):
        raise Refused(
            "MimeTypeError",
            "MIME_TYPE_ERROR",
            f'The MIME type "{upload.mime_type}" is not permitted.',
            file_name=upload.name,
            mime_type=upload.mime_type,
        )
    width, height = _size(upload)
    now = shop.second()
    assets = shop.catalogue.assets
    kind = upload.mime_type.split("/")[0].upper()
    asset = Asset(
        id=str(len(assets) + 1),
        name=upload.name,
        type=kind if kind in ("IMAGE", "VIDEO") else "BINARY",
        mime_type=upload.mime_type,
        file_size=len(upload.content),
        width=width,
        height=height,
        created_at=now,
        updated_at=now,
    )
    assets[asset.id] = asset
    return asset


def _size(upload: Upload) -> tuple[int, int]:
    if upload.mime_type != "image/png":
        return 0, 0
    if not upload.content.startswith(_PNG) or len(upload.content) < 24:
        raise Rejected("pngload_buffer: libspng read error", None)
    return int.from_bytes(upload.content[16:20], "big"), int.from_bytes(upload.content[20:24], "big")
