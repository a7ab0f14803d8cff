"""A port on loopback that answers at once."""

import socket


def listener(port: int = 0, *, backlog: int = 128) -> socket.socket:
    """Listen on loopback (port 0: any free one).

    The protocol is named, for asyncio turns Nagle's algorithm off on no other socket: an answer in two writes then
    waits 40 ms for an acknowledgement that the client puts off.
    """
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(("127.0.0.1", port))
    made.listen(backlog)
    return made
