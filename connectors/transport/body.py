"""Reads an answer's body without trusting it: never more than the manifest allows, packed or unpacked."""

import zlib

import httpx

from connectors.contract import BadAnswer

_PACKED = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""zlib's window bits for each content encoding that we ask for."""
ACCEPT_ENCODING = "gzip, deflate"
_PACKING = 65_536
"""Bytes that packing may add: what does not shrink grows a little."""


class Truncated(Exception):
    """The packed body ended before its end."""


async def read_body(response: httpx.Response, limit: int) -> bytes:
    """The unpacked body, of at most `limit` bytes.

    Raises BadAnswer where it is larger (packed or unpacked), corrupt, goes on after its end or is in an encoding
    that was not asked for, and Truncated where its packing breaks off.
    """
    announced = response.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        raise _too_large(limit)
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("identity", ""):
        return await _plain(response, limit)
    if encoding not in _PACKED:
        raise BadAnswer("the answer is in a content encoding that was not asked for")
    return await _unpacked(response, limit, _PACKED[encoding])


async def _plain(response: httpx.Response, limit: int) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > limit:
            raise _too_large(limit)
    return bytes(body)


async def _unpacked(response: httpx.Response, limit: int, window_bits: int) -> bytes:
    unpack = zlib.decompressobj(window_bits)
    body = bytearray()
    packed = 0
    async for chunk in response.aiter_raw():
        packed += len(chunk)
        try:
            body += unpack.decompress(chunk, limit + 1 - len(body))
        except zlib.error:
            raise BadAnswer("the answer's packing is corrupt") from None
        if unpack.unused_data:
            raise BadAnswer("the answer goes on after the end of its packing")
        if len(body) > limit or packed > limit + _PACKING:
            raise _too_large(limit)
    if not unpack.eof and packed:
        raise Truncated
    return bytes(body)


def _too_large(limit: int) -> BadAnswer:
    return BadAnswer(f"the answer is larger than {limit:,} bytes")
