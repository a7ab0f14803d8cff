"""A chat room of the merchant's: an incoming webhook on loopback that keeps every message."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Room:
    """Listens until it is closed."""

    def __init__(self) -> None:
        kept: list[str] = []

        class Hook(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                kept.append(str(json.loads(body)["text"]))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                del format, args

        self.messages = kept
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}/hook"

    def said_of(self, subject: str) -> list[str]:
        """The messages that name this thing."""
        return [text for text in self.messages if f" {subject} " in text]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
