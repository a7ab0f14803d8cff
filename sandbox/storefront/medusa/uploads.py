"""Pictures that staff put on the server: kept by name and size, never opened.

The address in the answer says `localhost:9000` whatever the server's own is, as the real server's does.
"""

from typing import Any

from starlette.requests import Request

from sandbox.storefront.medusa.answers import invalid
from sandbox.storefront.medusa.calls import Act, Call


async def files(request: Request) -> list[str]:
    """The names of the files in a form."""
    head = request.headers.get("content-type", "")
    boundary = head.partition("boundary=")[2].strip('"').encode()
    found = []
    for part in (await request.body()).split(b"--" + boundary):
        for line in part.split(b"\r\n\r\n")[0].split(b"\r\n"):
            if b'name="files"' in line and b"filename=" in line:
                found.append(line.partition(b"filename=")[2].strip(b'"').decode(errors="replace"))
    return found


def upload(call: Call) -> dict[str, Any]:
    """Keep files; each gets an id with the moment in front."""
    names = call.body.get("files")
    if not names:
        raise invalid("No files were uploaded")
    stamp = int(call.shop.clock.now().timestamp() * 1000)
    ids = [f"{stamp + n}-{name}" for n, name in enumerate(names)]
    return {"files": [{"id": id, "url": f"http://localhost:9000/static/{id}"} for id in ids]}


ROUTES: dict[tuple[str, str], Act] = {("POST", "/admin/uploads"): upload}
